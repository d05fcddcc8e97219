//! Which keywords of JSON Schema say something about a value.

use serde_json::{Map, Value};

/// Keywords that apply whatever the type of the value.
pub(super) const GENERAL: &[&str] = &[
    "$dynamicRef",
    "$recursiveRef",
    "$ref",
    "allOf",
    "anyOf",
    "const",
    "discriminator",
    "enum",
    "if",
    "not",
    "oneOf",
    "type",
];

pub(super) const OF_TEXT: &[&str] = &["format", "maxLength", "minLength", "pattern"];

pub(super) const OF_NUMBER: &[&str] =
    &["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"];

pub(super) const OF_LIST: &[&str] = &[
    "contains",
    "items",
    "maxItems",
    "minItems",
    "prefixItems",
    "unevaluatedItems",
    "uniqueItems",
];

pub(super) const OF_OBJECT: &[&str] = &[
    "additionalProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "maxProperties",
    "minProperties",
    "patternProperties",
    "properties",
    "propertyNames",
    "required",
    "unevaluatedProperties",
];

/// Whether a keyword narrows what is accepted: the others describe, define, or are unknown.
pub(super) fn narrows(keyword: &str, value: &Value) -> bool {
    let known = [GENERAL, OF_TEXT, OF_NUMBER, OF_LIST, OF_OBJECT];
    known.iter().any(|list| list.contains(&keyword)) && !says_nothing(keyword, value)
}

/// Keywords that accept everything by their value.
fn says_nothing(keyword: &str, value: &Value) -> bool {
    match keyword {
        "uniqueItems" => value == &Value::Bool(false),
        "minLength" | "minItems" | "minProperties" => value.as_f64() == Some(0.0),
        "required" => value.as_array().is_some_and(Vec::is_empty),
        "properties" | "patternProperties" | "dependentRequired" | "dependentSchemas" => {
            keyword != "properties" && value.as_object().is_some_and(Map::is_empty)
        }
        "additionalProperties"
        | "items"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties" => value == &Value::Bool(true),
        _ => false,
    }
}

/// The keywords of a schema that narrow what is accepted, in a fixed order.
pub(super) fn narrowing(schema: &Map<String, Value>) -> Vec<&str> {
    let mut found: Vec<&str> = schema
        .iter()
        .filter(|(keyword, value)| narrows(keyword, value))
        .map(|(keyword, _)| keyword.as_str())
        .collect();
    found.sort_unstable();
    found
}
