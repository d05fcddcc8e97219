//! From a draft to those who want it: EVENT-2 to EVENT-7, and EVENT-12.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookspec_host::bus::{BusMode, BusOptions, PublishError, RequestError, SubscribeError};
use hookspec_plugin::{EventDraft, Fault, Handled, Predicate};
use serde_json::json;

use crate::bus_support::{answering, draft, noting, open, until, wants, with};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn event_2_what_is_missing_is_stamped_and_what_is_given_stays() {
    let bus = open();
    let (seen, _guard) = noting(&bus, wants("a.**"));
    let receipt = bus.publish(draft("a.b")).await.unwrap();
    let given = draft("a.c").id("x1").time("2025-01-15T10:30:00Z".parse().unwrap());
    bus.publish(given.metadata("k", "v")).await.unwrap();
    bus.drain(SOON).await;
    let events = seen.events();
    let first = &events[0];
    assert_eq!(first.id, receipt.id);
    assert_eq!(first.id.as_bytes()[14], b'7', "{}", first.id);
    assert_eq!((&*first.source, first.depth, &first.correlation_id), ("host", 0, &first.id));
    assert!(first.time.time() <= SystemTime::now());
    assert_eq!((&*events[1].id, &*events[1].metadata["k"]), ("x1", "v"));
    assert_eq!(events[1].time.to_string(), "2025-01-15T10:30:00Z");
}

#[tokio::test(start_paused = true)]
async fn event_2_a_clock_that_goes_backwards_harms_nobody() {
    let times = Arc::new(std::sync::atomic::AtomicU64::new(1_000));
    let clock = move || {
        let next = times.fetch_sub(100, std::sync::atomic::Ordering::Relaxed);
        SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(500)).unwrap()
            + Duration::from_secs(next)
    };
    let bus = with(BusOptions { clock: Arc::new(clock), ..BusOptions::default() });
    let (seen, _guard) = noting(&bus, wants("a"));
    for _ in 0..5 {
        bus.publish(draft("a")).await.unwrap();
    }
    bus.drain(SOON).await;
    let ids: std::collections::BTreeSet<_> = seen.events().iter().map(|e| e.id.clone()).collect();
    assert_eq!(ids.len(), 5);
    assert!(seen.events().windows(2).all(|pair| pair[0].time > pair[1].time));
}

/// In a handler's answer and in what the host tells, too: nobody there could catch it.
#[tokio::test(start_paused = true)]
async fn event_2_a_clock_that_panics_is_replaced_by_the_systems() {
    let bus =
        with(BusOptions { clock: Arc::new(|| panic!("no battery")), ..BusOptions::default() });
    let (seen, _guard) = answering(&bus, "forwards", wants("*"), |told| async move {
        let forward = told.event.event_type.as_str() == "a";
        Ok(if forward { Handled::emit(draft("b")) } else { Handled::default() })
    });
    let before = SystemTime::now();
    bus.publish(draft("a")).await.unwrap();
    assert!(bus.drain(SOON).await.is_complete());
    assert_eq!(seen.types(), ["a", "b"]);
    assert!(seen.events().iter().all(|event| event.time.time() >= before));
}

#[tokio::test(start_paused = true)]
async fn event_3_what_an_open_namespace_lets_out_may_be_subscribed() {
    let options = BusOptions { open_namespaces: vec!["ping".into()], ..BusOptions::default() };
    let bus = hookspec_host::bus::Bus::new(&hookspec_spec::EventCatalog::empty(), options);
    for (event_type, pattern) in [("ping", "ping"), ("ping.a", "ping.*"), ("ping.a.b", "ping.**")] {
        let (seen, _guard) = noting(&bus, wants(pattern));
        bus.publish(draft(event_type)).await.unwrap();
        until("it came", || seen.len() == 1).await;
    }
    let nothing = bus.subscribe("n", wants("pong.*"), |_| async { Ok(()) }).unwrap_err();
    assert!(matches!(nothing, SubscribeError::NothingMatches { .. }), "{nothing}");
}

