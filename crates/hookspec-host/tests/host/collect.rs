//! `broadcast_collect`: COLLECT-1 to COLLECT-7, and what all classes share about payloads.

use std::sync::{Arc, OnceLock};

use hookspec_host::testing::{Behaviour, Gate, Happening, Journal};
use hookspec_host::{Cause, DispatchError, Limits, Partial, Registry};
use hookspec_plugin::{Caller, Manifest, Payload};
use hookspec_spec::DispatchClass;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{builder, impatient, kind, puppet, ranked, strict};

const COLLECT: DispatchClass = DispatchClass::BroadcastCollect;
const BEST_EFFORT: &str = "    error_policy: best_effort\n";

async fn ask(registry: &Registry) -> Result<hookspec_host::Collected<Value>, DispatchError> {
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    collect.dispatch(&Caller::new(), json!({})).await
}

#[tokio::test]
async fn collect_5_fail_fast_ends_with_what_there_was() {
    let journal = Journal::new();
    let puppets = [
        ranked("a", 3, Behaviour::answer("A")).journal(&journal),
        ranked("b", 2, Behaviour::fault("boom")).journal(&journal),
        ranked("c", 1, Behaviour::answer("C")).journal(&journal),
    ];
    let registry = builder(kind(COLLECT, ""), puppets).start().await.unwrap();
    let error = ask(&registry).await.unwrap_err();
    let DispatchError::PluginFailed { failure, partial: Partial::Replies(replies) } = error else {
        panic!("{error}")
    };
    assert_eq!(failure.plugin, "b");
    assert_eq!(replies.len(), 1);
    assert_eq!((replies[0].0.as_str(), replies[0].1.json().unwrap()), ("a", &json!("A")));
    assert_eq!(journal.calls(), ["a", "b"], "what comes later in order is not begun");
}

#[tokio::test]
async fn collect_5_fail_fast_cancels_what_runs() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let then_fail = Behaviour::Wait(gate.clone(), Box::new(Behaviour::fault("boom")));
    let puppets = [
        ranked("hangs", 3, Behaviour::Hang).journal(&journal),
        ranked("fails", 2, then_fail).journal(&journal),
        ranked("ready", 1, Behaviour::answer(1)).journal(&journal),
    ];
    let registry = builder(kind(COLLECT, ""), puppets).start().await.unwrap();
    let opener = async {
        crate::support::eventually("it waits", || gate.holds(1, std::time::Duration::ZERO)).await;
        gate.open();
    };
    let (result, ()) = tokio::join!(ask(&registry), opener);
    let Err(DispatchError::PluginFailed { failure, partial }) = result else {
        panic!("{result:?}")
    };
    assert_eq!(failure.plugin, "fails");
    assert!(matches!(partial, Partial::Replies(replies) if replies[0].0 == "ready"));
    assert!(journal.has(&Happening::Dropped("hangs".into())), "{:?}", journal.entries());
    let hangs = crate::support::plugin(&registry, "hangs");
    assert_eq!(hangs.in_flight, 0);
    assert_eq!(hangs.consecutive_failures, 0, "to be cancelled is not its failure");
}

#[tokio::test]
async fn collect_6_best_effort_keeps_the_others_replies_in_order() {
    let puppets = [
        ranked("a", 3, Behaviour::answer("A").pending()),
        ranked("b", 2, Behaviour::fault("e1")),
        ranked("c", 1, Behaviour::answer(Value::Null)),
        ranked("d", 0, Behaviour::fault("e2").pending()),
    ];
    let registry = builder(kind(COLLECT, BEST_EFFORT), puppets).start().await.unwrap();
    let collected = ask(&registry).await.unwrap();
    let replies: Vec<_> = collected
        .replies
        .iter()
        .map(|reply| (reply.plugin.as_str(), (*reply.value).clone()))
        .collect();
    assert_eq!(replies, [("a", json!("A")), ("c", Value::Null)], "null is a reply");
    let failed: Vec<_> = collected.failures.iter().map(|failure| failure.plugin.as_str()).collect();
    assert_eq!(failed, ["b", "d"]);
}

#[tokio::test]
async fn collect_4_unchanged_and_stop_are_no_answers_here() {
    let puppets = [puppet("a", Behaviour::Unchanged), puppet("b", Behaviour::Stop)];
    let registry = builder(kind(COLLECT, BEST_EFFORT), puppets).start().await.unwrap();
    let collected = ask(&registry).await.unwrap();
    assert_eq!(collected.replies.len(), 0);
    assert!(collected.failures.iter().all(|f| matches!(f.cause, Cause::InvalidOutput(_))));
}

