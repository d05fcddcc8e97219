//! Subscribers that do harm, and changes at the worst moment: EVENT-10, EVENT-13, EVENT-14.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use hookspec_host::bus::{Bus, BusOptions, Delivery, PublishError, SubscriptionGuard};
use hookspec_plugin::{Fault, Payload, Subscription};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::bus_support::{Seen, answering, draft, noting, numbered, open, until, wants, with};

const SOON: Duration = Duration::from_secs(5);

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// Subscribers each of which does harm in its own way.
fn harmful(bus: &Bus, wants: &Subscription) -> Vec<SubscriptionGuard> {
    let own = |name: &str| (name.to_owned(), wants.clone().timeout_ms(50));
    let (slow, hangs, fails, panics) = (own("slow"), own("hangs"), own("fails"), own("panics"));
    let (late, dropped, kept) = (own("panics late"), own("dropped"), own("kept"));
    let bomb = Bomb;
    let guards = [
        bus.subscribe(&slow.0, slow.1, |_| async {
            sleep(Duration::from_millis(40)).await;
            Ok(())
        }),
        bus.subscribe(&hangs.0, hangs.1, |_| std::future::pending::<Result<(), Fault>>()),
        bus.subscribe(&fails.0, fails.1, |_| async { Err::<(), _>(Fault::new("no", "never")) }),
        bus.subscribe(&panics.0, panics.1, |_| -> std::future::Ready<Result<(), Fault>> {
            panic!("in the closure")
        }),
        bus.subscribe(&late.0, late.1, |_| async {
            tokio::task::yield_now().await;
            if true {
                panic!("in the poll");
            }
            Ok(())
        }),
        bus.subscribe(&dropped.0, dropped.1, |_| async {
            let _bomb = Bomb;
            std::future::pending::<Result<(), Fault>>().await
        }),
        bus.subscribe(&kept.0, kept.1, move |_| {
            let _ = &bomb;
            async { Ok(()) }
        }),
    ];
    guards.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(start_paused = true)]
