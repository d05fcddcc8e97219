//! [`Stats`]: what one plugin's calls add up to. Counters only; nothing here decides anything.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::outcome::{CauseClass, Failure};

/// What one plugin's calls add up to.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    calls: AtomicU64,
    busy_nanos: AtomicU64,
    longest_nanos: AtomicU64,
    failures: [AtomicU64; CauseClass::ALL.len()],
    consecutive: AtomicU32,
    long_polls: AtomicU64,
    late: AtomicU64,
    /// Calls that somebody awaits. A call that is ready at once is never counted: nobody could
    /// see it in flight.
    pub(crate) in_flight: Arc<AtomicUsize>,
    /// Calls that nobody awaits any more and that still hold a task or a thread.
    pub(crate) abandoned: AtomicUsize,
    last_failure: Mutex<Option<LastFailure>>,
}

/// The last failure of a plugin.
#[derive(Clone, Debug)]
pub(crate) struct LastFailure {
    /// When.
    pub(crate) at: SystemTime,
    /// In which hook.
    pub(crate) hook: String,
    /// The cause, without its content.
    pub(crate) cause: CauseClass,
    /// The cause, for people.
    pub(crate) message: String,
}

impl Stats {
    /// With a counter of calls in flight that others read, too.
    pub(crate) fn counting(in_flight: Arc<AtomicUsize>) -> Self {
        Self { in_flight, ..Self::default() }
    }

    /// Counts one answer; says whether failures in a row ended with it.
    #[inline]
    pub(crate) fn succeeded(&self, elapsed: Duration) -> bool {
        self.called(elapsed);
        // A load first: a plugin that never fails never writes this line of memory.
        self.consecutive.load(Relaxed) != 0 && self.consecutive.swap(0, Relaxed) != 0
    }

    /// Counts one failure; answers how many there were in a row, if the plugin is to blame for it.
    pub(crate) fn failed(&self, failure: &Failure, begun: bool) -> Option<u32> {
        // What it waited for is not its doing.
        self.called(if begun { failure.elapsed } else { Duration::ZERO });
        let cause = failure.cause.class();
        self.failures[cause as usize].fetch_add(1, Relaxed);
        if failure.late {
            self.late.fetch_add(1, Relaxed);
        }
        let last = LastFailure {
            at: SystemTime::now(),
            hook: failure.hook.to_string(),
            cause,
            message: failure.cause.to_string(),
        };
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        let blamed = begun && cause.blames_plugin();
        blamed.then(|| self.consecutive.fetch_add(1, Relaxed).saturating_add(1))
    }

    /// Counts a poll that held its thread too long (ISO-1); says whether it was the first.
    pub(crate) fn held_its_thread(&self) -> bool {
        self.long_polls.fetch_add(1, Relaxed) == 0
    }

    #[inline]
    fn called(&self, elapsed: Duration) {
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        self.calls.fetch_add(1, Relaxed);
        self.busy_nanos.fetch_add(nanos, Relaxed);
        if nanos > self.longest_nanos.load(Relaxed) {
            self.longest_nanos.fetch_max(nanos, Relaxed);
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    pub(crate) fn failures(&self, cause: CauseClass) -> u64 {
        self.failures[cause as usize].load(Relaxed)
    }

    pub(crate) fn mean(&self) -> Duration {
        let nanos = self.busy_nanos.load(Relaxed).checked_div(self.calls()).unwrap_or(0);
        Duration::from_nanos(nanos)
    }

    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.busy_nanos.load(Relaxed))
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest_nanos.load(Relaxed))
    }

    pub(crate) fn long_polls(&self) -> u64 {
        self.long_polls.load(Relaxed)
    }

    pub(crate) fn late(&self) -> u64 {
        self.late.load(Relaxed)
    }

    pub(crate) fn consecutive(&self) -> u32 {
        self.consecutive.load(Relaxed)
    }

    pub(crate) fn last_failure(&self) -> Option<LastFailure> {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
