//! The bus for the tests of plugins: what it says is what happened, and where a test is wrong it says
//! what happened instead.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use hookspec_host::bus::{BusOptions, SubscribeError};
use hookspec_host::testing::{Behaviour, Fate, Gate, Puppet, TestBus, TestBusError};
use hookspec_plugin::{Fault, Manifest, Overflow};
use hookspec_spec::{Catalog, EventCatalog, Source};
use serde_json::{Value, json};

use crate::bus_support::{draft, numbered, subscriber, until, wants};

async fn bus() -> TestBus {
    TestBus::setup().await.unwrap()
}

fn message(panicked: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let payload = std::panic::catch_unwind(panicked).unwrap_err();
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_wrong_expectation_says_what_happened_instead() {
    let bus = bus().await;
    bus.add(subscriber("p", &[], &["a.*"], Behaviour::answer(Value::Null))).await.unwrap();
    bus.subscribe("b", 0, |_| async { Ok(()) }).unwrap();
    for _ in 0..2 {
        bus.emit(draft("a.x")).await.unwrap();
    }
    bus.emit(draft("workflow.mine")).await.unwrap_err();
    bus.process_events().await;
    let bus = std::panic::AssertUnwindSafe(&bus);
    let rows = [
        (message(|| drop(bus.assert_emitted("a.y"))), "no event `a.y` was published"),
        (message(|| drop(bus.assert_emitted("a.y"))), "`a.x` 2 times"),
        (message(|| drop(bus.assert_emitted("a.y"))), "HS-E002"),
        (message(|| bus.assert_not_emitted("a.*")), "`a.*` was published"),
        (message(|| drop(bus.assert_received("p", "a.y"))), "it is subscribed to `a.*`"),
        (message(|| drop(bus.assert_received("q", "a.x"))), "it is not subscribed"),
        (message(|| bus.assert_nobody_silent()), "`b` (b) received nothing"),
        (message(|| drop(bus.assert_emitted("a."))), "no pattern"),
    ];
    for (said, expected) in rows {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert_eq!(bus.assert_received("p", "a.*").fate, Fate::Handled);
    bus.assert_not_emitted("b");
}

#[tokio::test(start_paused = true)]
async fn a_plugin_that_is_refused_or_fails_its_setup_is_an_error() {
    let bus = TestBus::setup_with(EventCatalog::empty(), BusOptions::default()).await.unwrap();
    let deaf = subscriber("deaf", &[], &["deploy.done"], Behaviour::answer(Value::Null));
    let refused = bus.add(deaf).await.unwrap_err();
    assert!(matches!(refused, TestBusError::Refused(_)), "{refused}");
    assert!(refused.to_string().contains("deploy.done"), "{refused}");
    let broken = Puppet::new(Manifest::new("broken", "tool"))
        .setup(hookspec_host::testing::Step::Fault("no database".into()));
    let error = bus.add(broken).await.unwrap_err();
    assert!(error.to_string().contains("no database"), "{error}");
    let error = bus.subscribe("deploy.done", 0, |_| async { Ok(()) }).unwrap_err();
    assert!(matches!(error, SubscribeError::NothingMatches { .. }));
    assert!(bus.subscribe("a.", 0, |_| async { Ok(()) }).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_catalogue_and_its_rules_are_those_of_production() {
    let file = "namespace: deploy\nversion: 1.0.0\ndescription: d\nevents:\n  \
                - type: deploy.done\n    description: d\n";
    let catalog = Catalog::from_sources([Source::new("events/deploy.yaml", file)]).unwrap();
    let events = catalog.events().clone();
    let bus = TestBus::setup_with(events, BusOptions::default()).await.unwrap();
    bus.emit(draft("deploy.done")).await.unwrap();
    bus.emit(draft("deploy.dome")).await.unwrap_err();
    assert_eq!(bus.refusals().len(), 1);
    assert!(bus.refusals()[0].error.contains("did you mean `deploy.done`"));
}

// Retries, timeouts and what a plugin emits later take no time, and nothing is left.
#[tokio::test(start_paused = true)]
async fn process_events_ends_when_everything_that_comes_of_it_is_handled() {
    let bus = bus().await;
    let chain = Behaviour::emit_with(|event| match event.event_type.as_str() {
        "a" => vec![draft("b")],
        _ => Vec::new(),
    });
    bus.add(subscriber("chain", &["b"], &["a"], chain.late(Duration::from_secs(3)))).await.unwrap();
    let fails =
        Behaviour::FailTimes(2, Fault::new("no", "no"), Box::new(Behaviour::answer(Value::Null)));
    let mut manifest = Manifest::new("retries", "tool");
    let subscribe = vec![wants("b").retries(2, 20_000)];
    manifest.events = Some(hookspec_plugin::Events { subscribe, ..Default::default() });
    bus.add(Puppet::new(manifest).on("$event", fails)).await.unwrap();
    bus.add(subscriber("hangs", &[], &["b"], Behaviour::Hang)).await.unwrap();
    let started = std::time::Instant::now();
    bus.emit(draft("a")).await.unwrap();
    // Twenty seconds and forty are more than one call of it waits for.
    let mut left = bus.process_events().await;
    if left > 0 {
        left = bus.process_events().await;
    }
    assert_eq!(left, 0);
    assert!(started.elapsed() < Duration::from_secs(20));
    let reached = bus.assert_received("retries", "b");
    assert_eq!((reached.fate, reached.failures), (Fate::Handled, 2));
    assert!(matches!(bus.assert_received("hangs", "b").fate, Fate::Failed(_)));
    assert_eq!(bus.errors(), 3);
}

/// What found no room, or gave way, was not received.
#[tokio::test(start_paused = true)]
async fn what_was_dropped_was_not_received() {
    let bus = bus().await;
    let gate = Gate::new();
    for (name, overflow) in [("newest", Overflow::DropNewest), ("oldest", Overflow::DropOldest)] {
        let held = gate.clone();
        let wants = wants("*").queue(1).overflow(overflow);
        let guard = bus.bus().subscribe(name, wants, move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                Ok(())
            }
        });
        guard.unwrap().keep();
    }
    // In hands, waiting, and one too many.
    for (number, event_type) in ["a", "b", "c"].into_iter().enumerate() {
        bus.emit(draft(event_type)).await.unwrap();
        if number == 0 {
            let in_hands =
                || bus.bus().snapshot().subscriptions.iter().all(|own| own.in_hands == 1);
            until("both have it in hands", in_hands).await;
        }
    }
    gate.open();
    assert_eq!(bus.process_events().await, 0);
    for (name, kept, lost) in [("newest", "b", "c"), ("oldest", "c", "b")] {
        assert_eq!(bus.assert_received(name, kept).fate, Fate::Handled);
        let text = message(AssertUnwindSafe(|| drop(bus.assert_received(name, lost))));
        assert!(text.contains(&format!("`{name}` did not receive `{lost}`: Dropped")), "{text}");
    }
}

/// What happens to plugins is published on another thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_events_ends_when_what_happened_to_plugins_is_published_too() {
    let bus = bus().await;
    bus.subscribe("core.**", 0, |_| async { Ok(()) }).unwrap();
    for number in 0..20 {
        let name = format!("p{number}");
        bus.add(Puppet::new(Manifest::new(&*name, "tool"))).await.unwrap();
        assert_eq!(bus.process_events().await, 0);
        let told = bus.recorded();
        let ready = told.iter().rev().find(|one| one.event.subject.as_deref() == Some(&*name));
        let data = ready.map(|one| one.event.data.json().unwrap()["to"].clone());
        assert_eq!(data, Some("ready".into()), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn process_events_does_not_wait_for_ever() {
    let bus = bus().await;
    let gate = Gate::new();
    let held = gate.clone();
    let wants = wants("x").timeout_ms(3_600_000);
    let _guard = bus
        .bus()
        .subscribe("held", wants, move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                Ok(())
            }
        })
        .unwrap();
    bus.emit(draft("x")).await.unwrap();
    assert_eq!(bus.process_events().await, 1);
    gate.open();
    assert_eq!(bus.process_events().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_finds_no_room_or_gives_way_is_recorded_as_that() {
    let rows = [
        (Overflow::DropNewest, [Fate::Handled, Fate::Handled, Fate::Dropped, Fate::Dropped]),
        (Overflow::DropOldest, [Fate::Dropped, Fate::Dropped, Fate::Dropped, Fate::Handled]),
        (Overflow::Coalesce, [Fate::Replaced, Fate::Replaced, Fate::Replaced, Fate::Handled]),
    ];
    for (overflow, expected) in rows {
        let bus = bus().await;
        let mut wants = wants("x").queue(if overflow == Overflow::DropNewest { 2 } else { 1 });
        wants = wants.overflow(overflow).key("/type");
        let _guard = bus.bus().subscribe("s", wants, |_| async { Ok(()) }).unwrap();
        for number in 0..4 {
            // The same id each time: an event is known by more than that.
            bus.emit(numbered("x", number).id("same")).await.unwrap();
        }
        bus.process_events().await;
        let fates: Vec<Fate> = bus
            .recorded()
            .iter()
            .filter(|one| one.event.event_type.as_str() == "x")
            .map(|one| one.reached[0].fate.clone())
            .collect();
        assert_eq!(fates, expected, "{overflow:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dispatch_is_recorded_too_and_a_plugin_of_a_known_kind_keeps_it() {
    let kinds =
        "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_notify\n";
    let kinds = Catalog::from_sources([Source::new("kinds/k/v1.yaml", kinds)]).unwrap();
    let builder = hookspec_host::Registry::builder().catalog(kinds).open_events("*");
    let bus = TestBus::setup_from(builder.config("p", json!({ "a": 1 }))).await.unwrap();
    let p = subscriber("p", &[], &["x"], Behaviour::fault("no"));
    bus.add(p.on("h", Behaviour::answer(Value::Null))).await.unwrap();
    bus.bus().dispatch(draft("x")).await.unwrap();
    assert!(matches!(bus.assert_received("p", "x").fate, Fate::Failed(_)));
    let notify = bus.registry().broadcast_notify::<Value>("k", "h").unwrap();
    let notified = notify.dispatch(&hookspec_plugin::Caller::new(), json!({})).await.unwrap();
    assert!(notified.failures.is_empty());
    assert!(bus.cleanup().await.is_complete());
}
