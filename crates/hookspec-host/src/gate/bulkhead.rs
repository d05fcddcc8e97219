//! [`Bulkhead`]: at most so many calls of one plugin at once (`max_concurrency`).
//!
//! - BULKHEAD-1 at most that many calls of a plugin run at once, whichever the hooks and whatever the
//!   executor; one that was abandoned counts until it has ended.
//! - BULKHEAD-2 who finds no place waits, in the order of coming, for at most
//!   `Limits::bulkhead_wait`, and at most `Limits::bulkhead_queue` wait; beyond: `Rejected`, with
//!   the bound. BULKHEAD-3 whoever waits until the deadline ends as `TimedOut`, as one that was not
//!   begun. Neither blames the plugin.
//! - BULKHEAD-4 a dispatch that is dropped leaves the queue. BULKHEAD-5 `dispatch_sync` never waits.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hookspec_plugin::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::settings::{Limits, later};

/// At most so many calls at once.
pub(crate) struct Bulkhead {
    bound: usize,
    queue: usize,
    patience: Duration,
    // It hands places on in the order in which they were asked for.
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// A place; given back when it is dropped.
pub(crate) type Permit = OwnedSemaphorePermit;

/// A call that waits for a place; dropping it leaves the queue.
pub(crate) struct Queued {
    turn: BoxFuture<'static, Option<Permit>>,
    /// When it has waited too long.
    pub(crate) until: Instant,
    _waiting: Waiting,
}

struct Waiting(Arc<AtomicUsize>);

impl Bulkhead {
    pub(crate) fn new(bound: u32, limits: &Limits) -> Self {
        // A bound of zero is refused where manifests are checked; it would never let anybody in.
        let bound = usize::try_from(bound).unwrap_or(usize::MAX).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            bound,
            queue: limits.bulkhead_queue,
            patience: limits.bulkhead_wait,
            places: Arc::new(Semaphore::new(bound)),
            waiting: Arc::default(),
        }
    }

    /// A place, if one is free and nobody waits for it.
    pub(crate) fn try_enter(&self) -> Option<Permit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// A place in the queue.
    ///
    /// # Errors
    /// Which bound was reached.
    pub(crate) fn queue(&self, now: Instant, may_wait: bool) -> Result<Queued, String> {
        let bound = self.bound;
        if !may_wait {
            return Err(format!(
                "max_concurrency: all {bound} places are taken, and it cannot wait"
            ));
        }
        let enter = |waiting| (waiting < self.queue).then_some(waiting + 1);
        let entered = self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, enter);
        if let Err(waiting) = entered {
            return Err(format!("bulkhead_queue: {waiting} calls wait for its {bound} places"));
        }
        let waiting = Waiting(Arc::clone(&self.waiting));
        let places = Arc::clone(&self.places);
        // It is never closed, so there is no other end than a permit.
        let turn = Box::pin(async move { places.acquire_owned().await.ok() });
        let until = later(now, self.patience);
        Ok(Queued { turn, until, _waiting: waiting })
    }

    /// What is told to somebody who has waited too long.
    pub(crate) fn waited(&self) -> String {
        format!(
            "bulkhead_wait: it waited {:?} for one of the {} places (max_concurrency)",
            self.patience, self.bound
        )
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }
}

impl Queued {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Permit>> {
        Pin::new(&mut self.turn).poll(cx)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
