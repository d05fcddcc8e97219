//! The smallest value that still fails.

use hookspec_contract::generate::smallest;
use serde_json::{Value, json};

use super::schema;

#[test]
fn known_minima_are_found() {
    let query = schema(json!({
        "type": "object",
        "required": ["text", "terms"],
        "properties": {
            "text": { "type": "string" },
            "terms": { "type": "array", "items": { "type": "string" } },
            "count": { "type": "integer" }
        },
        "additionalProperties": false
    }));
    let large =
        json!({ "text": "some long text with x in it", "terms": ["a", "b", "c"], "count": 9 });
    let shrunk = smallest(&query, large.clone(), 1_000, |value| {
        value["text"].as_str().is_some_and(|text| text.contains('x'))
    });
    assert_eq!(shrunk, json!({ "text": "x", "terms": [] }));
    let shrunk = smallest(&query, large.clone(), 1_000, |value| {
        value["terms"].as_array().is_some_and(|terms| terms.len() >= 2)
    });
    assert_eq!(shrunk, json!({ "text": "", "terms": ["", ""] }));
    let shrunk = smallest(&query, large, 1_000, |value| value["count"].as_i64() >= Some(3));
    assert_eq!(shrunk, json!({ "text": "", "terms": [], "count": 3 }));
}

#[test]
fn what_nests_is_lifted_out() {
    let anything =
        schema(json!({ "type": ["object", "integer"], "additionalProperties": { "$ref": "#" } }));
    let deep = (0..30).fold(json!(123_456), |inner, _| json!({ "a": inner, "b": 0 }));
    fn sum(value: &Value) -> i64 {
        match value {
            Value::Object(fields) => fields.values().map(sum).sum(),
            value => value.as_i64().unwrap_or(0),
        }
    }
    assert_eq!(smallest(&anything, deep, 2_000, |value| sum(value) >= 1_000), json!(1_000));
}

#[test]
fn the_schema_is_kept_and_so_is_the_budget() {
    let bounded = schema(json!({ "type": "string", "minLength": 3 }));
    let mut calls = 0;
    let shrunk = smallest(&bounded, json!("a long text"), 500, |value| {
        assert!(bounded.is_valid(value));
        calls += 1;
        true
    });
    assert_eq!(shrunk, json!("aaa"));
    assert!(calls > 0);
    for budget in [0, 1, 7] {
        let mut calls = 0;
        smallest(&bounded, json!("x".repeat(5_000)), budget, |_| {
            calls += 1;
            calls % 2 == 0
        });
        assert!(calls <= budget, "{calls} of {budget}");
    }
}

#[test]
fn a_refused_value_stays_refused() {
    let bounded = schema(json!({ "type": "array", "maxItems": 2 }));
    let shrunk = smallest(&bounded, json!([1, 2, 3, 4, 5]), 500, Value::is_array);
    assert_eq!(shrunk, json!([0, 0, 0]));
}

#[test]
fn what_does_not_fail_again_comes_back_as_it_was() {
    let any = schema(json!(true));
    let value = json!({ "a": [1, "two", { "three": 3.5 }] });
    assert_eq!(smallest(&any, value.clone(), 10_000, |_| false), value);
}
