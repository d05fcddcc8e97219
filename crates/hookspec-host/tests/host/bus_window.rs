//! Aggregation: EVENT-16, the part of windows.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookspec_host::bus::{Bus, BusOptions, SubscriptionGuard, Window};
use hookspec_plugin::{Event, EventDraft, Handled, SecurityLevel, Subscription};
use serde_json::{Value, json};
use tokio::time::{advance, sleep};

use crate::bus_support::{answering, draft, noting, numbered, open, wants, with};

const SOON: Duration = Duration::from_secs(5);

fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// The numbers in the events of a window.
fn numbers(events: &[Event]) -> Option<EventDraft> {
    let numbers: Vec<_> = events.iter().map(|event| event.data.json().unwrap()).collect();
    Some(draft("sum").json(json!(numbers)))
}

fn summing(bus: &Bus, wants: Subscription, window: Window) -> SubscriptionGuard {
    bus.aggregate("sums", wants, window, numbers).unwrap()
}

#[tokio::test(start_paused = true)]
async fn event_16_a_panicking_or_refused_summary_harms_nobody() {
    let bus = with(BusOptions { data_bytes: 1000, ..BusOptions::default() });
    let (sums, _noting) = noting(&bus, wants("sum"));
    let tumbling = Window::tumbling(secs(1.0));
    let _guard = bus
        .aggregate("sums", wants("a"), tumbling, |events| match events.len() {
            1 => panic!("one is too few"),
            2 => Some(draft("not..a type")),
            3 => Some(draft("sum").json(json!("x".repeat(2000)))),
            4 => None,
            _ => numbers(events),
        })
        .unwrap();
    for count in 1..=5 {
        for number in 0..count {
            bus.publish(numbered("a", number)).await.unwrap();
        }
        sleep(secs(2.0)).await;
    }
    bus.drain(SOON).await;
    assert_eq!(sums.data(), [json!([0, 1, 2, 3, 4])]);
    assert_eq!(bus.snapshot().errors, 3);
}

#[tokio::test(start_paused = true)]
async fn event_16_a_debounce_ends_when_it_is_quiet() {
    let bus = open();
    let (sums, _noting) = noting(&bus, wants("sum"));
    let _guard = summing(&bus, wants("a"), Window::debounce(secs(5.0)));
    for number in 0..3 {
        bus.publish(numbered("a", number)).await.unwrap();
        sleep(secs(4.0)).await;
    }
    assert_eq!(sums.len(), 0);
    sleep(secs(1.1)).await;
    assert_eq!(sums.data(), [json!([0, 1, 2])]);
    sleep(secs(60.0)).await;
    assert_eq!(sums.len(), 1);
}

/// Nexus, defect 5.4: gaps shorter than the window gave no summary, and a buffer without a bound.
#[tokio::test(start_paused = true)]
async fn event_16_nexus_steady_activity_does_not_starve_a_debounce() {
    let bus = open();
    let (sums, _noting) = noting(&bus, wants("sum"));
    let _guard = summing(&bus, wants("a"), Window::debounce(secs(1.0)));
    let _short = bus.aggregate(
        "short",
        wants("a"),
        Window::debounce(secs(1.0)).max_wait(secs(2.0)),
        |own| Some(draft("short").data(own.len())),
    );
    let (shorts, _noting_too) = noting(&bus, wants("short"));
    for number in 0..61 {
        bus.publish(numbered("a", number)).await.unwrap();
        sleep(secs(0.5)).await;
    }
    // Of ten seconds each: twenty events.
    let lengths: Vec<_> = sums.data().iter().map(|sum| sum.as_array().unwrap().len()).collect();
    assert_eq!(lengths, [20, 20, 20], "{:?}", sums.data());
    assert_eq!(shorts.len(), 15);
    bus.drain(SOON).await;
}

