//! [`Limits`]: the bounds of one registry. Every queue has one and every call has a deadline
//! (invariant 7).

use std::time::Duration;

use tokio::time::Instant;

/// The bounds of one registry; a manifest can tighten its own, never widen them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a dispatch may take when its hook does not say (DEADLINE-1): 30 s.
    pub dispatch_timeout: Duration,
    /// The largest input, in bytes of JSON (SIZE-1): 16 MiB.
    pub input_bytes: usize,
    /// The largest output, in bytes of JSON (SIZE-2): 16 MiB.
    pub output_bytes: usize,
    /// Threads of one plugin on the `thread` executor: 8.
    pub worker_threads: usize,
    /// Calls that may wait for one of those threads: 1 024.
    pub worker_queue: usize,
    /// Detached notifications that may be outstanding (NOTIFY-5): 1 024.
    pub detached: usize,
    /// How long a call waits for a place of a plugin with `max_concurrency` (BULKHEAD-2): 5 s.
    pub bulkhead_wait: Duration,
    /// Calls of one plugin that may wait for such a place: 1 024.
    pub bulkhead_queue: usize,
    /// A dispatch that takes longer is logged with the plugin that took longest (SLOW-1): 1 s; `None`:
    /// never.
    pub slow_dispatch: Option<Duration>,
    /// A poll that holds its thread longer is recorded against the plugin (ISO-1): 100 ms.
    pub long_poll: Duration,
    /// Failures in a row that make a plugin `degraded`: 3.
    pub degraded_after: u32,
    /// How often plugins are asked how they are (HEALTH-1): every 30 s; `None`: never.
    pub health_interval: Option<Duration>,
    /// How long one may take to answer that (HEALTH-1): 5 s.
    pub health_timeout: Duration,
    /// Failed health checks in a row that make a plugin `unavailable` (HEALTH-3): 3.
    pub unhealthy_after: u32,
    /// Replaces every manifest's `startup_timeout_sec`; what
    /// [`startup_timeout_of`](crate::RegistryBuilder::startup_timeout_of) says replaces it in turn,
    /// and what the configuration file says about the plugin replaces both.
    pub startup_timeout: Option<Duration>,
    /// Replaces every manifest's `teardown_timeout_sec`; what
    /// [`teardown_timeout_of`](crate::RegistryBuilder::teardown_timeout_of) says replaces it in turn,
    /// and what the configuration file says about the plugin replaces both.
    pub teardown_timeout: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            dispatch_timeout: Duration::from_secs(30),
            input_bytes: 16 << 20,
            output_bytes: 16 << 20,
            worker_threads: 8,
            worker_queue: 1024,
            detached: 1024,
            slow_dispatch: Some(Duration::from_secs(1)),
            bulkhead_wait: Duration::from_secs(5),
            bulkhead_queue: 1024,
            long_poll: Duration::from_millis(100),
            degraded_after: 3,
            health_interval: Some(Duration::from_secs(30)),
            health_timeout: Duration::from_secs(5),
            unhealthy_after: 3,
            startup_timeout: None,
            teardown_timeout: None,
        }
    }
}

/// A moment so much later. What is beyond what the clock can express is as good as a year.
pub(crate) fn later(from: Instant, by: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    from.checked_add(by).unwrap_or_else(|| from + YEAR)
}
