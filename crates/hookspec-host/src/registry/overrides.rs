//! What a host says about one plugin, whatever the manifest of that plugin says.

use std::collections::HashMap;
use std::time::Duration;

use hookspec_plugin::{Isolation, PluginName};

use super::builder::RegistryBuilder;
use super::shared::Settings;
use crate::settings::Limits;

impl RegistryBuilder {
    /// How long one plugin may take to be opened and set up, instead of its manifest's
    /// `startup_timeout_sec` and of [`Limits::startup_timeout`]. The configuration file's
    /// `startup_timeout_sec` comes before it.
    #[must_use]
    pub fn startup_timeout_of(mut self, plugin: impl Into<PluginName>, limit: Duration) -> Self {
        self.time_limits.startup.insert(plugin.into(), limit);
        self
    }

    /// How long one plugin may take to be drained and to be torn down, each, instead of its
    /// manifest's `teardown_timeout_sec` and of [`Limits::teardown_timeout`]. The configuration
    /// file's `teardown_timeout_sec` comes before it.
    #[must_use]
    pub fn teardown_timeout_of(mut self, plugin: impl Into<PluginName>, limit: Duration) -> Self {
        self.time_limits.teardown.insert(plugin.into(), limit);
        self
    }

    /// The executor of one plugin, whatever its manifest says (ISO-1).
    #[must_use]
    pub fn isolation(mut self, plugin: impl Into<PluginName>, isolation: Isolation) -> Self {
        self.isolation.insert(plugin.into(), isolation);
        self
    }

    /// The executor of every plugin that [`isolation`](Self::isolation) does not name.
    #[must_use]
    pub fn isolation_for_all(mut self, isolation: Isolation) -> Self {
        self.isolation_for_all = Some(isolation);
        self
    }
}

/// The time limits of single plugins.
#[derive(Debug, Default)]
pub(crate) struct TimeLimits {
    startup: HashMap<PluginName, Duration>,
    teardown: HashMap<PluginName, Duration>,
}

impl TimeLimits {
    /// The plugins that have one.
    pub(crate) fn names(&self) -> impl Iterator<Item = &PluginName> {
        let more = self.teardown.keys().filter(|name| !self.startup.contains_key(*name));
        self.startup.keys().chain(more)
    }
}

impl Settings {
    /// The bounds of one plugin: the file's word, the builder's for it, the builder's for all
    /// (CONFIG-7).
    pub(crate) fn limits_of(&self, plugin: &PluginName) -> Limits {
        let (all, own) = (self.limits, &self.time_limits);
        let file = self.file.as_ref().and_then(|file| file.overrides(plugin.as_str()));
        let startup = file.and_then(|file| file.startup_timeout_sec).map(Duration::from_secs);
        let teardown = file.and_then(|file| file.teardown_timeout_sec).map(Duration::from_secs);
        Limits {
            startup_timeout: startup.or(own.startup.get(plugin).copied()).or(all.startup_timeout),
            teardown_timeout: teardown
                .or(own.teardown.get(plugin).copied())
                .or(all.teardown_timeout),
            ..all
        }
    }
}