#[tokio::test(start_paused = true)]
async fn event_16_a_tumbling_window_ends_by_time_and_by_size() {
    let bus = open();
    let (sums, _noting) = noting(&bus, wants("sum"));
    let _guard = summing(&bus, wants("a"), Window::tumbling(secs(2.5)).max_size(4));
    for number in 0..6 {
        bus.publish(numbered("a", number)).await.unwrap();
        sleep(secs(1.0)).await;
    }
    assert_eq!(sums.data(), [json!([0, 1, 2]), json!([3, 4, 5])]);
    for number in 0..9 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    sleep(secs(0.1)).await;
    assert_eq!(sums.data()[2..], [json!([0, 1, 2, 3]), json!([4, 5, 6, 7])]);
    sleep(secs(2.5)).await;
    assert_eq!(sums.data()[4..], [json!([8])]);
}

#[tokio::test(start_paused = true)]
async fn event_16_each_key_and_each_tenant_has_a_window_and_there_are_only_so_many() {
    let bus = open();
    let (sums, _noting) = noting(&bus, wants("sum"));
    let window = Window::tumbling(secs(60.0)).max_keys(3);
    let _guard = summing(&bus, wants("a").key("/subject"), window);
    let of = |subject: &str, number| numbered("a", number).subject(subject);
    bus.publish(of("x", 1)).await.unwrap();
    bus.publish(of("y", 2)).await.unwrap();
    bus.publish(of("x", 3).tenant("acme").security(SecurityLevel::High)).await.unwrap();
    bus.publish(of("x", 4)).await.unwrap();
    sleep(secs(0.1)).await;
    assert_eq!(sums.len(), 0);
    // A fourth: the oldest makes room.
    bus.publish(of("z", 5)).await.unwrap();
    sleep(secs(0.1)).await;
    assert_eq!(sums.data(), [json!([1, 4])]);
    bus.drain(SOON).await;
    assert_eq!(sums.data(), [json!([1, 4]), json!([2]), json!([3]), json!([5])]);
    let tenants: Vec<_> = sums.events().iter().map(|sum| sum.tenant.clone()).collect();
    assert_eq!(tenants, [None, None, Some("acme".into()), None]);
    assert_eq!(sums.events()[2].security_level, SecurityLevel::High);
    assert_eq!(sums.events()[1].security_level, SecurityLevel::Normal);
}

/// Nexus, defect 5.3: what sums up received its own summaries, and summed them up.
#[tokio::test(start_paused = true)]
async fn event_16_nexus_an_aggregation_never_receives_what_came_of_itself() {
    let bus = with(BusOptions { max_depth: 40, ..BusOptions::default() });
    let (all, _noting) = noting(&bus, wants("visitor.**"));
    // Another one emits because of the summary; what it emits is of the same pattern.
    let (derived, _derives) =
        answering(&bus, "derives", wants("visitor.activity.summary"), |_| async {
            Ok(Handled::emit(draft("visitor.derived")))
        });
    let (_, _again) = answering(&bus, "again", wants("visitor.derived"), |_| async {
        Ok(Handled::emit(draft("visitor.again")))
    });
    let _guard = bus
        .aggregate("sums", wants("visitor.**"), Window::debounce(secs(1.0)), |events| {
            let types: Vec<_> = events.iter().map(|event| event.event_type.to_string()).collect();
            Some(draft("visitor.activity.summary").json(json!(types)))
        })
        .unwrap();
    bus.publish(draft("visitor.login")).await.unwrap();
    bus.publish(draft("visitor.click")).await.unwrap();
    sleep(secs(100.0)).await;
    let expected = [
        "visitor.login",
        "visitor.click",
        "visitor.activity.summary",
        "visitor.derived",
        "visitor.again",
    ];
    assert_eq!(all.types(), expected);
    let events = all.events();
    assert_eq!(*events[2].data.json().unwrap(), json!(["visitor.login", "visitor.click"]));
    // It came of the last event of its window.
    assert_eq!(events[2].causation_id.as_ref(), Some(&events[1].id));
    assert_eq!(events[2].correlation_id, events[1].correlation_id);
    assert_eq!(events[2].depth, 1);
    // What comes from elsewhere is summed up as before.
    bus.publish(draft("visitor.logout")).await.unwrap();
    bus.drain(SOON).await;
    assert_eq!(
        derived.data(),
        [json!(["visitor.login", "visitor.click"]), json!(["visitor.logout"])]
    );
}

