//! Plugins of no trait of a kind: `Subscriber` and `Middleware`, under `#[plugin]`.

use hookspec_macros::plugin;
use hookspec_plugin::{
    BEFORE, CallContext, Component, Context, EVENT, Event, Fault, Handled, Intercepted, Linked,
    Middleware, MiddlewarePlugin, Passed, Plugin, Subscriber, SubscriberPlugin, Subscription,
};

use crate::Rollout;
use crate::support::{deliver, event, ready, rollout};

/// A plugin that only receives events.
#[derive(Default)]
pub(crate) struct Teller;

#[plugin(root = ::hookspec_plugin, name = "teller", kind = "watcher")]
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
async fn an_event_that_nobody_wants_is_a_fault() {
    let plugin = SubscriberPlugin::from(Teller);
    let context = ready(&plugin).await;
    let fault = deliver(&plugin, &context, &event("other", rollout(1)), None).await.unwrap_err();
    assert_eq!(fault.code(), "event_unwanted");
    assert!(fault.message().contains("`other`") && fault.message().contains("`web`"), "{fault:?}");
}

#[tokio::test]
async fn a_subscriber_may_consist_of_methods_and_take_the_rest_by_on_event() {
    let teller = SubscriberPlugin::from(Teller);
    assert_eq!((teller.hooks(), teller.subscriptions().len()), (&[EVENT][..], 1));
    assert_eq!(
        (teller.manifest().name.as_str(), teller.manifest().kind.as_str()),
        ("teller", "watcher")
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
    for (entry_point, name, kind, hooks) in [
        ("events:Web", "web", "greeter", &["greet", "$event"][..]),
        ("events::of_no_trait:Teller", "teller", "watcher", &["$event"]),
        ("events::of_no_trait:Auditor", "auditor", "greeter", &["$event"]),
        ("events::of_no_trait:Gate", "gate", "greeter", &["$before", "$event"]),
    ] {
        let linked = Linked::all().into_iter().find(|each| each.entry_point() == entry_point);
        let linked = linked.unwrap_or_else(|| panic!("{entry_point}"));
        assert_eq!((linked.kind().as_str(), linked.manifest().name.as_str()), (kind, name));
        let found: Vec<_> = linked.hooks().into_iter().map(|(hook, _)| hook).collect();
        assert_eq!(found, hooks);
        let made = linked.constructor()(linked.manifest()).unwrap();
        assert_eq!(made.hooks().len(), hooks.len());
    }
}
