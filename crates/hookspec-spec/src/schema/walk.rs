//! Where schemas stand inside a schema.

use serde_json::Value;

use crate::document::escape;

/// Keywords whose value is a schema, and applies to the same value as the schema around it.
const SAME_ONE: [&str; 4] = ["not", "if", "then", "else"];
/// Keywords whose value is a list of such schemas.
const SAME_LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords whose value is a schema of something inside the value.
const INSIDE_ONE: [&str; 7] = [
    "additionalProperties",
    "unevaluatedProperties",
    "items",
    "unevaluatedItems",
    "contains",
    "propertyNames",
    "contentSchema",
];
/// Keywords whose value is an object of schemas.
const MAPS: [&str; 5] =
    ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// Calls back for a schema and every schema inside it, with JSON pointers.
pub(crate) fn visit<'a>(root: &'a Value, mut each: impl FnMut(&str, &'a Value)) {
    let mut open = vec![(String::new(), root)];
    while let Some((pointer, schema)) = open.pop() {
        each(&pointer, schema);
        let Some(fields) = schema.as_object() else { continue };
        for (keyword, value) in fields {
            let name = keyword.as_str();
            let at = || format!("{pointer}/{}", escape(keyword));
            if SAME_ONE.contains(&name) || INSIDE_ONE.contains(&name) {
                open.push((at(), value));
            } else if SAME_LIST.contains(&name) || name == "prefixItems" {
                let items = value.as_array().into_iter().flatten().enumerate();
                open.extend(items.map(|(index, item)| (format!("{}/{index}", at()), item)));
            } else if MAPS.contains(&name) {
                let entries = value.as_object().into_iter().flatten();
                open.extend(
                    entries.map(|(key, value)| (format!("{}/{}", at(), escape(key)), value)),
                );
            }
        }
    }
}

/// The addresses of all schemas in a document, by which references are known to lead to one.
pub(super) fn schemas(document: &Value) -> std::collections::HashSet<usize> {
    let mut found = std::collections::HashSet::new();
    visit(document, |_, schema| {
        found.insert(std::ptr::from_ref(schema).addr());
    });
    found
}

/// The schemas that apply to the same value as this one does: what it holds, and what it refers to.
pub(crate) fn in_place<'a>(
    document: &'a Value,
    anchors: &Anchors,
    schema: &'a Value,
) -> Vec<&'a Value> {
    let Some(fields) = schema.as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (keyword, value) in fields {
        let name = keyword.as_str();
        if SAME_ONE.contains(&name) {
            found.push(value);
        } else if SAME_LIST.contains(&name) {
            found.extend(value.as_array().into_iter().flatten());
        } else if name == "dependentSchemas" {
            found.extend(value.as_object().into_iter().flat_map(|map| map.values()));
        } else if matches!(name, "$ref" | "$dynamicRef") {
            let reference = value.as_str();
            found.extend(reference.and_then(|text| resolve(document, anchors, text)));
        }
    }
    found
}

/// Names that `$anchor` and `$dynamicAnchor` give to schemas, as JSON pointers.
pub(crate) type Anchors = std::collections::HashMap<String, String>;

pub(crate) fn anchors(document: &Value) -> Anchors {
    let mut anchors = Anchors::new();
    visit(document, |pointer, schema| {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = schema.get(keyword).and_then(Value::as_str) {
                anchors.insert(name.to_owned(), pointer.to_owned());
            }
        }
    });
    anchors
}

/// Anchors that two schemas share: where the second is, and the name.
pub(super) fn ambiguous_anchors(document: &Value) -> Vec<(String, String)> {
    let mut first = Anchors::new();
    let mut twice = Vec::new();
    visit(document, |pointer, schema| {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            let Some(name) = schema.get(keyword).and_then(Value::as_str) else { continue };
            if first.insert(name.to_owned(), pointer.to_owned()).is_some() {
                twice.push((format!("{pointer}/{keyword}"), name.to_owned()));
            }
        }
    });
    twice
}

/// What a reference into the document itself stands for.
pub(crate) fn resolve<'a>(
    document: &'a Value,
    anchors: &Anchors,
    reference: &str,
) -> Option<&'a Value> {
    let fragment = percent_decoded(reference.strip_prefix('#')?);
    if fragment.is_empty() || fragment.starts_with('/') {
        return document.pointer(&fragment);
    }
    document.pointer(anchors.get(&fragment)?)
}

pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = || u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok();
        match (bytes[at], hex()) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
