//! Batches: EVENT-16, the part of those.

use std::time::Duration;

use hookspec_host::bus::{BatchOptions, BusOptions, PublishError};
use hookspec_plugin::Handled;
use serde_json::json;
use tokio::time::sleep;

use crate::bus_support::{answering, draft, noting, numbered, open, wants, with};

const SOON: Duration = Duration::from_secs(5);

fn of(size: usize) -> BatchOptions {
    BatchOptions { size, ..BatchOptions::default() }
}

fn in_an(envelope: &str, size: usize) -> BatchOptions {
    BatchOptions { envelope: Some(envelope.into()), ..of(size) }
}

#[tokio::test(start_paused = true)]
async fn event_16_what_is_wrong_is_told_when_it_is_added() {
    let bus = with(BusOptions { data_bytes: 100, ..BusOptions::default() });
    let error = bus.batch(in_an("core.nothing", 1)).unwrap_err();
    assert!(matches!(error, PublishError::Undeclared { .. }), "{error}");
    let error = bus.batch(in_an("no..type", 1)).unwrap_err();
    assert!(matches!(error, PublishError::InvalidType { .. }), "{error}");
    let (seen, _guard) = noting(&bus, wants("**"));
    let batch = bus.batch(of(2)).unwrap();
    batch.add(draft("a..b")).unwrap_err();
    batch.add(draft("a").json(json!("x".repeat(200)))).unwrap_err();
    assert!(batch.is_empty());
    batch.add(draft("a")).unwrap();
    bus.drain(SOON).await;
    assert_eq!(seen.types(), ["a"]);
    let error = batch.add(draft("a")).unwrap_err();
    assert!(matches!(error, PublishError::Closed), "{error}");
}

