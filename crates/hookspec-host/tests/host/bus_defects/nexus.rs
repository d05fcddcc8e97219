//! Nexus: `reference/nexus-and-demand.md`, sections 2 (what its bus does) and 5 (what its page says).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookspec_host::bus::SubscribeOptions;
use hookspec_host::testing::{Behaviour, Fate, Gate};
use hookspec_plugin::{EventDraft, Events, Fault, Handled, Predicate, Reply};
use serde_json::{Value, json};

use super::{SOON, bus, handled, listener, published};
use crate::bus_support::{answering, draft, noting, numbered, open, subscriber, wants};

// Unloading removed nothing from the bus: a handler of an unloaded plugin was still called.
#[tokio::test(start_paused = true)]
async fn nexus_unloaded_plugin_is_not_called() {
    let bus = bus().await;
    bus.add(listener("gone", &["x"])).await.unwrap();
    bus.emit(draft("x")).await.unwrap();
    bus.process_events().await;
    bus.registry().remove("gone").await.unwrap();
    assert_eq!(bus.emit(draft("x")).await.unwrap().matched, 0);
    bus.process_events().await;
    assert_eq!(handled(&bus, "gone", "x"), 1);
    assert!(bus.bus().snapshot().subscriptions.is_empty());
}

// Five queued, one delivered.
#[tokio::test(start_paused = true)]
async fn nexus_shutdown_loses_nothing() {
    let bus = open();
    let (seen, _guard) = answering(&bus, "slow", wants("x"), |_| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(())
    });
    for number in 0..5 {
        bus.publish(numbered("x", number)).await.unwrap();
    }
    assert!(bus.drain(SOON).await.is_complete());
    assert_eq!(seen.data(), (0..5).map(Value::from).collect::<Vec<_>>());
}

// What one handler changed in the data, the next one saw. An event has no way to be changed; a copy of
// its data is the copy's matter.
#[tokio::test(start_paused = true)]
async fn nexus_shared_data_cannot_be_changed() {
    let bus = bus().await;
    let spoils = Behaviour::compute(|call| {
        let mut own = call.input.json()?.clone();
        own["data"]["n"] = json!("spoilt");
        Ok(Reply::value(()))
    });
    bus.add(subscriber("a-spoils", &[], &["x"], spoils)).await.unwrap();
    let seen = Arc::new(Mutex::new(Value::Null));
    let noted = Arc::clone(&seen);
    bus.subscribe("x", -1, move |told| {
        *noted.lock().unwrap() = told.event.data.json().cloned().unwrap_or_default();
        async { Ok(()) }
    })
    .unwrap();
    bus.bus().dispatch(draft("x").json(json!({ "n": 1 }))).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), json!({ "n": 1 }));
}

// One worker for everybody: a slow handler held up every event of every plugin.
#[tokio::test(start_paused = true)]
async fn nexus_one_slow_handler_blocks_nobody() {
    let (bus, gate) = (bus().await, Gate::new());
    let slow = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(Value::Null)));
    bus.add(subscriber("slow", &[], &["x"], slow)).await.unwrap();
    bus.add(listener("quick", &["x"])).await.unwrap();
    for _ in 0..10 {
        bus.emit(draft("x")).await.unwrap();
    }
    crate::bus_support::until("the quick one is done", || handled(&bus, "quick", "x") == 10).await;
    assert_eq!(handled(&bus, "slow", "x"), 0);
    gate.open();
    bus.process_events().await;
    assert_eq!(handled(&bus, "slow", "x"), 10);
}

// Wildcards matched nothing, a second handler of a type took the place of the first, and `subscribe`
// answered nothing to leave with.
#[tokio::test(start_paused = true)]
async fn nexus_wildcards_match_and_two_handlers_are_two() {
    let bus = bus().await;
    let patterns = ["data.*", "**", "data.created", "data.*"];
    let ids = patterns.map(|own| bus.subscribe(own, 0, |_| async { Ok(()) }).unwrap());
    let created = || draft("data.created").json(json!({ "id": "1" }));
    let receipt = bus.emit(created()).await;
    // `data` is a shipped namespace: whether its data are right is not what is asked here.
    let matched = match receipt {
        Ok(receipt) => receipt.matched,
        Err(_) => bus.bus().explain("data.created").iter().filter(|own| own.receives).count(),
    };
    assert_eq!(matched, 4);
    assert!(bus.bus().unsubscribe(ids[0]));
    assert!(!bus.bus().unsubscribe(ids[0]));
}

