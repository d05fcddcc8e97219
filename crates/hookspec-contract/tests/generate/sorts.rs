//! What each sort promises.

use hookspec_contract::generate::{Generator, Sort};
use serde_json::{Value, json};

use super::{nesting, samples, schema};

#[test]
fn a_sort_has_one_name_everywhere() {
    for sort in Sort::ALL {
        assert_eq!(serde_json::to_value(sort).unwrap(), json!(sort.as_str()));
        assert_eq!(sort.to_string(), sort.as_str());
    }
}

#[test]
fn valid_has_every_branch_and_every_field_present_and_absent() {
    let values = samples(
        json!({
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": { "enum": ["a", "b", "c"] },
                "one": { "oneOf": [{ "type": "string" }, { "type": "integer" }, { "type": "null" }] },
                "any": { "anyOf": [{ "const": 1 }, { "const": 2 }] },
                "list": { "type": ["array", "boolean"], "items": { "type": "number" } }
            },
            "additionalProperties": false
        }),
        Sort::Valid,
    );
    let has = |test: &dyn Fn(&Value) -> bool| values.iter().any(test);
    for kind in ["a", "b", "c"] {
        assert!(has(&|value| value["kind"] == kind), "{kind}");
    }
    for field in ["one", "any", "list"] {
        assert!(has(&|value| value.get(field).is_none()), "{field}");
        assert!(has(&|value| value.get(field).is_some()), "{field}");
    }
    assert!(has(&|value| value["one"].is_string()) && has(&|value| value["one"].is_i64()));
    assert!(has(&|value| value.get("one").is_some_and(Value::is_null)));
    assert!(has(&|value| value["any"] == 1) && has(&|value| value["any"] == 2));
    assert!(has(&|value| value["list"].is_array()) && has(&|value| value["list"].is_boolean()));
}

#[test]
fn valid_begins_with_the_examples_and_changes_them() {
    let schema = schema(json!({
        "type": "object",
        "required": ["id"],
        "properties": { "id": { "type": "string" }, "n": { "type": "integer" } }
    }));
    let examples = [json!({ "id": 3 }), json!({ "id": "from the docs", "n": 4 })];
    let values = Generator::new(&schema, &examples, 1).samples(Sort::Valid, 500).unwrap();
    assert_eq!(values[0], examples[1]);
    assert!(values.contains(&json!({ "id": "from the docs" })));
    assert!(values.iter().any(|value| value["id"] == "from the docs" && value["n"] == 7));
}

#[test]
fn valid_keeps_patterns_and_formats() {
    for document in [
        json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$" }),
        json!({ "type": "string", "pattern": "^[A-Z]{3}-\\d{4}(\\.[a-f]+)?$" }),
        json!({ "type": "string", "pattern": "^(foo|bar)+$", "minLength": 9 }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "format": "uuid" }),
        json!({ "type": "string", "format": "ipv6" }),
        json!({ "type": "string", "format": "duration" }),
        json!({ "type": "string", "format": "email", "maxLength": 8 }),
        json!({ "type": "array", "minItems": 20, "uniqueItems": true, "items": { "type": "string", "pattern": "^[a-f]{4}$" } }),
        json!({ "type": "object", "minProperties": 3, "patternProperties": { "^x-[0-9]+$": { "type": "null" } }, "additionalProperties": false }),
        json!({ "type": "object", "minProperties": 3, "propertyNames": { "pattern": "^[a-c]{2}$" } }),
        json!({ "type": "number", "multipleOf": 0.01, "minimum": 10.005 }),
        json!({ "type": "array", "contains": { "const": 5 }, "minContains": 3, "maxItems": 4 }),
        json!({ "type": "object", "dependentRequired": { "a": ["b"] }, "required": ["a"] }),
        json!({ "if": { "properties": { "a": { "const": 1 } }, "required": ["a"] }, "then": { "required": ["b"] }, "else": { "required": ["c"] }, "type": "object" }),
    ] {
        assert!(!samples(document.clone(), Sort::Valid).is_empty(), "{document}");
    }
}

