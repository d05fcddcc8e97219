//! A plugin in a library emits events: as itself, as part of what it is called for, and what it may
//! not emit is denied with the host's reason.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hookspec::events::{BusOptions, Delivery, Rate};
use hookspec::{Caller, EventDraft, Handled, Plugin, Subscription};
use serde_json::{Value, json};

use crate::house::{House, Lodger};
use crate::stage::{Stage, handling, speaking};
use crate::support::{c_puppet, eventually, puppet, puppet_c, runtime, rust_puppet};

const INVALID: i32 = -2;
const GONE: i32 = -3;
const UNSUPPORTED: i32 = -1;
const DENIED: i32 = -5;

fn rust() -> Arc<dyn Plugin> {
    rust_puppet().open(&speaking(puppet(), &["did.*"], &[])).unwrap()
}

fn c(defines: &[&str]) -> Arc<dyn Plugin> {
    c_puppet(defines).open(&speaking(puppet_c(), &["c.*"], &[])).unwrap()
}

fn emit(event_type: &str, by: &str) -> Value {
    json!({ "emit": { "type": event_type }, "by": by })
}

fn caller() -> Caller {
    Caller::new().with_timeout(Duration::from_secs(20))
}

#[test]
fn what_may_not_be_emitted_is_a_fault_with_the_reason() {
    runtime().block_on(async {
        let stage = Stage::of(rust()).await;
        for (draft, data, code, says) in [
            (json!({ "type": "other.done" }), "", "event_denied", "`did.*`"),
            (json!({ "type": "core.done" }), "", "event_denied", "the host's"),
            (json!({ "type": "did.it", "source": "host" }), "", "event_denied", "`host`"),
            (json!({ "type": "did.it", "tenant": "acme" }), "", "event_denied", "`acme`"),
            (json!({ "type": "did..it" }), "", "event_invalid", "did..it"),
            (json!({ "type": "did.it", "metadata": { "": "" } }), "", "event_invalid", "empty"),
            (json!({ "type": "did.it" }), "deep", "event_invalid", "nested"),
            (json!({ "type": "did.it" }), "huge", "event_invalid", "16 MiB"),
        ] {
            for by in ["try", "wait", "later", "thread", "beside", "dispatch", "request"] {
                // What has to be awaited is bounded as every request is.
                let awaited = data == "huge" && ["wait", "dispatch", "request"].contains(&by);
                let (code, says) =
                    if awaited { ("resource_busy", "too much") } else { (code, says) };
                let wish = json!({ "emit": draft, "by": by, "data": data });
                let told = stage.ask(&caller(), wish).await;
                assert_eq!(told["fault"], code, "{draft} by {by}: {told}");
                let message = told["message"].as_str().unwrap();
                assert!(message.contains(says), "{draft} by {by}: {message}");
            }
        }
        assert!(stage.seen("").is_empty());
        let large = json!({ "emit": { "type": "did.it" }, "data": "large" });
        assert_eq!(stage.ask(&caller(), large).await["matched"], 1);
        assert_eq!(stage.await_seen("did.it", 1).len(), 1);
        stage.registry.stop().await.unwrap();
    });
}

#[test]
fn what_leads_to_too_many_events_or_comes_too_often_is_refused() {
    runtime().block_on(async {
        let rate = Some(Rate { per_second: 1, burst: 10 });
        let stage = Stage::with(rust(), BusOptions { rate, ..BusOptions::default() }).await;
        for by in ["try", "wait", "later", "context", "thread"] {
            let told = stage.ask(&handling(2), emit("did.it", by)).await;
            assert_eq!(told["fault"], "event_depth", "{by}: {told}");
        }
        assert!(stage.seen("did.").is_empty());
        let taken = stage.ask(&caller(), emit("did.it", "many")).await;
        assert!((5..40).contains(&taken.as_u64().unwrap()), "{taken}");
        let mut codes = Vec::new();
        for by in ["try", "wait"].repeat(10) {
            codes.push(stage.ask(&caller(), emit("did.it", by)).await["fault"].clone());
        }
        assert!(codes.contains(&json!("event_rate")), "{codes:?}");
        stage.registry.stop().await.unwrap();
    });
}

