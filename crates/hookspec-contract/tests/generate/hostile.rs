//! Schemas made to keep their readers busy.

use std::time::{Duration, Instant};

use hookspec_contract::generate::{Generator, Sort};
use serde_json::{Map, Value, json};

use super::schema;

/// Of one sort, in a debug build on a busy machine; without budgets it would be days.
const LONGEST: Duration = Duration::from_secs(20);

fn ends_soon(name: &str, document: Value) {
    let schema = schema(document);
    let generator = Generator::new(&schema, &[], 3);
    for sort in Sort::ALL {
        let start = Instant::now();
        let values = generator.samples(sort, 20).unwrap_or_default();
        assert!(start.elapsed() < LONGEST, "{name}: {sort} took {:?}", start.elapsed());
        for value in values {
            assert!(schema.is_valid(&value), "{name}: {sort}");
            assert!(value.to_string().len() <= 1024 * 1024, "{name}: {sort} is too large");
        }
    }
    let start = Instant::now();
    assert!(generator.invalid(20).iter().all(|value| !schema.is_valid(value)), "{name}");
    assert!(start.elapsed() < LONGEST, "{name}: invalid took {:?}", start.elapsed());
}

#[test]
fn bounds_beyond_reason() {
    ends_soon("long text", json!({ "type": "string", "maxLength": 1_000_000_000 }));
    ends_soon("long text at least", json!({ "type": "string", "minLength": 900_000 }));
    ends_soon("long list", json!({ "type": "array", "minItems": 1_000_000_000 }));
    ends_soon(
        "lists of lists",
        json!({
            "type": "array", "minItems": 1_000,
            "items": { "type": "array", "minItems": 1_000, "items": { "type": "array", "minItems": 1_000 } }
        }),
    );
    ends_soon(
        "sets of sets",
        json!({
            "type": "array", "minItems": 30, "uniqueItems": true,
            "items": { "type": "array", "minItems": 30, "uniqueItems": true, "items": { "type": "integer" } }
        }),
    );
    ends_soon(
        "long texts in a list",
        json!({
            "type": "array", "minItems": 100_000, "items": { "type": "string", "minLength": 50_000 }
        }),
    );
    ends_soon("numbers", json!({ "type": "number", "multipleOf": 1e-300, "minimum": -1e308 }));
    ends_soon(
        "steps",
        json!({ "type": "integer", "allOf": [{ "multipleOf": 999_999_937 }, { "multipleOf": 999_999_929 }, { "multipleOf": 7 }], "maximum": 1e300 }),
    );
    ends_soon("repetition", json!({ "type": "string", "pattern": "^(a{1,90}){90}$" }));
    ends_soon(
        "repetition of nothing",
        json!({ "type": "string", "pattern": "^((a?){30}){30}$", "minLength": 500 }),
    );
}

#[test]
fn many_properties() {
    let properties: Map<String, Value> =
        (0..10_000).map(|index| (format!("p{index}"), json!({ "type": "string" }))).collect();
    let names: Vec<&String> = properties.keys().collect();
    ends_soon(
        "all required",
        json!({ "type": "object", "properties": properties, "required": names }),
    );
    ends_soon("all optional", json!({ "type": "object", "properties": properties }));
}

#[test]
fn a_chain_of_fields_that_ask_for_each_other() {
    let chain: Map<String, Value> = (0..10_000)
        .map(|index| (format!("p{index}"), json!([format!("p{}", index + 1)])))
        .collect();
    ends_soon("chain", json!({ "type": "object", "dependentRequired": chain, "required": ["p0"] }));
}

#[test]
fn choices_that_multiply() {
    let choice = json!({ "anyOf": [
        { "type": "object", "required": ["a"] }, { "type": "object", "required": ["b"] }, { "type": "string" }
    ] });
    ends_soon("any of all", json!({ "allOf": vec![choice; 60] }));
    let impossible: Vec<Value> = (0..40)
        .map(|index| json!({ "anyOf": [{ "const": index }, { "const": index + 1_000 }, { "minimum": 5_000, "type": "integer" }] }))
        .collect();
    ends_soon("almost impossible", json!({ "allOf": impossible }));
    let many: Vec<Value> = (0..3_000).map(|index| json!({ "const": index })).collect();
    ends_soon("many branches", json!({ "oneOf": many }));
    let mut defs = Map::new();
    for level in 0..13 {
        let next = json!({ "$ref": format!("#/$defs/l{}", level + 1) });
        defs.insert(format!("l{level}"), json!({ "allOf": [next, next] }));
    }
    defs.insert("l13".into(), json!({ "type": "object" }));
    ends_soon("doubled", json!({ "$ref": "#/$defs/l0", "$defs": defs }));
}

#[test]
fn recursion_with_many_branches() {
    let fields: Map<String, Value> =
        (0..20).map(|index| (format!("f{index}"), json!({ "$ref": "#" }))).collect();
    ends_soon(
        "wide and deep",
        json!({ "type": "object", "properties": fields, "additionalProperties": false }),
    );
    ends_soon(
        "no way out",
        json!({
            "anyOf": [
                { "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#" } } },
                { "type": "array", "minItems": 1, "items": { "$ref": "#" } },
                { "type": "object", "required": ["a", "b"], "additionalProperties": { "$ref": "#" } }
            ]
        }),
    );
    ends_soon(
        "two of each",
        json!({
            "type": "object",
            "required": ["l", "r"],
            "properties": { "l": { "$ref": "#/$defs/t" }, "r": { "$ref": "#/$defs/t" } },
            "$defs": { "t": { "anyOf": [{ "$ref": "#" }, { "type": "array", "items": { "$ref": "#/$defs/t" } }] } }
        }),
    );
    let nested = (0..40).fold(
        json!({ "type": "integer" }),
        |inner, _| json!({ "type": "object", "required": ["a"], "properties": { "a": inner } }),
    );
    ends_soon("forty levels", nested);
}
