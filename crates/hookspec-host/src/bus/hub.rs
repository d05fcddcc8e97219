//! [`Hub`]: what every handle of a bus shares: the catalogue, the subscriptions, what is outstanding.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use hookspec_plugin::{AwfUse, Pattern, SecurityLevel};
use hookspec_spec::{EventCatalog, EventDeclaration};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::dead::DeadLetters;
use super::drain::Ended;
use super::error::SubscribeError;
use super::live::{Live, Permitting};
use super::news::Desk;
use super::options::{BusMode, BusOptions};
use super::parcel::{Outstanding, Queued};
use super::pump::pump;
use super::rights::is_reserved;
use super::routes::Routes;
use super::tap::Tap;
use super::waiters::Waiters;
use crate::accepts::Accepts;

/// What every handle of a bus shares.
pub(crate) struct Hub {
    pub(crate) options: BusOptions,
    pub(crate) catalog: EventCatalog,
    declared: HashMap<String, Known>,
    pub(super) routes: ArcSwap<Routes>,
    /// Subscriptions that nobody pumps yet: there is no runtime.
    idle: Mutex<Vec<Arc<Live>>>,
    /// Serialises changes of the subscriptions.
    changing: Mutex<()>,
    phase: AtomicU8,
    pub(crate) closing: Notify,
    pub(crate) runtime: OnceLock<Handle>,
    pub(crate) outstanding: Arc<Outstanding>,
    pub(crate) waiters: Waiters,
    pub(crate) dead: DeadLetters,
    pub(crate) counts: HubCounts,
    pub(crate) desk: Desk,
    /// Who looks on, in a test.
    pub(crate) tap: OnceLock<Arc<dyn Tap>>,
    /// How it ended.
    pub(crate) drained: OnceLock<Ended>,
    /// What collects events and publishes them later: asked to do so before a stop.
    pub(crate) flushers: Mutex<Vec<std::sync::Weak<dyn super::Flush>>>,
}

/// What became of the events of a bus.
#[derive(Default)]
pub(crate) struct HubCounts {
    pub(crate) published: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) too_deep: AtomicU64,
    /// Failed subscriptions of handlers, and of what they returned.
    pub(crate) errors: AtomicU64,
}

/// A declared type.
pub(crate) struct Known {
    pub(crate) accepts: Accepts,
    pub(crate) security_level: SecurityLevel,
    event_type: String,
    deprecated: Option<String>,
    warned: AtomicBool,
}

impl Known {
    /// Warns of a type that is not to be used any more, once.
    pub(crate) fn warn_if_deprecated(&self) {
        if let Some(instead) = &self.deprecated
            && !self.warned.swap(true, Relaxed)
        {
            let event = self.event_type.as_str();
            tracing::warn!(event, instead, "a deprecated event is published");
        }
    }
}

const OPEN: u8 = 0;
/// Takes only what comes of what it took.
const DRAINING: u8 = 1;
const CLOSED: u8 = 2;

impl Hub {
    pub(crate) fn new(catalog: &EventCatalog, options: BusOptions) -> Arc<Self> {
        let catalog = catalog.with_shipped();
        let known = |declaration: &EventDeclaration| Known {
            accepts: Accepts::new(&declaration.schema),
            security_level: declaration.security_level,
            event_type: declaration.event_type.to_string(),
            deprecated: declaration.deprecated.clone(),
            warned: AtomicBool::new(false),
        };
        let declared =
            catalog.declarations().map(|own| (own.event_type.to_string(), known(own))).collect();
        Arc::new(Self {
            dead: DeadLetters::new(options.dead_letters),
            options,
            catalog,
            declared,
            routes: ArcSwap::from_pointee(Routes::new(Vec::new())),
            idle: Mutex::default(),
            changing: Mutex::new(()),
            phase: AtomicU8::new(OPEN),
            closing: Notify::new(),
            runtime: OnceLock::new(),
            outstanding: Arc::default(),
            waiters: Waiters::default(),
            counts: HubCounts::default(),
            desk: Desk::default(),
            tap: OnceLock::new(),
            drained: OnceLock::new(),
            flushers: Mutex::default(),
        })
    }

