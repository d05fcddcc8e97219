//! [`SystemClock`]: the time of the machine.

use std::time::{Duration, Instant, SystemTime};

use hookspec_plugin::resources::Clock;

/// The time of the machine; `monotonic` counts from when it was made.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    made: Instant,
}

impl SystemClock {
    /// A clock.
    pub fn new() -> Self {
        Self { made: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        self.made.elapsed()
    }
}
