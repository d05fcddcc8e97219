//! From those who want an event to those who have handled it: EVENT-8 to EVENT-11.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookspec_host::bus::{Bus, BusOptions, Delivery, SubscribeOptions, SubscriptionGuard};
use hookspec_plugin::{Fault, Handled, Overflow, Subscription};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::bus_support::{Seen, answering, draft, noting, numbered, open, until, wants, with};

const SOON: Duration = Duration::from_secs(5);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Somebody who holds the first event until the gate opens; that one is in its hands.
async fn holding(bus: &Bus, wants: Subscription) -> (Arc<Semaphore>, Seen, SubscriptionGuard) {
    let gate = Arc::new(Semaphore::new(0));
    let waits = Arc::clone(&gate);
    let (seen, guard) = answering(bus, "holding", wants.timeout_ms(600_000), move |_| {
        let waits = Arc::clone(&waits);
        async move {
            drop(waits.acquire().await);
            Ok(())
        }
    });
    bus.publish(numbered("a", 0)).await.unwrap();
    until("it has the first", || bus.snapshot().subscriptions[0].in_hands == 1).await;
    (gate, seen, guard)
}

#[tokio::test(start_paused = true)]
async fn event_9_what_finds_a_queue_full_goes_as_the_subscriber_asked() {
    let rows = [
        (Overflow::DropNewest, vec![0, 1, 2, 3, 4], 6, 6, vec![0, 6, 0, 0, 0]),
        (Overflow::DropOldest, vec![0, 7, 8, 9, 10], 0, 6, vec![0, 6, 0, 0, 0]),
        (Overflow::Block, vec![0, 1, 2, 3, 4], 6, 6, vec![0, 6, 0, 0, 0]),
    ];
    for (overflow, received, refused, dropped, lagged) in rows {
        let bus = with(BusOptions { publish_timeout: millis(1000), ..BusOptions::default() });
        let (gate, seen, _guard) = holding(&bus, wants("a").queue(4).overflow(overflow)).await;
        let started = Instant::now();
        let mut told = 0;
        for number in 1..=10 {
            let receipt = bus.publish(numbered("a", number)).await.unwrap();
            assert_eq!(receipt.matched, 1);
            told += receipt.dropped;
        }
        assert_eq!(told, refused, "{overflow:?}");
        // Only who asks for it is waited for, and for no longer than the bus says.
        let waited = if overflow == Overflow::Block { 6 } else { 0 };
        assert_eq!(started.elapsed().as_secs(), waited, "{overflow:?}");
        let own = &bus.snapshot().subscriptions[0];
        assert_eq!((own.dropped, own.waiting), (dropped, 4), "{overflow:?}");
        gate.add_permits(1);
        assert!(bus.drain(SOON).await.is_complete());
        assert_eq!(seen.data(), received.into_iter().map(Value::from).collect::<Vec<_>>());
        assert_eq!(seen.lags(), lagged, "{overflow:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn event_9_whoever_waits_for_room_has_it_when_there_is_some() {
    let bus = open();
    let (gate, seen, _guard) = holding(&bus, wants("a").queue(2).overflow(Overflow::Block)).await;
    let publishing: Vec<_> = (1..=8)
        .map(|number| {
            let bus = bus.clone();
            tokio::spawn(async move { bus.publish(numbered("a", number)).await.unwrap().dropped })
        })
        .collect();
    sleep(millis(1000)).await;
    assert_eq!(publishing.iter().filter(|one| one.is_finished()).count(), 2);
    // Where nobody can wait, it is dropped.
    assert_eq!(bus.try_publish(numbered("a", 99)).unwrap().dropped, 1);
    gate.add_permits(1);
    let dropped: usize =
        futures::future::join_all(publishing).await.into_iter().map(Result::unwrap).sum();
    bus.drain(SOON).await;
    assert_eq!((dropped, seen.lagged()), (0, 1));
    assert_eq!(seen.data(), (0..=8).map(Value::from).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn event_9_one_takes_the_place_of_another_with_its_key() {
    let bus = open();
    let asked = wants("a").queue(2).overflow(Overflow::Coalesce).key("/subject");
    let (gate, seen, _guard) = holding(&bus, asked).await;
    let rows = [("x", 1, 0), ("y", 2, 0), ("x", 3, 0), ("z", 4, 1), ("y", 5, 0), ("x", 6, 0)];
    for (subject, number, dropped) in rows {
        let receipt = bus.publish(numbered("a", number).subject(subject)).await.unwrap();
        assert_eq!(receipt.dropped, dropped, "{number}");
    }
    let own = &bus.snapshot().subscriptions[0];
    assert_eq!((own.replaced, own.dropped, own.waiting), (3, 1, 2));
    gate.add_permits(1);
    bus.drain(SOON).await;
    assert_eq!(seen.data(), [json!(0), json!(6), json!(5)]);
    assert_eq!(seen.lags(), [0, 1, 0]);
}

/// What ran when: key, number, and whether it began.
type Log = Arc<Mutex<Vec<(u8, usize, bool)>>>;

fn run(schedule: &[(u8, u64)], concurrency: usize, keyed: bool) -> Vec<(u8, usize, bool)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let log = Log::default();
    runtime.block_on(async {
        let bus = open();
        let noted = Arc::clone(&log);
        let asked = wants("a").concurrency(concurrency).queue(1000);
        let asked = if keyed { asked.key("/data/key") } else { asked };
        let guard = bus.subscribe("s", asked, move |told: Delivery| {
            let noted = Arc::clone(&noted);
            async move {
                let data = told.event.data.json().unwrap();
                let number = |name: &str| data[name].as_u64().unwrap();
                let (key, own) = (number("key") as u8, number("own") as usize);
                noted.lock().unwrap().push((key, own, true));
                sleep(millis(number("takes"))).await;
                noted.lock().unwrap().push((key, own, false));
                Ok(())
            }
        });
        for (own, (key, takes)) in schedule.iter().enumerate() {
            let data = json!({ "key": key, "own": own, "takes": takes });
            bus.publish(draft("a").json(data)).await.unwrap();
            if takes % 3 == 0 {
                sleep(millis(1)).await;
            }
        }
        assert!(bus.drain(Duration::from_secs(60)).await.is_complete());
        drop(guard);
    });
    let log = log.lock().unwrap();
    log.clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn event_8_and_10_order_is_kept_per_key_and_no_more_run_at_once_than_asked(
        schedule in prop::collection::vec((0_u8..4, 0_u64..6), 1..60),
        concurrency in 1_usize..6,
        keyed in any::<bool>(),
    ) {
        let log = run(&schedule, concurrency, keyed);
        prop_assert_eq!(log.len(), schedule.len() * 2);
        let (mut running, mut busy) = (0, HashMap::new());
        let (mut last, mut last_of) = (None, HashMap::new());
        for (key, own, begins) in log {
            if begins {
                running += 1;
                prop_assert!(running <= concurrency);
                let of_key = busy.entry(key).or_insert(0);
                *of_key += 1;
                prop_assert!(!keyed || *of_key == 1, "two of key {} at once", key);
                prop_assert!(last_of.insert(key, own).is_none_or(|before| before < own));
                prop_assert!(keyed || last.replace(own).is_none_or(|before| before < own));
            } else {
                running -= 1;
                *busy.get_mut(&key).unwrap() -= 1;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn event_10_as_many_run_at_once_as_asked() {
    let bus = open();
    let (_, _guard) = answering(&bus, "s", wants("a").concurrency(4), |_| async {
        sleep(millis(100)).await;
        Ok(())
    });
    let started = Instant::now();
    for number in 0..20 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    bus.drain(SOON).await;
    assert_eq!(started.elapsed().as_millis(), 500);
}

/// Fails so many times, and notes when.
fn failing(
    bus: &Bus,
    wants: Subscription,
    times: usize,
) -> (Arc<Mutex<Vec<u128>>>, SubscriptionGuard) {
    let (at, started) = (Arc::new(Mutex::new(Vec::new())), Instant::now());
    let noted = Arc::clone(&at);
    let guard = bus.subscribe("failing", wants, move |told: Delivery| {
        let mut at = noted.lock().unwrap();
        at.push(started.elapsed().as_millis());
        let attempts = at.len();
        async move {
            match attempts <= times {
                true => Err(Fault::new("no", format!("attempt {}", told.attempt))),
                false => Ok(()),
            }
        }
    });
    (at, guard.unwrap())
}

#[tokio::test(start_paused = true)]
async fn event_11_what_fails_is_tried_again_with_doubled_pauses_and_is_then_a_dead_letter() {
    let bus = open();
    let (at, guard) = failing(&bus, wants("a.*").retries(3, 100), 4);
    let receipt = bus.publish(numbered("a.b", 7)).await.unwrap();
    until("it is a dead letter", || !bus.dead_letters().is_empty()).await;
    assert_eq!(*at.lock().unwrap(), [0, 100, 300, 700]);
    let letters = bus.dead_letters();
    let letter = &letters[0];
    assert_eq!((&*letter.subscriber, &*letter.patterns[0]), ("failing", "a.*"));
    assert_eq!((&letter.event.id, letter.attempts), (&receipt.id, 4));
    assert!(letter.error.contains("attempt 4"), "{}", letter.error);
    let own = &bus.snapshot().subscriptions[0];
    assert_eq!((own.failed, own.retried, own.dead, own.delivered), (4, 3, 1, 0));
    // Whoever mended the subscriber has it handled.
    assert!(!bus.replay(letter.number + 1) && bus.replay(letter.number));
    until("it is handled", || bus.snapshot().subscriptions[0].delivered == 1).await;
    assert!(bus.dead_letters().is_empty() && !bus.replay(letter.number));
    drop(guard);
}

#[tokio::test(start_paused = true)]
async fn event_11_dead_letters_are_bounded_discarded_and_kept_while_nobody_is_there() {
    let bus = with(BusOptions { dead_letters: 2, ..BusOptions::default() });
    let (_, guard) = failing(&bus, wants("a"), usize::MAX);
    for number in 0..5 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    until("they are handled", || bus.snapshot().outstanding == 0).await;
    let letters = bus.dead_letters();
    let kept: Vec<_> = letters.iter().map(|own| own.event.data.json().unwrap().clone()).collect();
    assert_eq!((kept, bus.snapshot().dead_letters_lost), (vec![json!(3), json!(4)], 3));
    assert!(bus.discard(letters[0].number) && !bus.discard(letters[0].number));
    drop(guard);
    assert!(!bus.replay(letters[1].number));
    assert_eq!(bus.dead_letters().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn event_8_a_dispatch_asks_by_priority_and_only_who_may_cancels() {
    let bus = open();
    let order = Seen::default();
    let add = |name: &str, priority: i32, observes: bool, may: bool, why: Option<&'static str>| {
        let asked = wants("a.*").priority(priority);
        let asked = if observes { asked.observe() } else { asked };
        let options = SubscribeOptions::default();
        let options = if may { options.may_cancel() } else { options };
        let noted = order.clone();
        let handler = move |told: Delivery| {
            noted.note(&told);
            async move { Ok(why.map(Handled::cancel).unwrap_or_default()) }
        };
        bus.subscribe_with(name, asked, options, handler).unwrap()
    };
    let _guards = [
        add("last", -5, false, false, None),
        add("observer", -9, true, true, Some("observers do not cancel")),
        add("may not", 9, false, false, Some("I want to")),
        add("first", 20, false, false, None),
        add("may", 5, false, true, Some("the budget is spent")),
        add("late", 5, false, true, Some("me too")),
    ];
    let dispatched = bus.dispatch(draft("a.b")).await.unwrap();
    let asked: Vec<_> = dispatched.outcomes.iter().map(|own| &*own.subscriber).collect();
    assert_eq!(asked, ["first", "may not", "may", "observer"]);
    assert_eq!(order.len(), 4);
    let cancelled = dispatched.cancelled.unwrap();
    assert_eq!((&*cancelled.subscriber, &*cancelled.reason), ("may", "the budget is spent"));
    let errors: Vec<_> = dispatched.outcomes.iter().map(|own| own.error.is_some()).collect();
    assert_eq!(errors, [false, true, false, true]);
    assert!(dispatched.outcomes.iter().all(|own| own.pattern == "a.*"));
}

#[tokio::test(start_paused = true)]
async fn event_10_whoever_takes_too_long_is_left() {
    let bus = open();
    let hangs = |asked: Subscription| {
        answering::<_, ()>(&bus, "hangs", asked, |_| async { std::future::pending().await })
    };
    let (_, _guard) = hangs(wants("a").timeout_ms(50));
    let started = Instant::now();
    let dispatched = bus.dispatch(draft("a")).await.unwrap();
    let error = dispatched.outcomes[0].error.clone().unwrap();
    assert!(error.contains("50ms"), "{error}");
    assert_eq!(dispatched.outcomes[0].elapsed_ms, 50);
    bus.publish(draft("a")).await.unwrap();
    assert!(bus.drain(SOON).await.is_complete());
    assert_eq!(started.elapsed().as_millis(), 100);
    assert_eq!(bus.dead_letters().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn event_14_a_stop_says_what_a_deadline_left_behind() {
    let bus = open();
    let (_gate, _, _guard) = holding(&bus, wants("a")).await;
    let (seen, _noting) = noting(&bus, wants("a"));
    for number in 1..=50 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    let drained = bus.drain(SOON).await;
    assert_eq!((drained.dropped, drained.unfinished), (vec![("holding".into(), 50)], 1));
    assert_eq!(seen.len(), 50);
}
