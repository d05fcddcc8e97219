//! The words of registration, those that no vector beside this crate uses among them.

use serde_json::{Value, json};

use super::super::*;

fn manifest(name: &str, kind: &str, more: Value) -> Value {
    let mut manifest = json!({
        "schema_version": "1", "name": name, "kind": kind, "kind_api_version": "1",
        "core_version": ">=0.1.0", "runtime": "in_process", "entry_point": "pkg.mod:Plugin",
    });
    manifest.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    manifest
}

fn vector(manifests: Value, more: Value, expected: Value) -> Value {
    let mut input = json!({ "manifests": manifests });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "id": "x", "group": "registration", "level": "normative", "input": input,
        "expected": expected,
    })
}

#[test]
fn what_holds_passes() {
    let stdio = json!({ "runtime": "mcp_stdio", "command": ["x", "y"] });
    let rows = [
        (
            json!([manifest("b", "own", json!({})), manifest("a", "tool", json!({}))]),
            json!({}),
            json!({ "ok": true, "registered": ["b", "a"], "warnings": 0 }),
        ),
        (
            json!([manifest("a", "tool", stdio.clone())]),
            json!({}),
            json!({ "registered": ["a"], "command": ["x", "y"] }),
        ),
        (
            json!([manifest("a", "tool", stdio.clone()), manifest("b", "tool", json!({}))]),
            json!({ "supported_runtimes": ["in_process", "mcp_http"] }),
            json!({ "error": "RuntimeNotSupported", "message_contains": "a", "registered": ["b"] }),
        ),
        (
            json!([manifest(
                "a",
                "tool",
                json!({ "in_process_only": true, "runtime": "mcp_http", "url": "http://h/" })
            )]),
            json!({ "supported_runtimes": [] }),
            json!({ "error": "ManifestInvalid" }),
        ),
        (
            json!([manifest("a", "No Kind", json!({}))]),
            json!({}),
            json!({ "error": "KindUnknown", "registered": [] }),
        ),
        (
            json!([manifest("a", "own", json!({ "kind_api_version": "2" }))]),
            json!({}),
            json!({ "error": "VersionIncompatible", "message_contains": "own" }),
        ),
        (
            json!([manifest("a", "own", json!({ "core_version": ">=0.3" }))]),
            json!({ "installed": "0.3.1" }),
            json!({ "error": null }),
        ),
        (
            json!([manifest("a", "own", json!({ "surprise": 1 }))]),
            json!({}),
            json!({ "error": "ManifestInvalid", "field": "surprise" }),
        ),
        (
            json!([
                manifest("a", "orchestrator", json!({})),
                manifest("b", "orchestrator", json!({}))
            ]),
            json!({}),
            json!({ "error": "AmbiguousPlugin", "candidates": ["b", "a"] }),
        ),
        (
            json!([
                manifest("a", "orchestrator", json!({})),
                manifest("b", "orchestrator", json!({}))
            ]),
            json!({ "env": { "DAGSTACK_ACTIVE_ORCHESTRATOR": "a" } }),
            json!({ "error": null, "registered": ["a", "b"] }),
        ),
    ];
    for (manifests, more, expected) in rows {
        let vector = vector(manifests, more, expected);
        assert_eq!(super::judge(&vector), Verdict::Passed, "{vector}");
    }
}

#[test]
fn a_wrong_expectation_or_an_unknown_word_fails() {
    let one = || json!([manifest("a", "tool", json!({}))]);
    let fine = || json!({ "ok": true });
    let rows = [
        (one(), json!({}), json!({ "registered": [] }), "registered: expected"),
        (one(), json!({}), json!({ "error": "ManifestInvalid" }), "error: expected"),
        (one(), json!({}), json!({ "command": ["x"] }), "command: expected"),
        (one(), json!({ "surprise": 1 }), fine(), "unknown key `surprise`"),
        (one(), json!({ "supported_runtimes": ["wat"] }), fine(), "unknown runtime `wat`"),
        (one(), json!({}), json!({ "order": ["a"] }), "unknown expectation `order`"),
        (json!({}), json!({}), fine(), "no list `manifests`"),
    ];
    for (manifests, more, expected, part) in rows {
        let found = super::failure(&vector(manifests, more, expected));
        assert!(found.contains(part), "{found}");
    }
}
