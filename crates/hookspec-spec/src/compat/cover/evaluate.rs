//! The interpreter, on values that schemas list.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::schema::{Schema, walk};

use super::facts::Node;

/// What was compiled: parts of documents by address, patterns by their text.
#[derive(Default)]
pub(super) struct Evaluator<'a> {
    parts: HashMap<usize, Option<Schema>>,
    patterns: HashMap<&'a str, Option<Schema>>,
}

impl<'a> Evaluator<'a> {
    /// Whether a part of a document accepts a value; `None` where that part does not compile alone.
    pub(super) fn accepts(&mut self, node: &Node<'a>, value: &Value) -> Option<bool> {
        if node.accepts_all() {
            return Some(true);
        }
        let part = self.parts.entry(node.address()).or_insert_with(|| compile(node));
        Some(part.as_ref()?.is_valid(value))
    }

    /// Whether a pattern matches a name.
    pub(super) fn matches(&mut self, pattern: &'a str, name: &str) -> Option<bool> {
        let compiled = || Schema::compile(json!({ "pattern": pattern })).ok();
        let schema = self.patterns.entry(pattern).or_insert_with(compiled);
        Some(schema.as_ref()?.is_valid(&name.into()))
    }
}

fn compile(node: &Node<'_>) -> Option<Schema> {
    let mut refers = false;
    walk::visit(node.schema, |_, schema| {
        refers |= schema.get("$ref").is_some() || schema.get("$dynamicRef").is_some();
    });
    if !refers {
        return Schema::compile(node.schema.clone()).ok();
    }
    // The document becomes a definition, and every pointer in it one step longer.
    let mut document = node.doc.root.clone();
    let mut references = Vec::new();
    walk::visit(node.doc.root, |pointer, schema| {
        for keyword in ["$ref", "$dynamicRef"] {
            let text = schema.get(keyword).and_then(Value::as_str);
            let Some(fragment) = text.and_then(|text| text.strip_prefix('#')) else { continue };
            if fragment.is_empty() || fragment.starts_with('/') {
                references.push((format!("{pointer}/{keyword}"), fragment.to_owned()));
            }
        }
    });
    for (pointer, fragment) in references {
        *document.pointer_mut(&pointer)? = format!("#/$defs/whole{fragment}").into();
    }
    if let Some(fields) = document.as_object_mut() {
        fields.shift_remove("$id");
        fields.shift_remove("$schema");
    }
    let place = encoded(&node.pointer);
    Schema::compile(
        json!({ "$ref": format!("#/$defs/whole{place}"), "$defs": { "whole": document } }),
    )
    .ok()
}

/// A pointer as part of a reference.
fn encoded(pointer: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~$".contains(&byte);
    pointer
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A value in a message: short.
pub(super) fn shown(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
