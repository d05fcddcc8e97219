//! The orderly end of a bus whose subscribers are plugins: EVENT-14.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookspec_host::Registry;
use hookspec_host::bus::BusOptions;
use hookspec_host::testing::Behaviour;
use hookspec_plugin::{Fault, Handled};
use serde_json::json;

use crate::bus_hearing::Ears;
use crate::bus_plugins::{host, manifest};
use crate::bus_support::{draft, noting, numbered, wants};
use crate::support::eventually;

#[tokio::test]
async fn event_14_a_stop_waits_for_what_was_taken_and_what_came_of_it() {
    let ears = Ears::doing(|_, event| {
        let number = *event.data.typed::<usize>().unwrap();
        Box::pin(async move { Ok(Handled::emit(numbered("b", number))) })
    })
    .held();
    let plugin = ears.plugin(manifest("p", &["b"], &["a"]));
    let registry = host().plugin(plugin).start().await.unwrap();
    let bus = registry.bus();
    let (seen, _guard) = noting(&bus, wants("b"));
    for number in 0..50 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    let stopping = tokio::spawn({
        let registry = registry.clone();
        async move { registry.stop().await.unwrap() }
    });
    eventually("it stops", || bus.try_publish(draft("late")).is_err()).await;
    ears.gate.open();
    stopping.await.unwrap();
    assert_eq!(seen.len(), 50);
    assert!(bus.drained().unwrap().is_complete());
}

#[tokio::test]
async fn event_14_a_forced_stop_says_what_it_dropped() {
    let ears = Ears::new().held();
    let options = BusOptions {
        open_namespaces: vec!["*".into()],
        drain_timeout: Duration::from_millis(100),
        ..BusOptions::default()
    };
    let registry = host().events(options).plugin(ears.plugin(manifest("p", &[], &["a"])));
    let registry = registry.limits(crate::support::impatient()).start().await.unwrap();
    for number in 0..50 {
        registry.bus().publish(numbered("a", number)).await.unwrap();
    }
    eventually("one is in its hands", || registry.bus().snapshot().subscriptions[0].in_hands == 1)
        .await;
    let _ = registry.stop().await;
    let drained = registry.bus().drained().unwrap().clone();
    assert_eq!((drained.dropped, drained.unfinished), (vec![("p".to_owned(), 49)], 1));
    ears.gate.open();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_14_what_happened_before_a_stop_is_told_before_it() {
    const FAILURES: usize = 800;
    let failing = crate::support::puppet("bad", Behaviour::fault("no"));
    let registry = host().plugin(failing).build().unwrap();
    let (seen, _guard) = noting(&registry.bus(), wants("core.**").queue(2 * FAILURES));
    registry.start().await.unwrap();
    let notify = registry.broadcast_notify::<serde_json::Value>("k", "h").unwrap();
    // Told at once, published by somebody else: the stop comes right after them.
    for _ in 0..FAILURES {
        notify.dispatch_sync(&hookspec_plugin::Caller::new(), json!(1)).unwrap();
    }
    registry.stop().await.unwrap();
    let types = seen.types();
    let failed = types.iter().filter(|own| *own == "core.plugin.dispatch_failed").count();
    assert_eq!((failed, types.last().unwrap().as_str()), (FAILURES, "core.system.stopping"));
}

#[tokio::test]
async fn event_14_a_stop_waits_for_a_whole_dispatch() {
    let registry = host().start().await.unwrap();
    let bus = registry.bus();
    let gate = hookspec_host::testing::Gate::new();
    let held = gate.clone();
    let (first, _first) =
        crate::bus_support::answering(&bus, "first", wants("a").priority(1), move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                Ok(())
            }
        });
    let (second, _second) = noting(&bus, wants("a"));
    let dispatching = tokio::spawn({
        let bus = bus.clone();
        async move { bus.dispatch(draft("a")).await.unwrap() }
    });
    eventually("the first one is asked", || first.len() == 1).await;
    let stopping = tokio::spawn({
        let registry = registry.clone();
        async move { registry.stop().await.unwrap() }
    });
    eventually("it stops", || bus.try_publish(draft("late")).is_err()).await;
    gate.open();
    assert_eq!(dispatching.await.unwrap().outcomes.len(), 2);
    stopping.await.unwrap();
    assert_eq!(second.len(), 1);
    assert!(bus.drained().unwrap().is_complete());
}

#[tokio::test]
async fn event_14_a_handler_that_stops_the_registry_is_not_waited_for_by_itself() {
    let registry: Arc<Mutex<Option<Registry>>> = Arc::default();
    let own = Arc::clone(&registry);
    let ears = Ears::doing(move |_, _| {
        let registry = own.lock().unwrap().take();
        Box::pin(async move {
            if let Some(registry) = registry {
                let _ = registry.stop().await;
            }
            Ok::<_, Fault>(().into())
        })
    });
    let limits = crate::support::impatient();
    let started = host().limits(limits).plugin(ears.plugin(manifest("p", &[], &["a"])));
    let started = started.start().await.unwrap();
    *registry.lock().unwrap() = Some(started.clone());
    let begun = std::time::Instant::now();
    started.bus().publish(draft("a")).await.unwrap();
    eventually("it is stopped", || started.bus().drained().is_some()).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "it waited for itself");
    assert!(started.bus().drained().unwrap().is_complete());
}