#[tokio::test]
async fn collect_7_nobody_there_is_empty() {
    let registry = builder(kind(COLLECT, ""), []).start().await.unwrap();
    assert!(ask(&registry).await.unwrap().replies.is_empty());
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Text {
    text: String,
}

#[tokio::test]
async fn a_typed_caller_gets_typed_replies_and_a_misfit_is_named() {
    let puppets = [
        ranked("a", 2, Behaviour::answer(json!({ "text": "A" }))),
        ranked("b", 1, Behaviour::answer(json!({ "text": "B", "n": 1 }))),
    ];
    let catalog = strict(COLLECT, BEST_EFFORT);
    let registry = builder(catalog, puppets).start().await.unwrap();
    let collect = registry.broadcast_collect::<Text, Text>("k", "h").unwrap();
    let input = Text { text: "in".into() };
    let collected = collect.dispatch(&Caller::new(), input.clone()).await.unwrap();
    let texts: Vec<_> = collected.replies.iter().map(|reply| reply.value.text.as_str()).collect();
    assert_eq!(texts, ["A", "B"]);
    assert_eq!(collected.replies[0].value.clone().into_inner(), Text { text: "A".into() });

    let numbers = registry.broadcast_collect::<Text, u64>("k", "h").unwrap();
    let collected = numbers.dispatch(&Caller::new(), input).await.unwrap();
    assert_eq!(collected.replies.len(), 0);
    assert!(collected.failures.iter().all(|f| matches!(f.cause, Cause::InvalidOutput(_))));
}

#[tokio::test]
async fn size_1_an_input_that_is_too_large_or_too_deep_reaches_nobody() {
    let journal = Journal::new();
    let limits = Limits { input_bytes: 1000, ..Limits::default() };
    let puppets = [puppet("a", Behaviour::answer(1)).journal(&journal)];
    let registry = builder(kind(COLLECT, ""), puppets).limits(limits).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let deep = (0..100_000).fold(json!(0), |inner, _| Value::Array(vec![inner]));
    for input in [json!("x".repeat(1001)), deep] {
        let error = collect.dispatch(&Caller::new(), input).await.unwrap_err();
        assert!(matches!(error, DispatchError::InvalidInput { .. }), "{error}");
    }
    assert!(journal.calls().is_empty());
}

#[tokio::test]
async fn size_2_a_manifest_can_tighten_the_limit_on_its_output() {
    let limited = Manifest {
        limits: Some(hookspec_plugin::Limits { output_bytes: Some(100) }),
        ..Manifest::new("limited", "k")
    };
    let puppets = [
        hookspec_host::testing::Puppet::new(limited).on("h", Behaviour::Huge(200)),
        puppet("free", Behaviour::Huge(200)),
    ];
    let registry = builder(kind(COLLECT, BEST_EFFORT), puppets).start().await.unwrap();
    let collected = ask(&registry).await.unwrap();
    assert_eq!(collected.replies[0].plugin, "free");
    assert_eq!(collected.failures[0].plugin, "limited");
}

#[tokio::test]
async fn a_plugin_may_call_back_into_the_registry() {
    let registry_of = Arc::new(OnceLock::new());
    let kinds = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_collect\n  - name: inner\n    dispatch: broadcast_collect\n";
    let catalog = hookspec_spec::Catalog::from_sources([hookspec_spec::Source::new(
        "kinds/k/v1.yaml",
        kinds,
    )])
    .unwrap();
    let calls_back = Behaviour::CallBack {
        registry: Arc::clone(&registry_of),
        kind: "k".into(),
        hook: "inner".into(),
    };
    let inner = hookspec_host::testing::Puppet::new(Manifest::new("inner", "k"))
        .on("inner", Behaviour::answer("from inside"));
    let registry = builder(catalog, [puppet("outer", calls_back), inner]).start().await.unwrap();
    registry_of.set(registry.clone()).unwrap();
    let collected = ask(&registry).await.unwrap();
    assert_eq!(*collected.replies[0].value, json!(["from inside"]));
}

#[tokio::test]
async fn when_a_manifest_names_a_condition_it_is_asked_before_the_call() {
    let journal = Journal::new();
    let when = serde_json::from_value(json!({ "pointer": "/lang", "equals": "rust" })).unwrap();
    let manifest = Manifest { when: Some(when), ..Manifest::new("rust-only", "k") };
    let puppets = [
        hookspec_host::testing::Puppet::new(manifest)
            .on("h", Behaviour::answer(1))
            .journal(&journal),
        puppet("any", Behaviour::answer(2)).journal(&journal),
    ];
    let registry = builder(kind(COLLECT, ""), puppets).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    for lang in ["rust", "go"] {
        collect.dispatch(&Caller::new(), json!({ "lang": lang })).await.unwrap();
    }
    assert_eq!(journal.calls(), ["any", "rust-only", "any"]);
}

#[tokio::test]
async fn one_payload_is_shared_by_all_and_made_json_once() {
    let payload = Payload::of(Text { text: "x".into() });
    assert!(!payload.has_json());
    let first: *const Value = payload.json().unwrap();
    let other = payload.clone();
    assert!(std::ptr::eq(first, other.json().unwrap()));
    assert!(std::ptr::eq(&*payload.typed::<Text>().unwrap(), &*other.typed::<Text>().unwrap()));
    assert_eq!(payload.crossings(), 0);
    // Another type crosses as JSON, and is counted.
    assert_eq!(payload.typed::<std::collections::BTreeMap<String, String>>().unwrap()["text"], "x");
    assert_eq!(payload.crossings(), 1);
}

#[test]
fn dispatch_sync_needs_no_runtime_and_says_who_cannot() {
    let registry =
        builder(kind(COLLECT, ""), [puppet("a", Behaviour::answer(1))]).start_blocking().unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch_sync(&Caller::new(), json!({})).unwrap();
    assert_eq!(*collected.replies[0].value, json!(1));
    assert!(!collected.replies[0].late);

    let pending = [puppet("a", Behaviour::answer(1)), puppet("b", Behaviour::answer(2).pending())];
    let registry = builder(kind(COLLECT, BEST_EFFORT), pending).start_blocking().unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let error = collect.dispatch_sync(&Caller::new(), json!({})).unwrap_err();
    assert!(matches!(error, DispatchError::NotInline { plugin } if plugin == "b"));

    let journal = Journal::new();
    let registry =
        builder(kind(COLLECT, ""), [puppet("a", Behaviour::answer(1)).journal(&journal)])
            .isolation("a", hookspec_plugin::Isolation::Thread)
            .start_blocking()
            .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let error = collect.dispatch_sync(&Caller::new(), json!({})).unwrap_err();
    assert!(matches!(error, DispatchError::NotInline { .. }));
    assert!(journal.calls().is_empty(), "known before anybody is called");
}

#[test]
fn dispatch_sync_keeps_a_late_answer_and_marks_it() {
    let slow = Behaviour::compute(|call| {
        while !call.context.is_cancelled() {
            std::thread::yield_now();
        }
        Ok(hookspec_plugin::Reply::value(json!("late")))
    });
    let puppets = [ranked("slow", 2, slow), ranked("next", 1, Behaviour::answer(1))];
    let registry =
        builder(kind(COLLECT, BEST_EFFORT), puppets).limits(impatient()).start_blocking().unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch_sync(&Caller::new(), json!({})).unwrap();
    assert!(collected.replies[0].late, "kept and marked");
    assert_eq!(*collected.replies[0].value, json!("late"));
    assert!(matches!(collected.failures[0].cause, Cause::TimedOut), "DEADLINE-2");
    assert_eq!(collected.failures[0].plugin, "next");
}

/// The verdict on a shared payload is remembered for the schema and the size that were looked at,
/// and for no other.
#[tokio::test]
async fn what_is_known_of_a_payload_holds_for_its_schema_and_size_alone() {
    let yaml = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: \
                broadcast_collect\n    error_policy: best_effort\n    input_schema: schemas/i.json\n    \
                output_schema: schemas/o.json\n";
    let catalog = hookspec_spec::Catalog::from_sources([
        hookspec_spec::Source::new("kinds/k/v1.yaml", yaml),
        hookspec_spec::Source::new("kinds/k/schemas/i.json", r#"{ "type": "string" }"#),
        hookspec_spec::Source::new(
            "kinds/k/schemas/o.json",
            r#"{ "type": "string", "maxLength": 40 }"#,
        ),
    ])
    .unwrap();
    let limits = hookspec_plugin::Limits { output_bytes: Some(30) };
    let small = Manifest { limits: Some(limits), ..Manifest::new("small", "k") };
    let puppets = [
        puppet("a", Behaviour::Echo),
        puppet("b", Behaviour::Echo),
        hookspec_host::testing::Puppet::new(small).on("h", Behaviour::Echo),
    ];
    let registry = builder(catalog, puppets).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    for (length, answering) in [(20, 3), (35, 2), (45, 0)] {
        let input = json!("x".repeat(length));
        let collected = collect.dispatch(&Caller::new(), input).await.unwrap();
        assert_eq!(collected.replies.len(), answering, "{length}: {:?}", collected.failures);
    }
}
