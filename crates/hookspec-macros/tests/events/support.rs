//! Events as a host delivers them, without one.

use std::sync::Arc;

use hookspec_plugin::{
    Attributes, Call, CallContext, Caller, Cause, Context, EVENT, Event, Fault, Handled, HookName,
    Level, Payload, Plugin, Reply, Resource, Services,
};
use serde_json::{Map, Value, json};

struct Host;

impl Services for Host {
    fn config(&self) -> &Value {
        &Value::Null
    }
    fn resource(&self, _: &str) -> Option<&Resource> {
        None
    }
    fn resource_names(&self) -> Vec<&str> {
        Vec::new()
    }
    fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
}

pub(crate) fn event(event_type: &str, data: Payload) -> Event {
    let json = json!({
        "id": "e1", "source": "ci", "type": event_type, "time": "2025-01-15T10:30:00Z",
    });
    let attributes: Event = serde_json::from_value(json).unwrap();
    Event::new(Attributes { data, ..Attributes::clone(&attributes) })
}

pub(crate) async fn ready(plugin: &dyn Plugin) -> Context {
    let context = Context::new("web".into(), plugin.manifest().kind.clone(), Arc::new(Host));
    plugin.setup(&context).await.unwrap();
    context
}

pub(crate) async fn call(
    plugin: &dyn Plugin,
    context: &Context,
    hook: HookName,
    caller: &Caller,
    input: Payload,
) -> Result<Reply, Fault> {
    let context = CallContext::new(context, caller, &hook);
    plugin.call(Call { context, input: &input }).into_future().await
}

/// Delivers an event, for a subscription of a name.
pub(crate) async fn deliver(
    plugin: &dyn Plugin,
    context: &Context,
    event: &Event,
    name: Option<&str>,
) -> Result<Handled, Fault> {
    let cause = Cause {
        event: event.clone(),
        subscription: 1,
        name: name.map(Into::into),
        lagged: 0,
        attempt: 1,
    };
    let caller = Caller::new().caused_by(cause);
    match call(plugin, context, EVENT, &caller, Payload::of(event.clone())).await? {
        Reply::Value(payload) => payload.into_typed(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn emitted(handled: &Handled) -> Vec<&str> {
    handled.emit.iter().map(|draft| draft.event_type.as_str()).collect()
}

pub(crate) fn rollout(version: u32) -> Payload {
    Payload::from_json(json!({ "version": version }))
}
