//! How the tests of this crate set a plugin up and call it. Absent: a host; one hand-made call is
//! enough to see what a link does.

use std::sync::Arc;
use std::task::{Poll, Waker};

use hookspec_plugin::{
    Call, CallContext, Caller, Context, Fault, HookFuture, Level, Payload, Plugin, Reply, Resource,
    Services,
};
use serde_json::{Map, Value};

use crate::HOOKS;

struct Config(Value);

impl Services for Config {
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

/// Sets the plugin up with a configuration.
pub(crate) fn setup(plugin: &dyn Plugin, config: Value) -> Result<(), Fault> {
    let context = context(plugin, config);
    let mut setup = plugin.setup(&context);
    match setup.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// Sends a query through one link: the query it hands on, `None` for unchanged.
pub(crate) fn rewrite(
    plugin: &dyn Plugin,
    caller: &Caller,
    query: Value,
) -> Result<Option<Value>, Fault> {
    let context = context(plugin, Value::Null);
    let context = CallContext::new(&context, caller, &HOOKS[0]);
    match plugin.call(Call { context, input: &Payload::from_json(query) }) {
        HookFuture::Ready(Ok(Reply::Value(query))) => query.into_json().map(Some),
        HookFuture::Ready(Ok(Reply::Unchanged)) => Ok(None),
        HookFuture::Ready(Err(fault)) => Err(fault),
        other => panic!("not expected of a rewriter: {other:?}"),
    }
}

fn context(plugin: &dyn Plugin, config: Value) -> Context {
    let manifest = plugin.manifest();
    Context::new(manifest.name.clone(), manifest.kind.clone(), Arc::new(Config(config)))
}
