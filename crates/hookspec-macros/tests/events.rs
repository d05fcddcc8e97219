//! Methods with `#[on]`, at work: which of them a delivered event is handed to, and with what.

// As plugins' crates do: what the macros write needs no exception.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::Mutex;

use hookspec_macros::{kind, plugin};
use hookspec_plugin::{
    Attributes, BEFORE, Call, CallContext, Caller, Cause, Component, Context, EVENT, Event,
    EventDraft, Fault, Handled, HookName, Intercepted, Level, Linked, Middleware, MiddlewarePlugin,
    Overflow, Passed, Payload, Plugin, Reply, Resource, Services, Subscriber, SubscriberPlugin,
    Subscription,
};
use serde_json::{Map, Value, json};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

use greeter::{Greeter, GreeterPlugin, Greeting, Person};

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Rollout {
    version: u32,
}

/// Greets, and is told of deployments.
#[derive(Default)]
struct Web {
    seen: Mutex<Vec<String>>,
}

impl Web {
    fn note(&self, text: impl Into<String>) {
        self.seen.lock().unwrap().push(text.into());
    }
}

#[plugin(root = ::hookspec_plugin, name = "web")]
impl Greeter for Web {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok("Hello".to_owned().into())
    }

    #[on("deploy.failed")]
    fn failed(&self, _: &CallContext<'_>, event: &Event) -> Result<Vec<EventDraft>, Fault> {
        self.note(format!("failed {}", event.id));
        Ok(vec![EventDraft::new("web.first"), EventDraft::new("web.second")])
    }

    #[on(
        "deploy.*",
        "release.**",
        priority = 10,
        queue = 64,
        overflow = "drop_oldest",
        key = "/data/version",
        concurrency = 4,
        timeout_ms = 1000,
        retries = 3,
        backoff_ms = 50
    )]
    async fn noted(
        &self,
        ctx: &CallContext<'_>,
        event: &Event,
        data: &Rollout,
    ) -> Result<Handled, Fault> {
        // Across an await, as in a plugin that does something.
        std::future::ready(ctx.plugin().plugin()).await;
        self.note(format!("noted {} {}", event.event_type, data.version));
        let mut handled = Handled::cancel(format!("version {}", data.version));
        handled.emit.push(EventDraft::new("web.noted"));
        Ok(handled)
    }

    /// Whatever the path of the attribute.
    #[hookspec_macros::on("**")]
    async fn r#everything(&self, _: &CallContext<'_>, event: &Event) -> Result<Handled, Fault> {
        self.note("everything");
        match event.event_type.as_str() {
            "core.refused" => Err(Fault::new("refused", "no")),
            _ => Ok(Handled { cancel: Some("late".into()), ..Handled::reply(1) }),
        }
    }

    #[cfg(any())]
    #[on("absent")]
    async fn absent(&self, _: &CallContext<'_>, _: &Event) -> Result<Absent, Fault> {}

    #[on("core.*", "core.**")]
    async fn last(&self, _: &CallContext<'_>, _: &Event) -> Result<EventDraft, Fault> {
        self.note("last");
        Ok(EventDraft::new("web.last"))
    }
}

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

fn event(event_type: &str, data: Payload) -> Event {
    let json = json!({
        "id": "e1", "source": "ci", "type": event_type, "time": "2025-01-15T10:30:00Z",
    });
    let attributes: Event = serde_json::from_value(json).unwrap();
    Event::new(Attributes { data, ..Attributes::clone(&attributes) })
}

async fn ready(plugin: &dyn Plugin) -> Context {
    let context = Context::new("web".into(), plugin.manifest().kind.clone(), Arc::new(Host));
    plugin.setup(&context).await.unwrap();
    context
}

