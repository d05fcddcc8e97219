//! [`Traffic`]: how many requests there are and were.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts requests. Clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct Traffic(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    in_flight: AtomicUsize,
    answered: AtomicU64,
    failed: AtomicU64,
    untold: AtomicU64,
}

impl Traffic {
    /// Requests that have no answer yet.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::Acquire)
    }

    /// Requests that were answered, with whatever status.
    pub fn answered(&self) -> u64 {
        self.0.answered.load(Ordering::Acquire)
    }

    /// Requests that ended without an answer: their client went away.
    pub fn failed(&self) -> u64 {
        self.0.failed.load(Ordering::Acquire)
    }

    /// Events that no listener was told of, because too many were outstanding.
    pub fn untold(&self) -> u64 {
        self.0.untold.load(Ordering::Acquire)
    }

    pub(crate) fn began(&self) {
        self.0.in_flight.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn ended(&self, answered: bool) {
        let counter = if answered { &self.0.answered } else { &self.0.failed };
        counter.fetch_add(1, Ordering::AcqRel);
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }

    /// Counts an event that was not told; says whether it was the first.
    pub(crate) fn kept_quiet(&self) -> bool {
        self.0.untold.fetch_add(1, Ordering::AcqRel) == 0
    }
}
