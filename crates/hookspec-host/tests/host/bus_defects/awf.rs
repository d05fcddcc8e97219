//! AWF and GoCodeAlone's workflow engine: `reference/go-plugins.md`, sections 0 and 1.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hookspec_host::bus::PublishError;
use hookspec_host::testing::{Behaviour, Fate, Gate, TestBus};
use hookspec_plugin::{
    Component, Context, EventDraft, Events, Fault, Manifest, Pattern, SubscriberPlugin,
};

use super::{SOON, bus, handled, listener, published};
use crate::bus_support::{draft, numbered, open, subscriber, wants};

// A plugin that could emit blocked the start for five seconds, got no way to emit, and was given up.
#[tokio::test(start_paused = true)]
async fn awf_a1_a_plugin_that_emits_in_its_setup_is_up_at_once() {
    struct Eager;
    #[hookspec_plugin::async_trait]
    impl Component for Eager {
        async fn setup(ctx: &Context) -> Result<Self, Fault> {
            ctx.bus().emit(EventDraft::new("eager.up")).await?;
            Ok(Self)
        }
    }
    #[hookspec_plugin::async_trait]
    impl hookspec_plugin::Subscriber for Eager {
        async fn on_event(
            &self,
            _: &hookspec_plugin::CallContext<'_>,
            _: &hookspec_plugin::Event,
        ) -> Result<hookspec_plugin::Handled, Fault> {
            Ok(().into())
        }
    }
    let bus = bus().await;
    bus.add(listener("hears", &["eager.*"])).await.unwrap();
    let events = Events { emit: vec![Pattern::parse("eager.*").unwrap()], ..Events::default() };
    let manifest = Manifest { events: Some(events), ..Manifest::new("eager", "tool") };
    let started = tokio::time::Instant::now();
    bus.add(SubscriberPlugin::<Eager>::component(manifest)).await.unwrap();
    bus.process_events().await;
    assert_eq!(handled(&bus, "hears", "eager.up"), 1);
    assert!(started.elapsed() < std::time::Duration::from_secs(1), "{:?}", started.elapsed());
}

// An emitted event carried the context of the call that emitted it, and died with it: of 200 that were
// acknowledged none arrived.
#[tokio::test(start_paused = true)]
async fn awf_a2_emitted_events_reach_their_subscribers() {
    let bus = bus().await;
    let emits = Behaviour::emit_with(|_| (0..200).map(|n| numbered("out.x", n)).collect());
    bus.add(subscriber("emits", &["out.*"], &["go"], emits)).await.unwrap();
    bus.add(listener("hears", &["out.*"])).await.unwrap();
    bus.emit(draft("go")).await.unwrap();
    assert_eq!(bus.process_events().await, 0);
    assert_eq!(published(&bus, "out.x").len(), 200);
    assert_eq!(handled(&bus, "hears", "out.x"), 200);
}

// Closing the bus threw away what was queued: of 50 one was delivered, and `workflow.completed` raced
// the end of the process.
#[tokio::test(start_paused = true)]
async fn awf_a8_50_queued_50_delivered_at_stop() {
    let bus = bus().await;
    let (gate, count) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    let counts = Behaviour::compute(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(hookspec_plugin::Reply::value(()))
    });
    let slow = Behaviour::Wait(gate.clone(), Box::new(counts));
    bus.add(subscriber("slow", &[], &["workflow.**"], slow)).await.unwrap();
    for number in 0..50 {
        bus.emit(draft("workflow.completed").subject(number.to_string())).await.unwrap();
    }
    assert_eq!(count.load(Ordering::Relaxed), 0);
    gate.open();
    let drained = bus.cleanup().await;
    assert!(drained.is_complete(), "{drained:?}");
    assert_eq!(count.load(Ordering::Relaxed), 50);
}