async fn call(
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
async fn deliver(
    plugin: &dyn Plugin,
    context: &Context,
    event: &Event,
    name: Option<&str>,
) -> Result<Handled, Fault> {
    let cause = Cause { event: event.clone(), subscription: 1, name: name.map(Into::into) };
    let caller = Caller::new().caused_by(cause);
    match call(plugin, context, EVENT, &caller, Payload::of(event.clone())).await? {
        Reply::Value(payload) => payload.into_typed(),
        other => panic!("{other:?}"),
    }
}

fn emitted(handled: &Handled) -> Vec<&str> {
    handled.emit.iter().map(|draft| draft.event_type.as_str()).collect()
}

fn rollout(version: u32) -> Payload {
    Payload::from_json(json!({ "version": version }))
}

#[tokio::test]
async fn data_that_does_not_fit_is_a_fault_that_names_the_event_and_the_plugin() {
    let plugin = GreeterPlugin::from(Web::default());
    let context = ready(&plugin).await;
    let wrong = event("deploy.started", Payload::from_json(json!({ "version": "two" })));
    let fault = deliver(&plugin, &context, &wrong, Some("noted")).await.unwrap_err();
    assert_eq!(fault.code(), "event_data");
    for part in ["`web`", "`deploy.started`", "e1", "`ci`", "Rollout"] {
        assert!(fault.message().contains(part), "{part}: {fault:?}");
    }
    let read = deliver(&plugin, &context, &event("a.b", Payload::from_json(json!(1))), None).await;
    assert!(read.is_ok(), "who does not ask for the data does not read it");
}

#[tokio::test]
async fn an_event_that_nobody_wants_is_a_fault() {
    let plugin = SubscriberPlugin::from(Teller);
    let context = ready(&plugin).await;
    let fault = deliver(&plugin, &context, &event("other", rollout(1)), None).await.unwrap_err();
    assert_eq!(fault.code(), "event_unwanted");
    assert!(fault.message().contains("`other`") && fault.message().contains("`web`"), "{fault:?}");
}

#[tokio::test]
async fn a_delivery_for_a_subscription_calls_its_method_alone() {
    let web = Arc::new(Web::default());
    let plugin = GreeterPlugin::value((<Web as Greeter>::MANIFEST)(), web.clone());
    let context = ready(&plugin).await;
    let failed = event("deploy.failed", rollout(2));
    let mut handled = Vec::new();
    for subscription in plugin.subscriptions().iter().filter(|each| each.wants("deploy.failed")) {
        handled
            .push(deliver(&plugin, &context, &failed, subscription.name.as_deref()).await.unwrap());
    }
    assert_eq!(*web.seen.lock().unwrap(), ["failed e1", "noted deploy.failed 2", "everything"]);
    assert_eq!(emitted(&handled[0]), ["web.first", "web.second"]);
    assert!(handled[0].cancel.is_none() && handled[0].reply.is_none());
    assert_eq!(handled[1].cancel.as_deref(), Some("version 2"));
}

#[tokio::test]
async fn a_delivery_without_a_name_calls_every_method_that_wants_it_and_joins_what_they_answer() {
    let web = Arc::new(Web::default());
    let plugin = GreeterPlugin::value((<Web as Greeter>::MANIFEST)(), web.clone());
    let context = ready(&plugin).await;
    let failed = event("deploy.failed", rollout(2));
    for name in [None, Some("of_the_manifest")] {
        let handled = deliver(&plugin, &context, &failed, name).await.unwrap();
        assert_eq!(emitted(&handled), ["web.first", "web.second", "web.noted"]);
        assert_eq!(handled.cancel.as_deref(), Some("version 2"), "the first one");
        let reply = handled.reply.unwrap().unwrap();
        assert_eq!(reply.json().unwrap(), &json!(1));
        let seen = std::mem::take(&mut *web.seen.lock().unwrap());
        assert_eq!(seen, ["failed e1", "noted deploy.failed 2", "everything"]);
    }
    let refused = event("core.refused", rollout(2));
    let fault = deliver(&plugin, &context, &refused, None).await.unwrap_err();
    assert_eq!(fault.code(), "refused");
    assert_eq!(*web.seen.lock().unwrap(), ["everything"], "the first fault ends it");
}

#[tokio::test]
async fn the_type_that_was_published_is_shared() {
    let plugin = GreeterPlugin::from(Web::default());
    let context = ready(&plugin).await;
    let typed = event("release.eu.done", Payload::of(Rollout { version: 7 }));
    let handled = deliver(&plugin, &context, &typed, Some("noted")).await.unwrap();
    assert_eq!(handled.cancel.as_deref(), Some("version 7"));
    assert!(!typed.data.has_json() && typed.data.crossings() == 0);
}

#[tokio::test]
async fn events_are_one_hook_among_the_others() {
    let plugin = GreeterPlugin::from(Web::default());
    assert_eq!(plugin.hooks(), ["greet", "$event"]);
    let subscriptions = plugin.subscriptions();
    let names: Vec<_> = subscriptions.iter().filter_map(|each| each.name.as_deref()).collect();
    assert_eq!(names, ["failed", "noted", "everything", "last"], "in source order");
    let noted = Subscription::new("deploy.*").unwrap().or("release.**".parse().unwrap());
    let noted = noted.priority(10).queue(64).overflow(Overflow::DropOldest).key("/data/version");
    let noted = noted.concurrency(4).timeout_ms(1000).retries(3, 50).name("noted");
    assert_eq!(subscriptions[1], noted);
    let context = ready(&plugin).await;
    let person = Payload::checked(Person { name: "Ada".into() });
    let caller = Caller::new();
    let greeted = call(&plugin, &context, "greet".into(), &caller, person.clone()).await.unwrap();
    assert!(matches!(greeted, Reply::Value(_)));
    let fault = call(&plugin, &context, "type".into(), &caller, person).await.unwrap_err();
    assert_eq!(fault.code(), "hook_not_implemented");
}

/// A plugin that only receives events.
#[derive(Default)]
struct Teller;

#[plugin(root = ::hookspec_plugin, name = "teller", kind = "greeter")]
impl Subscriber for Teller {
    #[on("deploy.*")]
    async fn tell(&self, _: &CallContext<'_>, _: &Event, data: &Rollout) -> Result<Handled, Fault> {
        Ok(Handled::cancel(data.version.to_string()))
    }
}

/// One that takes the rest, too; its state is built by setup.
struct Auditor;

#[hookspec_plugin::async_trait]
impl Component for Auditor {
    async fn setup(_: &Context) -> Result<Self, Fault> {
        Ok(Self)
    }
}

#[plugin(root = ::hookspec_plugin, name = "auditor", kind = "greeter")]
impl Subscriber for Auditor {
    fn subscriptions(&self) -> Vec<Subscription> {
        Subscription::new("audit.**").into_iter().collect()
    }

    async fn on_event(&self, _: &CallContext<'_>, _: &Event) -> Result<Handled, Fault> {
        Ok(Handled::cancel("the rest"))
    }

    #[on("audit.own")]
    async fn own(&self, _: &CallContext<'_>, _: &Event) -> Result<Handled, Fault> {
        Ok(Handled::cancel("own"))
    }
}

#[tokio::test]
async fn a_subscriber_may_consist_of_methods_and_take_the_rest_by_on_event() {
    let teller = SubscriberPlugin::from(Teller);
    assert_eq!((teller.hooks(), teller.subscriptions().len()), (&[EVENT][..], 1));
    assert_eq!(
        (teller.manifest().name.as_str(), teller.manifest().kind.as_str()),
        ("teller", "greeter")
    );
    let context = ready(&teller).await;
    for name in [None, Some("tell")] {
        let told = deliver(&teller, &context, &event("deploy.done", rollout(3)), name).await;
        assert_eq!(told.unwrap().cancel.as_deref(), Some("3"));
    }
    let auditor = SubscriberPlugin::from(Auditor);
    assert_eq!((auditor.hooks(), auditor.subscriptions().len()), (&[EVENT][..], 2));
    assert_eq!(
        SubscriberPlugin::<Auditor>::new().subscriptions().len(),
        1,
        "there is no state yet"
    );
    let context = ready(&auditor).await;
    for (name, expected) in [(Some("own"), "own"), (None, "the rest"), (Some("x"), "the rest")] {
        let handled = deliver(&auditor, &context, &event("audit.own", rollout(1)), name).await;
        assert_eq!(handled.unwrap().cancel.as_deref(), Some(expected));
    }
}

/// Stands before the calls of others, and receives events.
#[derive(Default)]
struct Gate;

#[plugin(
    root = ::hookspec_plugin,
    name = "gate",
    kind = "greeter",
    priority = 1000,
    chain_wrap = { kinds = ["greeter"], hooks = ["greet"] }
)]
impl Middleware for Gate {
    async fn before(&self, _: &CallContext<'_>, _: &Intercepted) -> Result<Passed, Fault> {
        Err(Fault::new("closed", "the gate is closed"))
    }