#[tokio::test(start_paused = true)]
async fn event_3_what_nobody_declared_and_what_the_schema_refuses_is_an_error() {
    let bus =
        hookspec_host::bus::Bus::new(&hookspec_spec::EventCatalog::empty(), BusOptions::default());
    let error = bus.publish(draft("core.plugin.state_chnged")).await.unwrap_err();
    assert!(matches!(error, PublishError::Undeclared { .. }));
    assert!(error.to_string().contains("did you mean `core.plugin.state_changed`?"), "{error}");
    let wrong = draft("core.plugin.state_changed").json(json!({ "plugin": 3 }));
    let error = bus.publish(wrong).await.unwrap_err();
    assert!(matches!(error, PublishError::InvalidData { .. }), "{error}");
    assert!(error.to_string().contains("/plugin"), "{error}");
    for (pattern, near) in [("workflow.startd", true), ("deploy.**", false)] {
        let told = |_| async { Ok(()) };
        let error = bus.subscribe("s", wants(pattern), told).unwrap_err();
        assert!(matches!(error, SubscribeError::NothingMatches { .. }));
        assert_eq!(error.to_string().contains("did you mean"), near, "{error}");
    }
}

/// An ordinary drop of it would overflow the stack.
fn deep() -> serde_json::Value {
    (0..1_000_000).fold(json!(1), |inner, _| serde_json::Value::Array(vec![inner]))
}

