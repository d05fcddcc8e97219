//! What the plugin says through `tracing` goes to the host's tracing.
//!
//! A shared library has `tracing`'s global state for itself. A library that sets a subscriber of its
//! own before the host makes its first instance keeps that one.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use hookspec_plugin::Level;
use serde_json::{Map, Value};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, LevelFilter, Metadata, Subscriber, dispatcher};

use super::link::{Link, Place};

thread_local! {
    static CURRENT: Cell<Option<(Link, u64)>> = const { Cell::new(None) };
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

static FIRST: OnceLock<Link> = OnceLock::new();

/// A span that the host did not want.
const UNHEARD: u64 = u64::MAX;

/// Numbers of this library's own: each instance has a host's side for itself, whose numbers are not
/// those of another.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A span that the host has open.
struct Opened {
    holders: u32,
    link: Link,
    /// What the host knows it by.
    there: u64,
}

/// Sends what this library says to the host. What it says outside of any call goes to the host of
/// its first instance.
pub(super) fn install(link: Link) {
    if FIRST.set(link).is_ok() {
        // An error means that the library has a subscriber of its own.
        let _ = dispatcher::set_global_default(Dispatch::new(Forward::default()));
    }
}

/// Runs what belongs to a call.
pub(super) fn within<T>(link: Link, id: u64, work: impl FnOnce() -> T) -> T {
    let outer = CURRENT.replace(Some((link, id)));
    let result = work();
    CURRENT.set(outer);
    result
}

/// The call that this thread works on, or 0.
pub(super) fn current_call() -> u64 {
    CURRENT.get().map_or(0, |(_, id)| id)
}

/// The call of an instance that this thread works on, or 0.
pub(super) fn call_of(link: Link) -> u64 {
    CURRENT.get().filter(|(own, _)| own.is(&link)).map_or(0, |(_, id)| id)
}

fn current() -> Option<(Link, u64)> {
    CURRENT.get().or_else(|| FIRST.get().map(|link| (*link, 0)))
}

/// Sends everything to the host.
#[derive(Default)]
struct Forward {
    open: Mutex<HashMap<u64, Opened>>,
}

impl Forward {
    /// What the host knows a span by; 0 where it does not.
    fn there(&self, span: u64) -> u64 {
        self.with(|open| open.get(&span).map_or(0, |opened| opened.there))
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<u64, Opened>) -> T) -> T {
        // A plain map: a panic elsewhere cannot leave it half-written.
        work(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= LevelFilter::DEBUG
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let Some((link, id)) = current() else { return Id::from_u64(UNHEARD) };
        let parent = match span.parent() {
            Some(parent) => parent.into_u64(),
            None if span.is_root() => 0,
            None => ENTERED.with_borrow(|entered| entered.last().copied()).unwrap_or_default(),
        };
        let parent = self.there(parent);
        let mut fields = Fields::default();
        span.record(&mut fields);
        let metadata = span.metadata();
        let level = level(metadata);
        match link.open(id, parent, level, metadata.name(), &fields.others) {
            0 => Id::from_u64(UNHEARD),
            there => {
                let own = NEXT.fetch_add(1, Ordering::Relaxed);
                self.with(|open| open.insert(own, Opened { holders: 1, link, there }));
                Id::from_u64(own)
            }
        }
    }

    /// Not sent: a host's span has its fields from the start.
    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let Some((link, id)) = current() else { return };
        let inside = match event.parent() {
            Some(parent) => parent.into_u64(),
            None if event.is_root() => 0,
            None => ENTERED.with_borrow(|entered| entered.last().copied()).unwrap_or_default(),
        };
        let place = match self.there(inside) {
            0 => Place::Call(id),
            span => Place::Span(span),
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        link.record(place, level(metadata), metadata.target(), &fields.message, &fields.others);
    }

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            if let Some(at) = entered.iter().rposition(|one| *one == span.into_u64()) {
                entered.remove(at);
            }
        });
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.with(|open| {
            if let Some(opened) = open.get_mut(&span.into_u64()) {
                opened.holders += 1;
            }
        });
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let span = span.into_u64();
        let last = self.with(|open| {
            let opened = open.get_mut(&span)?;
            opened.holders -= 1;
            if opened.holders == 0 { open.remove(&span) } else { None }
        });
        last.inspect(|opened| opened.link.close(opened.there)).is_some()
    }
}

fn level(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}

/// The fields of a record as JSON, and its message apart.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => {
                self.others.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
}
