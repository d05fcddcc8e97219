//! Plugins on the bus: what they may emit, what reaches them, and what becomes of that when they come,
//! go or change (EVENT-4, EVENT-5, EVENT-13, EVENT-15, EVENT-17).

use std::sync::{Arc, Mutex};

use hookspec_host::bus::{BusOptions, SubscribeError};
use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_host::{RegistrationError, StartError};
use hookspec_plugin::{EventDraft, Events, Fault, Handled, Manifest, Overflow, Pattern, Predicate};
use hookspec_spec::DispatchClass;
use serde_json::json;

use crate::bus_hearing::Ears;
use crate::bus_support::{draft, noting, numbered, wants};
use crate::loading::Folder;
use crate::support::{builder, eventually, kind, plugin};

const ON_A: &str = r#"subscribe = ["a"]"#;

pub(crate) fn manifest(name: &str, emit: &[&str], subscribe: &[&str]) -> Manifest {
    let events = Events {
        emit: emit.iter().map(|text| Pattern::parse(text).unwrap()).collect(),
        subscribe: subscribe.iter().map(|text| wants(text)).collect(),
        ..Events::default()
    };
    Manifest { events: Some(events), ..Manifest::new(name, "k") }
}

pub(crate) fn host() -> hookspec_host::RegistryBuilder {
    let options = BusOptions { open_namespaces: vec!["*".into()], ..BusOptions::default() };
    builder(kind(DispatchClass::BroadcastNotify, ""), []).events(options)
}

/// What came of each emission: a fault by its code.
type Outcomes = Arc<Mutex<Vec<Result<(), String>>>>;

/// Emits a draft each time it hears `go`, by emitting or by returning; keeps what came of it.
fn emitter(returns: bool, what: EventDraft) -> (Ears, Outcomes) {
    let outcome = Outcomes::default();
    let noted = Arc::clone(&outcome);
    let ears = Ears::doing(move |ctx, _| {
        let (what, noted) = (what.clone(), Arc::clone(&noted));
        let bus = ctx.bus();
        Box::pin(async move {
            if returns {
                return Ok(Handled::emit(what));
            }
            let emitted = bus.emit(what).await;
            noted.lock().unwrap().push(emitted.map(drop).map_err(|fault| fault.code().to_owned()));
            Ok(().into())
        })
    });
    (ears, outcome)
}

#[tokio::test]
async fn event_4_one_rule_denies_what_is_emitted_and_what_is_returned() {
    let rows = [
        (draft("undeclared.x"), false),
        (draft("workflow.completed"), false),
        (draft("core.plugin.state_changed"), false),
        (draft("deploy.done").source("somebody"), false),
        (draft("deploy.done").tenant("acme"), false),
        (draft("deploy.done").source("p"), true),
        (draft("deploy.eu.done"), true),
    ];
    for (what, allowed) in rows {
        for returns in [false, true] {
            let (ears, outcome) = emitter(returns, what.clone());
            let emits = ["deploy.**", "workflow.*", "core.**"];
            let plugin = ears.plugin(manifest("p", &emits, &["go"]));
            let registry = host().plugin(plugin).start().await.unwrap();
            let (seen, _guard) = noting(&registry.bus(), wants("**"));
            registry.bus().publish(draft("go")).await.unwrap();
            registry.stop().await.unwrap();
            let passed = seen.types().iter().filter(|own| *own == &what.event_type).count();
            assert_eq!(passed, usize::from(allowed), "{what:?} {returns}");
            if !returns {
                let expected = if allowed { Ok(()) } else { Err("event_denied".to_owned()) };
                assert_eq!(*outcome.lock().unwrap(), [expected], "{what:?}");
            }
            if allowed {
                let events = seen.events();
                let emitted = events.iter().find(|e| e.event_type.is_below("deploy")).unwrap();
                let cause = events.iter().find(|e| e.event_type.as_str() == "go").unwrap();
                assert_eq!((&*emitted.source, emitted.depth), ("p", 1));
                assert_eq!(emitted.causation_id.as_ref(), Some(&cause.id));
                assert_eq!(emitted.correlation_id, cause.correlation_id);
            }
        }
    }
}

