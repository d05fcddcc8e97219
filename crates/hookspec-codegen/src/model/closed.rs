//! Following references, and schemas made free of them, so that a constant can be judged when the
//! code is generated.

use hookspec_plugin::check;
use hookspec_spec::Schema;
use serde_json::{Map, Value, json};

/// How many values an inlined schema may hold, and how deep references may lead.
const MOST: usize = 2_000;
const DEEPEST: usize = 32;

/// Keywords whose values are no schemas.
const DATA: &[&str] = &["const", "default", "enum", "example", "examples"];

/// The place that a reference leads to, as a JSON pointer into the same document.
pub(super) fn resolve(document: &Value, reference: &str) -> Option<String> {
    let fragment = percent_decoded(reference.strip_prefix('#')?);
    if fragment.is_empty() || fragment.starts_with('/') {
        return document.pointer(&fragment).map(|_| fragment);
    }
    anchor(document, &fragment, String::new(), 0)
}

fn anchor(value: &Value, name: &str, pointer: String, depth: usize) -> Option<String> {
    if depth > 128 {
        return None;
    }
    match value {
        Value::Object(fields) => {
            let own = |keyword| fields.get(keyword).and_then(Value::as_str) == Some(name);
            if own("$anchor") || own("$dynamicAnchor") {
                return Some(pointer);
            }
            let inside = fields.iter().filter(|(key, _)| !DATA.contains(&key.as_str()));
            let mut inside = inside.map(|(key, value)| (escaped(key), value));
            inside
                .find_map(|(key, value)| anchor(value, name, format!("{pointer}/{key}"), depth + 1))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| anchor(item, name, format!("{pointer}/{index}"), depth + 1)),
        _ => None,
    }
}

/// A key as a step of a JSON pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                rest = &after[2..];
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A schema that can be asked about constants: one without references. `None` where it refers to
/// itself, or is too large to be worth it.
pub(super) fn closed(document: &Value, schema: &Value) -> Option<Schema> {
    let mut left = MOST;
    let schema = inlined(document, schema, 0, &mut left)?;
    Schema::compile(schema).ok()
}

fn inlined(document: &Value, value: &Value, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::Object(fields) => {
            let mut out = Map::new();
            for (key, value) in fields {
                match key.as_str() {
                    "$dynamicRef" | "$recursiveRef" => return None,
                    "$ref" if value.is_string() => {}
                    "$id" | "$schema" | "$anchor" | "$dynamicAnchor" | "$defs" | "definitions" => {}
                    _ if DATA.contains(&key.as_str()) => _ = out.insert(key.clone(), value.clone()),
                    _ => {
                        let value = inlined(document, value, depth + 1, left)?;
                        out.insert(key.clone(), value);
                    }
                }
            }
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let target = document.pointer(&resolve(document, reference)?)?;
                let target = inlined(document, target, depth + 1, left)?;
                let all = out.entry("allOf").or_insert_with(|| json!([]));
                all.as_array_mut()?.push(target);
            }
            Some(Value::Object(out))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| inlined(document, item, depth + 1, left));
            items.collect::<Option<Vec<_>>>().map(Value::Array)
        }
        _ => Some(value.clone()),
    }
}

/// The values without those that equal an earlier one.
pub(super) fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for value in values {
        if !kept.iter().any(|known| check::equal(known, &value)) {
            kept.push(value);
        }
    }
    kept
}
