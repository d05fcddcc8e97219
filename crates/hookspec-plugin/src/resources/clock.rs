//! [`Clock`]: what time it is.

use std::fmt;
use std::time::{Duration, SystemTime};

/// What time it is. A plugin that asks the clock it is lent answers the same in a test that stops
/// the time.
pub trait Clock: Send + Sync + 'static {
    /// The instant, of no time zone; it may jump when somebody sets the clock.
    fn now(&self) -> SystemTime;

    /// Time passed since some moment of the clock's own choice; it never goes back. For measuring
    /// how long something took.
    fn monotonic(&self) -> Duration;
}

impl fmt::Debug for dyn Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
