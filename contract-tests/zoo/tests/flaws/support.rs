//! An instance that is called directly, without a registry.

use std::sync::Arc;
use std::task::{Context as Task, Poll, Waker};

use futures::executor::block_on;
use hookspec_plugin::guard::catch;
use hookspec_plugin::{
    Call, CallContext, Caller, Context, Fault, HookFuture, HookName, Level, Payload, Plugin, Reply,
    Resource, Services,
};
use hookspec_spec::{Catalog, Hook};
use serde_json::{Map, Value, json};

struct Host(Value);

impl Services for Host {
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

/// One instance, and what its host lends to it.
pub(crate) struct One {
    pub(crate) plugin: Arc<dyn Plugin>,
    pub(crate) context: Context,
}

/// An instance that is set up already.
pub(crate) fn ready(name: &str) -> One {
    let one = fresh(name);
    one.setup().unwrap();
    one
}

/// An instance that is not set up, with the configuration of its specimen.
pub(crate) fn fresh(name: &str) -> One {
    configured(name, (zoo::specimen(name).unwrap().config)())
}

pub(crate) fn configured(name: &str, config: Value) -> One {
    let specimen = zoo::specimen(name).unwrap();
    let plugin = (specimen.make)((specimen.manifest)());
    let (name, kind) = (plugin.manifest().name.clone(), plugin.manifest().kind.clone());
    One { plugin, context: Context::new(name, kind, Arc::new(Host(config))) }
}

impl One {
    pub(crate) fn setup(&self) -> Result<(), Fault> {
        block_on(self.plugin.setup(&self.context))
    }

    pub(crate) fn teardown(&self) -> Result<(), Fault> {
        block_on(self.plugin.teardown()).map(drop)
    }

    /// The raw reply of a hook.
    pub(crate) fn reply(&self, hook: &str, input: Value) -> Result<Reply, Fault> {
        self.with(hook, &[input], |mut futures| block_on(futures.remove(0).into_future()))
    }

    /// The answer of a hook, as JSON.
    pub(crate) fn call(&self, hook: &str, input: Value) -> Result<Value, Fault> {
        match self.reply(hook, input)? {
            Reply::Value(payload) => payload.json().cloned(),
            other => Ok(json!(format!("{other:?}"))),
        }
    }

    /// The answers of calls that are made at once.
    pub(crate) fn at_once(&self, hook: &str, inputs: &[Value]) -> Vec<Result<Reply, Fault>> {
        self.with(hook, inputs, |futures| {
            let futures = futures.into_iter().map(HookFuture::into_future);
            block_on(futures::future::join_all(futures))
        })
    }

    /// Whether the first poll gives no answer; the future is dropped then.
    pub(crate) fn is_pending(&self, hook: &str, input: Value) -> bool {
        self.with(hook, &[input], |mut futures| {
            let mut future = Box::pin(futures.remove(0).into_future());
            matches!(future.as_mut().poll(&mut Task::from_waker(Waker::noop())), Poll::Pending)
        })
    }

    pub(crate) fn panics(&self, hook: &str, input: Value) -> bool {
        catch(|| self.reply(hook, input)).is_err()
    }

    /// The code of the fault, where there is one.
    pub(crate) fn code(&self, hook: &str, input: Value) -> Option<String> {
        self.reply(hook, input).err().map(|fault| fault.code().to_owned())
    }

    fn with<T>(
        &self,
        hook: &str,
        inputs: &[Value],
        then: impl FnOnce(Vec<HookFuture<'_>>) -> T,
    ) -> T {
        let (caller, hook) = (Caller::new(), HookName::new(hook));
        let inputs: Vec<Payload> = inputs.iter().cloned().map(Payload::from_json).collect();
        let call = |input| {
            let context = CallContext::new(&self.context, &caller, &hook);
            self.plugin.call(Call { context, input })
        };
        then(inputs.iter().map(call).collect())
    }
}

pub(crate) fn catalog() -> Catalog {
    Catalog::load([zoo::hookspecs()]).unwrap()
}

pub(crate) fn hook(kind: &str, name: &str) -> Arc<Hook> {
    catalog().kind(kind, 1).unwrap().hook(name).unwrap().clone()
}

/// Inputs of `ask`, each by what is special about it.
pub(crate) const KINDS: [&str; 9] =
    ["ordinary", "empty", "zero", "maximum", "deep", "long", "many", "unknown", "unicode"];

pub(crate) fn input(kind: &str) -> Value {
    let mut input = json!({ "text": "Plain words", "number": 5, "tags": ["one"] });
    let (key, value) = match kind {
        "empty" => ("text", json!("")),
        "zero" => ("number", json!(0)),
        "maximum" => ("number", json!(10)),
        "deep" => ("tree", tree(17)),
        "long" => ("text", json!("x".repeat(10_001))),
        "many" => ("tags", json!(vec!["x"; 1_001])),
        "unknown" => ("nobody_named_this", json!({ "a": [1] })),
        "unicode" => ("text", json!("Grüße an 動物 🦒")),
        _ => ("number", json!(5)),
    };
    input[key] = value;
    input
}

/// A tree of that depth.
pub(crate) fn tree(depth: usize) -> Value {
    (1..depth)
        .fold(json!({ "name": "leaf" }), |below, _| json!({ "name": "n", "children": [below] }))
}