#[test]
fn boundary_has_what_is_shortest_and_longest_lowest_and_highest() {
    let values = samples(json!({ "type": "string" }), Sort::Boundary);
    assert!(values.contains(&json!("")));
    let values =
        samples(json!({ "type": "string", "minLength": 2, "maxLength": 5 }), Sort::Boundary);
    let lengths: Vec<_> =
        values.iter().map(|text| text.as_str().unwrap().chars().count()).collect();
    assert!(lengths.contains(&2) && lengths.contains(&5), "{lengths:?}");
    let values = samples(
        json!({ "type": "integer", "minimum": -3, "exclusiveMaximum": 99 }),
        Sort::Boundary,
    );
    for number in [-3, 98, 0, 1, -1] {
        assert!(values.contains(&json!(number)), "{number}");
    }
    let values = samples(
        json!({ "type": "integer", "minimum": 4, "maximum": 20, "multipleOf": 6 }),
        Sort::Boundary,
    );
    assert!(values.contains(&json!(6)) && values.contains(&json!(18)));
    let values = samples(json!({ "type": "integer" }), Sort::Boundary);
    assert!(values.contains(&json!(i64::MIN)) && values.contains(&json!(i64::MAX)));
    let values = samples(json!({ "type": "number" }), Sort::Boundary);
    assert!(values.contains(&json!(1e300)) && values.contains(&json!(0.1)));
    let values = samples(json!({ "type": "array", "minItems": 1, "maxItems": 4 }), Sort::Boundary);
    let lengths: Vec<_> = values.iter().map(|list| list.as_array().unwrap().len()).collect();
    assert!(lengths.contains(&1) && lengths.contains(&4), "{lengths:?}");
    let values = samples(
        json!({ "type": "object", "minProperties": 2, "maxProperties": 9 }),
        Sort::Boundary,
    );
    let lengths: Vec<_> = values.iter().map(|fields| fields.as_object().unwrap().len()).collect();
    assert!(lengths.contains(&2) && lengths.contains(&9), "{lengths:?}");
}

#[test]
fn boundary_reaches_inside() {
    let values = samples(
        json!({
            "type": "object",
            "required": ["inner"],
            "properties": { "inner": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/item" } } },
            "$defs": { "item": {
                "type": "object",
                "required": ["text"],
                "properties": { "text": { "type": "string" }, "n": { "type": ["integer", "null"], "minimum": 0, "maximum": 255 } },
                "additionalProperties": false
            } }
        }),
        Sort::Boundary,
    );
    let has = |pointer: &str, wanted: Value| {
        values.iter().any(|value| value.pointer(pointer) == Some(&wanted))
    };
    assert!(has("/inner/0/text", json!("")));
    assert!(has("/inner/0/n", json!(0)) && has("/inner/0/n", json!(255)));
    assert!(has("/inner/0/n", Value::Null));
    assert!(values.contains(&json!({ "inner": [{ "text": "text" }] })), "only what is required");
}

#[test]
fn deep_nests_nearly_as_deep_as_readers_allow() {
    for document in [
        json!({}),
        json!({ "type": "object", "required": ["args"], "properties": { "args": { "type": "object" } }, "additionalProperties": false }),
        json!({ "type": "array", "items": { "$ref": "#" } }),
        json!({
            "type": "object",
            "required": ["value"],
            "properties": { "value": { "type": "integer" }, "next": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] } },
            "additionalProperties": false
        }),
        json!({
            "type": "object",
            "properties": { "left": { "$ref": "#/$defs/other" }, "n": { "type": "integer" } },
            "additionalProperties": false,
            "$defs": { "other": { "type": "array", "prefixItems": [{ "type": "null" }, { "$ref": "#" }], "items": false, "minItems": 2 } }
        }),
    ] {
        let values = samples(document.clone(), Sort::Deep);
        let deepest = values.iter().map(nesting).max().unwrap();
        assert!((98..120).contains(&deepest), "{document}: {deepest}");
        let text = values.iter().max_by_key(|value| nesting(value)).unwrap().to_string();
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}