// `serve`, the TUI and single steps had no bus: a plugin could not tell. Here there is one wherever there
// is a registry, and without one emitting is an error.
#[tokio::test(start_paused = true)]
async fn awf_a9_every_registry_has_a_bus() {
    let registry = hookspec_host::Registry::builder().open_events("x").start().await.unwrap();
    registry.bus().publish(draft("x.y")).await.unwrap();
    assert_eq!(registry.bus().snapshot().published, 1);
    registry.stop().await.unwrap();
}

// The documentation promised metadata that the code never sent. What is declared is what is documented.
#[test]
fn awf_a10_the_metadata_of_core_events_are_declared() {
    let shipped = hookspec_spec::EventCatalog::shipped();
    let rows = [
        ("workflow.completed", ["workflow_id", "workflow_name", "version", "status", "duration"]),
        ("step.failed", ["step_name", "step_type", "exit_code", "max_attempts", "error_message"]),
    ];
    for (event_type, keys) in rows {
        let declared = shipped.find(event_type).unwrap();
        for key in keys {
            assert!(declared.metadata.contains_key(key), "{event_type}: {key}");
        }
    }
}

// A plugin could say that it is another one, and what it returned was not authorised at all.
#[tokio::test(start_paused = true)]
async fn awf_one_rule_for_what_is_emitted_and_what_is_returned() {
    for returns in [false, true] {
        let bus = bus().await;
        let tries = |_: &hookspec_plugin::Event| {
            vec![
                draft("mine.fine"),
                draft("mine.claimed").source("other"),
                draft("secret.x"),
                draft("workflow.completed"),
            ]
        };
        let does = match returns {
            true => Behaviour::return_with(tries),
            false => Behaviour::compute(move |call| {
                for one in tries(&call.input.typed::<hookspec_plugin::Event>()?.clone()) {
                    drop(call.context.bus().try_emit(one));
                }
                Ok(hookspec_plugin::Reply::value(()))
            }),
        };
        bus.add(subscriber("p", &["mine.*", "workflow.*"], &["go"], does)).await.unwrap();
        bus.emit(draft("go")).await.unwrap();
        bus.process_events().await;
        let fine = bus.assert_emitted("mine.fine").event;
        // Missing ids were empty, missing times lay 200 years back.
        assert_eq!((fine.source.as_str(), fine.id.len(), fine.depth), ("p", 36, 1));
        assert!(fine.time.time() <= std::time::SystemTime::now());
        let refused: Vec<_> = bus.refusals().into_iter().map(|r| (r.event_type, r.code)).collect();
        let denied = ["mine.claimed", "secret.x", "workflow.completed"];
        assert_eq!(refused, denied.map(|name| (name.to_owned(), "HS-E005")), "{returns}");
    }
}

// The depth of what was emitted was whatever the plugin said, which was 0: such a loop never ended.
#[tokio::test(start_paused = true)]
async fn awf_a_loop_through_emit_ends() {
    let bus = bus().await;
    let again = Behaviour::emit_with(|_| vec![draft("loop").depth(0)]);
    bus.add(subscriber("loops", &["loop"], &["loop"], again)).await.unwrap();
    bus.emit(draft("loop")).await.unwrap();
    bus.process_events().await;
    let depths: Vec<i32> = published(&bus, "loop").iter().map(|event| event.depth).collect();
    assert_eq!(depths, [0, 1, 2]);
    assert_eq!(bus.refusals()[0].code, "HS-E006");
}

// An error of a handler left no trace; a panic ended the plugin's process, and the host called it running.
#[tokio::test(start_paused = true)]
async fn awf_an_error_and_a_panic_of_a_handler_are_seen_and_the_next_event_comes() {
    for (does, said) in [(Behaviour::fault("no room"), "no room"), (Behaviour::panic("oh"), "oh")] {
        let bus = bus().await;
        bus.add(subscriber("fails", &[], &["x"], does)).await.unwrap();
        bus.add(listener("fine", &["x"])).await.unwrap();
        for _ in 0..2 {
            bus.emit(draft("x")).await.unwrap();
        }
        bus.process_events().await;
        assert_eq!((bus.errors(), handled(&bus, "fine", "x")), (2, 2));
        let letters = bus.bus().dead_letters();
        assert_eq!(letters.len(), 2);
        assert!(letters[0].error.contains(said), "{}", letters[0].error);
        assert!(matches!(bus.assert_received("fails", "x").fate, Fate::Failed(_)));
    }
}