// The priority of a handler was an unknown argument, and correlation could not be given.
#[tokio::test(start_paused = true)]
async fn nexus_priorities_order_a_dispatch_and_correlation_is_handed_on() {
    let bus = bus().await;
    let order: Arc<Mutex<Vec<i32>>> = Arc::default();
    for priority in [10, 100, 50] {
        let order = Arc::clone(&order);
        bus.subscribe("order.*", priority, move |_| {
            order.lock().unwrap().push(priority);
            async { Ok(Handled::emit(EventDraft::new("caused"))) }
        })
        .unwrap();
    }
    bus.bus().dispatch(draft("order.created").correlation("o-1")).await.unwrap();
    bus.process_events().await;
    assert_eq!(*order.lock().unwrap(), [100, 50, 10]);
    let caused = published(&bus, "caused");
    assert!(caused.len() == 3 && caused.iter().all(|event| event.correlation_id == "o-1"));
}

// The page's filter looked at a field that its emitter never sent: it could not fire, and nobody said so.
#[tokio::test(start_paused = true)]
async fn nexus_5_1_a_filter_that_never_holds_is_found() {
    let bus = bus().await;
    let filter: Predicate =
        serde_json::from_value(json!({ "pointer": "/data/field", "equals": "email" })).unwrap();
    let mut puppet = hookspec_plugin::Manifest::new("deaf", "tool");
    let subscribe = vec![wants("profile.updated").filter(filter)];
    puppet.events = Some(Events { subscribe, ..Events::default() });
    let does = Behaviour::answer(Value::Null);
    bus.add(hookspec_host::testing::Puppet::new(puppet).on("$event", does)).await.unwrap();
    bus.subscribe("profile.updatd", 0, |_| async { Ok(()) }).unwrap();
    bus.subscribe("profile.*", 0, |_| async { Ok(()) }).unwrap();
    let sent = json!({ "changes": { "email": { "old_value": "a", "new_value": "b" } } });
    bus.emit(draft("profile.updated").json(sent)).await.unwrap();
    bus.process_events().await;
    let silent = bus.silent();
    let names: Vec<&str> = silent.iter().map(|own| own.subscriber.as_str()).collect();
    assert_eq!(names, ["deaf", "profile.updatd"]);
    assert!(silent[0].why.contains("the filter does not hold"), "{}", silent[0]);
    assert!(silent[1].why.contains("has such a type"), "{}", silent[1]);
}

// A handler set `cancel`, the next one read `cancelled`; an event had neither.
#[tokio::test(start_paused = true)]
async fn nexus_5_2_cancelling_ends_a_dispatch() {
    let bus = open();
    let may = SubscribeOptions::default().may_cancel();
    let first = wants("x").priority(1);
    let _cancels = bus
        .subscribe_with("cancels", first, may, |_| async { Ok(Handled::cancel("not now")) })
        .unwrap();
    let (seen, _later) = noting(&bus, wants("x"));
    let (looks_on, _observer) = noting(&bus, wants("x").observe());
    let dispatched = bus.dispatch(draft("x")).await.unwrap();
    let by = dispatched.cancelled.unwrap();
    assert_eq!((by.subscriber.as_str(), by.reason.as_str()), ("cancels", "not now"));
    assert_eq!((seen.len(), looks_on.len()), (0, 1));
}

// The page asked first and subscribed to the reply afterwards: one that came at once was lost.
#[tokio::test(start_paused = true)]
async fn nexus_reply_before_waiter() {
    let bus = open();
    let (_, _guard) = answering(&bus, "at-once", wants("q"), |_| async { Ok(Handled::reply(7)) });
    for _ in 0..100 {
        let reply = bus.request(draft("q"), SOON).await.unwrap();
        assert_eq!(*reply.json().unwrap(), json!(7));
    }
}

