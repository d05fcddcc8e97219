//! [`Parcel`]: an event on its way to those who want it; [`Queued`]: its place with one of them.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use hookspec_plugin::{Event, Payload};
use serde_json::Value;
use tokio::sync::Notify;

use super::request::Request;

/// An event on its way to those who want it: one for all of them.
pub(crate) struct Parcel {
    pub(crate) event: Event,
    /// Somebody awaits a reply to it.
    pub(crate) request: Option<Arc<Request>>,
    payload: OnceLock<Payload>,
    outstanding: Arc<Outstanding>,
}

impl Parcel {
    pub(crate) fn new(
        event: Event,
        request: Option<Arc<Request>>,
        outstanding: &Arc<Outstanding>,
    ) -> Arc<Self> {
        let (payload, outstanding) = (OnceLock::new(), Arc::clone(outstanding));
        Arc::new(Self { event, request, payload, outstanding })
    }

    /// Places with so many subscriptions at most, counted as outstanding all at once.
    pub(crate) fn places(self: &Arc<Self>, count: usize) -> Places<'_> {
        self.outstanding.count.fetch_add(count, Ordering::AcqRel);
        Places { parcel: self, left: count }
    }

    /// What plugins are called with; made for the first one.
    pub(crate) fn payload(&self) -> &Payload {
        self.payload.get_or_init(|| Payload::of(self.event.clone()))
    }

    /// The event as JSON, for pointers into it; made when first asked for.
    pub(crate) fn json(&self) -> Option<&Value> {
        self.payload().json().ok()
    }

    /// What is at a JSON pointer, as a text. What has nothing there shares the key of all others.
    pub(crate) fn key(&self, pointer: &str) -> Arc<str> {
        let value = self.json().and_then(|json| json.pointer(pointer));
        value.map(ToString::to_string).unwrap_or_default().into()
    }
}

/// The place of an event with one subscription, from its queue until it is handled.
pub(crate) struct Queued {
    pub(crate) parcel: Arc<Parcel>,
    /// What its subscription's key is in this event.
    pub(crate) key: Option<Arc<str>>,
    /// How many attempts it has behind it.
    pub(crate) attempts: u32,
}

/// Places for one event that are counted, and not taken yet. Those that nobody takes are given back.
pub(crate) struct Places<'a> {
    parcel: &'a Arc<Parcel>,
    left: usize,
}

impl Places<'_> {
    /// Takes the next place; `None`: all are taken.
    pub(crate) fn take(&mut self, key: Option<Arc<str>>) -> Option<Queued> {
        self.left = self.left.checked_sub(1)?;
        Some(Queued { parcel: Arc::clone(self.parcel), key, attempts: 0 })
    }
}

impl Drop for Places<'_> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.parcel.outstanding.less(self.left);
        }
    }
}

impl Queued {
    pub(crate) fn new(parcel: &Arc<Parcel>, key: Option<Arc<str>>) -> Self {
        parcel.outstanding.count.fetch_add(1, Ordering::AcqRel);
        Self { parcel: Arc::clone(parcel), key, attempts: 0 }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        if let Some(request) = &self.parcel.request {
            request.one_is_through();
        }
        self.parcel.outstanding.less(1);
    }
}

/// Something that an orderly stop waits for, until it is dropped.
pub(crate) struct Held(Arc<Outstanding>);

impl Held {
    pub(crate) fn new(outstanding: &Arc<Outstanding>) -> Self {
        // Before the phase is looked at: whoever closes the bus sees this, or this sees the bus closed.
        outstanding.count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(outstanding))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.less(1);
    }
}

/// Below this many, those who wait are told of each that ends.
const FEW: usize = 16;

impl fmt::Debug for Queued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parcel.event.fmt(f)
    }
}

/// Counts what was accepted and is not handled yet (EVENT-14).
#[derive(Debug, Default)]
pub(crate) struct Outstanding {
    count: AtomicUsize,
    fewer: Notify,
}

impl Outstanding {
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    fn less(&self, by: usize) {
        // Whoever waits for a number may wait for more than none: each step is told.
        if self.count.fetch_sub(by, Ordering::AcqRel) < FEW + by {
            self.fewer.notify_waiters();
        }
    }

    /// Waits until at most so many are left; fewer than [`FEW`].
    pub(crate) async fn at_most(&self, left: usize) {
        loop {
            let fewer = self.fewer.notified();
            if self.count() <= left {
                return;
            }
            fewer.await;
        }
    }
}
