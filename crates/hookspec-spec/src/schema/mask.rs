//! Which parts of a payload must not appear in messages, and messages without them.

use std::collections::{HashMap, HashSet};

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::{compile, walk};
use crate::document::escape;

/// How many pairs of schema and value are looked at before everything counts as secret.
const MOST_STEPS: usize = 100_000;
/// How long a message may be, in characters.
const LONGEST_MESSAGE: usize = 400;
/// How many values may be printed as part of a message.
const MOST_PRINTED: usize = 20;

/// Whether a schema marks any value as secret.
pub(super) fn any(document: &Value) -> bool {
    let mut found = false;
    walk::visit(document, |_, schema| found |= marks(schema));
    found
}

pub(crate) fn marks(schema: &Value) -> bool {
    let set = |keyword| schema.get(keyword).and_then(Value::as_bool) == Some(true);
    set("writeOnly") || set("x-sensitive")
}

/// JSON pointers to the values of one payload that a schema marks as secret.
pub(crate) enum Secrets {
    At(HashSet<String>),
    Everything,
}

impl Secrets {
    pub(crate) fn none() -> Self {
        Self::At(HashSet::new())
    }

    /// Follows every branch of the schema, also those the value does not satisfy: a value that may
    /// be a secret is one.
    pub(crate) fn find(document: &Value, value: &Value) -> Self {
        let anchors = walk::anchors(document);
        let mut found = HashSet::new();
        let mut patterns = Patterns::default();
        let mut seen = HashSet::new();
        let mut open = vec![(document, value, String::new())];
        while let Some((schema, value, pointer)) = open.pop() {
            let pair = (std::ptr::from_ref(schema).addr(), std::ptr::from_ref(value).addr());
            if !seen.insert(pair) {
                continue;
            }
            if seen.len() > MOST_STEPS {
                return Self::Everything;
            }
            if marks(schema) {
                found.insert(pointer.clone());
            }
            for next in walk::in_place(document, &anchors, schema) {
                open.push((next, value, pointer.clone()));
            }
            match value {
                Value::Object(fields) => {
                    for (key, value) in fields {
                        for next in of_property(schema, key, &mut patterns) {
                            open.push((next, value, format!("{pointer}/{}", escape(key))));
                        }
                    }
                }
                Value::Array(items) => {
                    for (index, value) in items.iter().enumerate() {
                        for next in of_item(schema, index) {
                            open.push((next, value, format!("{pointer}/{index}")));
                        }
                    }
                }
                _ => {}
            }
        }
        Self::At(found)
    }

    /// Whether this very place is a secret.
    pub(crate) fn is(&self, place: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::At(secrets) => secrets.contains(place),
        }
    }

    /// Whether a message about this place may show a secret: one that is there, around, or inside.
    pub(crate) fn touched_by(&self, place: &str) -> bool {
        let around = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self {
            Self::Everything => true,
            Self::At(secrets) => {
                secrets.iter().any(|secret| around(secret, place) || around(place, secret))
            }
        }
    }
}

pub(crate) fn of_property<'a>(
    schema: &'a Value,
    key: &str,
    patterns: &mut Patterns,
) -> Vec<&'a Value> {
    let mut found = Vec::new();
    let named = schema.get("properties").and_then(|properties| properties.get(key));
    found.extend(named);
    let by_pattern = schema.get("patternProperties").and_then(Value::as_object);
    for (pattern, next) in by_pattern.into_iter().flatten() {
        if patterns.matches(pattern, key) {
            found.push(next);
        }
    }
    if found.is_empty() {
        found.extend(schema.get("additionalProperties"));
    }
    found.extend(schema.get("unevaluatedProperties"));
    found
}

pub(crate) fn of_item(schema: &Value, index: usize) -> Vec<&Value> {
    let first = schema.get("prefixItems").and_then(|items| items.get(index));
    let rest = || schema.get("items");
    let mut found: Vec<_> = first.or_else(rest).into_iter().collect();
    found.extend(schema.get("contains"));
    found.extend(schema.get("unevaluatedItems"));
    found
}

#[derive(Default)]
pub(crate) struct Patterns(HashMap<String, Option<jsonschema::Validator>>);

impl Patterns {
    /// A pattern that cannot be compiled matches everything: its values may be secrets.
    pub(crate) fn matches(&mut self, pattern: &str, key: &str) -> bool {
        let compiled =
            self.0.entry(pattern.to_owned()).or_insert_with(|| compile::pattern(pattern).ok());
        compiled.as_ref().is_none_or(|compiled| compiled.is_valid(&Value::String(key.to_owned())))
    }
}

/// What is wrong, without secrets, and not longer than people read.
pub(super) fn message(error: &ValidationError<'_>, secrets: &Secrets) -> String {
    let text = if secrets.touched_by(error.instance_path().as_str()) {
        masked(error)
    } else if short(error.instance()) {
        error.to_string()
    } else {
        error.masked_with("the value").to_string()
    };
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// What is wrong with a secret: neither what it is, nor what it should have been, which may be
/// the secret itself.
pub(super) fn masked(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Constant { .. } => "*** is not the one value that is allowed".into(),
        ValidationErrorKind::Enum { .. } => "*** is none of the values that are allowed".into(),
        ValidationErrorKind::Not { .. } => "*** is what is not allowed".into(),
        _ => error.masked_with("***").to_string(),
    }
}

/// Whether a value is small enough to be printed.
fn short(value: &Value) -> bool {
    let mut open = vec![value];
    let mut seen = 0;
    while let Some(value) = open.pop() {
        seen += 1;
        match value {
            Value::String(text) if text.len() > LONGEST_MESSAGE => return false,
            Value::Array(items) if items.len() <= MOST_PRINTED => open.extend(items),
            Value::Object(fields) if fields.len() <= MOST_PRINTED => open.extend(fields.values()),
            Value::Array(_) | Value::Object(_) => return false,
            _ => {}
        }
        if seen > MOST_PRINTED {
            return false;
        }
    }
    true
}
