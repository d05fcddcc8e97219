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
}

impl Parcel {
    pub(crate) fn new(event: Event, request: Option<Arc<Request>>) -> Arc<Self> {
        Arc::new(Self { event, request, payload: OnceLock::new() })
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
    _held: Held,
}

impl Queued {
    pub(crate) fn new(
        parcel: &Arc<Parcel>,
        key: Option<Arc<str>>,
        outstanding: &Arc<Outstanding>,
    ) -> Self {
        let (parcel, held) = (Arc::clone(parcel), Held::new(outstanding));
        Self { parcel, key, attempts: 0, _held: held }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        if let Some(request) = &self.parcel.request {
            request.one_is_through();
        }
    }
}

/// Something that an orderly stop waits for, until it is dropped.
pub(crate) struct Held(Arc<Outstanding>);

impl Held {
    pub(crate) fn new(outstanding: &Arc<Outstanding>) -> Self {
        outstanding.count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(outstanding))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Whoever waits for a number may wait for more than none: each step is told.
        if self.0.count.fetch_sub(1, Ordering::AcqRel) <= FEW {
            self.0.fewer.notify_waiters();
        }
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
        self.count.load(Ordering::Acquire)
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