// Replies were events that everybody received, and an error had no form.
#[tokio::test(start_paused = true)]
async fn nexus_5_6_only_the_asker_has_the_reply_and_an_error_is_one() {
    let bus = open();
    let (seen, _all) = noting(&bus, wants("**"));
    let (_, _one) = answering(&bus, "one", wants("q.one"), |_| async { Ok(Handled::reply("s")) });
    let (_, _no) = answering(&bus, "no", wants("q.no"), |_| async {
        Ok(Handled::refuse(Fault::new("unknown_user", "there is no such user")))
    });
    let reply = bus.request(draft("q.one"), SOON).await.unwrap();
    assert_eq!(*reply.json().unwrap(), json!("s"));
    let refused = bus.request(draft("q.no"), SOON).await.unwrap_err();
    assert!(refused.to_string().contains("there is no such user"), "{refused}");
    bus.drain(SOON).await;
    assert_eq!(seen.types(), ["q.one", "q.no"]);
}

// What was tried again was the event about the error; it was changed, and the pause held up everybody.
#[tokio::test(start_paused = true)]
async fn nexus_5_9_the_original_is_tried_again_kept_and_replayed() {
    let bus = open();
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let (_, _fails) = answering(&bus, "fails", wants("x").retries(2, 1000), move |_| {
        let nth = counted.fetch_add(1, Ordering::Relaxed);
        async move { if nth < 3 { Err(Fault::new("down", "down")) } else { Ok(()) } }
    });
    let (others, _fine) = noting(&bus, wants("y"));
    bus.publish(draft("x").id("first").json(json!({ "n": 1 }))).await.unwrap();
    bus.publish(draft("y")).await.unwrap();
    crate::bus_support::until("the other goes on", || others.len() == 1).await;
    assert!(tries.load(Ordering::Relaxed) < 3, "a pause held up somebody else");
    crate::bus_support::until("it is given up", || !bus.dead_letters().is_empty()).await;
    let letter = bus.dead_letters().remove(0);
    assert_eq!((letter.event.id.as_str(), letter.attempts), ("first", 3));
    assert_eq!(*letter.event.data.json().unwrap(), json!({ "n": 1 }));
    assert!(bus.replay(letter.number));
    bus.drain(SOON).await;
    assert_eq!((tries.load(Ordering::Relaxed), bus.dead_letters().len()), (4, 0));
}

// The page put a mock where the method had been after that method was subscribed: the bus never called
// it, and the test was green. What is recorded is what the bus did.
#[tokio::test(start_paused = true)]
async fn nexus_5_10_what_is_recorded_is_what_was_delivered() {
    let bus = bus().await;
    bus.add(listener("hears", &["user.*"])).await.unwrap();
    bus.add(subscriber("fails", &[], &["x"], Behaviour::fault("no"))).await.unwrap();
    bus.emit(draft("x")).await.unwrap();
    assert_eq!(bus.assert_received("fails", "x").fate, Fate::Waiting);
    bus.process_events().await;
    let reached = bus.assert_received("fails", "x");
    assert_eq!(
        (reached.fate, reached.failures),
        (Fate::Failed("the plugin answered a fault: no".into()), 1)
    );
    let silent = bus.silent();
    assert_eq!((silent.len(), silent[0].subscriber.as_str()), (1, "hears"));
}

// One page wrote `event_type`, another one `type`.
#[test]
fn nexus_5_11_both_names_are_read_and_one_is_written() {
    for key in ["type", "event_type"] {
        let read: EventDraft = serde_json::from_value(json!({ key: "user.created" })).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap()["type"], "user.created");
    }
}

// The end had three names, of which the code used a fourth.
#[tokio::test(start_paused = true)]
async fn nexus_5_12_the_end_has_one_name_and_is_heard() {
    let bus = bus().await;
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    bus.subscribe("core.system.stopping", 0, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    })
    .unwrap();
    bus.cleanup().await;
    assert_eq!(heard.load(Ordering::Relaxed), 1);
}

// Times had no zone.
#[tokio::test(start_paused = true)]
async fn nexus_5_13_times_are_in_utc_and_say_so() {
    let bus = bus().await;
    bus.emit(draft("x")).await.unwrap();
    let event = bus.assert_emitted("x").event;
    assert!(event.time.to_string().ends_with('Z'), "{}", event.time);
}
