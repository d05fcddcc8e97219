//! What an operator sees: states, snapshots, explanations. Spans and logs: `tests/traced.rs`.

use hookspec_host::testing::{Behaviour, Puppet, Step};
use hookspec_host::{CauseClass, State};
use hookspec_plugin::{Caller, Manifest};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{builder, kind, plugin, puppet};

#[tokio::test]
async fn three_failures_in_a_row_degrade_and_one_success_restores() {
    let flaky = Behaviour::FailTimes(
        3,
        hookspec_plugin::Fault::new("flaky", "not yet"),
        Box::new(Behaviour::answer(1)),
    );
    let catalog = kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n");
    let registry = builder(catalog, [puppet("a", flaky)]).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let mut states = Vec::new();
    for _ in 0..4 {
        collect.dispatch(&Caller::new(), json!({})).await.unwrap();
        states.push(plugin(&registry, "a").state);
    }
    assert_eq!(states, [State::Ready, State::Ready, State::Degraded, State::Ready]);
    let snapshot = plugin(&registry, "a");
    assert_eq!((snapshot.calls, snapshot.failures[&CauseClass::Faulted]), (4, 3));
    let (_, hook, cause, message) = snapshot.last_failure.unwrap();
    assert_eq!((hook.as_str(), cause, message.as_str()), ("h", CauseClass::Faulted, "not yet"));
}

#[tokio::test]
async fn an_explanation_says_who_and_why_not() {
    let lacking = Puppet::new(Manifest::new("lacking", "k"));
    let first = Manifest { tryfirst: true, timeout_ms: Some(7), ..Manifest::new("first", "k") };
    let puppets = [
        puppet("zebra", Behaviour::answer(1)),
        Puppet::new(first).on("h", Behaviour::answer(2)),
        puppet("broken", Behaviour::answer(3)).setup(Step::Fault("no disk".into())),
        lacking,
    ];
    let registry =
        builder(kind(DispatchClass::BroadcastCollect, ""), puppets).start().await.unwrap();
    let explained = registry.explain("k@1", "h").unwrap();
    let rows: Vec<_> = explained
        .plugins
        .iter()
        .map(|place| (place.plugin.as_str(), place.band, place.why_not.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(rows[0], ("first", "tryfirst", "-"));
    assert_eq!(rows[1], ("zebra", "", "-"));
    assert_eq!(rows[2].0, "broken");
    assert!(rows[2].2.contains("unavailable") && rows[2].2.contains("no disk"), "{rows:?}");
    assert!(rows[3].2.contains("does not implement"), "{rows:?}");
    assert_eq!(registry.explain("k", "nope").unwrap_err().code(), "HS-D002");
    assert_eq!(registry.explain("k@9", "h").unwrap_err().code(), "HS-D001");
}

#[tokio::test]
async fn a_panic_has_its_place_where_the_application_asked_for_it() {
    hookspec_host::install_panic_hook();
    let panics = Behaviour::compute(|_| panic!("located"));
    let catalog = kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n");
    let registry = builder(catalog, [puppet("a", panics)]).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    let text = collected.failures[0].cause.to_string();
    assert!(text.contains("observability.rs:") && text.contains("located"), "{text}");
}
