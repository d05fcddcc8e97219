//! `broadcast_notify`: NOTIFY-1 to NOTIFY-6.

use hookspec_host::testing::{Behaviour, Gate, Journal};
use hookspec_host::{Cause, DispatchError, Limits};
use hookspec_plugin::Caller;
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{PATIENCE, builder, eventually, impatient, kind, puppet, strict};

const NOTIFY: DispatchClass = DispatchClass::BroadcastNotify;

#[tokio::test]
async fn notify_4_a_failure_is_data_and_the_others_are_told() {
    let journal = Journal::new();
    let puppets = [
        puppet("a", Behaviour::fault("boom")).journal(&journal),
        puppet("b", Behaviour::answer(1)).journal(&journal),
        puppet("c", Behaviour::answer(2).pending()).journal(&journal),
    ];
    let registry = builder(kind(NOTIFY, ""), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    let notified = notify.dispatch(&Caller::new(), json!({})).await.unwrap();
    assert_eq!(notified.delivered, 2);
    assert_eq!(journal.calls(), ["a", "b", "c"]);
    let [failure] = &notified.failures[..] else { panic!("{:?}", notified.failures) };
    assert_eq!((failure.plugin.as_str(), failure.hook.as_str()), ("a", "h"));
    assert!(matches!(&failure.cause, Cause::Faulted(fault) if fault.message() == "boom"));
}

#[tokio::test]
async fn notify_5_detached_notifications_are_bounded_and_survive_their_caller() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let held = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(1)));
    let limits = Limits { detached: 2, ..Limits::default() };
    let registry = builder(kind(NOTIFY, ""), [puppet("a", held).journal(&journal)])
        .limits(limits)
        .start()
        .await
        .unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    {
        // The caller and its future are gone when the notification is carried out.
        let caller = Caller::new().with_metadata("actor", "u1");
        notify.notify_detached(&caller, json!(1)).unwrap();
        notify.notify_detached(&caller, json!(2)).unwrap();
        let refused = notify.notify_detached(&caller, json!(3));
        assert!(matches!(refused, Err(DispatchError::Rejected { outstanding: 2 })));
    }
    eventually("both are held", || gate.holds(2, std::time::Duration::ZERO)).await;
    assert_eq!(registry.snapshot().detached, 2);
    gate.open();
    eventually("both have ended", || registry.snapshot().detached == 0).await;
    assert_eq!(journal.calls(), ["a", "a"]);
}

#[tokio::test]
async fn notify_5_stop_waits_for_what_is_outstanding() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let held = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(1)));
    let registry =
        builder(kind(NOTIFY, ""), [puppet("a", held).journal(&journal)]).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    notify.notify_detached(&Caller::new(), json!(1)).unwrap();
    eventually("it is held", || gate.holds(1, std::time::Duration::ZERO)).await;
    let stopping = tokio::spawn({
        let registry = registry.clone();
        async move { registry.stop().await }
    });
    eventually("the registry refuses dispatches", || registry.snapshot().closed).await;
    assert!(matches!(
        notify.dispatch(&Caller::new(), json!(1)).await,
        Err(DispatchError::ShuttingDown)
    ));
    assert!(!stopping.is_finished(), "it waits for the notification");
    gate.open();
    tokio::time::timeout(PATIENCE, stopping).await.unwrap().unwrap().unwrap();
    assert!(
        !journal
            .entries()
            .iter()
            .any(|entry| { matches!(entry, hookspec_host::testing::Happening::Dropped(_)) })
    );
}

#[tokio::test]
async fn notify_6_nobody_there_is_fine_and_costs_no_validation() {
    let registry = builder(strict(NOTIFY, ""), []).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    assert!(!notify.has_plugins());
    // Nobody looks at it, so nobody minds.
    let notified = notify.dispatch(&Caller::new(), json!("not an object")).await.unwrap();
    assert_eq!((notified.delivered, notified.failures.len()), (0, 0));
}

