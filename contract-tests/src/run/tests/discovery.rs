//! The words of discovery, those that no vector beside this crate uses among them.

use serde_json::{Value, json};

use super::super::*;

fn vector(input: Value, expected: Value) -> Value {
    json!({
        "id": "x", "group": "discovery", "level": "normative", "input": input, "expected": expected,
    })
}

fn two() -> Value {
    json!([{ "dir": "x/a", "code": "ok" }, { "dir": "y/b", "code": "ok" }])
}

#[test]
fn every_shape_of_a_root_and_of_a_folder() {
    let rows = [
        (json!({ "dirs": two() }), json!({ "found": ["a", "b"], "skipped": [], "executions": 2 })),
        (json!({ "dirs": two(), "root_is": "two_roots" }), json!({ "found": ["a", "b"] })),
        (json!({ "dirs": two(), "root_is": "symlink_inside" }), json!({ "found": ["a", "b"] })),
        (
            json!({ "dirs": two(), "twice": true }),
            json!({ "found": ["a", "b"], "second": [], "executions": 2, "registered": ["a", "b"],
                    "log_contains": "already registered" }),
        ),
        (
            json!({ "dirs": [{ "dir": "x/a" }, { "dir": "y/a" }], "root_is": "two_roots" }),
            json!({ "found": ["a"], "skipped": ["a"], "registered": ["a"] }),
        ),
        (
            json!({ "dirs": [{ "dir": "a", "manifest_is": "directory" }, { "dir": "b" }] }),
            json!({ "found": ["b"], "skipped": ["a"], "log_contains": "a" }),
        ),
        (
            json!({ "dirs": [{ "dir": "a", "file": "dagstack.json" },
                             { "dir": "m", "runtime": "mcp_http" },
                             { "dir": "z", "runtime": "dylib", "code": "ok" }] }),
            json!({ "found": ["a", "m"], "skipped": ["z"] }),
        ),
        (
            json!({ "dirs": [{ "dir": "a", "code": null }], "preregistered": ["p"] }),
            json!({ "found": [], "skipped": ["a"], "registered": ["p"], "executions": 0 }),
        ),
    ];
    for (input, expected) in rows {
        let vector = vector(input, expected);
        assert_eq!(super::judge(&vector), Verdict::Passed, "{vector}");
    }
}

#[test]
fn a_wrong_expectation_or_an_unknown_word_fails() {
    let fine = json!({ "found": ["a", "b"] });
    let rows = [
        (json!({ "dirs": two() }), json!({ "found": ["b", "a"] }), "found: expected"),
        (json!({ "dirs": two() }), json!({ "skipped": ["a"] }), "skipped: expected"),
        (json!({ "dirs": two() }), json!({ "error": "NotFound" }), "error: expected"),
        (json!({ "dirs": two() }), json!({ "log_contains": "Skipping" }), "log_contains"),
        (json!({ "dirs": two(), "surprise": 1 }), fine.clone(), "unknown key `surprise`"),
        (json!({ "dirs": two(), "root_is": "odd" }), fine.clone(), "unknown root `odd`"),
        (json!({ "dirs": [{ "dir": "a", "code": "odd" }] }), fine.clone(), "unknown code `odd`"),
        (json!({ "dirs": [{ "dir": "../a" }] }), fine, "leaves its folder"),
    ];
    for (input, expected, part) in rows {
        let found = super::failure(&vector(input, expected));
        assert!(found.contains(part), "{found}");
    }
}

#[test]
fn an_order_is_that_of_dependencies_and_priorities() {
    let rows = [
        (json!([{ "depends_on": ["b"] }, {}]), json!(["b", "a"])),
        (json!([{}, { "priority": 1 }]), json!(["b", "a"])),
        (json!([{ "priority": 1 }, { "depends_on": ["a"], "priority": 9 }]), json!(["a", "b"])),
    ];
    for (more, found) in rows {
        let mut dirs = two();
        for (dir, more) in dirs.as_array_mut().unwrap().iter_mut().zip(more.as_array().unwrap()) {
            dir.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        }
        let expected = json!({ "found": found, "skipped": [], "error": null });
        let right = vector(json!({ "dirs": dirs }), expected);
        assert_eq!(super::judge(&right), Verdict::Passed, "{right}");
        let mut wrong = found;
        wrong.as_array_mut().unwrap().reverse();
        let wrong = vector(json!({ "dirs": dirs }), json!({ "found": wrong }));
        assert!(super::failure(&wrong).contains("found: expected"), "{wrong}");
    }
}

#[test]
fn what_waits_for_one_that_is_not_there_is_registered_all_the_same() {
    let dirs = json!([
        { "dir": "a", "code": null }, { "dir": "b", "depends_on": ["a"] },
        { "dir": "c", "depends_on": ["ghost"] },
    ]);
    let expected =
        json!({ "found": ["b", "c"], "skipped": ["a"], "registered": ["b", "c"], "error": null });
    let met = vector(json!({ "dirs": dirs }), expected);
    assert_eq!(super::judge(&met), Verdict::Passed, "{met}");
    let unmet = vector(json!({ "dirs": dirs }), json!({ "skipped": ["a", "b"] }));
    assert!(super::failure(&unmet).contains("skipped: expected"));
    let cycle = json!([{ "dir": "a", "depends_on": ["b"] }, { "dir": "b", "depends_on": ["a"] }]);
    let expected = json!({ "error": "DependencyCycle", "registered": [] });
    let cycle = vector(json!({ "dirs": cycle }), expected);
    assert_eq!(super::judge(&cycle), Verdict::Passed, "{cycle}");
}
