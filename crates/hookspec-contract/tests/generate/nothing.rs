//! Schemas that no value keeps, and sorts that a schema has no values of.

use hookspec_contract::generate::{Generator, Nothing, Sort};
use serde_json::{Value, json};

use super::schema;

fn nothing(document: &Value, sort: Sort) -> Nothing {
    let schema = schema(document.clone());
    match Generator::new(&schema, &[], 7).samples(sort, 50) {
        Err(nothing) => nothing,
        Ok(values) => panic!("{sort} of {document}: {values:?}"),
    }
}

#[test]
fn contradictions_are_seen() {
    for document in [
        json!(false),
        json!({ "type": "string", "enum": [1] }),
        json!({ "type": "string", "const": null }),
        json!({ "type": "integer", "minimum": 5, "maximum": 4 }),
        json!({ "type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 5 }),
        json!({ "type": "number", "exclusiveMinimum": 4, "maximum": 4 }),
        json!({ "type": "string", "minLength": 3, "maxLength": 2 }),
        json!({ "type": "array", "minItems": 3, "maxItems": 2 }),
        json!({ "type": "array", "minItems": 1, "items": false }),
        json!({ "type": "object", "minProperties": 3, "maxProperties": 2 }),
        json!({ "type": "object", "required": ["a"], "properties": { "a": false } }),
        json!({ "type": "object", "required": ["a"], "additionalProperties": false }),
        json!({ "type": "object", "required": ["ab"], "propertyNames": { "maxLength": 1 } }),
        json!({ "type": "object", "required": ["a", "b"], "maxProperties": 1 }),
        json!({ "type": "object", "required": ["a"], "not": { "required": ["a"] } }),
        json!({ "allOf": [{ "type": "string" }, { "type": "integer" }] }),
        json!({ "allOf": [{ "enum": [1, 2] }, { "enum": [3] }] }),
        json!({ "anyOf": [false, { "type": "string", "enum": [1] }] }),
        json!({ "type": "boolean", "oneOf": [{ "type": "string" }, { "type": "null" }] }),
        json!({ "type": "string", "not": { "type": "string" } }),
        json!({ "not": {} }),
        json!({ "$ref": "#/$defs/none", "$defs": { "none": false } }),
        json!({
            "type": "object",
            "required": ["a"],
            "properties": { "a": { "type": "object", "required": ["b"], "properties": { "b": false } } }
        }),
    ] {
        for sort in Sort::ALL {
            let nothing = nothing(&document, sort);
            assert!(matches!(nothing, Nothing::Unsatisfiable(_)), "{document} {sort}: {nothing:?}");
        }
    }
}

#[test]
fn where_nothing_is_proved_nothing_is_claimed() {
    for document in [
        // Neither has a value, which takes more than looking at keywords.
        json!({ "type": "object", "required": ["next"], "properties": { "next": { "$ref": "#" } } }),
        json!({ "const": 1, "not": { "const": 1 } }),
        json!({ "type": "string", "pattern": "^a$", "minLength": 2 }),
        json!({ "oneOf": [{ "type": "string" }, { "type": "string" }] }),
        // Whether the text matches costs more than it is worth.
        json!({ "enum": ["a".repeat(8_000)], "pattern": "^(a{1,90}){90}$" }),
        // These have values, too large to be made.
        json!({ "type": "string", "minLength": 1_000_000_000 }),
        json!({ "type": "array", "minItems": 1_000_000_000 }),
        json!({ "type": "object", "minProperties": 1_000_000_000 }),
    ] {
        for sort in Sort::ALL {
            let nothing = nothing(&document, sort);
            assert!(
                !matches!(nothing, Nothing::Unsatisfiable(_)),
                "{document} {sort}: {nothing:?}"
            );
        }
        let nothing = nothing(&document, Sort::Valid);
        assert!(matches!(nothing, Nothing::NotFound(_)), "{document}: {nothing:?}");
    }
}

#[test]
fn a_schema_with_values_may_have_none_of_a_sort() {
    let closed = json!({
        "type": "object",
        "properties": { "n": { "type": "integer" }, "b": { "type": "array", "items": { "type": "boolean" }, "maxItems": 3 } },
        "additionalProperties": false
    });
    let short = json!({ "type": "string", "maxLength": 20 });
    let choice = json!({ "enum": ["a", "b", { "c": [] }] });
    for (document, sorts) in [
        (&closed, &[Sort::Deep, Sort::Large, Sort::UnknownField, Sort::Unicode][..]),
        (&short, &[Sort::Deep, Sort::Large, Sort::UnknownField]),
        (&choice, &[Sort::Deep, Sort::Large, Sort::UnknownField, Sort::Unicode]),
    ] {
        for sort in sorts {
            let nothing = nothing(document, *sort);
            assert!(matches!(nothing, Nothing::NotOfThisSort(_)), "{document} {sort}: {nothing:?}");
        }
    }
}

#[test]
fn an_example_shows_that_there_are_values() {
    // No text is made that a pattern with a rare word in it matches twice over.
    let document = json!({ "type": "string", "pattern": "^(?:[a-z]+-){3}x$", "minLength": 40 });
    let (schema, example) = (schema(document), json!(format!("{}-bb-cc-x", "a".repeat(40))));
    let examples = [example.clone(), json!(4)];
    let found = Generator::new(&schema, &examples, 7).samples(Sort::Valid, 50).unwrap();
    assert_eq!(found[0], example);
}
