//! [`State`]: where a plugin is in its life, since when, and why.

use std::fmt;
use std::time::SystemTime;

use serde::Serialize;

/// Where a plugin is in its life. Only `ready` and `degraded` plugins are called (STATE-1).
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
    /// Somebody who runs the host turned it off.
    Disabled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Registered,
        Self::Starting,
        Self::Ready,
        Self::Degraded,
        Self::Unavailable,
        Self::Stopping,
        Self::Stopped,
        Self::Leaked,
        Self::RequiresRestart,
        Self::Disabled,
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
            Self::Disabled => "disabled",
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
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Since when.
    pub since: SystemTime,
    /// Why; empty where the state says it all.
    pub reason: String,
}
