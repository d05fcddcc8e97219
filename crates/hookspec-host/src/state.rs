//! [`State`]: where a plugin is in its life, since when, and why.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::Serialize;

/// Where a plugin is in its life. Only `ready` and `degraded` plugins are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Known, not set up.
    Registered,
    /// Its setup runs.
    Starting,
    /// It is called.
    Ready,
    /// It is called, but keeps failing.
    Degraded,
    /// Its setup failed, or something it needs is missing.
    Unavailable,
    /// It is drained and torn down.
    Stopping,
    /// It was torn down.
    Stopped,
    /// It did not end in time; something of it still runs.
    Leaked,
    /// It was torn down, but this process cannot start it again.
    RequiresRestart,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Registered,
        Self::Starting,
        Self::Ready,
        Self::Degraded,
        Self::Unavailable,
        Self::Stopping,
        Self::Stopped,
        Self::Leaked,
        Self::RequiresRestart,
    ];

    /// The name used in logs and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Degraded => "degraded",
            Self::Unavailable => "unavailable",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Leaked => "leaked",
            Self::RequiresRestart => "requires_restart",
        }
    }

    /// Whether dispatches reach a plugin in this state.
    pub const fn is_callable(self) -> bool {
        matches!(self, Self::Ready | Self::Degraded)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A state with its time and reason.
#[derive(Clone, Debug)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Since when.
    pub since: SystemTime,
    /// Why; empty where the state says it all.
    pub reason: String,
}

/// A status that may change.
#[derive(Debug)]
pub(crate) struct StatusCell(Mutex<Status>);

impl StatusCell {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Status {
            state: State::Registered,
            since: SystemTime::now(),
            reason: String::new(),
        }))
    }

    pub(crate) fn get(&self) -> Status {
        self.lock().clone()
    }

    pub(crate) fn state(&self) -> State {
        self.lock().state
    }

    pub(crate) fn set(&self, state: State, reason: impl Into<String>) {
        *self.lock() = Status { state, since: SystemTime::now(), reason: reason.into() };
    }

    /// Changes from one state to another, and says whether it was in the first.
    pub(crate) fn change(&self, from: State, to: State, reason: impl Into<String>) -> bool {
        let mut status = self.lock();
        if status.state != from {
            return false;
        }
        *status = Status { state: to, since: SystemTime::now(), reason: reason.into() };
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Status> {
        // A status is replaced whole: a panic elsewhere cannot leave it half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
