use serde_json::json;

use super::*;
use crate::logs::Record;
use crate::seen::Seen;

fn seen() -> Observed {
    let input = json!({ "plugins": [{ "name": "a" }], "call": { "kind": "k", "hook": "h" } });
    let mut observed = Observed::of(&input);
    observed.fact("results", json!([1, { "x": 1, "y": 2 }]));
    observed.fact("failed", json!(["a", "b"]));
    observed.fact("ran", json!(["a", "b"]));
    observed.fact("messages_contain", json!(["a: failed", "h: kept"]));
    observed.fact("errors", json!([{ "plugin": "a", "message": "boom" }]));
    observed.fact("inputs", json!({ "a": [1], "b": [1, 2] }));
    observed.records.push(Record { plugin: Some("a".into()), text: "plugin=a error=x".into() });
    observed.error = Some(Seen {
        names: vec!["PluginFailed"],
        fault: Some("boom".into()),
        text: "plugin `a` failed in `k.h`: boom".into(),
        fields: vec!["priority".into()],
        candidates: Vec::new(),
    });
    observed
}

const KNOWN: [&str; 6] = ["results", "failed", "errors", "inputs", "ran", "messages_contain"];

fn differs(expected: Value) -> bool {
    let Value::Object(expected) = expected else { panic!("not an object") };
    !differences(&expected, &seen(), &KNOWN).unwrap().is_empty()
}

#[test]
fn what_is_met_is_no_difference() {
    let rows = [
        json!({ "ok": false, "why": "a comment" }),
        json!({ "error": true }),
        json!({ "error": "boom" }),
        json!({ "error": "PluginFailed" }),
        json!({ "error": "ValueError" }),
        json!({ "error": { "contains": "a phrase of others" } }),
        json!({ "error": { "contains": "h" } }),
        json!({ "field": "unit.priority" }),
        json!({ "message_contains": ["h", "a phrase of others"] }),
        json!({ "log_contains": "a phrase of others", "warnings": 1 }),
        json!({ "results": [1.0, { "y": 2 }] }),
        json!({ "failed": ["b", "a"] }),
        json!({ "ran": ["b", "a"] }),
        json!({ "messages_contain": ["h", "a phrase of others"] }),
        json!({ "errors": [{ "plugin": "a" }] }),
        json!({ "errors": [{ "message": { "contains": "a phrase of others" } }] }),
        json!({ "inputs": { "a": 1, "b": [1, 2] } }),
    ];
    for expected in rows {
        assert!(!differs(expected.clone()), "{expected}");
    }
}

#[test]
fn every_kind_of_wrong_expectation_is_a_difference() {
    let rows = [
        json!({ "ok": true }),
        json!({ "ran": ["a"] }),
        json!({ "messages_contain": "k" }),
        json!({ "error": null }),
        json!({ "error": "KindUnknown" }),
        json!({ "error": "another message" }),
        json!({ "error": { "contains": "tryfirst" } }),
        json!({ "field": "name" }),
        json!({ "message_contains": "tryfirst" }),
        json!({ "log_contains": "tryfirst" }),
        json!({ "log_excludes": "a phrase of others" }),
        json!({ "warnings_contain": "h" }),
        json!({ "warnings": 0 }),
        json!({ "results": [{ "y": 2 }, 1] }),
        json!({ "results": [1] }),
        json!({ "results": [1, { "z": 2 }] }),
        json!({ "failed": ["a"] }),
        json!({ "failed": ["a", "a"] }),
        json!({ "errors": [] }),
        json!({ "errors": [{ "plugin": "a", "message": "another" }] }),
        json!({ "inputs": { "a": 2 } }),
        json!({ "inputs": { "c": 1 } }),
    ];
    for expected in rows {
        assert!(differs(expected.clone()), "{expected}");
    }
}

#[test]
fn what_is_not_known_is_not_passed_over() {
    let rows = [
        json!({}),
        json!({ "why": "nothing but a comment" }),
        json!({ "resluts": [1] }),
        json!({ "error": 5 }),
        json!({ "error": { "starts_with": "x" } }),
        json!({ "errors": [{ "plugin": "a", "class": "x" }] }),
        json!({ "ok": "yes" }),
    ];
    for expected in rows {
        let Value::Object(map) = &expected else { panic!("not an object") };
        assert!(differences(map, &seen(), &KNOWN).is_err(), "{expected}");
    }
}
