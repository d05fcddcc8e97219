//! Each misbehaves as its name says, and only so.

use serde_json::json;
use std::collections::BTreeSet;

use hookspec::kinds::query_rewriter::{Query, QueryRewriterCalls};
use hookspec::{BlockingRegistry, Caller, Cause, CauseClass, Registry, State};
use serde_json::{Map, Value};

use super::*;

fn start() -> BlockingRegistry {
    Registry::builder()
        .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
        .plugins(plugins())
        .start_blocking()
        .unwrap()
}

#[test]
fn each_keeps_its_word() {
    let registry = start();
    let rewriters = QueryRewriterCalls::new(&registry).unwrap();
    let query = Query {
        text: "hello".into(),
        language: None,
        terms: Vec::new(),
        filters: Map::new(),
        tenant_id: None,
    };
    let chained = registry.block_on(rewriters.rewrite(&Caller::new(), &query)).unwrap();
    assert_eq!(*chained.value, query, "nobody changed it");
    let failures = chained.failures.iter();
    let failures: Vec<_> = failures.map(|f| (f.plugin.as_str(), f.cause.class())).collect();
    let expected = [
        ("hanging-rewriter", CauseClass::TimedOut),
        ("nonsense-rewriter", CauseClass::InvalidOutput),
        ("panicking-rewriter", CauseClass::Panicked),
    ];
    assert_eq!(failures, expected);
    let Cause::Panicked { message, .. } = &chained.failures[2].cause else { panic!("a panic") };
    assert_eq!(message, "panicking-rewriter cannot cope with rewrite");
}

#[test]
fn answers_that_are_none_are_refused() {
    let registry = start();
    let caller = Caller::new();
    let tools = registry.broadcast_collect::<Value, Value>("tool_provider", "list_tools").unwrap();
    let collected = registry.block_on(tools.dispatch(&caller, json!({}))).unwrap();
    assert!(collected.replies.is_empty());
    let nonsense = collected.failures.iter().find(|f| f.plugin == "nonsense-tools").unwrap();
    assert_eq!(nonsense.cause.class(), CauseClass::InvalidOutput);
    let files = registry.capability::<Value, Value>("file_processor", "process").unwrap();
    let file = json!({ "path": "sample.nonsense", "extension": "nonsense" });
    let error = registry.block_on(files.dispatch(&caller, file)).unwrap_err();
    assert!(error.to_string().contains("nonsense-files"), "{error}");
}

#[test]
fn setup_fails_for_one_alone() {
    for plugin in start().snapshot().plugins {
        assert_eq!(plugin.state == State::Unavailable, plugin.name == "unready-tools");
    }
}

#[test]
fn names_differ_and_everybody_has_a_hook() {
    let plugins = plugins();
    let names: BTreeSet<_> = plugins.iter().map(|plugin| &plugin.manifest().name).collect();
    assert_eq!(names.len(), plugins.len());
    for plugin in &plugins {
        let manifest = plugin.manifest();
        assert!(!plugin.hooks().is_empty());
        assert_eq!(manifest.priority, 30);
        assert_eq!(manifest.timeout_ms.is_some(), manifest.name.as_str().starts_with("hanging-"));
    }
}
