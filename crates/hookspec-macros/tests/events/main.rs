//! Methods with `#[on]`, at work: which of them a delivered event is handed to, and with what.

// As plugins' crates do: what the macros write needs no exception.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod of_no_trait;
mod support;

use std::sync::{Arc, Mutex};

use hookspec_host::Registry;
use hookspec_macros::{kind, plugin};
use hookspec_plugin::{
    CallContext, Caller, Event, EventDraft, Fault, Handled, Overflow, Payload, Plugin, Reply,
    SubscriberPlugin, Subscription,
};
use serde_json::json;

use self::of_no_trait::Teller;
use self::support::{call, deliver, emitted, event, ready, rollout};

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
    #[hookspec_macros::on("*.*")]
    async fn r#everything(&self, _: &CallContext<'_>, event: &Event) -> Result<Handled, Fault> {
        self.note("everything");
        match event.event_type.as_str() {
            "audit.refused" => Err(Fault::new("refused", "no")),
            _ => Ok(Handled { cancel: Some("late".into()), ..Handled::reply(1) }),
        }
    }

    #[cfg(any())]
    #[on("absent")]
    async fn absent(&self, _: &CallContext<'_>, _: &Event) -> Result<Absent, Fault> {}

    #[on("audit.*", "audit.**")]
    async fn last(&self, _: &CallContext<'_>, _: &Event) -> Result<EventDraft, Fault> {
        self.note("last");
        Ok(EventDraft::new("web.last"))
    }
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
async fn through_a_bus_an_event_that_two_methods_want_is_handled_by_each_of_them_once() {
    let web = Arc::new(Web::default());
    let registry = Registry::builder()
        .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kinds"))
        .open_events("*")
        .plugin(GreeterPlugin::value((<Web as Greeter>::MANIFEST)(), web.clone()))
        .plugin(SubscriberPlugin::from(Teller))
        .start()
        .await
        .unwrap();
    let draft = EventDraft::new("deploy.failed").id("e1").data(Rollout { version: 2 });
    let done = registry.bus().dispatch(draft).await.unwrap();
    let by = |name: &str| done.outcomes.iter().filter(|each| each.subscriber == name).count();
    assert_eq!((by("web"), by("teller")), (3, 1), "{done:?}");
    let seen = std::mem::take(&mut *web.seen.lock().unwrap());
    assert_eq!(seen, ["noted deploy.failed 2", "failed e1", "everything"], "by priority");
    registry.stop().await.unwrap();
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
    let refused = event("audit.refused", rollout(2));
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
