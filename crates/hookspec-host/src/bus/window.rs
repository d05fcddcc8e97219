//! Aggregation: many events, told as one (EVENT-16).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{BoxFuture, Event, EventDraft, Fault, Handled, Subscription};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::error::{PublishError, SubscribeError};
use super::hub::Hub;
use super::live::{Live, Owner};
use super::parcel::{Held, Parcel};
use super::stamp::Author;
use super::target::{Handler, Target};
use super::{Bus, Delivery, Flush, SubscriptionGuard};
use crate::panic::contain_text;

/// When the events that were collected are told as one.
///
/// ```
/// # use std::time::Duration;
/// # use hookspec_host::bus::Window;
/// // Once nothing has happened for five seconds; in a constant stream every twenty seconds.
/// let window = Window::debounce(Duration::from_secs(5)).max_wait(Duration::from_secs(20));
/// # let _ = window;
/// ```
#[derive(Clone, Debug)]
pub struct Window {
    length: Duration,
    /// Each event starts the length again.
    restarts: bool,
    max_wait: Duration,
    max_size: usize,
    max_keys: usize,
}

/// Longer than anybody waits, and no instant overflows.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

impl Window {
    /// Ends when nothing has come for a while. Steady activity does not keep it open for ever: see
    /// [`max_wait`](Self::max_wait), ten times as long unless set.
    pub fn debounce(quiet: Duration) -> Self {
        Self { restarts: true, max_wait: quiet.saturating_mul(10), ..Self::tumbling(quiet) }
    }

    /// Ends so long after its first event.
    pub fn tumbling(width: Duration) -> Self {
        Self { length: width, restarts: false, max_wait: width, max_size: 1000, max_keys: 1024 }
    }

    /// Ends at the latest with so many events: 1 000; one at least.
    #[must_use]
    pub fn max_size(mut self, events: usize) -> Self {
        self.max_size = events.max(1);
        self
    }

    /// Ends at the latest so long after its first event.
    #[must_use]
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// How many are open at once at most, for as many keys: 1 024; one at least. For a further one the
    /// oldest ends.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys.max(1);
        self
    }

    fn ends(&self, first: Instant, last: Instant) -> Instant {
        let from = if self.restarts { last } else { first };
        (from + self.length.min(LONGEST)).min(first + self.max_wait.min(LONGEST))
    }
}

impl Bus {
    /// Collects events, and publishes one for all of each window: what `summarise` makes of them,
    /// unless that is nothing.
    ///
    /// Each value at the subscription's `key` has a window of its own, and so has each tenant: the
    /// summary is on behalf of the tenant whose events it tells of. It came of the one of them that is
    /// deepest in its chain, the last of several, and is as sensitive as the most sensitive unless it says
    /// otherwise. An aggregation never receives
    /// what came of its own summaries, directly or by others. One that cannot be published (it is one
    /// deeper in its chain than that event: see [`BusOptions::max_depth`](super::BusOptions)), and a
    /// `summarise` that panics, is logged and counted as an error of the subscriber.
    ///
    /// What is open is summed up when the subscription ends, by its guard or otherwise, and at an
    /// orderly stop.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn aggregate(
        &self,
        name: &str,
        wants: Subscription,
        window: Window,
        summarise: impl Fn(&[Event]) -> Option<EventDraft> + Send + Sync + 'static,
    ) -> Result<SubscriptionGuard, SubscribeError> {
        let windows = Arc::new(Windows {
            hub: Arc::downgrade(&self.0),
            live: OnceLock::new(),
            key: wants.key.clone(),
            window,
            summarise: Guarded::new(Box::new(summarise)),
            state: Mutex::default(),
            fewer: Notify::new(),
        });
        let own = Arc::clone(&windows);
        let handler = move |told| -> BoxFuture<'static, Result<Handled, Fault>> {
            let own = Arc::clone(&own);
            Box::pin(async move {
                own.add(told).await;
                Ok(().into())
            })
        };
        let handler = Guarded::new(Arc::new(handler) as Arc<Handler>);
        let sums_up: Arc<dyn Flush> = windows.clone();
        let target = Target::Code { handler, may_cancel: false, sums_up: Some(sums_up) };
        let live = self.0.subscription(Owner::Application(name.into()), wants, None, target)?;
        // It is set here and nowhere else.
        let _ = windows.live.set(Arc::downgrade(&live));
        let own: Arc<dyn Flush> = windows;
        self.0.collects(Arc::downgrade(&own));
        self.subscribed(live)
    }
}

type Summarise = dyn Fn(&[Event]) -> Option<EventDraft> + Send + Sync;

/// The windows of one aggregation. One timer for all of them, and none while nothing is open.
struct Windows {
    /// Weak, both: the bus has the subscription, and that has this.
    hub: Weak<Hub>,
    live: OnceLock<Weak<Live>>,
    key: Option<String>,
    window: Window,
    summarise: Guarded<Box<Summarise>>,
    state: Mutex<State>,
    /// Told when one that ended was published.
    fewer: Notify,
}

#[derive(Default)]
struct State {
    /// By number, that is: the oldest first.
    open: BTreeMap<u64, Open>,
    numbers: HashMap<Key, u64>,
    next: u64,
    /// Those that ended and are not published yet, in that order. A stop waits for them.
    ended: VecDeque<(Vec<Event>, Held)>,
    /// Somebody publishes them.
    publishing: bool,
    timer: Option<AbortHandle>,
    /// Its subscription ended: what still comes was in somebody's hands.
    over: bool,
}

/// On behalf of whom, and what the subscription's key is.
type Key = (Option<String>, Option<Arc<str>>);

struct Open {
    key: Key,
    first: Instant,
    ends: Instant,
    events: Vec<Event>,
}