// Malformed patterns were taken and matched nothing, for ever; a lone `*` was all types here and one
// segment there.
#[tokio::test(start_paused = true)]
async fn awf_a_pattern_is_refused_or_means_the_same_everywhere() {
    for text in ["a.b*", "a.[b]", "a.?", "", "a."] {
        let bus = bus().await;
        assert!(bus.subscribe(text, 0, |_| async { Ok(()) }).is_err(), "{text}");
    }
    let bus = bus().await;
    let tries = Behaviour::return_with(|_| vec![draft("one"), draft("two.segments")]);
    bus.add(subscriber("star", &["*"], &["go.now"], tries)).await.unwrap();
    bus.subscribe("*", 0, |_| async { Ok(()) }).unwrap();
    bus.emit(draft("go.now")).await.unwrap();
    bus.process_events().await;
    assert_eq!((handled(&bus, "*", "one"), handled(&bus, "*", "go.now")), (1, 0));
    assert_eq!(bus.refusals()[0].event_type, "two.segments");
}

// Publishing after the end was a success that did nothing.
#[tokio::test(start_paused = true)]
async fn awf_publishing_after_the_end_is_an_error() {
    let bus = bus().await;
    let kept = bus.bus().clone();
    bus.cleanup().await;
    assert!(matches!(kept.publish(draft("x")).await, Err(PublishError::Closed)));
}

// Leaving within one's own handler waited for that handler, and so for ever.
#[tokio::test(start_paused = true)]
async fn awf_unsubscribing_in_the_own_handler_ends() {
    let bus = open();
    let own: Arc<Mutex<Option<hookspec_host::bus::SubscriptionGuard>>> = Arc::default();
    let (leaves, count) = (Arc::clone(&own), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    let guard = bus.subscribe("leaves", wants("x"), move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        drop(leaves.lock().unwrap().take());
        async { Ok(()) }
    });
    *own.lock().unwrap() = Some(guard.unwrap());
    bus.publish(draft("x")).await.unwrap();
    crate::bus_support::until("it left", || bus.snapshot().subscriptions.is_empty()).await;
    assert_eq!(bus.publish(draft("x")).await.unwrap().matched, 0);
    assert!(bus.drain(SOON).await.is_complete());
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

// Subscribing twice under one name leaked the first one's goroutine.
#[tokio::test(start_paused = true)]
async fn awf_two_subscriptions_of_one_name_are_two_and_end_apart() {
    let bus = open();
    let first = bus.subscribe("same", wants("x"), |_| async { Ok(()) }).unwrap();
    let second = bus.subscribe("same", wants("x"), |_| async { Ok(()) }).unwrap();
    assert_eq!(bus.publish(draft("x")).await.unwrap().matched, 2);
    drop(first);
    assert_eq!(bus.publish(draft("x")).await.unwrap().matched, 1);
    drop(second);
    assert_eq!(bus.publish(draft("x")).await.unwrap().matched, 0);
}

// GCA: publishing and subscribing were there and never wired: always an error, never a delivery.
#[tokio::test(start_paused = true)]
async fn gca_g2_what_a_plugin_publishes_is_delivered_to_a_plugin_that_subscribed() {
    let bus: TestBus = bus().await;
    let says = Behaviour::emit(draft("topic.said"));
    bus.add(subscriber("says", &["topic.*"], &["go"], says)).await.unwrap();
    bus.add(listener("hears", &["topic.*"])).await.unwrap();
    bus.emit(draft("go")).await.unwrap();
    bus.process_events().await;
    assert_eq!(bus.assert_received("hears", "topic.said").fate, Fate::Handled);
    assert_eq!(bus.errors(), 0);
}
