//! [`State`]: what an instance remembers of its calls.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What an instance remembers of its calls.
#[derive(Debug)]
pub(crate) struct State {
    /// Which instance of the process it is.
    pub(crate) instance: u64,
    /// How often `count` was called.
    pub(crate) counted: AtomicU64,
    /// How often `ask` was called.
    pub(crate) asked: AtomicU64,
    /// How often it was called at all.
    pub(crate) called: AtomicU64,
    /// Whether it refused a call.
    pub(crate) refused: AtomicBool,
    /// How many calls run.
    pub(crate) running: AtomicUsize,
}

impl State {
    pub(crate) fn new() -> Self {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);

        Self {
            instance: INSTANCES.fetch_add(1, Ordering::Relaxed),
            counted: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            called: AtomicU64::new(0),
            refused: AtomicBool::new(false),
            running: AtomicUsize::new(0),
        }
    }
}

/// One more than before.
pub(crate) fn next(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}