/// Windows that ended and wait to be published before further events have to wait, too.
const BACKLOG: usize = 16;

impl Windows {
    async fn add(self: &Arc<Self>, told: Delivery) {
        // Whoever is slow to sum up has its queue filled, which is bounded.
        loop {
            let fewer = self.fewer.notified();
            if self.lock().ended.len() < BACKLOG {
                break;
            }
            fewer.await;
        }
        let Some(hub) = self.hub.upgrade() else { return };
        let (event, now) = (told.event, Instant::now());
        let key = self.key.as_ref().map(|pointer| {
            let parcel = Parcel::new(event.clone(), None, &hub.outstanding);
            parcel.key(pointer)
        });
        let key = (event.tenant.clone(), key);
        {
            let mut state = self.lock();
            let number = match state.numbers.get(&key) {
                Some(number) => *number,
                None => {
                    if state.open.len() >= self.window.max_keys {
                        state.end_oldest(&hub);
                    }
                    state.start(key, now, self.window.ends(now, now))
                }
            };
            if let Some(open) = state.open.get_mut(&number) {
                open.events.push(event);
                open.ends = self.window.ends(open.first, now);
                let full = open.events.len() >= self.window.max_size;
                if full || state.over {
                    state.end(number, &hub);
                }
            }
            self.keep_time(&mut state, &hub);
        }
        self.publish(&hub);
    }

    /// Has somebody look at the time while a window is open.
    fn keep_time(self: &Arc<Self>, state: &mut State, hub: &Hub) {
        // A timer ends with its runtime.
        let runs = state.timer.as_ref().is_some_and(|timer| !timer.is_finished());
        if state.open.is_empty() || runs {
            return;
        }
        if let Some(runtime) = hub.runtime.get().cloned().or_else(|| Handle::try_current().ok()) {
            state.timer = Some(runtime.spawn(keep_time(Arc::downgrade(self))).abort_handle());
        }
    }

    /// Publishes what ended, in that order, unless somebody does already.
    fn publish(&self, hub: &Hub) {
        loop {
            let (events, held) = {
                let mut state = self.lock();
                if state.publishing {
                    return;
                }
                let Some(ended) = state.ended.pop_front() else { return };
                state.publishing = true;
                ended
            };
            // All of it: the application's clock may panic as well as what sums up.
            let published = contain_text(|| self.sum_up(hub, &events));
            let error = match published {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(message) => Some(format!("it panicked: {message}")),
            };
            if let (Some(error), Some(live)) = (error, self.live()) {
                live.counts.failed.fetch_add(1, Relaxed);
                hub.counts.errors.fetch_add(1, Relaxed);
                let events = events.len();
                tracing::warn!(subscriber = %live.owner, events, error, "events were not summed up");
            }
            drop(events);
            self.lock().publishing = false;
            self.fewer.notify_waiters();
            drop(held);
        }
    }

    fn sum_up(&self, hub: &Hub, events: &[Event]) -> Result<(), PublishError> {
        // The deepest: what came of this aggregation itself is then in the trail of the summary.
        let deepest = events.iter().max_by_key(|event| event.depth);
        let (Some(deepest), Some(live)) = (deepest, self.live()) else { return Ok(()) };
        let Some(mut draft) = self.summarise.get().and_then(|summarise| summarise(events)) else {
            return Ok(());
        };
        let most = events.iter().map(|event| event.security_level).max();
        draft.security_level = draft.security_level.or(most);
        let cause = live.cause(deepest, 0, 1);
        let author = Author::Application { caller: None, cause: Some(&cause) };
        hub.publish_as(draft, author).map(drop)
    }

    fn live(&self) -> Option<Arc<Live>> {
        self.live.get().and_then(Weak::upgrade)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing foreign runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn start(&mut self, key: Key, first: Instant, ends: Instant) -> u64 {
        let number = self.next;
        self.next += 1;
        self.numbers.insert(key.clone(), number);
        self.open.insert(number, Open { key, first, ends, events: Vec::new() });
        number
    }

    fn end(&mut self, number: u64, hub: &Hub) {
        if let Some(open) = self.open.remove(&number) {
            self.numbers.remove(&open.key);
            self.ended.push_back((open.events, Held::new(&hub.outstanding)));
        }
    }

    fn end_oldest(&mut self, hub: &Hub) {
        if let Some(number) = self.open.keys().next().copied() {
            self.end(number, hub);
        }
    }
}

impl Flush for Windows {
    fn flush(&self) {
        let Some(hub) = self.hub.upgrade() else { return };
        {
            let mut state = self.lock();
            while !state.open.is_empty() {
                state.end_oldest(&hub);
            }
        }
        self.publish(&hub);
    }

    fn end(&self) {
        let timer = {
            let mut state = self.lock();
            state.over = true;
            state.timer.take()
        };
        if let Some(timer) = timer {
            timer.abort();
        }
        self.flush();
    }
}

/// Ends windows when it is time. Holds nothing while it waits.
async fn keep_time(windows: Weak<Windows>) {
    loop {
        let next = {
            let Some(own) = windows.upgrade() else { return };
            let Some(hub) = own.hub.upgrade() else { return };
            let now = Instant::now();
            let next = {
                let mut state = own.lock();
                let due = state.open.iter().filter(|(_, open)| open.ends <= now);
                let due: Vec<u64> = due.map(|(number, _)| *number).collect();
                for number in due {
                    state.end(number, &hub);
                }
                // One that opens later does not end before those that are open: nobody wakes this.
                let next = state.open.values().map(|open| open.ends).min();
                if next.is_none() {
                    state.timer = None;
                }
                next
            };
            own.publish(&hub);
            next
        };
        let Some(next) = next else { return };
        sleep_until(next).await;
    }
}
