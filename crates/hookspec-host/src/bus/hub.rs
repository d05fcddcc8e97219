//! [`Hub`]: what every handle of a bus shares: the catalogue, the subscriptions, what is outstanding.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use hookspec_plugin::{AwfUse, Event, Pattern, Receipt, SecurityLevel, Segment};
use hookspec_spec::{EventCatalog, EventDeclaration};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::dead::DeadLetters;
use super::drain::Drained;
use super::error::SubscribeError;
use super::live::{Live, Permitting};
use super::news::Desk;
use super::options::{BusMode, BusOptions};
use super::parcel::{Outstanding, Parcel, Queued};
use super::pump::pump;
use super::queue::Pushed;
use super::request::Request;
use super::routes::Routes;
use super::waiters::Waiters;
use crate::accepts::Accepts;

/// What every handle of a bus shares.
pub(crate) struct Hub {
    pub(crate) options: BusOptions,
    pub(crate) catalog: EventCatalog,
    declared: HashMap<String, Known>,
    routes: ArcSwap<Routes>,
    /// Subscriptions that nobody pumps yet: there is no runtime.
    idle: Mutex<Vec<Arc<Live>>>,
    /// Serialises changes of the subscriptions.
    changing: Mutex<()>,
    next: AtomicU64,
    phase: AtomicU8,
    pub(crate) closing: Notify,
    pub(crate) runtime: OnceLock<Handle>,
    pub(crate) outstanding: Arc<Outstanding>,
    pub(crate) waiters: Waiters,
    pub(crate) dead: DeadLetters,
    pub(crate) counts: HubCounts,
    pub(crate) desk: Desk,
    /// How it ended.
    pub(crate) drained: OnceLock<Drained>,
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
            next: AtomicU64::new(1),
            phase: AtomicU8::new(OPEN),
            closing: Notify::new(),
            runtime: OnceLock::new(),
            outstanding: Arc::default(),
            waiters: Waiters::default(),
            counts: HubCounts::default(),
            desk: Desk::default(),
            drained: OnceLock::new(),
            flushers: Mutex::default(),
        })
    }

    /// Gives an event to everybody who wants it; waits for room where somebody asks for that.
    pub(crate) async fn deliver(&self, event: Event, request: Option<&Arc<Request>>) -> Receipt {
        let (mut receipt, full) = self.route(event, request);
        if !full.is_empty() {
            // Boxed: that somebody has to wait is rare.
            receipt.dropped += Box::pin(self.push_later(full)).await;
        }
        receipt
    }

    /// As [`deliver`](Self::deliver), without waiting: what would have to is dropped.
    pub(crate) fn deliver_now(&self, event: Event) -> Receipt {
        let (mut receipt, full) = self.route(event, None);
        for (live, queued) in full {
            live.queue.lost();
            self.dropped(&live, &queued);
            receipt.dropped += 1;
        }
        receipt
    }

    fn route(
        &self,
        event: Event,
        request: Option<&Arc<Request>>,
    ) -> (Receipt, Vec<(Arc<Live>, Queued)>) {
        self.counts.published.fetch_add(1, Relaxed);
        self.waiters.tell(&event);
        let routes = self.routes.load();
        let found = routes.matching(event.event_type.as_str());
        let id = event.id.clone();
        let parcel = Parcel::new(event, request.cloned(), &self.outstanding);
        let mut places = parcel.places(found.len());
        let (mut matched, mut dropped, mut full) = (0, 0, Vec::new());
        for number in found {
            let live = &routes.lives[number as usize];
            let key = match routes.takes_all[number as usize] {
                true => None,
                false if live.accepts(&parcel, self.permitting()).is_err() => continue,
                false => live.key(&parcel),
            };
            let Some(queued) = places.take(key) else { break };
            matched += 1;
            match live.queue.push(queued) {
                Pushed::Taken => {}
                Pushed::Replaced => {
                    live.counts.replaced.fetch_add(1, Relaxed);
                }
                Pushed::DroppedOldest => self.dropped(live, &parcel.event),
                Pushed::Dropped | Pushed::Closed => {
                    dropped += 1;
                    self.dropped(live, &parcel.event);
                }
                Pushed::Full(queued) => full.push((Arc::clone(live), queued)),
            }
        }
        (Receipt { id, matched, dropped }, full)
    }

    /// Waits for room; answers how many found none in time.
    async fn push_later(&self, full: Vec<(Arc<Live>, Queued)>) -> usize {
        let until = Instant::now() + self.options.publish_timeout;
        let mut dropped = 0;
        for (live, queued) in full {
            let mut held = Some(queued);
            let pushing = async {
                while let Some(queued) = held.take() {
                    let mut room = std::pin::pin!(live.queue.room.notified());
                    room.as_mut().enable();
                    match live.queue.push(queued) {
                        Pushed::Full(queued) => held = Some(queued),
                        Pushed::Closed => return false,
                        _ => return true,
                    }
                    room.await;
                }
                true
            };
            if !matches!(timeout_at(until, pushing).await, Ok(true)) {
                dropped += 1;
                live.queue.lost();
                self.lost(&live);
            }
        }
        dropped
    }

    fn dropped(&self, live: &Live, what: &impl std::fmt::Debug) {
        tracing::debug!(subscriber = %live.owner, event = ?what, "an event was dropped");
        self.lost(live);
    }

    fn lost(&self, live: &Live) {
        if let Some(dropped) = live.counts.drop_one() {
            let bound = live.wants.queue;
            tracing::warn!(
                subscriber = %live.owner,
                dropped,
                bound,
                "a subscriber is too slow: events were dropped"
            );
        }
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
        let runtime = self.runtime.get().cloned().or_else(|| Handle::try_current().ok());
        match runtime {
            Some(runtime) => self.pump(&runtime, lives),
            None => self.lock_idle().extend(lives),
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
        // A second start was refused before this.
        let _ = self.runtime.set(runtime.clone());
        self.publish_news_on(runtime);
        let idle = std::mem::take(&mut *self.lock_idle());
        self.pump(runtime, idle);
    }

    /// Changes who is subscribed.
    pub(crate) fn replace(&self, change: impl FnOnce(&mut Vec<Arc<Live>>)) {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lives = self.routes.load().lives.clone();
        change(&mut lives);
        self.routes.store(Arc::new(Routes::new(lives)));
    }

    /// Ends a subscription; what waits for it is dropped. Says how many that were; `None`: there is none.
    pub(crate) fn leave(&self, id: u64) -> Option<usize> {
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

    pub(crate) fn next_number(&self) -> u64 {
        self.next.fetch_add(1, Relaxed)
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
            "*" => !super::rights::is_reserved(event_type),
            open => {
                event_type == open
                    || event_type.strip_prefix(open).is_some_and(|rest| rest.starts_with('.'))
            }
        });
        own || self.catalog.namespace_of(event_type).is_some_and(|namespace| namespace.open)
    }

    /// Whether an event that a pattern matches can ever be published.
    pub(crate) fn may_match(&self, pattern: &Pattern) -> bool {
        if self.options.mode == BusMode::Awf
            || self.options.open_namespaces.iter().any(|o| o == "*")
        {
            return true;
        }
        let open = &self.options.open_namespaces;
        self.catalog.may_match(pattern) || open.iter().any(|namespace| reaches(pattern, namespace))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.phase.load(Ordering::Acquire) == CLOSED
    }

    /// Whether an event is too late: it comes of none that was taken before.
    pub(crate) fn takes_no_more(&self, caused: bool) -> bool {
        match self.phase.load(Ordering::Acquire) {
            OPEN => false,
            DRAINING => !caused,
            _ => true,
        }
    }

    pub(crate) fn drain_only(&self) {
        self.phase.store(DRAINING, Ordering::Release);
    }

    pub(crate) fn shut(&self) {
        self.phase.store(CLOSED, Ordering::Release);
        self.waiters.give_up();
        self.closing.notify_waiters();
    }
}

/// Whether a pattern may match a type below a namespace.
fn reaches(pattern: &Pattern, namespace: &str) -> bool {
    let mut own = pattern.segments().iter();
    for segment in namespace.split('.') {
        match own.next() {
            Some(Segment::Rest) => return true,
            Some(Segment::One) => {}
            Some(Segment::Exact(text)) if **text == *segment => {}
            _ => return false,
        }
    }
    // A namespace is no event: something comes below it.
    own.next().is_some()
}
