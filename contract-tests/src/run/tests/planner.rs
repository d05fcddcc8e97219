//! The words of the planner's groups, those that no vector beside this crate uses among them.

use serde_json::{Value, json};

use super::super::*;

fn vector(group: &str, input: Value, expected: Value) -> Value {
    json!({
        "id": "x", "group": group, "level": "normative", "input": input, "expected": expected,
    })
}

fn line() -> Value {
    json!([
        { "name": "c", "depends_on": ["b"], "tryfirst": true },
        { "name": "b", "depends_on": ["a", "ghost"], "runtime": "mcp_stdio" },
        { "name": "a", "priority": 1, "runtime": "mcp_http" },
    ])
}

#[test]
fn what_holds_passes() {
    let rows = [
        ("topo_sort", json!({ "manifests": line() }), json!({ "order": ["a"], "error": null })),
        (
            "unresolved_depends",
            json!({ "manifests": line() }),
            json!({ "unresolved": { "b": ["ghost"], "c": ["b"] }, "ok": true }),
        ),
        ("unresolved_depends", json!({ "manifests": [] }), json!({ "unresolved": {} })),
        (
            "blocked_by",
            json!({ "manifests": line(), "failed": "a" }),
            json!({ "blocked": ["c", "b"] }),
        ),
        ("blocked_by", json!({ "manifests": line(), "failed": "x" }), json!({ "blocked": [] })),
        (
            "topo_sort",
            json!({ "manifests": [
                { "name": "tail", "depends_on": ["x"] },
                { "name": "x", "depends_on": ["y"] },
                { "name": "y", "depends_on": ["x"] },
            ] }),
            json!({ "error": "DependencyCycle", "cycle": ["y", "x"], "message_contains": ["x", "y"] }),
        ),
        (
            "topo_sort",
            json!({ "manifests": [{ "name": "", "priority": 1 }] }),
            json!({ "error": "ManifestInvalid", "field": "name" }),
        ),
    ];
    for (group, input, expected) in rows {
        let vector = vector(group, input, expected);
        assert_eq!(super::judge(&vector), Verdict::Passed, "{vector}");
    }
}

#[test]
fn a_wrong_expectation_or_an_unknown_word_fails() {
    let sorted = |more: Value| json!({ "manifests": [{ "name": "a" }, more] });
    let rows = [
        ("topo_sort", sorted(json!({ "name": "b" })), json!({ "order": ["b", "a"] }), "order: "),
        ("topo_sort", sorted(json!({ "name": "b" })), json!({ "order": ["a"] }), "order: "),
        (
            "topo_sort",
            sorted(json!({ "name": "b" })),
            json!({ "error": "DependencyCycle" }),
            "error: ",
        ),
        (
            "topo_sort",
            sorted(json!({ "name": "b", "depends_on": ["b"] })),
            json!({ "cycle": ["a", "b"] }),
            "cycle: expected",
        ),
        (
            "unresolved_depends",
            json!({ "manifests": line() }),
            json!({ "unresolved": {} }),
            "unresolved: ",
        ),
        (
            "unresolved_depends",
            json!({ "manifests": line() }),
            json!({ "unresolved": { "a": ["ghost"] } }),
            "unresolved: ",
        ),
        (
            "blocked_by",
            json!({ "manifests": line(), "failed": "b" }),
            json!({ "blocked": ["c", "b"] }),
            "blocked: ",
        ),
        ("blocked_by", json!({ "manifests": line() }), json!({ "blocked": [] }), "failed"),
        ("topo_sort", json!({ "plugins": [] }), json!({ "order": [] }), "unknown key `plugins`"),
        ("topo_sort", json!({}), json!({ "order": [] }), "no list `manifests`"),
        (
            "topo_sort",
            sorted(json!({ "name": "b", "setup": "ok" })),
            json!({ "order": [] }),
            "`setup`",
        ),
        ("topo_sort", sorted(json!({ "name": "b" })), json!({ "blocked": [] }), "`blocked`"),
        (
            "blocked_by",
            json!({ "manifests": [], "failed": "a" }),
            json!({ "order": [] }),
            "`order`",
        ),
    ];
    for (group, input, expected, part) in rows {
        let found = super::failure(&vector(group, input, expected));
        assert!(found.contains(part), "{found}");
    }
}