#[tokio::test]
async fn event_5_a_context_that_was_kept_knows_what_is_handled() {
    let outcome: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&outcome);
    let ears = Ears::doing(move |ctx, _| {
        let noted = Arc::clone(&noted);
        // As one that was kept since setup: it does not know the call.
        let kept = ctx.plugin().clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            if let Err(fault) = kept.bus().emit(draft("go")).await {
                noted.lock().unwrap().push(fault.code().to_owned());
            }
            Ok(().into())
        })
    });
    for isolation in [hookspec_plugin::Isolation::Inline, hookspec_plugin::Isolation::Thread] {
        outcome.lock().unwrap().clear();
        let plugin = ears.plugin(manifest("p", &["go"], &["go"]));
        let registry = host().isolation("p", isolation).plugin(plugin).start().await.unwrap();
        let (seen, _guard) = noting(&registry.bus(), wants("go"));
        registry.bus().publish(draft("go")).await.unwrap();
        registry.stop().await.unwrap();
        assert_eq!(seen.depths(), [0, 1, 2], "{isolation:?}");
        assert_eq!(*outcome.lock().unwrap(), ["event_depth"], "{isolation:?}");
    }
}

#[tokio::test]
async fn event_3_a_subscription_that_nothing_could_reach_is_refused_with_its_plugin() {
    let events = |patterns: &[&str]| manifest("p", &[], patterns);
    let rows = [
        (Ears::new().plugin(events(&["workflow.startd"])), "did you mean `workflow.started`?"),
        (Ears::new().plugin(events(&["nobody.knows"])), "no declared event matches"),
    ];
    for (plugin, expected) in rows {
        let started = builder(kind(DispatchClass::BroadcastNotify, ""), []).plugin(plugin).build();
        let Err(StartError::Registration { errors }) = started else { panic!("{expected}") };
        let error = errors[0].to_string();
        assert!(error.contains("`p`") && error.contains(expected), "{error}");
    }
    let deaf = Puppet::new(events(&["user.created"])).on("h", Behaviour::answer(1));
    let registry = host().build().unwrap();
    let error = registry.add(Arc::new(deaf)).await.unwrap_err();
    assert!(matches!(error, RegistrationError::ManifestInvalid { .. }));
    assert!(error.to_string().contains("does not implement `$event`"), "{error}");
}

#[tokio::test]
async fn a_manifest_that_names_a_subscription_of_the_code_tunes_it() {
    let ears = Ears::new();
    let mut tuned = manifest("p", &[], &[]);
    if let Some(events) = &mut tuned.events {
        events.subscribe = vec![wants("a").name("noted").queue(2)];
    }
    let plugin = ears.plugin_that_wants(tuned, vec![wants("a").name("noted"), wants("b")]);
    // Its kind asks for a hook that a subscriber has not.
    let kind = kind(DispatchClass::BroadcastNotify, "    required: true\n");
    let options = BusOptions { open_namespaces: vec!["*".into()], ..BusOptions::default() };
    let registry = builder(kind, []).events(options).plugin(plugin).start().await.unwrap();
    let wanted: Vec<_> =
        registry.bus().snapshot().subscriptions.into_iter().map(|s| s.wants).collect();
    assert_eq!(wanted, [wants("a").name("noted").queue(2), wants("b")]);
    registry.stop().await.unwrap();
}

