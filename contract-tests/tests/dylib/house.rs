//! A host that lends everything, and writes down what is made of it.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookspec::{
    BoxFuture, Call, CallContext, Caller, Checkpoint, CheckpointStore, CheckpointVersion, Context,
    Fault, HookFuture, HookName, Level, Metrics, Payload, Plugin, Progress, ProgressSink,
    RemoteResource, Resource, Services, Tenant, access_denied, async_trait,
};
use serde_json::{Map, Value, json};

/// Lends all there is.
pub(crate) struct House {
    config: Value,
    resources: BTreeMap<String, Resource>,
    states: Mutex<BTreeMap<String, Checkpoint>>,
    said: Mutex<Vec<String>>,
    /// Whether what it lends panics.
    broken: bool,
}

/// A resource that does what its name says.
struct Named(&'static str);

impl RemoteResource for Named {
    fn ask<'a>(&'a self, request: &'a Value) -> BoxFuture<'a, Result<Value, Fault>> {
        assert_ne!(self.0, "panic at once", "as its name says");
        Box::pin(async move {
            match self.0 {
                "echo" => {
                    tokio::task::yield_now().await;
                    Ok(json!({ "echo": request }))
                }
                "panic" => panic!("as its name says"),
                "huge" => Ok(json!("x".repeat(17 << 20))),
                "deep" => Ok((0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]))),
                "never" => pending().await,
                _ => Err(Fault::new("own", "as its name says").retryable()),
            }
        })
    }
}

impl House {
    pub(crate) fn new(config: Value) -> Arc<Self> {
        Arc::new(Self::with(config, false))
    }

    pub(crate) fn broken() -> Arc<Self> {
        Arc::new(Self::with(Value::Null, true))
    }

    fn with(config: Value, broken: bool) -> Self {
        let named = ["echo", "panic", "panic at once", "huge", "deep", "never", "fault"];
        let remote =
            |name| -> Resource { Resource::new::<dyn RemoteResource>(Arc::new(Named(name))) };
        let mut resources: BTreeMap<String, Resource> =
            named.into_iter().map(|name| (name.to_owned(), remote(name))).collect();
        // One that does not cross, and one that has both forms.
        resources.insert("object".into(), Resource::new(Arc::new(7_i32)));
        let both = Resource::new(Arc::new(7_i32)).with_remote(Arc::new(Named("echo")));
        resources.insert("both".into(), both);
        Self { config, resources, states: Mutex::default(), said: Mutex::default(), broken }
    }

    pub(crate) fn said(&self) -> Vec<String> {
        lock(&self.said).clone()
    }

    fn say(&self, what: String) {
        assert!(!self.broken, "the house is broken");
        lock(&self.said).push(what);
    }

    pub(crate) fn context(self: &Arc<Self>) -> Context {
        Context::new("puppet".into(), "puppet".into(), Arc::<Self>::clone(self))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A plugin that lives in such a house.
pub(crate) struct Lodger {
    pub(crate) plugin: Arc<dyn Plugin>,
    pub(crate) house: Arc<House>,
    context: Context,
}

impl Lodger {
    pub(crate) async fn new(plugin: Arc<dyn Plugin>, house: Arc<House>) -> Self {
        let context = house.context();
        plugin.setup(&context).await.expect("it is set up");
        Self { plugin, house, context }
    }

    pub(crate) async fn ask(&self, input: Value) -> Result<Value, Fault> {
        let (caller, hook, input) =
            (Caller::new(), HookName::new("ask"), Payload::from_json(input));
        let context = CallContext::new(&self.context, &caller, &hook);
        let answer: HookFuture<'_> = self.plugin.call(Call { context, input: &input });
        match answer.into_future().await? {
            hookspec::Reply::Value(payload) => payload.json().cloned(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn fact(&self, name: &str) -> u64 {
        self.plugin.facts().get(name).and_then(Value::as_u64).unwrap_or(0)
    }
}

impl Services for House {
    fn config(&self) -> &Value {
        &self.config
    }

    fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.get(name)
    }

    fn resource_names(&self) -> Vec<&str> {
        self.resources.keys().map(String::as_str).collect()
    }

    fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}

    fn metrics(&self) -> &dyn Metrics {
        self
    }

    fn progress(&self) -> Option<&dyn ProgressSink> {
        Some(self)
    }

    fn checkpoints(&self) -> Option<&dyn CheckpointStore> {
        Some(self)
    }

    fn tenant(&self) -> Option<&dyn Tenant> {
        Some(self)
    }
}

impl Metrics for House {
    fn count(&self, name: &str, labels: &[(&str, &str)], by: u64) {
        self.say(format!("count {name} {labels:?} {by}"));
    }

    fn gauge(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.say(format!("gauge {name} {labels:?} {value}"));
    }

    fn observe(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.say(format!("observe {name} {labels:?} {value}"));
    }
}

impl ProgressSink for House {
    fn report(&self, progress: &Progress) {
        let (current, total) = (progress.current(), progress.total());
        self.say(format!("report {current} {total:?} `{}`", progress.message()));
    }

    fn done(&self) {
        self.say("done".into());
    }

    fn error(&self, message: &str) {
        self.say(format!("error {message}"));
    }
}

impl Tenant for House {
    fn id(&self) -> Option<&str> {
        Some("acme")
    }

    fn check_access(&self, resource: &str, action: &str) -> Result<(), Fault> {
        assert!(!self.broken, "the house is broken");
        if action == "read" { Ok(()) } else { Err(access_denied(self.id(), resource, action)) }
    }
}

#[async_trait]
impl CheckpointStore for House {
    async fn save(&self, key: &str, state: &Value) -> Result<CheckpointVersion, Fault> {
        let version = CheckpointVersion(1);
        lock(&self.states).insert(key.to_owned(), Checkpoint { state: state.clone(), version });
        Ok(version)
    }

    async fn load(&self, key: &str) -> Result<Option<Checkpoint>, Fault> {
        if key.contains("..") {
            return Err(Fault::new("checkpoint_key", "it is none"));
        }
        Ok(lock(&self.states).get(key).cloned())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(String, CheckpointVersion)>, Fault> {
        let states = lock(&self.states);
        let of_it = states.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(of_it.map(|(key, own)| (key.clone(), own.version)).collect())
    }

    async fn clear(&self, key: &str) -> Result<(), Fault> {
        lock(&self.states).remove(key);
        Ok(())
    }
}
