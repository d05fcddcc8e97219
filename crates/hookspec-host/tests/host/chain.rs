//! `chain`: CHAIN-1 to CHAIN-10.

use hookspec_host::testing::{Behaviour, Journal};
use hookspec_host::{Cause, Chained, DispatchError, Partial, Registry};
use hookspec_plugin::{Call, Caller, CancellationToken, Fault, Payload, Reply};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{builder, impatient, kind, ranked, strict};

const CHAIN: DispatchClass = DispatchClass::Chain;
const BEST_EFFORT: &str = "    error_policy: best_effort\n";

fn append(letter: &'static str) -> Behaviour {
    Behaviour::compute(move |call: &Call<'_>| {
        let text = call.input.json()?.as_str().ok_or_else(|| Fault::new("type", "no text"))?;
        Ok(Reply::value(json!(format!("{text}{letter}"))))
    })
}

async fn pass(registry: &Registry, value: Value) -> Result<Chained<Value>, DispatchError> {
    registry.chain::<Value>("k", "h").unwrap().dispatch(&Caller::new(), value).await
}

fn names(names: &[hookspec_plugin::PluginName]) -> Vec<&str> {
    names.iter().map(hookspec_plugin::PluginName::as_str).collect()
}

#[tokio::test]
async fn chain_7_fail_fast_ends_with_the_value_before() {
    let journal = Journal::new();
    let puppets = [
        ranked("a", 3, append("a")).journal(&journal),
        ranked("b", 2, Behaviour::fault("broken").pending()).journal(&journal),
        ranked("c", 1, append("c")).journal(&journal),
    ];
    let registry = builder(kind(CHAIN, ""), puppets).start().await.unwrap();
    let Err(DispatchError::PluginFailed { failure, partial: Partial::Value(before) }) =
        pass(&registry, json!("-")).await
    else {
        panic!("a failure ends the chain")
    };
    assert_eq!(failure.plugin, "b");
    assert_eq!(*before.json().unwrap(), json!("-a"));
    assert_eq!(journal.calls(), ["a", "b"]);
}

#[tokio::test]
async fn chain_8_best_effort_skips_the_link() {
    let puppets = [
        ranked("a", 3, append("a")),
        ranked("b", 2, Behaviour::panic("oh")),
        ranked("c", 1, append("c").pending()),
        ranked("d", 0, Behaviour::Unchanged),
    ];
    let registry = builder(kind(CHAIN, BEST_EFFORT), puppets).start().await.unwrap();
    let chained = pass(&registry, json!("-")).await.unwrap();
    assert_eq!(*chained.value, json!("-ac"));
    assert_eq!(names(&chained.ran), ["a", "c", "d"]);
    assert_eq!(names(&chained.changed), ["a", "c"]);
    assert_eq!(chained.failures[0].plugin, "b");
}

#[tokio::test]
async fn chain_6_stop_makes_what_it_received_the_result() {
    let puppets =
        [ranked("a", 3, append("a")), ranked("b", 2, Behaviour::Stop), ranked("c", 1, append("c"))];
    let registry = builder(kind(CHAIN, ""), puppets).start().await.unwrap();
    let chained = pass(&registry, json!("-")).await.unwrap();
    assert_eq!(*chained.value, json!("-a"));
    assert_eq!(names(&chained.ran), ["a", "b"]);
    assert_eq!(chained.stopped_by.unwrap(), "b");
}

#[tokio::test]
async fn chain_4_every_link_is_validated() {
    let puppets = [
        ranked("wrong", 2, Behaviour::answer(json!({ "text": 1 }))),
        ranked("right", 1, Behaviour::answer(json!({ "text": "ok" }))),
    ];
    let registry = builder(strict(CHAIN, BEST_EFFORT), puppets).start().await.unwrap();
    let chained = pass(&registry, json!({ "text": "in" })).await.unwrap();
    assert_eq!(*chained.value, json!({ "text": "ok" }));
    let Cause::InvalidOutput(violations) = &chained.failures[0].cause else { panic!() };
    assert_eq!(violations.iter().next().unwrap().instance, "/text");
}

#[tokio::test]
async fn chain_5_a_link_changes_only_what_is_writable() {
    let more = "    error_policy: best_effort\n    writable: [/text]\n";
    let puppets = [
        ranked("adds", 3, Behaviour::answer(json!({ "text": "in", "n": 1 }))),
        ranked("writes", 2, Behaviour::answer(json!({ "text": "out" }))),
    ];
    let registry = builder(strict(CHAIN, more), puppets).start().await.unwrap();
    let chained = pass(&registry, json!({ "text": "in" })).await.unwrap();
    assert_eq!(*chained.value, json!({ "text": "out" }));
    let Cause::InvalidOutput(violations) = &chained.failures[0].cause else { panic!() };
    assert_eq!(violations.iter().next().unwrap().instance, "/n");
    assert_eq!(names(&chained.changed), ["writes"]);
}