#[tokio::test]
async fn an_invalid_input_reaches_nobody() {
    let journal = Journal::new();
    let puppets = [puppet("a", Behaviour::answer(1)).journal(&journal)];
    let registry = builder(strict(NOTIFY, ""), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    assert!(notify.has_plugins());
    let input = json!({ "text": 5, "more": true });
    let error = notify.dispatch(&Caller::new(), input.clone()).await.unwrap_err();
    let DispatchError::InvalidInput { violations, .. } = &error else { panic!("{error}") };
    let places: Vec<_> =
        violations.iter().map(|v| (v.instance.as_str(), v.schema.as_str())).collect();
    assert!(places.contains(&("/text", "/properties/text/type")), "{places:?}");
    assert!(places.contains(&("", "/additionalProperties")), "all mistakes at once: {places:?}");
    let detached = notify.notify_detached(&Caller::new(), input);
    assert!(matches!(detached, Err(DispatchError::InvalidInput { .. })), "told to the caller");
    assert!(journal.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn deadline_1_the_earliest_limit_wins() {
    let hang = || [puppet("a", Behaviour::Hang), puppet("b", Behaviour::answer(1))];
    // The hook's limit.
    let catalog = kind(NOTIFY, "    timeout_ms: 70\n");
    let registry = builder(catalog, hang()).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    let begin = tokio::time::Instant::now();
    let notified = notify.dispatch(&Caller::new(), json!({})).await.unwrap();
    assert!(matches!(notified.failures[0].cause, Cause::TimedOut));
    assert_eq!(notified.delivered, 1, "the others are told");
    assert!(begin.elapsed().as_millis() < 80, "{:?}", begin.elapsed());
    // The caller's limit, which is earlier; virtual time stands still, so it is a real instant.
    let caller = Caller::new().with_deadline((tokio::time::Instant::now() + ms(20)).into_std());
    let begin = tokio::time::Instant::now();
    let notified = notify.dispatch(&caller, json!({})).await.unwrap();
    assert!(matches!(notified.failures[0].cause, Cause::TimedOut));
    assert!(begin.elapsed().as_millis() < 30, "{:?}", begin.elapsed());
    // A caller's later limit changes nothing.
    let caller = Caller::new().with_deadline((tokio::time::Instant::now() + ms(9000)).into_std());
    let begin = tokio::time::Instant::now();
    notify.dispatch(&caller, json!({})).await.unwrap();
    assert!(begin.elapsed().as_millis() < 80, "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn deadline_1_a_plugin_shortens_only_its_own_call() {
    let manifest = hookspec_plugin::Manifest {
        timeout_ms: Some(10),
        ..hookspec_plugin::Manifest::new("short", "k")
    };
    let late = |delay| Behaviour::answer(1).late(ms(delay));
    let puppets =
        [hookspec_host::testing::Puppet::new(manifest).on("h", late(50)), puppet("long", late(50))];
    let registry = builder(kind(NOTIFY, ""), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    let notified = notify.dispatch(&Caller::new(), json!({})).await.unwrap();
    assert_eq!(notified.delivered, 1);
    assert_eq!(notified.failures[0].plugin, "short");
    assert!(matches!(notified.failures[0].cause, Cause::TimedOut));
}

#[tokio::test]
async fn more_plugins_than_are_polled_together_all_end() {
    // Beyond thirty the pending calls live in a set of their own; some never end.
    let puppets = (0..80).map(|index| {
        let behaviour = match index % 4 {
            0 => Behaviour::Hang,
            1 => Behaviour::answer(1).late(ms(1)),
            _ => Behaviour::answer(1),
        };
        puppet(&format!("p{index:02}"), behaviour.pending())
    });
    let registry = builder(kind(NOTIFY, ""), puppets).limits(impatient()).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    let notified = notify.dispatch(&Caller::new(), json!({})).await.unwrap();
    assert_eq!((notified.delivered, notified.failures.len()), (60, 20));
    let names: Vec<_> =
        notified.failures.iter().map(|failure| failure.plugin.to_string()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted, "failures stand in dispatch order");
}

fn ms(millis: u64) -> std::time::Duration {
    std::time::Duration::from_millis(millis)
}
