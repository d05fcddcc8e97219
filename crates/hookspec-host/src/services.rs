//! What the host lends to one plugin: its configuration, the resources it declared, its log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    CheckpointStore, EventBus, Fault, KindName, Level, Metrics, Peers, PluginName, ProgressSink,
    Resource, Services, Tenant, access_denied,
};
use serde_json::{Map, Value};

use crate::bus::PluginBus;
use crate::checkpoints::ScopedCheckpoints;
use crate::metrics::PluginMetrics;
use crate::panic::contain_text;
use crate::registry::Home;
use crate::resources::PluginTmpDir;
use crate::sinks::ContainedProgress;

/// The host's side of a plugin's [`Context`](hookspec_plugin::Context).
pub(crate) struct HostServices {
    pub(crate) plugin: PluginName,
    pub(crate) kind: KindName,
    pub(crate) version: Option<String>,
    pub(crate) config: Changing,
    /// The way to the other plugins.
    pub(crate) home: Home,
    /// The way to the events.
    pub(crate) bus: PluginBus,
    /// Calls of the plugin that somebody awaits.
    pub(crate) in_flight: Arc<AtomicUsize>,
    pub(crate) metrics: Arc<PluginMetrics>,
    pub(crate) progress: Option<ContainedProgress>,
    pub(crate) checkpoints: Option<ScopedCheckpoints>,
    pub(crate) tenant: Option<ContainedTenant>,
    /// Filled when the plugin is set up; until then it sees no resource.
    pub(crate) lent: OnceLock<Lent>,
}

/// The resources of one plugin instance.
#[derive(Default)]
pub(crate) struct Lent {
    /// Only what the manifest declares and the host has. Each is held by itself: two that panic
    /// while they are dropped must not do so at once.
    pub(crate) resources: BTreeMap<String, Guarded<Resource>>,
    pub(crate) tmpdir: Option<Arc<PluginTmpDir>>,
}

impl Services for HostServices {
    fn config(&self) -> &Value {
        self.config.now()
    }

    fn peers(&self) -> Option<&dyn Peers> {
        Some(&self.home)
    }

    fn bus(&self) -> Option<&dyn EventBus> {
        Some(&self.bus)
    }

    fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    fn resource(&self, name: &str) -> Option<&Resource> {
        self.lent.get()?.resources.get(name)?.get()
    }

    fn resource_names(&self) -> Vec<&str> {
        let lent = self.lent.get().into_iter();
        lent.flat_map(|lent| lent.resources.keys().map(String::as_str)).collect()
    }

    fn log(&self, level: Level, message: &str, fields: &Map<String, Value>) {
        let (plugin, kind, version) = (self.plugin.as_str(), self.kind.as_str(), self.version());
        // The span says which plugin it is (LEND-6). The level of a tracing event is part of the
        // program text; the plugin's is data.
        macro_rules! event {
            ($span:ident, $level:ident) => {
                tracing::$span!(target: "hookspec::plugin", "plugin", plugin, kind, version)
                    .in_scope(|| record!($level))
            };
        }
        macro_rules! record {
            ($level:ident) => {
                if fields.is_empty() {
                    tracing::$level!(target: "hookspec::plugin", plugin, "{message}")
                } else {
                    let fields = Value::Object(fields.clone());
                    tracing::$level!(target: "hookspec::plugin", plugin, %fields, "{message}")
                }
            };
        }
        match level {
            Level::Error => event!(error_span, error),
            Level::Warn => event!(warn_span, warn),
            Level::Info => event!(info_span, info),
            Level::Debug => event!(debug_span, debug),
        }
    }

    fn metrics(&self) -> &dyn Metrics {
        &*self.metrics
    }

    fn progress(&self) -> Option<&dyn ProgressSink> {
        self.progress.as_ref().map(|sink| sink as &dyn ProgressSink)
    }

    fn checkpoints(&self) -> Option<&dyn CheckpointStore> {
        self.checkpoints.as_ref().map(|store| store as &dyn CheckpointStore)
    }

    fn tenant(&self) -> Option<&dyn Tenant> {
        self.tenant.as_ref().map(|tenant| tenant as &dyn Tenant)
    }
}

impl HostServices {
    /// The plugin's own version, as log records have it.
    pub(crate) fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }

    /// Takes back what was lent for as long as the plugin runs (LEND-4).
    pub(crate) async fn take_back(&self) {
        let Some(folder) = self.lent.get().and_then(|lent| lent.tmpdir.clone()) else { return };
        if let Err(error) = crate::files::blocking(move || folder.close()).await {
            tracing::warn!(plugin = %self.plugin, %error, "its temporary folder was not removed");
        }
    }
}

/// A value that may be followed by another while it is read. Those before stay as long as the
/// plugin's instance does: somebody may look at them.
pub(crate) struct Changing {
    value: Value,
    next: OnceLock<Box<Changing>>,
}

impl Changing {
    pub(crate) fn new(value: Value) -> Self {
        Self { value, next: OnceLock::new() }
    }

    fn last(&self) -> &Self {
        let mut last = self;
        while let Some(next) = last.next.get() {
            last = next;
        }
        last
    }

    fn now(&self) -> &Value {
        &self.last().value
    }

    /// Only one change of a registry is made at a time. What is as before costs nothing.
    pub(crate) fn follow(&self, value: Value) {
        let last = self.last();
        if last.value == value {
            return;
        }
        let _ = last.next.set(Box::new(Self::new(value)));
    }
}

impl Drop for Changing {
    /// One after another: each inside the one before would need as much stack as there were changes.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut own) = next {
            next = own.next.take();
        }
    }
}

/// The application's tenant: if it panics, access is denied and the plugin goes on (LEND-5).
pub(crate) struct ContainedTenant(pub(crate) Guarded<Arc<dyn Tenant>>);

impl Tenant for ContainedTenant {
    fn id(&self) -> Option<&str> {
        let tenant = self.0.get()?;
        contain_text(|| tenant.id()).ok().flatten()
    }

    fn check_access(&self, resource: &str, action: &str) -> Result<(), Fault> {
        let denied = || Err(access_denied(self.id(), resource, action));
        let Some(tenant) = self.0.get() else { return denied() };
        contain_text(|| tenant.check_access(resource, action)).unwrap_or_else(|message| {
            tracing::warn!(error = message, "the application's tenant panicked: access is denied");
            denied()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_as_before_does_not_follow() {
        let changing = Changing::new(Value::from(1));
        for value in [1, 2, 2, 1] {
            changing.follow(Value::from(value));
        }
        let all = std::iter::successors(Some(&changing), |own| own.next.get().map(|next| &**next));
        assert_eq!(all.map(|own| own.value.as_i64()).collect::<Vec<_>>(), [1, 2, 1].map(Some));
        assert_eq!(*changing.now(), Value::from(1));
    }

    #[test]
    fn however_many_there_were_they_go_without_recursion() {
        let mut first = Changing::new(Value::Null);
        for n in 0..500_000 {
            let before = Changing::new(Value::from(n));
            let _ = before.next.set(Box::new(first));
            first = before;
        }
        drop(first);
    }
}
