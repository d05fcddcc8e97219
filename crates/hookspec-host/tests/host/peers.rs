//! PEER: what a plugin sees of the others, and calling them.

use std::time::Duration;

use hookspec_host::Registry;
use hookspec_host::testing::{Behaviour, Gate, Puppet};
use hookspec_plugin::{
    Call, Caller, Fault, HookFuture, HookName, Manifest, Plugin, Reply, metadata,
};
use hookspec_spec::{Catalog, Source};
use serde_json::{Value, json};

use crate::support::PATIENCE;

/// Asks a hook of the others and answers what came of it.
struct Asks {
    manifest: Manifest,
    kind: &'static str,
    hook: &'static str,
}

impl Plugin for Asks {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("ask")];
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::boxed(async move {
            let context = call.context;
            let peers = context.plugin().peers().ok_or_else(|| Fault::new("none", "no peers"))?;
            let seen: Vec<String> =
                peers.list().iter().map(|peer| format!("{}:{}", peer.name, peer.state)).collect();
            let asked = context.dispatch(self.kind, self.hook, call.input.clone()).await?;
            let replies: Vec<Value> = asked
                .replies
                .iter()
                .map(|(name, reply)| json!([name, reply.json().cloned().unwrap_or_default()]))
                .collect();
            let failures: Vec<&str> = asked.failures.iter().map(|(_, f)| f.message()).collect();
            Ok(Reply::value(json!({ "seen": seen, "replies": replies, "failures": failures })))
        })
    }
}

const KINDS: &str = "kind: asked
kind_api_version: 1.0.0
hooks:
  - { name: notify, dispatch: broadcast_notify }
  - { name: collect, dispatch: broadcast_collect, error_policy: best_effort }
  - { name: chain, dispatch: chain }
  - { name: single, dispatch: singleton }
  - { name: capable, dispatch: capability }
";

fn registry(kind: &'static str, hook: &'static str) -> hookspec_host::RegistryBuilder {
    let asking =
        "kind: asking\nkind_api_version: 1.0.0\nhooks:\n  - { name: ask, dispatch: singleton }\n";
    let catalog = Catalog::from_sources([
        Source::new("kinds/asked/v1.yaml", KINDS),
        Source::new("kinds/asking/v1.yaml", asking),
    ])
    .unwrap();
    let asks = Asks { manifest: Manifest::new("asks", "asking"), kind, hook };
    Registry::builder().catalog(catalog).plugin(asks).environment(|_| None)
}

fn other(name: &str, hook: &str, behaviour: Behaviour) -> Puppet {
    Puppet::new(Manifest::new(name, "asked")).on(hook, behaviour)
}

async fn ask(registry: &Registry, caller: &Caller) -> Result<Value, Fault> {
    let single = registry.singleton::<Value, Value>("asking", "ask")?;
    match single.dispatch(caller, json!("question")).await {
        Ok(answer) => Ok((*answer.value).clone()),
        Err(hookspec_host::DispatchError::PluginFailed { failure, .. }) => match failure.cause {
            hookspec_host::Cause::Faulted(fault) => Err(fault),
            cause => Err(Fault::new("cause", cause.to_string())),
        },
        Err(error) => Err(Fault::new(error.code(), error.to_string())),
    }
}

/// PEER-1, PEER-2: each class as an application would get it.
#[tokio::test]
async fn every_class_can_be_asked() {
    for (hook, replies) in [
        ("notify", json!([])),
        ("collect", json!([["one", "question"]])),
        ("chain", json!([[null, "question"]])),
        ("single", json!([["one", "question"]])),
        ("capable", json!([["one", "question"]])),
    ] {
        let registry = registry("asked", hook).plugin(other("one", hook, Behaviour::Echo));
        let registry = registry.start().await.unwrap();
        let answer = ask(&registry, &Caller::new()).await.unwrap();
        assert_eq!(answer["replies"], replies, "{hook}");
        assert_eq!(answer["seen"], json!(["asks:ready", "one:ready"]));
        registry.stop().await.unwrap();
    }
}

/// PEER-3: what goes wrong comes back as a fault, under the code it had.
#[tokio::test]
async fn what_goes_wrong_elsewhere_is_a_fault_here() {
    for (hook, behaviour, code) in [
        ("single", Behaviour::fault("broken"), "puppet"),
        ("single", Behaviour::panic("boom"), "peer_failed"),
        ("nothing", Behaviour::Echo, "HS-D002"),
    ] {
        let known = if hook == "nothing" { "single" } else { hook };
        let registry = registry("asked", hook).plugin(other("one", known, behaviour));
        let registry = registry.start().await.unwrap();
        assert_eq!(ask(&registry, &Caller::new()).await.unwrap_err().code(), code);
        registry.stop().await.unwrap();
    }
    let failing = registry("asked", "collect")
        .plugin(other("bad", "collect", Behaviour::fault("broken")))
        .plugin(other("good", "collect", Behaviour::Echo));
    let registry = failing.start().await.unwrap();
    let answer = ask(&registry, &Caller::new()).await.unwrap();
    assert_eq!(answer["replies"], json!([["good", "question"]]));
    assert_eq!(answer["failures"], json!(["broken"]));
    registry.stop().await.unwrap();
}

/// PEER-4: deadline and metadata of the call go on; a trace stays one trace.
#[tokio::test]
async fn the_deadline_and_the_metadata_go_on() {
    let reads = Behaviour::compute(|call| {
        let remaining = call.context.remaining().unwrap_or_default();
        Ok(Reply::value(json!({
            "metadata": call.context.metadata(),
            "short": remaining < Duration::from_secs(5),
        })))
    });
    let registry = registry("asked", "single").plugin(other("one", "single", reads));
    let registry = registry.start().await.unwrap();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let caller = Caller::new()
        .with_timeout(Duration::from_secs(5))
        .with_metadata(metadata::TENANT_ID, "acme")
        .with_trace(&trace.parse().unwrap());
    let answer = ask(&registry, &caller).await.unwrap();
    let reply = &answer["replies"][0][1];
    assert_eq!(reply["short"], json!(true));
    assert_eq!(reply["metadata"]["tenant_id"], json!("acme"));
    assert_eq!(reply["metadata"]["trace_context"]["traceparent"], json!(trace));
    registry.stop().await.unwrap();
}

/// A caller that goes takes along what was begun on its behalf.
#[tokio::test]
async fn a_dropped_call_ends_what_it_asked() {
    let gate = Gate::new();
    let waits = Behaviour::Wait(gate.clone(), Box::new(Behaviour::Echo));
    let journal = hookspec_host::testing::Journal::new();
    let registry =
        registry("asked", "single").plugin(other("one", "single", waits).journal(&journal));
    let registry = registry.start().await.unwrap();
    let caller = Caller::new().with_timeout(Duration::from_millis(50));
    let ended = tokio::time::timeout(PATIENCE, ask(&registry, &caller)).await.unwrap();
    assert!(ended.is_err());
    let dropped = format!("{:?}", journal.entries());
    assert!(dropped.contains("Dropped(\"one\")"), "{dropped}");
    registry.stop().await.unwrap();
}