#[tokio::test(start_paused = true)]
async fn attributes_that_no_event_has_are_refused() {
    let bus = with(BusOptions { data_bytes: 10_000, ..BusOptions::default() });
    let huge = "x".repeat(70_000);
    let rows: Vec<(EventDraft, &str)> = vec![
        (draft("a..b"), "a segment is empty"),
        (draft("a").id(""), "`id`"),
        (draft("a").id(huge.clone()), "`id`"),
        (draft("a").metadata("", "v"), "`metadata`"),
        (draft("a").metadata("k", huge.clone()), "`metadata`"),
        (draft("a").json(json!(huge)), "bytes"),
        (draft("a").json(deep()), "deep"),
    ];
    for (given, named) in rows {
        let error = bus.publish(given).await.unwrap_err();
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
    assert_eq!(bus.snapshot().refused, 7);
}

#[tokio::test(start_paused = true)]
async fn event_15_secrets_of_the_host_are_masked_and_those_of_others_are_theirs() {
    let bus = open();
    let (seen, _guard) = noting(&bus, wants("**"));
    let keys = ["api_key_x", "Token", "SECRET_A", "password", "author"];
    let fill =
        |event_type| keys.iter().fold(draft(event_type), |draft, key| draft.metadata(*key, "v"));
    bus.publish(fill("workflow.started")).await.unwrap();
    bus.publish(fill("mine.started")).await.unwrap();
    bus.drain(SOON).await;
    let events = seen.events();
    let shown = |index: usize| keys.map(|key| events[index].metadata[key].clone());
    assert_eq!(shown(0), ["***", "***", "***", "***", "v"]);
    assert_eq!(shown(1), ["v"; 5]);
}

#[tokio::test(start_paused = true)]
async fn event_7_sources_tenants_permissions_and_filters_hold() {
    let permissions = |source: &str, permission: &str| source == "vault" && permission == "read";
    let bus =
        with(BusOptions { permissions: Some(Arc::new(permissions)), ..BusOptions::default() });
    let filter: Predicate =
        serde_json::from_value(json!({ "pointer": "/data/env", "equals": "prod" })).unwrap();
    let rows = [
        (wants("a").source("vault"), vec!["vault", "prod"]),
        (wants("a").tenant("acme"), vec!["acme"]),
        (wants("a").permission("read"), vec!["vault", "prod"]),
        (wants("a").filter(filter), vec!["prod"]),
        (wants("a").or("*".parse().unwrap()), vec!["plain", "vault", "acme", "prod"]),
    ];
    let seen: Vec<_> = rows.iter().map(|(wants, _)| noting(&bus, wants.clone())).collect();
    bus.publish(draft("a").subject("plain")).await.unwrap();
    let vault = |draft: EventDraft| draft.source("vault");
    bus.publish(vault(draft("a").subject("vault"))).await.unwrap();
    bus.publish(draft("a").subject("acme").tenant("acme")).await.unwrap();
    bus.publish(vault(draft("a").subject("prod").json(json!({ "env": "prod" })))).await.unwrap();
    bus.drain(SOON).await;
    for ((wants, expected), (seen, _)) in rows.iter().zip(&seen) {
        let subjects: Vec<_> =
            seen.events().iter().map(|event| event.subject.clone().unwrap()).collect();
        assert_eq!(subjects, *expected, "{wants:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn event_5_and_6_loops_end_whichever_way_they_go() {
    for limit in [1, 3, 5] {
        for way in ["return", "bus", "mixed"] {
            let bus = with(BusOptions { max_depth: limit, ..BusOptions::default() });
            let inner = bus.clone();
            let (seen, _guard) = answering(&bus, "loop", wants("a"), move |told| {
                let inner = inner.clone();
                async move {
                    let through_bus = way == "bus" || (way == "mixed" && told.event.depth % 2 == 1);
                    if !through_bus {
                        return Ok(Handled::emit(draft("a")));
                    }
                    tokio::task::yield_now().await;
                    inner.publish(draft("a")).await.map_err(Fault::from)?;
                    Ok(().into())
                }
            });
            bus.publish(draft("a")).await.unwrap();
            bus.drain(SOON).await;
            assert_eq!(seen.depths(), (0..limit).collect::<Vec<_>>(), "{way}");
            assert_eq!(bus.snapshot().too_deep, 1, "{way}");
            let events = seen.events();
            for pair in events.windows(2) {
                assert_eq!(pair[1].causation_id.as_ref(), Some(&pair[0].id));
                assert_eq!(pair[1].correlation_id, events[0].correlation_id);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn in_awf_mode_a_depth_can_be_raised_and_any_type_is_one() {
    let bus = with(BusOptions { mode: BusMode::Awf, ..BusOptions::default() });
    let (seen, _guard) = answering(&bus, "loop", wants("*"), |told| async move {
        let depth = told.event.depth + 1;
        Ok(Handled::emit(draft("a..b").depth(depth)))
    });
    bus.publish(draft("a.").depth(7)).await.unwrap();
    until("it is handled", || seen.len() == 1).await;
    assert_eq!((seen.depths(), &*seen.events()[0].source), (vec![7], "host"));
    bus.publish(draft("workflow.started").depth(2)).await.unwrap();
    bus.drain(SOON).await;
    assert_eq!((seen.depths(), &*seen.events()[1].source), (vec![7, 2], "core"));
    assert_eq!(bus.snapshot().too_deep, 2);
}

#[tokio::test(start_paused = true)]
async fn event_12_a_request_is_answered_refused_unheard_or_late() {
    let bus = open();
    let limit = Duration::from_secs(2);
    let unheard = bus.request(draft("q"), limit).await.unwrap_err();
    assert!(matches!(unheard, RequestError::Unheard { .. }), "{unheard}");
    let (_, _silent) = noting(&bus, wants("q.*"));
    let unanswered = bus.request(draft("q.silent"), limit).await.unwrap_err();
    assert!(matches!(unanswered, RequestError::Unanswered { error: None, .. }), "{unanswered}");
    let (_, _fails) = answering::<_, ()>(&bus, "fails", wants("q.fails"), |_| async {
        Err(Fault::new("no", "not today"))
    });
    let failed = bus.request(draft("q.fails"), limit).await.unwrap_err();
    assert!(failed.to_string().contains("not today"), "{failed}");
    let (_, _refuses) = answering(&bus, "refuses", wants("q.refuses"), |_| async {
        Ok(Handled::refuse(Fault::new("full", "no room")))
    });
    let refused = bus.request(draft("q.refuses"), limit).await.unwrap_err();
    assert!(matches!(refused, RequestError::Refused { .. }), "{refused}");
    let (_, _hangs) = answering::<_, ()>(&bus, "hangs", wants("q.hangs"), |_| async {
        std::future::pending().await
    });
    let late = bus.request(draft("q.hangs"), limit).await.unwrap_err();
    assert!(matches!(late, RequestError::TimedOut { .. }), "{late}");
    let (_, _answers) = answering(&bus, "answers", wants("q.answers"), |told| async move {
        Ok(Handled::reply(json!({ "to": told.event.id })))
    });
    // Only the asker receives what was answered to it: ten at once are not mixed up.
    let asked = (0..10).map(|n| bus.request(draft("q.answers").id(format!("r{n}")), limit));
    for (n, reply) in futures::future::join_all(asked).await.into_iter().enumerate() {
        assert_eq!(*reply.unwrap().json().unwrap(), json!({ "to": format!("r{n}") }));
    }
}

#[tokio::test(start_paused = true)]
async fn event_12_whoever_waits_has_the_next_event_and_whoever_leaves_waits_no_longer() {
    let bus = open();
    let limit = Duration::from_millis(50);
    let late = bus.wait_for("a.*", limit).await.unwrap_err();
    assert!(matches!(late, RequestError::TimedOut { .. }), "{late}");
    let waiting = tokio::spawn({
        let bus = bus.clone();
        async move { bus.wait_for("a.*", SOON).await }
    });
    tokio::task::yield_now().await;
    bus.publish(draft("b")).await.unwrap();
    bus.publish(draft("a.x")).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().event_type.as_str(), "a.x");
    until("nobody waits", || bus.snapshot().outstanding == 0).await;
}
