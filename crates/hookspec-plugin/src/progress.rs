//! [`ProgressSink`]: where a plugin tells how far its work has come.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a piece of work has come.
///
/// ```
/// # use hookspec_plugin::Progress;
/// let progress = Progress::new(3).of(10).saying("third file");
/// assert_eq!(progress.total(), Some(10));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    current: u64,
    #[serde(default)]
    total: Option<u64>,
    #[serde(default)]
    message: String,
}

impl Progress {
    /// So many steps are done, of an unknown number.
    pub fn new(current: u64) -> Self {
        Self { current, total: None, message: String::new() }
    }

    /// Out of how many.
    #[must_use]
    pub fn of(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }

    /// What is being done, for people.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// How many steps are done.
    pub fn current(&self) -> u64 {
        self.current
    }

    /// Out of how many, if that is known.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// What is being done; empty when nothing was said.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Takes what a plugin tells of its progress. Never blocks, and never fails the work.
pub trait ProgressSink: Send + Sync + 'static {
    /// The work has come so far.
    fn report(&self, progress: &Progress);

    /// The work is done.
    fn done(&self);

    /// The work ended with an error.
    fn error(&self, message: &str);
}

/// Takes progress and tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl ProgressSink for NoProgress {
    fn report(&self, _: &Progress) {}
    fn done(&self) {}
    fn error(&self, _: &str) {}
}

impl fmt::Debug for dyn ProgressSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressSink")
    }
}
