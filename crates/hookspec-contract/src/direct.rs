//! Calls that no host would make: before setup, twice, after teardown. Contained like a host's.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use hookspec_plugin::guard::panic_message;
use hookspec_plugin::{
    BoxFuture, Call, CallContext, Caller, Context, Fault, Health, HookName, KindName, Level,
    Payload, Plugin, Reply, Resource, Services, Teardown,
};
use serde_json::{Map, Value};

/// What came of a call that no host would make.
#[derive(Debug)]
pub(crate) enum Direct<T> {
    Ok(T),
    Fault(Fault),
    Panicked(String),
    /// It did not end in the time that it was given.
    Hung,
}

impl<T> Direct<T> {
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self, Self::Fault(_))
    }

    /// In words, what it did.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Ok(_) => "it went on as if nothing were wrong".into(),
            Self::Fault(fault) => format!("it answered with a fault: {fault}"),
            Self::Panicked(message) => format!("it panicked: {message}"),
            Self::Hung => "it did not end".into(),
        }
    }
}

/// A plugin instance, and a context like a host's.
pub(crate) struct Hand {
    plugin: Arc<dyn Plugin>,
    context: Arc<Context>,
    allowed: Duration,
}

impl Hand {
    pub(crate) fn new(plugin: Arc<dyn Plugin>, config: Value, allowed: Duration) -> Self {
        let manifest = plugin.manifest();
        let (name, kind): (_, KindName) = (manifest.name.clone(), manifest.kind.clone());
        let context = Arc::new(Context::new(name, kind, Arc::new(Alone(config))));
        Self { plugin, context, allowed }
    }

    pub(crate) async fn setup(&self) -> Direct<()> {
        self.run(|plugin, context| Box::pin(async move { plugin.setup(&context).await })).await
    }

    pub(crate) async fn teardown(&self) -> Direct<Teardown> {
        self.run(|plugin, _| Box::pin(async move { plugin.teardown().await })).await
    }

    pub(crate) async fn health(&self) -> Direct<Health> {
        self.run(|plugin, _| Box::pin(async move { Ok(plugin.health().await) })).await
    }

    pub(crate) async fn call(&self, hook: &HookName, input: &Value) -> Direct<Reply> {
        let (hook, input) = (hook.clone(), Payload::from_json(input.clone()));
        self.run(move |plugin, context| {
            Box::pin(async move {
                let caller = Caller::new();
                let context = CallContext::new(&context, &caller, &hook);
                let call = Call { context, input: &input };
                plugin.call(call).into_future().await
            })
        })
        .await
    }

    /// On a task of its own: what blocks there holds nobody up but that thread.
    async fn run<T: Send + 'static>(
        &self,
        ask: impl FnOnce(Arc<dyn Plugin>, Arc<Context>) -> BoxFuture<'static, Result<T, Fault>>
        + Send
        + 'static,
    ) -> Direct<T> {
        let (plugin, context) = (Arc::clone(&self.plugin), Arc::clone(&self.context));
        let asked = AssertUnwindSafe(async move { ask(plugin, context).await }).catch_unwind();
        match tokio::time::timeout(self.allowed, tokio::spawn(asked)).await {
            Err(_) => Direct::Hung,
            Ok(Err(lost)) => Direct::Panicked(lost.to_string()),
            Ok(Ok(Err(panic))) => Direct::Panicked(panic_message(panic)),
            Ok(Ok(Ok(Err(fault)))) => Direct::Fault(fault),
            Ok(Ok(Ok(Ok(value)))) => Direct::Ok(value),
        }
    }
}

/// A host that has a configuration and nothing else.
struct Alone(Value);

impl Services for Alone {
    fn config(&self) -> &Value {
        &self.0
    }

    fn resource(&self, _: &str) -> Option<&Resource> {
        None
    }

    fn resource_names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
}