#[test]
fn large_has_long_texts_long_lists_and_many_keys() {
    let document = json!({
        "type": "object",
        "properties": {
            "text": { "type": "string" },
            "bounded": { "type": "string", "maxLength": 2_000 },
            "word": { "type": "string", "pattern": "^[a-z]+$" },
            "list": { "type": "array", "items": { "type": "object" } },
            "set": { "type": "array", "items": { "type": "integer" }, "uniqueItems": true },
            "map": { "type": "object", "additionalProperties": { "type": "boolean" } }
        },
        "additionalProperties": false
    });
    let values = samples(document, Sort::Large);
    let longest = |pointer: &str| {
        let all = values.iter().filter_map(|value| match value.pointer(pointer)? {
            Value::String(text) => Some(text.chars().count()),
            Value::Array(items) => Some(items.len()),
            Value::Object(fields) => Some(fields.len()),
            _ => None,
        });
        all.max().unwrap_or(0)
    };
    assert_eq!(
        (longest("/text"), longest("/bounded"), longest("/word")),
        (100_000, 2_000, 100_000)
    );
    assert_eq!((longest("/list"), longest("/set"), longest("/map")), (10_000, 10_000, 1_000));
}

#[test]
fn unknown_fields_are_added_at_the_top_and_below() {
    let document = json!({
        "type": "object",
        "required": ["inner"],
        "properties": {
            "inner": { "type": "object", "properties": { "n": { "type": "integer" } } },
            "x_unknown_field": { "type": "string" }
        }
    });
    let known = ["inner", "x_unknown_field"];
    let values = samples(document, Sort::UnknownField);
    let extra = |value: &Value, known: &[&str]| {
        let fields = value.as_object().unwrap();
        fields.keys().filter(|name| !known.contains(&name.as_str())).count()
    };
    assert!(values.iter().any(|value| extra(value, &known) == 1));
    assert!(values.iter().any(|value| extra(value, &known) > 1));
    assert!(values.iter().any(|value| extra(&value["inner"], &["n"]) > 0));
    for value in &values {
        assert!(extra(value, &known) + extra(&value["inner"], &["n"]) > 0, "{value}");
    }
}

#[test]
fn unicode_has_texts_and_keys_that_programs_stumble_over() {
    let document = json!({
        "type": "object",
        "required": ["text"],
        "properties": { "text": { "type": "string", "maxLength": 1_000 }, "map": { "type": "object" } },
        "additionalProperties": false
    });
    let values = samples(document, Sort::Unicode);
    let all: String = values.iter().map(Value::to_string).collect();
    for part in [
        "\u{301}",
        "\u{200d}",
        "\u{202e}",
        "\\u0000",
        "\u{feff}",
        "\u{ffff}",
        "\u{130}",
        "\u{10ffff}",
    ] {
        assert!(all.contains(part), "{part:?}");
    }
    let keys =
        values.iter().filter_map(|value| value["map"].as_object()).flat_map(|map| map.keys());
    assert!(keys.filter(|key| !key.is_ascii()).count() > 5);
    let bounded = samples(json!({ "type": "string", "maxLength": 2 }), Sort::Unicode);
    assert!(!bounded.is_empty());
}

#[test]
fn invalid_breaks_each_keyword() {
    let schema = schema(json!({
        "type": "object",
        "required": ["id", "n"],
        "properties": {
            "id": { "type": "string", "minLength": 2, "maxLength": 4 },
            "n": { "type": "integer", "minimum": 0, "maximum": 9 },
            "list": { "type": "array", "items": { "type": "boolean" }, "maxItems": 2 }
        },
        "additionalProperties": false
    }));
    let mut keywords: Vec<String> = Vec::new();
    for value in Generator::new(&schema, &[], 1).invalid(500) {
        let violations = schema.validate(&value).unwrap_err();
        keywords.extend(violations.iter().map(|each| each.schema.clone()));
    }
    for keyword in [
        "/type",
        "/required",
        "/additionalProperties",
        "/properties/id/type",
        "/properties/id/minLength",
        "/properties/id/maxLength",
        "/properties/n/minimum",
        "/properties/n/maximum",
        "/properties/list/maxItems",
        "/properties/list/items/type",
    ] {
        assert!(keywords.iter().any(|each| each == keyword), "{keyword}: {keywords:?}");
    }
    assert!(Generator::new(&super::schema(json!(true)), &[], 1).invalid(10).is_empty());
}
