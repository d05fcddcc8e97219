//! What a plugin in a shared library may use of its host.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use hookspec_plugin::{
    Checkpoint, CheckpointStore, CheckpointVersion, EventBus, Fault, Level, Metrics, Progress,
    ProgressSink, RemoteResource, Resource, Services, Tenant, access_denied, async_trait,
};
use serde_json::{Map, Value, json};

use super::asks::{Asking, Asks};
use super::bus::GuestBus;
use super::link::{Link, Measured};
use super::trace;

/// The plugin's side of its context. Of a resource it sees what can be asked by JSON, as a
/// `dyn RemoteResource`.
pub(super) struct GuestServices {
    link: Link,
    config: Changing,
    resources: BTreeMap<String, Resource>,
    checkpoints: Option<Asking>,
    bus: Option<GuestBus>,
    tenant: Option<String>,
}

impl GuestServices {
    pub(super) fn new(link: Link, asks: &Arc<Asks>) -> Self {
        let lends = link.lends();
        let asking = |name: &str| Asking { link, asks: Arc::clone(asks), name: name.to_owned() };
        let names = lends["resources"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let resource = |name: &str| -> Resource {
            let resource: Arc<dyn RemoteResource> = Arc::new(asking(name));
            Resource::new(resource)
        };
        Self {
            config: Changing::new(link.config()),
            resources: names.map(|name| (name.to_owned(), resource(name))).collect(),
            checkpoints: (lends["checkpoints"] == true).then(|| asking("$checkpoints")),
            bus: (lends["events"] == true).then(|| GuestBus(asking("$events"))),
            tenant: lends["tenant"].as_str().map(str::to_owned),
            link,
        }
    }

    /// Another configuration holds.
    pub(super) fn reconfigure(&self, config: Value) {
        self.config.follow(config);
    }
}

impl Services for GuestServices {
    fn config(&self) -> &Value {
        &self.config.last().value
    }

    fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.get(name)
    }

    fn resource_names(&self) -> Vec<&str> {
        self.resources.keys().map(String::as_str).collect()
    }

    fn log(&self, level: Level, message: &str, fields: &Map<String, Value>) {
        self.link.log(trace::current_call(), level, message, fields);
    }

    fn metrics(&self) -> &dyn Metrics {
        self
    }

    fn progress(&self) -> Option<&dyn ProgressSink> {
        Some(self)
    }

    fn checkpoints(&self) -> Option<&dyn CheckpointStore> {
        self.checkpoints.as_ref().map(|store| store as _)
    }

    fn tenant(&self) -> Option<&dyn Tenant> {
        Some(self)
    }

    fn bus(&self) -> Option<&dyn EventBus> {
        self.bus.as_ref().map(|bus| bus as _)
    }
}

impl Metrics for GuestServices {
    fn count(&self, name: &str, labels: &[(&str, &str)], by: u64) {
        self.link.measure(Measured::Count(by), name, labels);
    }

    fn gauge(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.link.measure(Measured::Gauge(value), name, labels);
    }

    fn observe(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.link.measure(Measured::Observed(value), name, labels);
    }
}

impl ProgressSink for GuestServices {
    fn report(&self, progress: &Progress) {
        self.link.progress(trace::call_of(self.link), progress);
    }

    fn done(&self) {
        self.link.ended(trace::call_of(self.link), None);
    }

    fn error(&self, message: &str) {
        self.link.ended(trace::call_of(self.link), Some(message));
    }
}

impl Tenant for GuestServices {
    fn id(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    fn check_access(&self, resource: &str, action: &str) -> Result<(), Fault> {
        // A host that is too old to be asked has no tenants.
        match self.link.check_access(resource, action) {
            Some(true) | None => Ok(()),
            Some(false) => Err(access_denied(self.id(), resource, action)),
        }
    }
}

#[async_trait]
impl CheckpointStore for Asking {
    async fn save(&self, key: &str, state: &Value) -> Result<CheckpointVersion, Fault> {
        let request = json!({ "op": "save", "key": key, "state": state });
        Ok(serde_json::from_value(self.ask(&request).await?)?)
    }

    async fn load(&self, key: &str) -> Result<Option<Checkpoint>, Fault> {
        let request = json!({ "op": "load", "key": key });
        Ok(serde_json::from_value(self.ask(&request).await?)?)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(String, CheckpointVersion)>, Fault> {
        let request = json!({ "op": "list", "prefix": prefix });
        Ok(serde_json::from_value(self.ask(&request).await?)?)
    }

    async fn clear(&self, key: &str) -> Result<(), Fault> {
        self.ask(&json!({ "op": "clear", "key": key })).await.map(drop)
    }
}

/// A configuration that others follow while it is read: each stays as long as the instance.
struct Changing {
    value: Value,
    next: OnceLock<Box<Self>>,
}

impl Changing {
    fn new(value: Value) -> Self {
        Self { value, next: OnceLock::new() }
    }

    fn last(&self) -> &Self {
        let mut last = self;
        while let Some(next) = last.next.get() {
            last = next;
        }
        last
    }

    fn follow(&self, value: Value) {
        // A host makes one change at a time.
        let _ = self.last().next.set(Box::new(Self::new(value)));
    }
}
