//! A plugin in a library receives events as any other: by its methods, by name, with what they came
//! of; and what it emits then came of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookspec::events::Delivery;
use hookspec::{
    Call, CallContext, Event, EventDraft, Handled, HookName, Payload, Plugin, Reply, Subscription,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::house::House;
use crate::stage::{Stage, handling, speaking};
use crate::support::{c_puppet, eventually, manifest, puppet, puppet_c, runtime, rust_puppet};

const EMITS: [&str; 4] = ["did.*", "every.*", "gate.*", "loop.*"];

fn listener() -> Arc<dyn Plugin> {
    rust_puppet().open(&speaking(manifest("listener", "puppet"), &EMITS, &[])).unwrap()
}

fn data(event: &Event) -> Value {
    event.data.json().unwrap().clone()
}

#[test]
fn what_is_no_subscription_is_refused() {
    for (text, says) in [
        (r#"["#, "cannot be read"),
        (r#"{}"#, "cannot be read"),
        (r#"["a."]"#, "cannot be read"),
        (r#"[{"pattern":"a","quque":1}]"#, "quque"),
    ] {
        let define = format!("SUBSCRIPTIONS={text:?}");
        let refusal = c_puppet(&[&define]).refusal(&puppet_c());
        assert!(refusal.contains("its subscriptions") && refusal.contains(says), "{refusal}");
    }
}

#[test]
fn an_old_library_has_no_subscriptions_and_hears_those_of_its_manifest() {
    let wants = r#"SUBSCRIPTIONS="[\"w.*\"]""#;
    let old = "PLUGIN_SIZE=offsetof(hookspec_plugin,subscriptions)";
    let cut = "PLUGIN_SIZE=offsetof(hookspec_plugin,subscriptions)+sizeof(void*)";
    for (defines, own) in [
        (&["HEARS", wants][..], 1),
        (&["HEARS", wants, old], 0),
        (&["HEARS", wants, cut], 0),
        (&["HEARS"], 0),
    ] {
        runtime().block_on(async {
            let subscribe: &[&str] = if own == 0 { &["w.*"] } else { &[] };
            let manifest = speaking(puppet_c(), &["c.*"], subscribe);
            let c = c_puppet(defines).open(&manifest).unwrap();
            assert_eq!(c.subscriptions().len(), own, "{defines:?}");
            let stage = Stage::of(c).await;
            stage.publish(EventDraft::new("w.one").id("e1").correlation("c1")).await;
            let heard = stage.await_seen("c.heard", 1).remove(0);
            assert_eq!((heard.source.as_str(), heard.depth), ("puppet-c", 1));
            assert_eq!(heard.causation_id.as_deref(), Some("e1"));
            assert_eq!(heard.correlation_id, "c1");
            let told = data(&heard);
            assert_eq!((&told["name"], &told["attempt"]), (&Value::Null, &json!(1)), "{told}");
            stage.registry.stop().await.unwrap();
        });
    }
}

#[test]
fn methods_hear_by_name_and_what_they_emit_came_of_the_event() {
    runtime().block_on(async {
        let plugin = listener();
        assert_eq!(plugin.subscriptions().len(), 5);
        let stage = Stage::of(plugin).await;
        let asked = EventDraft::new("work.asked").id("e1").correlation("c1").tenant("acme");
        stage.publish(asked.json(json!({ "n": 1 }))).await;
        let mut emitted = stage.await_seen("did.", 5);
        emitted.extend(stage.await_seen("every.", 1));
        for event in emitted {
            let kind = event.event_type.as_str();
            assert_eq!((event.source.as_str(), event.depth), ("listener", 1), "{kind}");
            assert_eq!(event.causation_id.as_deref(), Some("e1"), "{kind}");
            assert_eq!(event.correlation_id, "c1", "{kind}");
            assert_eq!(event.tenant.as_deref(), Some("acme"), "{kind}");
            let name = if kind.starts_with("did.") { "asked" } else { "every" };
            let cause = json!({
                "name": name, "lagged": 0, "attempt": 1, "event": "e1", "data": { "n": 1 },
            });
            assert_eq!(data(&event), cause, "{kind}");
        }
        stage.registry.stop().await.unwrap();
        assert!(stage.registry.bus().dead_letters().is_empty());
    });
}

#[test]
fn a_second_attempt_is_said_to_be_one() {
    runtime().block_on(async {
        let stage = Stage::of(listener()).await;
        stage.publish(EventDraft::new("work.fails")).await;
        let seen = stage.await_seen("every.", 1).remove(0);
        assert_eq!(data(&seen)["attempt"], 2);
        stage.registry.stop().await.unwrap();
    });
}

/// The plugin awaits the reply to a request of its own; what does not fit into its queue meanwhile is
/// counted.
#[test]
fn what_was_lost_is_told() {
    runtime().block_on(async {
        let stage = Stage::of(listener()).await;
        let (gate, asked) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let (inner, counted) = (Arc::clone(&gate), Arc::clone(&asked));
        let wants = Subscription::new("gate.asked").unwrap();
        let _guard = stage.registry.bus().subscribe("gate", wants, move |told: Delivery| {
            counted.fetch_add(1, Ordering::Relaxed);
            let gate = Arc::clone(&inner);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(Handled::reply(told.event.depth))
            }
        });
        stage.publish(EventDraft::new("slow.one")).await;
        eventually("the gate is asked", || asked.load(Ordering::Relaxed) == 1);
        for lost in ["slow.two", "slow.three", "slow.four"] {
            stage.publish(EventDraft::new(lost)).await;
        }
        gate.add_permits(2);
        let slow = stage.await_seen("did.slow", 2);
        assert_eq!(slow.iter().map(data).collect::<Vec<_>>(), [json!([1, 0]), json!([1, 2])]);
        stage.registry.stop().await.unwrap();
    });
}

#[test]
fn a_request_is_replied_to_and_data_that_does_not_fit_is_a_fault() {
    runtime().block_on(async {
        let stage = Stage::of(listener()).await;
        let ask = async |data: Value| {
            let draft = EventDraft::new("sum.asked").json(data);
            stage.registry.bus().request(draft, Duration::from_secs(20)).await
        };
        let refused = ask(json!("no numbers")).await.unwrap_err().to_string();
        assert!(refused.contains("sum.asked") && refused.contains("listener"), "{refused}");
        assert_eq!(ask(json!([1, 2, 3])).await.unwrap().json().unwrap(), &json!(6));
        stage.registry.stop().await.unwrap();
    });
}

#[test]
fn a_loop_through_a_library_ends_at_the_limit() {
    runtime().block_on(async {
        let stage = Stage::of(listener()).await;
        stage.publish(EventDraft::new("loop.again")).await;
        let bus = stage.registry.bus();
        eventually("a dead letter", || bus.dead_letters().len() == 1);
        // An event may set off the next one before the stage is told of it.
        let mut depths: Vec<i32> =
            stage.await_seen("loop.", 3).iter().map(|one| one.depth).collect();
        depths.sort_unstable();
        assert_eq!(depths, [0, 1, 2]);
        let error = bus.dead_letters().remove(0).error;
        assert!(error.contains("event_depth") || error.contains("HS-E006"), "{error}");
        stage.registry.stop().await.unwrap();
    });
}

/// What is called while an event is handled knows it, whatever the hook.
#[test]
fn the_cause_of_any_call_crosses() {
    runtime().block_on(async {
        let plugin = rust_puppet().open(&puppet()).unwrap();
        let context = House::new(json!(null)).context();
        plugin.setup(&context).await.unwrap();
        let (hook, input) = (HookName::new("ask"), Payload::from_json(json!("cause")));
        for (caller, told) in [
            (hookspec::Caller::new(), json!(null)),
            (
                handling(0),
                json!({
                    "name": "asked", "lagged": 2, "attempt": 3, "event": "e1", "data": { "n": 1 },
                }),
            ),
        ] {
            let context = CallContext::new(&context, &caller, &hook);
            let answer = plugin.call(Call { context, input: &input }).into_future().await.unwrap();
            let Reply::Value(answer) = answer else { panic!("{answer:?}") };
            assert_eq!(answer.json().unwrap(), &told);
        }
    });
}