#[test]
fn where_there_are_no_events_the_fault_says_so() {
    runtime().block_on(async {
        let house = || House::new(json!(null));
        let rust = Lodger::new(rust_puppet().open(&puppet()).unwrap(), house()).await;
        for by in ["try", "wait", "dispatch", "beside"] {
            assert_eq!(rust.ask(emit("did.it", by)).await.unwrap()["fault"], "no_bus", "{by}");
        }
        let c = Lodger::new(c_puppet(&[]).open(&puppet_c()).unwrap(), house()).await;
        let codes = c.ask(json!("emit plainly")).await.unwrap();
        assert_eq!(codes, json!([UNSUPPORTED, UNSUPPORTED]));
        for what in ["emit and tell", "ask for events"] {
            assert_eq!(c.ask(json!(what)).await.unwrap_err().code(), "no_bus", "{what}");
        }
    });
}

#[test]
fn c_is_told_what_it_may_not_and_what_cannot_be_read() {
    runtime().block_on(async {
        let plugin = c(&[]);
        let stage = Stage::of(Arc::clone(&plugin)).await;
        let others = stage.ask(&caller(), json!("emit for others")).await;
        assert_eq!(others, json!([DENIED, DENIED, DENIED, DENIED, 0, 5]));
        let own = stage.await_seen("c.done", 1).remove(0);
        assert_eq!((own.causation_id.as_deref(), own.depth), (None, 0), "the host's matter");
        let refused = || plugin.facts()["refused_requests"].as_u64().unwrap_or(0);
        assert!(!plugin.facts().contains_key("refused_requests"), "what is denied was read");
        let bad = stage.ask(&caller(), json!("bad events")).await;
        let expected = json!([
            INVALID, INVALID, INVALID, INVALID, INVALID, INVALID, INVALID, -4, GONE, INVALID,
            INVALID, 10
        ]);
        assert_eq!(bad, expected);
        assert_eq!(refused(), 10, "of a context that is none, nobody can count");
        assert_eq!(stage.ask(&caller(), json!("emit plainly")).await, json!([0, INVALID]));
        assert_eq!(stage.ask(&caller(), json!("emit too late")).await, 1);
        assert_eq!(stage.ask(&caller(), json!("how late")).await, json!([GONE]));
        stage.await_seen("c.", 2);
        stage.registry.stop().await.unwrap();
    });
}

#[test]
fn events_are_asked_for_as_a_resource_is() {
    runtime().block_on(async {
        let stage = Stage::of(c(&[])).await;
        let hook = stage.registry.broadcast_collect::<Value, Value>("puppet", "ask").unwrap();
        for (what, says) in [
            ("ask for no op", "`fly`"),
            ("ask without a time", "`timeout_ms`"),
            ("ask for garbage", "cannot be read"),
        ] {
            let answers = hook.dispatch(&caller(), json!(what)).await.unwrap();
            let cause = answers.failures[0].cause.to_string();
            assert!(cause.contains(says), "{what}: {cause}");
        }
        for what in ["ask for events", "emit and tell", "emit from a thread"] {
            let receipt = stage.ask(&handling(0), json!(what)).await;
            assert_eq!(
                (&receipt["matched"], &receipt["dropped"]),
                (&json!(1), &json!(0)),
                "{what}"
            );
        }
        for done in stage.await_seen("c.done", 3) {
            assert_eq!((done.causation_id.as_deref(), done.depth), (Some("e1"), 1));
            assert_eq!((done.source.as_str(), done.correlation_id.as_str()), ("puppet-c", "c1"));
        }
        stage.registry.stop().await.unwrap();
    });
}

/// A thread of the plugin goes on after its end, and emits: nobody hears it.
#[test]
fn nothing_is_emitted_after_teardown() {
    runtime().block_on(async {
        let plugin = c(&[]);
        let stage = Stage::of(Arc::clone(&plugin)).await;
        assert_eq!(stage.ask(&caller(), json!("emit and outlive")).await, true);
        eventually("it emits", || !stage.seen("c.done").is_empty());
        stage.registry.stop().await.unwrap();
        let heard = stage.seen("c.done").len();
        let refused = || plugin.facts().get("refused_requests").and_then(Value::as_u64);
        eventually("it is refused", || refused().unwrap_or(0) >= 20);
        assert_eq!(stage.seen("c.done").len(), heard);
    });
}

