//! [`ReloadError`]: why a plugin was not reloaded.

use hookspec_plugin::PluginName;
use thiserror::Error;

use super::arrow;
use super::lifecycle::RegistrationError;
use crate::state::State;

/// Why a plugin was not reloaded. The instance that was there is there still, as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// Nobody of that name is registered.
    #[error("[{}] no plugin `{plugin}` is registered", self.code())]
    UnknownPlugin {
        /// What was asked for.
        plugin: String,
    },
    /// The application gave the instance itself: nothing says how to make another.
    #[error("[{}] plugin `{plugin}` was given as a value, and there is no way to make another; register it with a constructor (`#[plugin]`) or from a plugin folder, or `remove` it and `add` a new one", self.code())]
    NotReloadable {
        /// The plugin.
        plugin: PluginName,
    },
    /// It is disabled.
    #[error("[{}] plugin `{plugin}` is disabled; enable it instead", self.code())]
    Disabled {
        /// The plugin.
        plugin: PluginName,
    },
    /// An instance of it left something behind that only the end of the process clears.
    #[error("[{}] plugin `{plugin}` is {state}: it can start again in a new process alone", self.code())]
    NeedsRestart {
        /// The plugin.
        plugin: PluginName,
        /// What it was left in.
        state: State,
    },
    /// The registry was not started, or stops.
    #[error("[{}] plugin `{plugin}` cannot be changed: the registry does not run; change plugins between `start` and `stop`", self.code())]
    NotRunning {
        /// The plugin.
        plugin: PluginName,
    },
    /// The new instance could not be made, or cannot be registered.
    #[error("[{}] plugin `{plugin}` was not reloaded: {error}", self.code())]
    Refused {
        /// The plugin.
        plugin: PluginName,
        /// Why.
        #[source]
        error: Box<RegistrationError>,
    },
    /// With the new manifest, plugins would depend on each other in a circle.
    #[error("[{}] plugin `{plugin}` was not reloaded: dependency cycle: {}", self.code(), arrow(cycle))]
    DependencyCycle {
        /// The plugin.
        plugin: PluginName,
        /// The path; it ends where it began.
        cycle: Vec<PluginName>,
    },
    /// The new instance lacks something, or its setup failed.
    #[error("[{}] plugin `{plugin}` was not reloaded: {reason}", self.code())]
    NotReady {
        /// The plugin.
        plugin: PluginName,
        /// Why.
        reason: String,
    },
}

impl ReloadError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPlugin { .. } => "HS-R040",
            Self::NotReloadable { .. } => "HS-R041",
            Self::NotRunning { .. } => "HS-R042",
            Self::Refused { .. } => "HS-R043",
            Self::DependencyCycle { .. } => "HS-R044",
            Self::NotReady { .. } => "HS-R045",
            Self::NeedsRestart { .. } => "HS-R046",
            Self::Disabled { .. } => "HS-R047",
        }
    }
}
