//! [`FrozenClock`]: time that passes only when a test says so.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use hookspec_plugin::resources::Clock;

/// Always tells the same time, until it is advanced.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use hookspec_host::testing::FrozenClock;
/// # use hookspec_plugin::resources::Clock;
/// let clock = FrozenClock::new(SystemTime::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(30));
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(30));
/// assert_eq!(clock.monotonic(), Duration::from_secs(30));
/// ```
#[derive(Debug)]
pub struct FrozenClock(Mutex<(SystemTime, Duration)>);

impl FrozenClock {
    /// A clock that stands at an instant.
    pub fn new(at: SystemTime) -> Self {
        Self(Mutex::new((at, Duration::ZERO)))
    }

    /// Lets time pass. At the end of what an instant can tell it stands still.
    pub fn advance(&self, by: Duration) {
        let mut time = self.lock();
        time.0 = time.0.checked_add(by).unwrap_or(time.0);
        time.1 = time.1.saturating_add(by);
    }

    fn lock(&self) -> MutexGuard<'_, (SystemTime, Duration)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> SystemTime {
        self.lock().0
    }

    fn monotonic(&self) -> Duration {
        self.lock().1
    }
}