/// A list of patterns in a manifest tells an operator what is heard; it undoes nothing that the code
/// says of it.
#[tokio::test]
async fn a_manifest_that_lists_patterns_of_the_code_changes_nothing() {
    let ears = Ears::new();
    let filter =
        Predicate { pointer: Some("/data".into()), exists: Some(true), ..Default::default() };
    let own = wants("a").name("noted").retries(3, 50).filter(filter);
    let plugin = ears.plugin_that_wants(manifest("p", &[], &["a", "b"]), vec![own.clone()]);
    let kind = kind(DispatchClass::BroadcastNotify, "    required: true\n");
    let registry = builder(kind, []).open_events("*").plugin(plugin).start().await.unwrap();
    let wanted: Vec<_> =
        registry.bus().snapshot().subscriptions.into_iter().map(|s| s.wants).collect();
    assert_eq!(wanted, [wants("b"), own]);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn a_subscription_of_code_keeps_the_bounds_of_a_manifest() {
    let no_pointer = Predicate { pointer: Some("data/x".into()), ..Predicate::default() };
    let rows = [
        (wants("a").queue(65_537), "`queue`"),
        (wants("a").concurrency(257), "`concurrency`"),
        (wants("a").timeout_ms(0), "`timeout_ms`"),
        (wants("a").retries(101, 1), "`attempts`"),
        (wants("a").retries(1, 3_600_001), "`backoff_ms`"),
        (wants("a").key("data/x"), "`data/x` is no JSON pointer"),
        (wants("a").overflow(Overflow::Coalesce), "`key` does not say"),
        (wants("a").filter(no_pointer), "`data/x` is no JSON pointer"),
    ];
    for (one, expected) in rows {
        let plugin = Ears::new().plugin_that_wants(manifest("p", &[], &[]), vec![one.clone()]);
        let kind = kind(DispatchClass::BroadcastNotify, "    required: true\n");
        let error = builder(kind, []).open_events("*").plugin(plugin).build().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        let bus = crate::bus_support::open();
        let error = bus.subscribe("p", one, |_| async { Ok(()) }).unwrap_err();
        assert!(matches!(error, SubscribeError::Invalid { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn event_13_a_reload_takes_over_what_waits_and_loses_nothing() {
    let (folder, ears) = (Folder::new(), Ears::new());
    let registry = ears.registry(&folder, ON_A).start().await.unwrap();
    let bus = registry.bus();
    let publishing = tokio::spawn(async move {
        for number in 0..2_000 {
            // The queue holds 256: who publishes gives the pump a chance.
            while bus.snapshot().outstanding > 200 {
                tokio::task::yield_now().await;
            }
            assert_eq!(bus.publish(numbered("a", number)).await.unwrap().dropped, 0);
        }
    });
    let mut reloads = 0;
    while !publishing.is_finished() {
        registry.reload("a").await.unwrap();
        reloads += 1;
    }
    publishing.await.unwrap();
    registry.stop().await.unwrap();
    assert_eq!(ears.data(), (0..2_000).collect::<Vec<_>>(), "after {reloads} reloads");
    assert!(ears.instances().len() > 1, "{reloads} reloads");
}

#[tokio::test]
async fn event_13_what_waits_for_a_plugin_is_handled_before_it_goes_and_nothing_after() {
    for removed in [true, false] {
        let (folder, ears) = (Folder::new(), Ears::new().held());
        let registry = ears.registry(&folder, ON_A).start().await.unwrap();
        for number in 0..5 {
            registry.bus().publish(numbered("a", number)).await.unwrap();
        }
        let going = tokio::spawn({
            let registry = registry.clone();
            async move {
                match removed {
                    true => registry.remove("a").await.unwrap(),
                    false => registry.disable("a").await.unwrap(),
                }
            }
        });
        eventually("it is no longer subscribed", || registry.bus().explain("a").is_empty()).await;
        assert_eq!(registry.bus().publish(numbered("a", 9)).await.unwrap().matched, 0);
        ears.gate.open();
        going.await.unwrap();
        assert_eq!(ears.data(), [0, 1, 2, 3, 4], "{removed}");
        assert!(registry.bus().snapshot().subscriptions.is_empty());
        if !removed {
            registry.enable("a").await.unwrap();
            assert_eq!(registry.bus().publish(numbered("a", 10)).await.unwrap().matched, 1);
        }
        registry.stop().await.unwrap();
        assert_eq!(ears.data().contains(&10), !removed);
    }
}

#[tokio::test]
async fn event_15_states_failures_and_configurations_are_events_and_feed_nobody_for_ever() {
    let failing = crate::support::puppet("bad", Behaviour::fault("no"));
    let ears = Ears::doing(|_, _| Box::pin(async { Err(Fault::new("also", "fails")) }));
    let listens = ears.plugin(manifest("listens", &[], &["core.plugin.dispatch_failed"]));
    let registry = host().plugin(failing).plugin(listens).build().unwrap();
    let (seen, _guard) = noting(&registry.bus(), wants("core.**"));
    registry.start().await.unwrap();
    let notify = registry.broadcast_notify::<serde_json::Value>("k", "h").unwrap();
    for _ in 0..3 {
        notify.dispatch(&hookspec_plugin::Caller::new(), json!(1)).await.unwrap();
    }
    registry.reconfigure("listens", json!({})).await.unwrap_err();
    eventually("all are told", || {
        seen.types().iter().filter(|own| *own == "core.plugin.dispatch_failed").count() == 3
            && seen.data().iter().any(|data| data["to"] == "degraded")
    })
    .await;
    registry.stop().await.unwrap();
    let started = seen.types().iter().filter(|own| *own == "core.system.started").count();
    assert_eq!(started, 1);
    let failed = seen.data().into_iter().find(|data| data.get("cause").is_some()).unwrap();
    assert_eq!((&failed["plugin"], &failed["cause"]), (&json!("bad"), &json!("faulted")));
    assert_eq!(ears.types().len(), 3, "a listener that fails is not told of that");
    assert_eq!(plugin(&registry, "listens").failures.values().sum::<u64>(), 3);
}

#[tokio::test]
async fn event_17_a_notification_that_is_bound_to_events_is_called_for_them_with_their_data() {
    for strict in [false, true] {
        let inputs: Arc<Mutex<Vec<serde_json::Value>>> = Arc::default();
        let noted = Arc::clone(&inputs);
        let puppet = crate::support::puppet(
            "p",
            Behaviour::compute(move |call| {
                noted.lock().unwrap().push(call.input.json()?.clone());
                Ok(hookspec_plugin::Reply::value(1))
            }),
        );
        let make = if strict { crate::support::strict } else { kind };
        let bound = make(DispatchClass::BroadcastNotify, "    event: user.*\n");
        let registry = builder(bound, [puppet]).start().await.unwrap();
        let bus = registry.bus();
        let data = json!({ "user_id": "7" });
        bus.publish(draft("user.created").json(data.clone())).await.unwrap();
        bus.publish(draft("data.created").json(json!({ "entity": "t", "id": "7" }))).await.unwrap();
        registry.stop().await.unwrap();
        let letters = bus.dead_letters();
        match strict {
            false => assert_eq!(*inputs.lock().unwrap(), [data]),
            // Data that the hook's schema refuses: nobody was called, and whoever looks is told.
            true => assert!(letters[0].subscriber == "k@1.h" && inputs.lock().unwrap().is_empty()),
        }
        assert_eq!(letters.len(), usize::from(strict), "{letters:?}");
    }
}

#[tokio::test]
async fn event_8_a_plugin_cancels_only_what_its_manifest_says() {
    for may in [true, false] {
        let ears = Ears::doing(|_, _| Box::pin(async { Ok(Handled::cancel("not on Fridays")) }));
        let mut gate = manifest("gate", &[], &["deploy.requested"]);
        if let (true, Some(events)) = (may, &mut gate.events) {
            events.cancel.push(Pattern::parse("deploy.*").unwrap());
        }
        let registry = host().plugin(ears.plugin(gate)).start().await.unwrap();
        let bus = registry.bus();
        let (later, _later) = noting(&bus, wants("deploy.*").priority(-1));
        let (audit, _audit) = noting(&bus, wants("deploy.*").priority(-2).observe());
        let dispatched = bus.dispatch(draft("deploy.requested")).await.unwrap();
        assert_eq!((later.len(), audit.len()), (usize::from(!may), 1), "{may}");
        match dispatched.cancelled {
            Some(by) => assert_eq!((&*by.subscriber, &*by.reason), ("gate", "not on Fridays")),
            None => assert!(dispatched.outcomes[0].error.as_ref().unwrap().contains("cancel")),
        }
        assert_eq!(dispatched.outcomes[0].error.is_none(), may);
        registry.stop().await.unwrap();
    }
}
