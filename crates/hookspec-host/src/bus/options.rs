//! [`BusOptions`]: the rules and bounds of one bus.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The rules and bounds of one bus. Every field has a default; `..BusOptions::default()`.
#[derive(Clone)]
pub struct BusOptions {
    /// Whose rules patterns, depths and permissions follow.
    pub mode: BusMode,
    /// How deep a chain of events may be: one is delivered while its depth is below (EVENT-6): 3.
    pub max_depth: i32,
    /// Whom events of the application come from, unless they say otherwise: `host`.
    pub source: String,
    /// Namespaces in which types need not be declared; `*`: everywhere but in the reserved ones.
    pub open_namespaces: Vec<String>,
    /// The largest data of an event, in bytes of JSON: 16 MiB.
    pub data_bytes: usize,
    /// How long publishing waits for room in a queue that is `block`: 30 s.
    pub publish_timeout: Duration,
    /// Dead letters that are kept; the oldest gives way: 1 024.
    pub dead_letters: usize,
    /// How often one plugin may emit: 10 000 a second, as many at once. `None`: no bound.
    pub rate: Option<Rate>,
    /// How long an orderly stop waits for what was accepted (EVENT-14): 15 s.
    pub drain_timeout: Duration,
    /// Whether a source holds a permission that a subscription asks for. Without it, the application
    /// itself does and no plugin.
    pub permissions: Option<Arc<Permissions>>,
    /// What the time is, for events that do not say.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// Says whether a source (first) holds a permission (second).
pub type Permissions = dyn Fn(&str, &str) -> bool + Send + Sync;

/// Whose rules a bus follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BusMode {
    /// Its own: the laws `EVENT-n`.
    #[default]
    Native,
    /// Those of AWF: its patterns, any type, a depth that a plugin may raise, no reserved namespaces
    /// and no catalogue.
    Awf,
}

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once.
    pub burst: u32,
}

impl Default for BusOptions {
    fn default() -> Self {
        Self {
            mode: BusMode::Native,
            max_depth: 3,
            source: "host".into(),
            open_namespaces: Vec::new(),
            data_bytes: 16 << 20,
            publish_timeout: Duration::from_secs(30),
            dead_letters: 1024,
            rate: Some(Rate { per_second: 10_000, burst: 10_000 }),
            drain_timeout: Duration::from_secs(15),
            permissions: None,
            clock: Arc::new(SystemTime::now),
        }
    }
}

impl fmt::Debug for BusOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusOptions")
            .field("mode", &self.mode)
            .field("max_depth", &self.max_depth)
            .field("source", &self.source)
            .field("open_namespaces", &self.open_namespaces)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}
