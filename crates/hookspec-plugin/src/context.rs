//! [`Context`]: what a plugin instance may use of its host.

use std::any::{Any, type_name};
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::checkpoint::CheckpointStore;
use crate::events::{Emitter, EventBus};
use crate::fault::Fault;
use crate::metrics::{Metrics, NoMetrics};
use crate::name::{KindName, PluginName};
use crate::peers::Peers;
use crate::progress::{NoProgress, ProgressSink};
use crate::remote::RemoteResource;
use crate::tenant::{NoTenant, Tenant};

/// One plugin instance's view of its host: its configuration, its resources, its log.
///
/// Given to `setup` and, through [`CallContext`](crate::CallContext), to every call. A clone is the
/// same view.
#[derive(Clone)]
pub struct Context {
    plugin: PluginName,
    kind: KindName,
    services: Arc<dyn Services>,
}

/// What a host gives to one plugin instance. Implemented by the host, and by a runtime's guest end.
pub trait Services: Send + Sync + 'static {
    /// The plugin's configuration as it is now; `null` when it has none.
    fn config(&self) -> &Value;

    /// A resource the plugin declared and the host has.
    fn resource(&self, name: &str) -> Option<&Resource>;

    /// The names of the resources the plugin can see, sorted.
    fn resource_names(&self) -> Vec<&str>;

    /// Writes a record of the plugin to the host's log.
    fn log(&self, level: Level, message: &str, fields: &Map<String, Value>);

    /// Where its measurements go.
    fn metrics(&self) -> &dyn Metrics {
        &NoMetrics
    }

    /// Where it tells of its progress; `None` when nobody wants to know.
    fn progress(&self) -> Option<&dyn ProgressSink> {
        None
    }

    /// Where its states are kept; `None` when they are not.
    fn checkpoints(&self) -> Option<&dyn CheckpointStore> {
        None
    }

    /// On whose behalf it runs; `None` when there are no tenants.
    fn tenant(&self) -> Option<&dyn Tenant> {
        None
    }

    /// The other plugins; `None` where there is no way to them.
    fn peers(&self) -> Option<&dyn Peers> {
        None
    }

    /// The events of the host; `None` where there are none.
    fn bus(&self) -> Option<&dyn EventBus> {
        None
    }

    /// Calls of this instance that have not ended.
    fn in_flight(&self) -> usize {
        0
    }
}

impl Context {
    /// A context for one plugin instance.
    pub fn new(plugin: PluginName, kind: KindName, services: Arc<dyn Services>) -> Self {
        Self { plugin, kind, services }
    }

    /// The name the plugin is registered under.
    pub fn plugin(&self) -> &PluginName {
        &self.plugin
    }

    /// The kind the plugin is registered as.
    pub fn kind(&self) -> &KindName {
        &self.kind
    }

    /// The plugin's configuration; `null` when it has none.
    pub fn config(&self) -> &Value {
        self.services.config()
    }

