//! Calls that no host would make: before setup, twice, after teardown. Contained like a host's.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use hookspec_plugin::guard::panic_message;
use hookspec_plugin::{
    BoxFuture, Call, CallContext, Caller, Cause, Context, EVENT, Event, Fault, Health, HookName,
    Level, Payload, Plugin, Reply, Resource, Services, Teardown,
};
use serde_json::{Map, Value};

use crate::found::Found;
use crate::scene::Scene;

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
    allowed: Allowed,
}

/// How long is waited for each thing.
struct Allowed {
    setup: Duration,
    teardown: Duration,
    answer: Duration,
}

/// The plugin's own times count, but no check waits for longer than so many seconds.
const LONGEST: u64 = 10;

impl Hand {
    /// A new instance that no host knows.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) async fn new(scene: &Scene, config: Value) -> Result<Self, Found> {
        let plugin = scene.subject.open().await.map_err(Found::not_verified)?;
        let manifest = scene.subject.manifest();
        let (name, kind) = (manifest.name.clone(), manifest.kind.clone());
        let context = Arc::new(Context::new(name, kind, Arc::new(Alone(config))));
        let own = |seconds: u64| scene.allowed(seconds.min(LONGEST) * 1_000);
        let allowed = Allowed {
            setup: own(manifest.startup_timeout_sec),
            teardown: own(manifest.teardown_timeout_sec),
            answer: scene.allowed(5_000),
        };
        Ok(Self { plugin, context, allowed })
    }

    /// As [`new`](Self::new) with the subject's own configuration, set up.
    ///
    /// # Errors
    /// It cannot be opened, or its setup does not succeed.
    pub(crate) async fn ready(scene: &Scene) -> Result<Self, Found> {
        let hand = Self::new(scene, scene.config()).await?;
        scene.about_to("set it up");
        match hand.setup().await {
            Direct::Ok(()) => Ok(hand),
            other => {
                Err(Found::not_verified(format!("its setup does not succeed: {}", other.told())))
            }
        }
    }

    pub(crate) async fn setup(&self) -> Direct<()> {
        let allowed = self.allowed.setup;
        self.run(allowed, |plugin, context| Box::pin(async move { plugin.setup(&context).await }))
            .await
    }

    pub(crate) async fn teardown(&self) -> Direct<Teardown> {
        let allowed = self.allowed.teardown;
        self.run(allowed, |plugin, _| Box::pin(async move { plugin.teardown().await })).await
    }

    pub(crate) async fn health(&self) -> Direct<Health> {
        let allowed = self.allowed.answer;
        self.run(allowed, |plugin, _| Box::pin(async move { Ok(plugin.health().await) })).await
    }

    pub(crate) async fn ask(&self, hook: &HookName, input: &Value) -> Direct<Reply> {
        let (hook, input) = (hook.clone(), Payload::from_json(input.clone()));
        self.run(self.allowed.answer, move |plugin, context| {
            Box::pin(async move {
                let caller = Caller::new();
                let context = CallContext::new(&context, &caller, &hook);
                let call = Call { context, input: &input };
                plugin.call(call).into_future().await
            })
        })
        .await
    }

    /// Hands it an event, as a bus would for the subscription of a name, which gives it some time.
    pub(crate) async fn tell(
        &self,
        event: Event,
        name: Option<Arc<str>>,
        allowed: Duration,
    ) -> Direct<Reply> {
        self.run(allowed, move |plugin, context| {
            Box::pin(async move {
                let cause =
                    Cause { event: event.clone(), subscription: 0, name, lagged: 0, attempt: 1 };
                let caller = Caller::new().caused_by(cause);
                let (hook, input) = (EVENT, Payload::of(event));
                let context = CallContext::new(&context, &caller, &hook);
                plugin.call(Call { context, input: &input }).into_future().await
            })
        })
        .await
    }

    /// On a task of its own: what blocks there holds nobody up but that thread.
    async fn run<T: Send + 'static>(
        &self,
        allowed: Duration,
        ask: impl FnOnce(Arc<dyn Plugin>, Arc<Context>) -> BoxFuture<'static, Result<T, Fault>>
        + Send
        + 'static,
    ) -> Direct<T> {
        let (plugin, context) = (Arc::clone(&self.plugin), Arc::clone(&self.context));
        let asked = AssertUnwindSafe(async move { ask(plugin, context).await }).catch_unwind();
        match tokio::time::timeout(allowed, tokio::spawn(asked)).await {
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