#[test]
fn what_is_emitted_in_a_call_came_of_what_the_call_came_of() {
    runtime().block_on(async {
        let stage = Stage::of(rust()).await;
        let ways = ["try", "wait", "later", "context", "thread", "dispatch"];
        for by in ways {
            let event_type = format!("did.{}", by.replace(' ', "_"));
            let told = stage.ask(&handling(1), emit(&event_type, by)).await;
            assert!(told["id"].is_string(), "{by}: {told}");
            let event = stage.await_seen(&event_type, 1).remove(0);
            assert_eq!(Some(event.id.as_str()), told["id"].as_str(), "{by}");
            assert_eq!((event.source.as_str(), event.depth), ("puppet", 2), "{by}");
            assert_eq!(event.causation_id.as_deref(), Some("e1"), "{by}");
            assert_eq!(event.correlation_id, "c1", "{by}");
            assert_eq!(event.tenant.as_deref(), Some("acme"), "{by}");
        }
        // On a thread of its own, of which the host knows nothing: by itself.
        let told = stage.ask(&handling(1), emit("did.beside", "beside")).await;
        assert_eq!(told["matched"], 1);
        let beside = stage.await_seen("did.beside", 1).remove(0);
        assert_eq!((beside.causation_id.as_deref(), beside.depth), (None, 0));
        stage.registry.stop().await.unwrap();
    });
}

#[test]
fn threads_emit_at_once() {
    runtime().block_on(async {
        let stage = Stage::of(rust()).await;
        let taken = stage.ask(&handling(0), emit("did.it", "many")).await;
        assert_eq!(taken, 400);
        let seen = stage.await_seen("did.it", 400);
        let ids: BTreeSet<&str> = seen.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids.len(), 400);
        assert!(seen.iter().all(|event| event.depth == 1));
        stage.registry.stop().await.unwrap();
    });
}

#[test]
fn what_is_awaited_is_awaited_in_a_call() {
    runtime().block_on(async {
        let stage = Stage::of(rust()).await;
        let beside = stage.ask(&caller(), emit("did.it", "await beside")).await;
        assert_eq!(beside["fault"], "no_call", "{beside}");
        let bus = stage.registry.bus().clone();
        let unheard = stage.ask(&caller(), emit("did.ask", "request")).await;
        // The stage hears everything, and replies to nothing.
        assert_eq!(unheard["fault"], "request_unanswered", "{unheard}");
        let wants = Subscription::new("did.ask").unwrap();
        let answer = |told: Delivery| async move { Ok(Handled::reply(told.event.source.clone())) };
        let _guard = bus.subscribe("answering", wants, answer).unwrap();
        assert_eq!(stage.ask(&caller(), emit("did.ask", "request")).await, "puppet");
        let dispatched = stage.ask(&caller(), emit("did.it", "dispatch")).await;
        assert_eq!(dispatched["outcomes"][0]["subscriber"], "stage", "{dispatched}");
        let knocking = tokio::spawn(async move {
            loop {
                bus.publish(EventDraft::new("gate.opened").json(json!(5))).await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let came = stage.ask(&caller(), json!({ "wait_for": "gate.*" })).await;
        knocking.abort();
        assert_eq!((&came["type"], &came["data"]), (&json!("gate.opened"), &json!(5)));
        // EVENT-12: who waits is registered when it says so, not when it first looks.
        let own = stage.ask(&caller(), emit("did.it", "waiting first")).await;
        assert_eq!((&own["type"], &own["source"]), (&json!("did.it"), &json!("puppet")));
        let none = stage.ask(&caller(), json!({ "wait_for": "gate..x" })).await;
        assert_eq!(none["fault"], "event_invalid", "{none}");
        stage.registry.stop().await.unwrap();
    });
}