    /// A resource by name.
    ///
    /// # Errors
    /// - `resource_missing`: the plugin's manifest does not declare it, or the host has none of
    ///   that name. The message lists what there is.
    /// - `resource_type`: it is there, but is not a `T`. The message names both types.
    pub fn resource<T: ?Sized + Send + Sync + 'static>(&self, name: &str) -> Result<Arc<T>, Fault> {
        let Some(resource) = self.services.resource(name) else {
            let known = self.services.resource_names().join(", ");
            return Err(Fault::new(
                "resource_missing",
                format!(
                    "plugin `{}` sees no resource `{name}`; it sees: [{known}]. Declare it under \
                     [plugin.resources], and register it with the host",
                    self.plugin
                ),
            ));
        };
        resource.get::<T>().ok_or_else(|| {
            Fault::new(
                "resource_type",
                format!(
                    "resource `{name}` is a `{}`, and plugin `{}` asked for a `{}`",
                    resource.type_name(),
                    self.plugin,
                    type_name::<T>()
                ),
            )
        })
    }

    /// The names of the resources this plugin can see, sorted.
    pub fn resource_names(&self) -> Vec<&str> {
        self.services.resource_names()
    }

    /// Where this plugin's measurements go.
    pub fn metrics(&self) -> &dyn Metrics {
        self.services.metrics()
    }

    /// Where this plugin tells of its progress; nobody listens where the host offers nothing.
    pub fn progress(&self) -> &dyn ProgressSink {
        self.services.progress().unwrap_or(&NoProgress)
    }

    /// Where this plugin's states are kept across restarts; `None` when the host keeps none.
    pub fn checkpoints(&self) -> Option<&dyn CheckpointStore> {
        self.services.checkpoints()
    }

    /// On whose behalf this plugin runs; everything is allowed where there are no tenants.
    pub fn tenant(&self) -> &dyn Tenant {
        self.services.tenant().unwrap_or(&NoTenant)
    }

    /// The other plugins, to be looked at; `None` where the runtime offers no way to them. Called
    /// they are through [`CallContext::dispatch`](crate::CallContext::dispatch).
    pub fn peers(&self) -> Option<&dyn Peers> {
        self.services.peers()
    }

    /// The events of the host. In a call, [`CallContext::bus`](crate::CallContext::bus) knows what the
    /// call came of, and this one does not.
    pub fn bus(&self) -> Emitter<'_> {
        Emitter::new(self.services.bus(), &self.plugin, None)
    }

    /// Calls of this instance that have not ended, the asking one too; counted where the host does.
    pub fn in_flight(&self) -> usize {
        self.services.in_flight()
    }

    /// What the host lends, as it was given: for what distinguishes a service that is not there from
    /// one that does nothing.
    pub fn services(&self) -> &dyn Services {
        &*self.services
    }

    /// Writes a message to the host's log under this plugin's name.
    pub fn log(&self, level: Level, message: &str) {
        self.services.log(level, message, &Map::new());
    }

    /// As [`Context::log`], with fields.
    pub fn log_with(&self, level: Level, message: &str, fields: &Map<String, Value>) {
        self.services.log(level, message, fields);
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the configuration: it may hold secrets.
        f.debug_struct("Context").field("plugin", &self.plugin).field("kind", &self.kind).finish()
    }
}

/// How important a log record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something failed and somebody should look.
    Error,
    /// Something is not as it should be.
    Warn,
    /// Something an operator may want to know.
    Info,
    /// Something a developer may want to know.
    Debug,
}

/// A shared object that a host lends to plugins: any `Arc<T>`, also of a trait object.
#[derive(Clone)]
pub struct Resource {
    // An `Arc<T>` inside the box, so that an unsized `T` (a trait object) can be a resource.
    value: Arc<dyn Any + Send + Sync>,
    type_name: &'static str,
    /// An `Arc<dyn RemoteResource>`, beside a value of another type.
    remote: Option<Arc<dyn Any + Send + Sync>>,
}

impl Resource {
    /// Wraps an object.
    pub fn new<T: ?Sized + Send + Sync + 'static>(value: Arc<T>) -> Self {
        Self { value: Arc::new(value), type_name: type_name::<T>(), remote: None }
    }

    /// Adds a form that can be asked by JSON: the one that plugins see which do not share the
    /// object's type.
    #[must_use]
    pub fn with_remote(self, remote: Arc<dyn RemoteResource>) -> Self {
        Self { remote: Some(Arc::new(remote)), ..self }
    }

    /// The object, if it was wrapped as a `T`; or its remote form, if that is what is asked for.
    pub fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let remote = self.remote.as_ref();
        let own = self.value.downcast_ref::<Arc<T>>();
        own.or_else(|| remote?.downcast_ref::<Arc<T>>()).cloned()
    }

    /// The Rust name of the type it was wrapped as.
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({})", self.type_name)
    }
}