    pub(crate) fn permitting(&self) -> Permitting<'_> {
        let asked = self.options.permissions.as_deref();
        Permitting { asked, host: &self.options.source }
    }

    pub(crate) fn routes(&self) -> Arc<Routes> {
        self.routes.load_full()
    }

    /// Enters subscriptions, and has somebody take what they receive.
    pub(crate) fn enter(self: &Arc<Self>, lives: Vec<Arc<Live>>) {
        self.replace(|all| all.extend(lives.iter().cloned()));
        self.have_taken(lives);
    }

    /// Has somebody take what these receive; where there is no runtime yet, once there is one.
    pub(crate) fn have_taken(self: &Arc<Self>, lives: Vec<Arc<Live>>) {
        let mut idle = self.lock_idle();
        match self.runtime.get().cloned().or_else(|| Handle::try_current().ok()) {
            Some(runtime) => {
                drop(idle);
                self.pump(&runtime, lives);
            }
            None => idle.extend(lives),
        }
    }

    fn pump(self: &Arc<Self>, runtime: &Handle, lives: Vec<Arc<Live>>) {
        for live in lives {
            runtime.spawn(pump(Arc::downgrade(self), live, runtime.clone()));
        }
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Live>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has somebody take what was received before there was a runtime.
    pub(crate) fn run_on(self: &Arc<Self>, runtime: &Handle) {
        let idle = {
            let mut idle = self.lock_idle();
            // A second start was refused before this.
            let _ = self.runtime.set(runtime.clone());
            std::mem::take(&mut *idle)
        };
        self.publish_news_on(runtime);
        self.pump(runtime, idle);
    }

    /// Changes who is subscribed.
    pub(crate) fn replace(&self, change: impl FnOnce(&mut Vec<Arc<Live>>)) {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lives = self.routes.load().lives.clone();
        change(&mut lives);
        self.routes.store(Arc::new(Routes::new(lives)));
    }

    /// Ends a subscription, and gives back what waits for it; `None`: there is none.
    pub(crate) fn leave(&self, id: u64) -> Option<VecDeque<Queued>> {
        let mut left = None;
        self.replace(|lives| {
            left = lives.iter().position(|live| live.id == id).map(|at| lives.remove(at));
        });
        left.map(|live| live.end())
    }

    /// Whether anybody might want an event.
    pub(crate) fn has_listeners(&self) -> bool {
        !self.routes.load().lives.is_empty() || self.waiters.is_awaited()
    }

    pub(crate) fn next_number() -> u64 {
        // Of all buses: what one handles may be published on another.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        NEXT.fetch_add(1, Relaxed)
    }

    /// Reads a pattern by the rules of the bus.
    pub(crate) fn pattern(&self, text: &str) -> Result<Pattern, SubscribeError> {
        match self.options.mode {
            BusMode::Awf => Ok(Pattern::awf(text, AwfUse::Subscribe)),
            BusMode::Native => {
                Pattern::parse(text).map_err(|error| SubscribeError::InvalidPattern { error })
            }
        }
    }

    pub(crate) fn declared_as(&self, event_type: &str) -> Option<&Known> {
        self.declared.get(event_type)
    }

    /// Whether a type need not be declared.
    pub(crate) fn is_open(&self, event_type: &str) -> bool {
        let own = self.options.open_namespaces.iter().any(|open| match open.as_str() {
            "*" => !is_reserved(event_type),
            open => {
                event_type == open
                    || event_type.strip_prefix(open).is_some_and(|rest| rest.starts_with('.'))
            }
        });
        own || self.catalog.namespace_of(event_type).is_some_and(|namespace| namespace.open)
    }

    /// Whether an event that a pattern matches can ever be published.
    pub(crate) fn may_match(&self, pattern: &Pattern) -> bool {
        self.catalog.may_match(pattern) || self.may_be_undeclared(pattern)
    }

    /// Whether a pattern matches a type that is not declared and may be published all the same.
    pub(crate) fn may_be_undeclared(&self, pattern: &Pattern) -> bool {
        let text = pattern.as_str();
        if self.options.mode == BusMode::Awf {
            return true;
        }
        if !text.contains('*') {
            return self.declared_as(text).is_none() && self.is_open(text);
        }
        let below = |open: &String| match open.as_str() {
            // Of a first segment that may be anything, most are not reserved.
            "*" => !is_reserved(text),
            open => EventCatalog::reaches(open, pattern),
        };
        self.catalog.may_match_undeclared(pattern) || self.options.open_namespaces.iter().any(below)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.phase.load(Ordering::SeqCst) == CLOSED
    }

    /// Whether an event is too late: it comes of none that was taken before.
    pub(crate) fn takes_no_more(&self, caused: bool) -> bool {
        match self.phase.load(Ordering::SeqCst) {
            OPEN => false,
            DRAINING => !caused,
            _ => true,
        }
    }

    pub(crate) fn drain_only(&self) {
        // One that is closed stays closed.
        self.phase.fetch_max(DRAINING, Ordering::SeqCst);
    }

    pub(crate) fn shut(&self) {
        self.phase.store(CLOSED, Ordering::SeqCst);
        self.waiters.give_up();
        self.closing.notify_waiters();
    }
}

impl Drop for Hub {
    /// Nobody can publish any more: those who take what is published end.
    fn drop(&mut self) {
        for live in &self.routes.load().lives {
            drop(live.end());
        }
    }
}