async fn event_10_harmful_subscribers_change_nothing_for_others() {
    let bus = open();
    let harmful = harmful(&bus, &wants("a"));
    let (seen, _guard) = noting(&bus, wants("a"));
    let started = Instant::now();
    for number in 0..20 {
        let receipt = bus.publish(numbered("a", number)).await.unwrap();
        assert_eq!((receipt.matched, receipt.dropped), (8, 0));
    }
    until("it has them all", || seen.len() == 20).await;
    assert!(started.elapsed() < Duration::from_millis(40), "{:?}", started.elapsed());
    assert_eq!(seen.data(), (0..20).map(Value::from).collect::<Vec<_>>());
    // Also where one is asked after the other, each has its turn.
    let dispatched = bus.dispatch(draft("a")).await.unwrap();
    let failed: Vec<_> = dispatched.outcomes.iter().map(|own| own.error.is_some()).collect();
    assert_eq!(failed, [false, true, true, true, true, true, false, false]);
    let drained = bus.drain(SOON).await;
    assert!(drained.is_complete(), "{drained:?}");
    assert_eq!(bus.dead_letters().len(), 5 * 20);
    drop(harmful);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_10_one_who_blocks_a_thread_blocks_nobody_else() {
    let bus = open();
    let (release, released) = mpsc::sync_channel::<()>(1);
    let released = Arc::new(Mutex::new(released));
    let (blocked, _blocks) = answering(&bus, "blocks", wants("a"), move |_| {
        let released = Arc::clone(&released);
        async move {
            // Bounded, should the test fail.
            let _ = released.lock().unwrap().recv_timeout(Duration::from_secs(20));
            Ok(())
        }
    });
    let (seen, _guard) = noting(&bus, wants("a"));
    for number in 0..50 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    until("it has them all", || seen.len() == 50 && blocked.len() == 1).await;
    assert_eq!(bus.snapshot().subscriptions[0].waiting, 49);
    drop(release);
    assert!(bus.drain(Duration::from_secs(20)).await.is_complete());
    assert_eq!(blocked.data(), seen.data());
}

#[tokio::test(start_paused = true)]
async fn event_13_who_subscribes_and_leaves_while_it_handles_an_event_harms_nobody() {
    let bus = open();
    let (inner, late) = (bus.clone(), Seen::default());
    let (kept, noted) = (Arc::new(Mutex::new(Vec::new())), late.clone());
    let (seen, guard) = answering(&bus, "changes", wants("a"), move |_| {
        let noted = noted.clone();
        let guard = inner.subscribe("late", wants("a"), move |told| {
            noted.note(&told);
            async { Ok(()) }
        });
        let mut kept = kept.lock().unwrap();
        kept.push(guard.unwrap());
        if kept.len() == 3 {
            // Their event waits for them: it goes with them.
            kept.drain(..2);
        }
        async { Ok(()) }
    });
    for number in 0..3 {
        bus.publish(numbered("a", number)).await.unwrap();
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(late.data(), [json!(1)]);
    assert_eq!(bus.snapshot().subscriptions.len(), 2);
    drop(guard);
    bus.publish(numbered("a", 3)).await.unwrap();
    bus.drain(SOON).await;
    assert_eq!(seen.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn event_13_who_ends_its_own_subscription_finishes_what_it_handles_and_has_no_more() {
    for by_guard in [true, false] {
        let bus = open();
        let (inner, own) = (bus.clone(), Arc::new(Mutex::new(None::<SubscriptionGuard>)));
        let mine = Arc::clone(&own);
        let finished = Seen::default();
        let noted = finished.clone();
        let (seen, guard) = answering(&bus, "leaves", wants("a"), move |told: Delivery| {
            let guard = mine.lock().unwrap().take().unwrap();
            match by_guard {
                true => drop(guard),
                false => assert!(inner.unsubscribe(guard.keep())),
            }
            let noted = noted.clone();
            async move {
                sleep(Duration::from_millis(10)).await;
                noted.note(&told);
                Ok(())
            }
        });
        *own.lock().unwrap() = Some(guard);
        for number in 0..3 {
            bus.publish(numbered("a", number)).await.unwrap();
        }
        assert!(bus.drain(SOON).await.is_complete());
        assert_eq!((seen.len(), finished.len()), (1, 1), "{by_guard}");
        assert!(bus.snapshot().subscriptions.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn event_14_who_stops_the_bus_while_it_handles_an_event_is_not_waited_for() {
    let bus = open();
    let inner = bus.clone();
    let (seen, _stops) = answering(&bus, "stops", wants("stop"), move |_| {
        let inner = inner.clone();
        async move {
            let drained = inner.drain(Duration::from_secs(3)).await;
            assert!(drained.is_complete(), "{drained:?}");
            Ok(())
        }
    });
    let (others, _guard) = answering(&bus, "slow", wants("a"), |_| async {
        sleep(Duration::from_millis(10)).await;
        Ok(())
    });
    for number in 0..50 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    let started = Instant::now();
    bus.publish(draft("stop")).await.unwrap();
    until("it has stopped", || bus.drained().is_some()).await;
    assert_eq!(started.elapsed().as_millis() / 100, 5, "{:?}", started.elapsed());
    assert_eq!((seen.len(), others.len()), (1, 50));
    let error = bus.publish(draft("a")).await.unwrap_err();
    assert!(matches!(error, PublishError::Closed), "{error}");
    let again = timeout(SOON, bus.drain(SOON)).await.unwrap();
    assert!(again.is_complete() && bus.dead_letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn data_of_no_bytes_and_of_ten_million_arrives_and_beyond_the_limit_is_refused() {
    let bus = with(BusOptions { max_depth: 3, ..BusOptions::default() });
    let (seen, _guard) = noting(&bus, wants("a"));
    let large = "x".repeat(10 << 20);
    bus.publish(draft("a").json(json!(large))).await.unwrap();
    bus.publish(draft("a").json(json!(""))).await.unwrap();
    bus.publish(draft("a").payload(Payload::from_json(Value::Null))).await.unwrap();
    let error = bus.publish(draft("a").json(json!("x".repeat(17 << 20)))).await.unwrap_err();
    assert!(matches!(error, PublishError::InvalidData { .. }), "{error}");
    let error = bus.publish(draft("a").metadata("", "x")).await.unwrap_err();
    assert!(matches!(error, PublishError::InvalidAttribute { .. }), "{error}");
    bus.drain(SOON).await;
    assert_eq!(seen.len(), 3);
    assert_eq!(seen.data()[0].as_str().map(str::len), Some(10 << 20));
}

#[derive(Clone, Debug)]
enum Step {
    Publish(usize),
    Subscribe(usize),
    Leave(usize),
}

const TYPES: [&str; 3] = ["a.x", "a.y", "b"];
const PATTERNS: [&str; 4] = ["a.*", "a.x", "**", "b"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..TYPES.len()).prop_map(Step::Publish),
        1 => (0..PATTERNS.len()).prop_map(Step::Subscribe),
        1 => (0_usize..8).prop_map(Step::Leave),
    ];
    prop::collection::vec(step, 0..80)
}

async fn interleaved(steps: &[Step]) {
    let bus = open();
    let mut there: BTreeMap<usize, (SubscriptionGuard, &str, Seen, Vec<Value>)> = BTreeMap::new();
    let mut gone = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Publish(which) => {
                let receipt = bus.publish(numbered(TYPES[*which], number)).await.unwrap();
                let mut matched = 0;
                for (_, pattern, _, expected) in there.values_mut() {
                    if wants(pattern).wants(TYPES[*which]) {
                        matched += 1;
                        expected.push(json!(number));
                    }
                }
                assert_eq!(receipt.matched, matched);
            }
            Step::Subscribe(which) => {
                let (seen, guard) = noting(&bus, wants(PATTERNS[*which]));
                there.insert(number, (guard, PATTERNS[*which], seen, Vec::new()));
            }
            Step::Leave(nth) => {
                let Some(key) = there.keys().nth(*nth).copied() else { continue };
                // What waits for it would be dropped: it has its turn before.
                until("all is handled", || bus.snapshot().outstanding == 0).await;
                let (guard, _, seen, expected) = there.remove(&key).unwrap();
                drop(guard);
                gone.push((seen, expected));
            }
        }
    }
    assert!(bus.drain(SOON).await.is_complete());
    for (seen, expected) in gone.into_iter().chain(there.into_values().map(|own| (own.2, own.3))) {
        assert_eq!(seen.data(), expected, "{steps:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn event_13_exactly_what_was_subscribed_when_it_was_published_is_delivered(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(interleaved(&steps));
    }
}