#[tokio::test(start_paused = true)]
async fn event_16_a_stop_sums_up_what_is_open_and_what_comes_of_that() {
    let bus = with(BusOptions { max_depth: 5, ..BusOptions::default() });
    let (_, _slow) = answering(&bus, "slow", wants("start"), |_| async {
        sleep(secs(2.0)).await;
        Ok(Handled::emit(numbered("a", 7)))
    });
    let _guard = summing(&bus, wants("a"), Window::tumbling(secs(3600.0)));
    let _second = bus.aggregate("second", wants("sum"), Window::debounce(secs(3600.0)), |sums| {
        Some(draft("total").json(sums.iter().map(|sum| sum.data.json().unwrap().clone()).collect()))
    });
    let (totals, _noting) = noting(&bus, wants("total"));
    bus.publish(draft("start")).await.unwrap();
    let drained = bus.drain(SOON).await;
    assert!(drained.is_complete(), "{drained:?}");
    assert_eq!(totals.data(), [json!([[7]])]);
}

#[tokio::test(start_paused = true)]
async fn event_16_a_stop_sums_up_what_still_waits_for_its_window() {
    let bus = open();
    let (sums, _noting) = noting(&bus, wants("sum"));
    let _guard = summing(&bus, wants("a"), Window::debounce(secs(3600.0)));
    for number in 0..3 {
        bus.publish(numbered("a", number)).await.unwrap();
    }
    assert!(bus.drain(SOON).await.is_complete());
    assert_eq!(sums.data(), [json!([0, 1, 2])]);
}

#[tokio::test(start_paused = true)]
async fn event_16_a_window_is_summed_up_when_its_subscription_ends() {
    let bus = open();
    let (sums, _noting) = noting(&bus, wants("sum"));
    let ends: [fn(&Bus, SubscriptionGuard); 2] = [
        |_, guard| drop(guard),
        |bus, guard| {
            assert!(bus.unsubscribe(guard.keep()));
        },
    ];
    for (number, end) in ends.into_iter().enumerate() {
        let guard = summing(&bus, wants("a"), Window::debounce(secs(3600.0)));
        bus.publish(numbered("a", number)).await.unwrap();
        sleep(secs(1.0)).await;
        end(&bus, guard);
        sleep(secs(1.0)).await;
        assert_eq!(*sums.data().last().unwrap(), json!([number]));
        bus.publish(numbered("a", number)).await.unwrap();
        sleep(secs(1.0)).await;
        assert_eq!(sums.len(), number + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_ticks_while_nothing_is_open_and_no_length_overflows() {
    let bus = open();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let _long = summing(&bus, wants("b"), Window::debounce(Duration::MAX));
    let _guard = summing(&bus, wants("a"), Window::tumbling(secs(1.0)));
    let (sums, _noting) = noting(&bus, wants("sum"));
    let idle = tasks();
    bus.publish(draft("a")).await.unwrap();
    sleep(secs(0.5)).await;
    assert_eq!(tasks(), idle + 1);
    sleep(secs(1.0)).await;
    assert_eq!(tasks(), idle);
    bus.publish(draft("b")).await.unwrap();
    advance(secs(1.0)).await;
    assert_eq!(sums.len(), 1);
    assert!(bus.drain(SOON).await.is_complete());
    assert_eq!(sums.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_16_nothing_is_lost_and_nothing_comes_twice_when_threads_race() {
    static SUMMED: AtomicUsize = AtomicUsize::new(0);
    let bus = open();
    let asked = wants("a").queue(4_000).key("/data");
    let window = Window::debounce(Duration::from_micros(50)).max_size(3).max_keys(5);
    let guard = bus.aggregate("sums", asked, window, |events| {
        SUMMED.fetch_add(events.len(), Ordering::Relaxed);
        None
    });
    let _guard = guard.unwrap();
    let publishing = (0..4).map(|_| {
        let bus = bus.clone();
        tokio::spawn(async move {
            for number in 0..500 {
                bus.publish(draft("a").json(Value::from(number % 10))).await.unwrap();
            }
        })
    });
    futures::future::join_all(publishing).await;
    assert!(bus.drain(Duration::from_secs(60)).await.is_complete());
    assert_eq!(SUMMED.load(Ordering::Relaxed), 2000);
}