#[tokio::test]
async fn chain_3_an_equal_value_is_no_change() {
    let puppets = [
        ranked("echo", 3, Behaviour::Echo),
        ranked("same", 2, Behaviour::answer(json!("-"))),
        ranked("null", 1, Behaviour::answer(Value::Null)),
    ];
    let registry = builder(kind(CHAIN, ""), puppets).start().await.unwrap();
    let chained = pass(&registry, json!("-")).await.unwrap();
    assert_eq!(*chained.value, Value::Null, "null is a value");
    assert_eq!(names(&chained.changed), ["null"]);
}

#[tokio::test]
async fn chain_9_after_the_deadline_it_ends_whatever_its_policy() {
    let journal = Journal::new();
    let puppets = [
        ranked("a", 3, append("a")).journal(&journal),
        ranked("hangs", 2, Behaviour::Hang).journal(&journal),
        ranked("c", 1, append("c")).journal(&journal),
    ];
    let registry =
        builder(kind(CHAIN, BEST_EFFORT), puppets).limits(impatient()).start().await.unwrap();
    let Err(DispatchError::PluginFailed { failure, partial: Partial::Value(before) }) =
        pass(&registry, json!("-")).await
    else {
        panic!("time is up for all")
    };
    assert!(matches!(failure.cause, Cause::TimedOut));
    assert_eq!(*before.json().unwrap(), json!("-a"));
    assert_eq!(journal.calls(), ["a", "hangs"]);
}

#[tokio::test(start_paused = true)]
async fn a_plugins_own_shorter_limit_skips_only_its_link() {
    let manifest = hookspec_plugin::Manifest {
        timeout_ms: Some(5),
        priority: 2,
        ..hookspec_plugin::Manifest::new("short", "k")
    };
    let puppets = [
        hookspec_host::testing::Puppet::new(manifest).on("h", Behaviour::Hang),
        ranked("c", 1, append("c")),
    ];
    let registry = builder(kind(CHAIN, BEST_EFFORT), puppets).start().await.unwrap();
    let chained = pass(&registry, json!("-")).await.unwrap();
    assert_eq!(*chained.value, json!("-c"));
    assert_eq!(chained.failures[0].plugin, "short");
}

#[tokio::test]
async fn chain_10_nobody_there_gives_the_input_back() {
    let registry = builder(kind(CHAIN, ""), []).start().await.unwrap();
    let chained = pass(&registry, json!({ "any": 1 })).await.unwrap();
    assert_eq!(*chained.value, json!({ "any": 1 }));
    assert!(chained.ran.is_empty());
}

#[tokio::test]
async fn a_cancelled_caller_ends_the_chain() {
    let token = CancellationToken::new();
    let (cancel, journal) = (token.clone(), Journal::new());
    let cancels = Behaviour::compute(move |_| {
        cancel.cancel();
        Ok(Reply::Unchanged)
    });
    let puppets = [
        ranked("cancels", 2, cancels).journal(&journal),
        ranked("next", 1, append("n")).journal(&journal),
    ];
    let registry = builder(kind(CHAIN, BEST_EFFORT), puppets).start().await.unwrap();
    let chain = registry.chain::<Value>("k", "h").unwrap();
    let caller = Caller::new().with_cancellation(token);
    let Err(DispatchError::PluginFailed { failure, .. }) =
        chain.dispatch(&caller, json!("-")).await
    else {
        panic!("nobody wants the result")
    };
    assert!(matches!(failure.cause, Cause::Cancelled));
    assert_eq!(journal.calls(), ["cancels"]);
}

/// Written by hand, and written wrongly: one field is lost where the value becomes JSON.
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Lossy {
    text: String,
    #[serde(skip)]
    lost: u32,
}

impl hookspec_plugin::check::Examine for Lossy {}

impl hookspec_plugin::TypedPayload for Lossy {
    const SCHEMA: &'static str = "";
    const COMPLETE: bool = false;
}

/// What a runtime boundary would show later shows while developing.
#[tokio::test]
async fn chain_4_a_value_that_json_would_change_is_invalid() {
    let hand_on = |lost| {
        Behaviour::compute(move |_: &Call<'_>| {
            Ok(Reply::Value(Payload::checked(Lossy { text: "-".into(), lost })))
        })
    };
    for (lost, survives) in [(0, true), (7, !cfg!(debug_assertions))] {
        let puppets = [ranked("a", 1, hand_on(lost))];
        let registry = builder(kind(CHAIN, ""), puppets).start().await.unwrap();
        match pass(&registry, json!({ "text": "+" })).await {
            Ok(chained) => assert!(survives && chained.value["text"] == "-"),
            Err(DispatchError::PluginFailed { failure, .. }) => {
                assert!(!survives);
                let why = failure.cause.to_string();
                assert!(matches!(failure.cause, Cause::InvalidOutput(_)), "{why}");
                assert!(why.contains("does not survive a JSON round trip"), "{why}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}
