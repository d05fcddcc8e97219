//! Batches: events that are collected, and published together (EVENT-16).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hookspec_plugin::{Cause, Event, EventDraft};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::cause;
use super::error::PublishError;
use super::hub::Hub;
use super::parcel::Held;
use super::stamp::Author;
use super::{Bus, Flush};

/// When a batch is published, and as what.
#[derive(Clone, Debug)]
pub struct BatchOptions {
    /// With so many events: 50.
    pub size: usize,
    /// So long after its first event: 30 s.
    pub interval: Duration,
    /// As the data of one event of this type, `{"events": [..], "count": n}`. Without it each event is
    /// published as what it is, and whoever subscribed to its type receives it.
    pub envelope: Option<String>,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self { size: 50, interval: Duration::from_secs(30), envelope: None }
    }
}

/// Collects events and publishes them together: when there are enough of them, when the first one has
/// waited for long enough, when it is [told to](Self::flush), when the last clone of it is dropped, and
/// at an orderly stop. Where no async runtime is known, time alone publishes nothing.
#[derive(Clone)]
pub struct Batch(Arc<Collecting>);

impl Bus {
    /// A batch, of which every clone is the same.
    ///
    /// # Errors
    /// [`PublishError`]: no event of the envelope's type could be published.
    pub fn batch(&self, mut options: BatchOptions) -> Result<Batch, PublishError> {
        options.size = options.size.max(1);
        if let Some(envelope) = &options.envelope {
            self.0.publishable(envelope)?;
        }
        let (hub, state) = (Arc::clone(&self.0), Mutex::default());
        let collecting = Arc::new(Collecting { hub, options, state });
        let own: Arc<dyn Flush> = collecting.clone();
        self.0.collects(Arc::downgrade(&own));
        Ok(Batch(collecting))
    }
}

impl Batch {
    /// Adds an event. It is stamped now: its id, its time and what it came of are those of this moment,
    /// and what is wrong with it is told at once.
    ///
    /// # Errors
    /// As [`Bus::publish`]. It is not part of the batch.
    pub fn add(&self, draft: EventDraft) -> Result<(), PublishError> {
        self.0.add(draft)
    }

    /// Publishes what it has. A subscriber that is full and `block` is not waited for: it is without
    /// those events, and told so.
    pub fn flush(&self) {
        self.0.flush();
    }

    /// How many events wait in it.
    pub fn len(&self) -> usize {
        self.0.lock().events.len()
    }

    /// Whether none waits in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("len", &self.len()).finish_non_exhaustive()
    }
}

struct Collecting {
    hub: Arc<Hub>,
    options: BatchOptions,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: Vec<Collected>,
    /// What is there is to be published, whether or not it is enough.
    asked: bool,
    /// How many publish what they took.
    publishing: usize,
    timer: Option<AbortHandle>,
}

/// An event, and what it came of.
struct Collected {
    event: Event,
    cause: Option<Cause>,
}

/// While somebody publishes, others leave it to them, so that order is kept; but not more than so many
/// batches, so that memory is bounded.
const BACKLOG: usize = 16;

impl Collecting {
    fn add(self: &Arc<Self>, draft: EventDraft) -> Result<(), PublishError> {
        // A stop that begins meanwhile waits for it.
        let _held = Held::new(&self.hub.outstanding);
        let cause = cause::current();
        let author = Author::Application { caller: None, cause: cause.as_ref() };
        let event = self.hub.stamp(draft, author)?;
        {
            let mut state = self.lock();
            state.events.push(Collected { event, cause });
            // A timer ends with its runtime.
            if state.timer.as_ref().is_none_or(AbortHandle::is_finished)
                && state.events.len() < self.options.size
            {
                state.timer = self.start_timer();
            }
        }
        self.publish(false);
        Ok(())
    }

    fn start_timer(self: &Arc<Self>) -> Option<AbortHandle> {
        let runtime = self.hub.runtime.get().cloned().or_else(|| Handle::try_current().ok())?;
        let (own, interval) = (Arc::downgrade(self), self.options.interval);
        let timer = runtime.spawn(async move {
            sleep(interval).await;
            if let Some(own) = Weak::upgrade(&own) {
                // Not its own end: it ends here.
                own.lock().timer = None;
                own.flush();
            }
        });
        Some(timer.abort_handle())
    }

    /// Publishes what is there, if it is enough or was asked for.
    fn publish(&self, mut all: bool) {
        loop {
            let (events, timer, held) = {
                let mut state = self.lock();
                state.asked |= all && !state.events.is_empty();
                let enough = state.asked || state.events.len() >= self.options.size;
                let many = state.events.len() >= self.options.size.saturating_mul(BACKLOG);
                if !enough || (state.publishing > 0 && !many) {
                    return;
                }
                state.publishing += 1;
                state.asked = false;
                let held = Held::new(&self.hub.outstanding);
                (std::mem::take(&mut state.events), state.timer.take(), held)
            };
            if let Some(timer) = timer {
                timer.abort();
            }
            self.publish_each(events);
            self.lock().publishing -= 1;
            drop(held);
            // What came meanwhile was not asked for.
            all = false;
        }
    }

    fn publish_each(&self, events: Vec<Collected>) {
        let Some(envelope) = &self.options.envelope else {
            for collected in events {
                self.hub.deliver_now(collected.event);
            }
            return;
        };
        // What is on behalf of one is not told to another.
        let mut tenants: BTreeMap<Option<String>, Vec<Collected>> = BTreeMap::new();
        for collected in events {
            tenants.entry(collected.event.tenant.clone()).or_default().push(collected);
        }
        for events in tenants.into_values() {
            for events in events.chunks(self.options.size) {
                self.publish_in(envelope, events);
            }
        }
    }

    fn publish_in(&self, envelope: &str, events: &[Collected]) {
        // It stands for its events: it came of what the one came of that is deepest in its chain.
        let Some(deepest) = events.iter().max_by_key(|own| own.event.depth) else { return };
        let list: Vec<&Event> = events.iter().map(|own| &own.event).collect();
        let data = match serde_json::to_value(&list) {
            Ok(list) => json!({ "events": list, "count": events.len() }),
            // One of them is no JSON: the others are published without it.
            Err(_) if events.len() > 1 => return self.publish_halves(envelope, events),
            Err(error) => return self.failed(&error.to_string()),
        };
        let mut draft = EventDraft::new(envelope).json(data);
        draft.tenant.clone_from(&deepest.event.tenant);
        draft.security_level = events.iter().map(|own| own.event.security_level).max();
        let late = Author::Late { cause: deepest.cause.as_ref() };
        match self.hub.publish_as(draft, late) {
            Ok(_) => {}
            // Together they may be too large.
            Err(PublishError::InvalidData { .. }) if events.len() > 1 => {
                self.publish_halves(envelope, events);
            }
            Err(error) => self.failed(&error.to_string()),
        }
    }

    fn publish_halves(&self, envelope: &str, events: &[Collected]) {
        let (first, second) = events.split_at(events.len() / 2);
        self.publish_in(envelope, first);
        self.publish_in(envelope, second);
    }

    fn failed(&self, error: &str) {
        self.hub.counts.errors.fetch_add(1, Relaxed);
        tracing::warn!(error, "events of a batch were not published");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing foreign runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flush for Collecting {
    fn flush(&self) {
        self.publish(true);
    }
}

impl Drop for Collecting {
    fn drop(&mut self) {
        self.flush();
    }
}