/// Nexus, defect 5.13: a batch was an event of another type, which subscribers never saw.
#[tokio::test(start_paused = true)]
async fn event_16_nexus_a_batched_event_reaches_those_who_want_its_type() {
    let bus = open();
    let (seen, _guard) = noting(&bus, wants("analytics.page_view"));
    let batch = bus.batch(of(3)).unwrap();
    for number in 0..2 {
        batch.add(numbered("analytics.page_view", number).id(format!("v{number}"))).unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!((seen.len(), batch.len()), (0, 2));
    let before = std::time::SystemTime::now();
    batch.add(numbered("analytics.page_view", 2)).unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(seen.data(), [json!(0), json!(1), json!(2)]);
    let first = &seen.events()[0];
    assert_eq!((&*first.id, first.depth), ("v0", 0));
    assert!(first.time.time() <= before && batch.is_empty());
}

#[tokio::test(start_paused = true)]
async fn event_16_time_publishes_too_and_no_timer_runs_for_nothing() {
    let bus = open();
    let (seen, _guard) = noting(&bus, wants("a"));
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let batch = bus.batch(of(3)).unwrap();
    let idle = tasks();
    batch.add(numbered("a", 0)).unwrap();
    sleep(Duration::from_secs(20)).await;
    batch.add(numbered("a", 1)).unwrap();
    assert_eq!(tasks(), idle + 1);
    sleep(Duration::from_millis(9_900)).await;
    assert_eq!(seen.len(), 0);
    sleep(Duration::from_millis(200)).await;
    assert_eq!(seen.data(), [json!(0), json!(1)]);
    assert_eq!(tasks(), idle);
    // The next first one starts its own time; a full batch stops it.
    batch.add(numbered("a", 2)).unwrap();
    sleep(Duration::from_secs(29)).await;
    batch.add(numbered("a", 3)).unwrap();
    batch.add(numbered("a", 4)).unwrap();
    batch.add(numbered("a", 5)).unwrap();
    sleep(Duration::from_secs(2)).await;
    assert_eq!((seen.len(), batch.len()), (5, 1));
    batch.flush();
    sleep(Duration::from_millis(1)).await;
    assert_eq!((seen.len(), tasks()), (6, idle));
}

#[tokio::test(start_paused = true)]
async fn event_16_the_last_handle_and_a_stop_publish_what_is_left() {
    let bus = open();
    let (seen, _guard) = noting(&bus, wants("a"));
    let batch = bus.batch(of(50)).unwrap();
    let clone = batch.clone();
    clone.add(numbered("a", 0)).unwrap();
    drop(batch);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(seen.len(), 0);
    drop(clone);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(seen.data(), [json!(0)]);
    // At a stop also what is added because of what the stop waits for.
    let late = bus.batch(of(50)).unwrap();
    let adds = late.clone();
    let (_, _slow) = answering(&bus, "slow", wants("start"), move |_| {
        let adds = adds.clone();
        async move {
            sleep(Duration::from_secs(2)).await;
            adds.add(numbered("a", 2))?;
            Ok(())
        }
    });
    late.add(numbered("a", 1)).unwrap();
    bus.publish(draft("start")).await.unwrap();
    assert!(bus.drain(SOON).await.is_complete());
    assert_eq!(seen.data(), [json!(0), json!(1), json!(2)]);
}

#[tokio::test(start_paused = true)]
async fn event_16_in_an_envelope_they_are_one_event_for_each_tenant() {
    let bus = open();
    let (seen, _guard) = noting(&bus, wants("analytics.batch"));
    let (single, _other) = noting(&bus, wants("view"));
    let batch = bus.batch(in_an("analytics.batch", 50)).unwrap();
    for (number, tenant) in ["x", "y", "x"].into_iter().enumerate() {
        batch.add(numbered("view", number).tenant(tenant)).unwrap();
    }
    bus.drain(SOON).await;
    let counts: Vec<_> = seen.data().iter().map(|data| data["count"].clone()).collect();
    assert_eq!(counts, [json!(2), json!(1)]);
    assert_eq!(seen.events()[1].tenant.as_deref(), Some("y"));
    assert_eq!(seen.data()[0]["events"][1]["data"], json!(2));
    assert_eq!(seen.data()[0]["events"][1]["type"], json!("view"));
    assert_eq!(single.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn event_16_an_envelope_that_feeds_its_own_batch_ends() {
    let bus = open();
    let batch = bus.batch(in_an("all", 1)).unwrap();
    let adds = batch.clone();
    let (seen, _guard) = answering(&bus, "again", wants("all"), move |_| {
        let adds = adds.clone();
        async move { adds.add(draft("a")).map_err(Into::into) }
    });
    batch.add(draft("a")).unwrap();
    bus.drain(SOON).await;
    assert_eq!(seen.depths(), [0, 1, 2]);
    assert_eq!(bus.snapshot().too_deep, 1);
    // A full batch in the hands of somebody deep in a chain takes the others along.
    let bus = open();
    let batch = bus.batch(in_an("all", 2)).unwrap();
    let (seen, _noting) = noting(&bus, wants("all"));
    let (_, _deep) =
        answering(&bus, "deep", wants("x"), |_| async { Ok(Handled::emit(draft("y"))) });
    let adds = batch.clone();
    let (_, _deeper) = answering(&bus, "deeper", wants("y"), move |_| {
        let adds = adds.clone();
        async move { adds.add(draft("a")).map_err(Into::into) }
    });
    batch.add(draft("a")).unwrap();
    bus.publish(draft("x")).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    bus.drain(SOON).await;
    assert_eq!((seen.depths(), &seen.data()[0]["count"]), (vec![2], &json!(2)));
}

#[tokio::test(start_paused = true)]
async fn event_16_what_is_too_large_together_is_told_in_parts() {
    let bus = with(BusOptions { data_bytes: 2000, ..BusOptions::default() });
    let (seen, _guard) = noting(&bus, wants("all"));
    let batch = bus.batch(in_an("all", 4)).unwrap();
    for _ in 0..4 {
        batch.add(draft("a").json(json!("x".repeat(500)))).unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    let counts: u64 = seen.data().iter().map(|data| data["count"].as_u64().unwrap()).sum();
    assert!(counts == 4 && seen.len() > 1, "{counts} in {}", seen.len());
    assert_eq!(bus.snapshot().errors, 0);
}

#[tokio::test(start_paused = true)]
async fn event_16_what_is_no_json_is_all_that_an_envelope_lacks() {
    struct NoJson;
    impl serde::Serialize for NoJson {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it has no JSON"))
        }
    }
    let bus = open();
    let (seen, _guard) = noting(&bus, wants("together"));
    let batch = bus.batch(in_an("together", 5)).unwrap();
    for number in 0..5 {
        let one = if number == 3 { draft("a").data(NoJson) } else { numbered("a", number) };
        batch.add(one).unwrap();
    }
    let drained = bus.drain(SOON).await;
    assert!(drained.is_complete(), "{drained:?}");
    let inside = |data: &serde_json::Value| {
        let events = data["events"].as_array().unwrap().clone();
        events.into_iter().map(|event| event["data"].clone())
    };
    let all: Vec<_> = seen.data().iter().flat_map(inside).collect();
    assert_eq!(all, [0, 1, 2, 4].map(|number| json!(number)));
    assert_eq!(bus.snapshot().errors, 1);
}