    #[on("gate.opened")]
    async fn opened(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }
}

#[tokio::test]
async fn a_middleware_is_what_is_written_of_it() {
    let gate = MiddlewarePlugin::from(Gate);
    assert_eq!(gate.hooks(), [BEFORE, EVENT]);
    assert_eq!(gate.subscriptions()[0].name.as_deref(), Some("opened"));
    let context = ready(&gate).await;
    assert!(deliver(&gate, &context, &event("gate.opened", rollout(1)), None).await.is_ok());
}

#[test]
fn they_are_found_by_their_entry_points() {
    for (entry_point, name, hooks) in [
        ("events:Web", "web", &["greet", "$event"][..]),
        ("events:Teller", "teller", &["$event"]),
        ("events:Auditor", "auditor", &["$event"]),
        ("events:Gate", "gate", &["$before", "$event"]),
    ] {
        let linked = Linked::all().into_iter().find(|each| each.entry_point() == entry_point);
        let linked = linked.unwrap_or_else(|| panic!("{entry_point}"));
        assert_eq!((linked.kind().as_str(), linked.manifest().name.as_str()), ("greeter", name));
        let found: Vec<_> = linked.hooks().into_iter().map(|(hook, _)| hook).collect();
        assert_eq!(found, hooks);
        let made = linked.constructor()(linked.manifest()).unwrap();
        assert_eq!(made.hooks().len(), hooks.len());
    }
}
