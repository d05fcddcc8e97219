//! What becomes of subscriptions when plugins change, and what nobody can do by changing: EVENT-2,
//! EVENT-6, EVENT-9, EVENT-12, EVENT-13, EVENT-14, EVENT-15.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookspec_host::bus::BusOptions;
use hookspec_host::testing::{Behaviour, Gate};
use hookspec_plugin::{Context, Fault, Handled, Overflow};
use serde_json::json;

use crate::bus_hearing::Ears;
use crate::bus_plugins::{host, manifest};
use crate::bus_support::{answering, draft, noting, numbered, open, until, wants, with};
use crate::loading::Folder;
use crate::support::eventually;

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn event_13_a_reload_that_changes_how_events_come_takes_over_what_waits() {
    let (folder, ears) = (Folder::new(), Ears::new().held());
    let registry = ears.registry(&folder, r#"subscribe = ["a"]"#).start().await.unwrap();
    let bus = registry.bus();
    for number in 0..20 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    eventually("one is in its hands", || bus.snapshot().subscriptions[0].in_hands == 1).await;
    folder.dylib(
        "a",
        "hearing",
        "[events]\nsubscribe = [{ pattern = \"a\", timeout_ms = 9000 }]\n",
    );
    let reloading = tokio::spawn({
        let registry = registry.clone();
        async move { registry.reload("a").await.unwrap() }
    });
    eventually("it is changed", || bus.snapshot().subscriptions[0].wants.timeout_ms == 9000).await;
    for number in 20..25 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    ears.gate.open();
    reloading.await.unwrap();
    registry.stop().await.unwrap();
    let mut heard = ears.data();
    // The one that was in the hands of the instance before may end beside those of the new one.
    let first = heard.iter().position(|number| *number == 0).map(|at| heard.remove(at));
    assert_eq!((first, heard), (Some(0), (1..25).collect()));
}

#[tokio::test]
async fn event_13_a_reload_that_wants_nothing_leaves_nothing_behind() {
    let (folder, ears) = (Folder::new(), Ears::new());
    let registry = ears.registry(&folder, r#"subscribe = ["a"]"#).start().await.unwrap();
    folder.dylib("a", "hearing", "");
    registry.reload("a").await.unwrap();
    assert!(registry.bus().snapshot().subscriptions.is_empty());
    assert_eq!(registry.bus().publish(draft("a")).await.unwrap().matched, 0);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn event_6_a_plugin_does_not_say_how_deep_it_is() {
    let ears =
        Ears::doing(|_, _| Box::pin(async { Ok(Handled::emit(draft("go").depth(i32::MIN))) }));
    let registry = host().plugin(ears.plugin(manifest("p", &["go"], &["go"])));
    let registry = registry.start().await.unwrap();
    let (seen, _guard) = noting(&registry.bus(), wants("go"));
    // The application is believed, and not below none.
    registry.bus().publish(draft("go").depth(-5)).await.unwrap();
    registry.stop().await.unwrap();
    assert_eq!(seen.depths(), [0, 1, 2]);
}

#[tokio::test]
async fn event_2_no_plugin_has_the_name_of_the_host() {
    for name in ["core", "host"] {
        let plugin = Ears::new().plugin(manifest(name, &["a"], &["a"]));
        let error = host().plugin(plugin).build().unwrap_err().to_string();
        assert!(error.contains("give the plugin another name"), "{error}");
    }
}

#[tokio::test]
async fn event_15_who_fails_because_of_a_failure_feeds_nobody() {
    let failing = crate::support::puppet("bad", Behaviour::fault("no"));
    let told = Ears::doing(|_, _| Box::pin(async { Ok(Handled::emit(draft("alert.raised"))) }));
    let notifier =
        told.plugin(manifest("notifier", &["alert.*"], &["core.plugin.dispatch_failed"]));
    let down =
        Ears::doing(|_, _| Box::pin(async { Err(Fault::new("down", "the webhook is down")) }));
    let mailer = down.plugin(manifest("mailer", &[], &["alert.*"]));
    let registry = host().plugin(failing).plugin(notifier).plugin(mailer).start().await.unwrap();
    let notify = registry.broadcast_notify::<serde_json::Value>("k", "h").unwrap();
    notify.dispatch(&hookspec_plugin::Caller::new(), json!(1)).await.unwrap();
    eventually("the mailer failed", || registry.bus().snapshot().dead_letters == 1).await;
    registry.stop().await.unwrap();
    assert_eq!((told.types().len(), down.types().len()), (1, 1));
}

#[tokio::test]
async fn event_4_who_is_torn_down_publishes_nothing_through_what_it_kept() {
    let kept: Arc<Mutex<Option<Context>>> = Arc::default();
    let keeps = Arc::clone(&kept);
    let ears = Ears::doing(move |ctx, _| {
        *keeps.lock().unwrap() = Some(ctx.plugin().clone());
        Box::pin(async { Ok(().into()) })
    });
    let registry = host().plugin(ears.plugin(manifest("p", &["b"], &["a"]))).start().await.unwrap();
    registry.bus().publish(draft("a")).await.unwrap();
    eventually("it is kept", || kept.lock().unwrap().is_some()).await;
    let kept = kept.lock().unwrap().take().unwrap();
    assert!(kept.bus().try_emit(draft("b")).is_ok());
    registry.remove("p").await.unwrap();
    let fault = kept.bus().try_emit(draft("b")).unwrap_err();
    assert_eq!(fault.code(), "event_denied");
    registry.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn event_10_one_who_is_waited_for_keeps_no_other_one_waiting() {
    let bus =
        with(BusOptions { publish_timeout: Duration::from_secs(30), ..BusOptions::default() });
    let gate = Gate::new();
    let asks = |priority| {
        wants("a").queue(1).overflow(Overflow::Block).priority(priority).timeout_ms(100_000)
    };
    let held = gate.clone();
    let (_, _stuck) = answering(&bus, "stuck", asks(1), move |_| {
        let held = held.clone();
        async move {
            held.pass().await;
            Ok(())
        }
    });
    let (slow, _slow) = answering(&bus, "slow", asks(0), |_| async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok(())
    });
    for number in 0..2 {
        bus.publish(numbered("a", number)).await.unwrap();
        tokio::task::yield_now().await;
    }
    let publishing = tokio::spawn({
        let bus = bus.clone();
        async move { bus.publish(numbered("a", 2)).await.unwrap() }
    });
    let begun = tokio::time::Instant::now();
    until("the other one has it", || slow.len() == 3).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    // Whoever gives up publishing leaves a trace (EVENT-9).
    publishing.abort();
    until("it is counted", || bus.snapshot().subscriptions[0].dropped == 1).await;
    gate.open();
}

#[tokio::test(start_paused = true)]
async fn event_12_a_request_ends_in_its_time_whoever_is_waited_for_and_waiting_begins_at_once() {
    let bus = open();
    let gate = Gate::new();
    let held = gate.clone();
    let stuck = wants("q").queue(1).overflow(Overflow::Block).timeout_ms(100_000);
    let (_, _stuck) = answering(&bus, "stuck", stuck, move |_| {
        let held = held.clone();
        async move {
            held.pass().await;
            Ok(())
        }
    });
    let (_, _answers) = answering(&bus, "answers", wants("q"), |_| async { Ok(Handled::reply(7)) });
    for _ in 0..2 {
        bus.publish(draft("q")).await.unwrap();
        tokio::task::yield_now().await;
    }
    let begun = tokio::time::Instant::now();
    let reply = bus.request(draft("q"), Duration::from_millis(100)).await.unwrap();
    assert_eq!(*reply.json().unwrap(), json!(7));
    assert!(begun.elapsed() < SOON);
    // Registered when it is called, not when it is first polled.
    let waiting = bus.wait_for("later", SOON);
    bus.publish(draft("later")).await.unwrap();
    assert_eq!(waiting.await.unwrap().event_type.as_str(), "later");
    gate.open();
}

#[tokio::test]
async fn event_14_a_handler_within_a_handler_that_stops_waits_for_neither() {
    let bus = open();
    let (outer, inner) = (bus.clone(), bus.clone());
    let (_, _stops) = answering(&bus, "stops", wants("b"), move |_| {
        let bus = inner.clone();
        async move {
            let drained = bus.drain(Duration::from_secs(60)).await;
            assert!(drained.is_complete(), "{drained:?}");
            Ok(())
        }
    });
    let (seen, _asks) = answering(&bus, "asks", wants("a"), move |_| {
        let bus = outer.clone();
        async move {
            bus.dispatch(draft("b")).await.map_err(Fault::from)?;
            Ok(())
        }
    });
    let begun = std::time::Instant::now();
    bus.publish(draft("a")).await.unwrap();
    eventually("it has ended", || bus.drained().is_some()).await;
    assert!(begun.elapsed() < Duration::from_secs(10) && seen.len() == 1);
}
