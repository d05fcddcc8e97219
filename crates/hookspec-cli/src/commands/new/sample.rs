//! A value that a schema accepts, as small as it is easy to find.

use hookspec_spec::Schema;
use serde_json::{Map, Value, json};

/// How deep a value is built: a schema may refer to itself.
const DEEPEST: usize = 12;

/// The first of the examples, or else a value that was built; `None` where neither is accepted.
pub(super) fn sample<'a>(
    schema: &Schema,
    examples: impl IntoIterator<Item = &'a Value>,
) -> Option<Value> {
    let document = schema.document();
    let mut candidates: Vec<Value> = examples.into_iter().cloned().collect();
    candidates.extend(built(document, document, 0));
    candidates.extend([json!({}), Value::Null]);
    candidates.into_iter().find(|value| schema.is_valid(value))
}

/// Asks little of the schema: what was built is validated.
fn built(root: &Value, schema: &Value, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let below = |schema: &Value| built(root, schema, depth + 1);
    if let Some(value) = schema.get("const").or_else(|| schema.get("default")) {
        return Some(value.clone());
    }
    for keyword in ["examples", "enum"] {
        if let Some(value) = schema.pointer(&format!("/{keyword}/0")) {
            return Some(value.clone());
        }
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return below(root.pointer(reference.strip_prefix('#')?)?);
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(branches) = schema.get(keyword).and_then(Value::as_array) {
            return branches.iter().find_map(below);
        }
    }
    let number = |keyword: &str| schema.get(keyword).and_then(Value::as_u64).unwrap_or(0);
    let few = |keyword: &str| usize::try_from(number(keyword).min(1_000)).unwrap_or(0);
    Some(match type_of(schema)? {
        "boolean" => false.into(),
        "integer" | "number" => schema
            .get("minimum")
            .cloned()
            .unwrap_or_else(|| (number("exclusiveMinimum") + 1).into()),
        "string" => text(schema, few("minLength")),
        "array" => {
            let item = schema.get("items").and_then(below).unwrap_or(Value::Null);
            vec![item; few("minItems")].into()
        }
        "object" => {
            let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let mut fields = Map::new();
            for name in names.filter_map(Value::as_str) {
                let own = schema.get("properties").and_then(|all| all.get(name));
                fields.insert(name.to_owned(), own.map_or(Some(Value::Null), below)?);
            }
            fields.into()
        }
        _ => Value::Null,
    })
}

fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => Some(name),
        Some(Value::Array(names)) => names.first().and_then(Value::as_str),
        _ if schema.get("properties").is_some() || schema.get("required").is_some() => {
            Some("object")
        }
        _ => Some("null"),
    }
}

fn text(schema: &Value, length: usize) -> Value {
    let known = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "00:00:00Z",
        Some("duration") => "PT1S",
        Some("email") => "ada@example.org",
        Some("hostname") => "example.org",
        Some("ipv4") => "127.0.0.1",
        Some("ipv6") => "::1",
        Some("uri") => "https://example.org/",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        _ => return "a".repeat(length.max(1)).into(),
    };
    known.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_accepted() {
        for schema in [
            json!(true),
            json!({ "type": "string", "minLength": 3 }),
            json!({ "type": ["integer", "null"], "minimum": 7 }),
            json!({ "type": "array", "minItems": 2, "items": { "enum": ["a"] } }),
            json!({ "required": ["at", "b"], "properties": { "at": { "type": "string", "format": "date-time" } } }),
            json!({ "oneOf": [{ "$ref": "#/$defs/x" }], "$defs": { "x": { "const": 4 } } }),
        ] {
            let schema = Schema::compile(schema).unwrap();
            assert!(sample(&schema, []).is_some_and(|value| schema.is_valid(&value)), "{schema:?}");
        }
        let digits = Schema::compile(json!({ "type": "string", "pattern": "^[0-9]{4}$" })).unwrap();
        assert_eq!(sample(&digits, []), None);
        assert_eq!(sample(&digits, [&json!("x"), &json!("0042")]), Some(json!("0042")));
    }
}
