//! The fields of a manifest: their types, as a table.

use serde_json::{Map, Value};

use super::events::{EVENTS, pattern, patterns, pointer, subscriptions};
use super::values::{config_schema, digest, non_empty, predicate};
use super::{CODES, Dialect};
use crate::codes;
use crate::reader::{Object, Report, choice, object, whole};

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Text,
    Name,
    NonEmpty,
    Flag,
    /// A whole number between two bounds.
    Whole(u64, u64),
    /// A whole number of 32 bits, with its sign.
    Signed,
    Texts,
    TextMap,
    AnyObject,
    Anything,
    OneOf(&'static [&'static str]),
    Runtime,
    Object(&'static [Field]),
    /// A SHA-256 in hexadecimal.
    Digest,
    /// A JSON Schema, or a path to one.
    ConfigSchema,
    Predicate,
    /// A JSON pointer into an event.
    Pointer,
    /// A pattern of events.
    Pattern,
    Patterns,
    /// Patterns, or tables with them.
    Subscriptions,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) shape: Shape,
    pub(crate) need: Need,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must be there.
    Required,
    /// It may be absent, and not null.
    Default,
    /// It may be absent or null.
    Nullable,
    /// Nullable, and unknown to the specification.
    Ours,
}

pub(crate) const fn field(key: &'static str, shape: Shape, need: Need) -> Field {
    Field { key, shape, need }
}

use Need::{Default, Nullable, Ours, Required};

pub(crate) const FIELDS: &[Field] = &[
    field("schema_version", Shape::NonEmpty, Required),
    field("name", Shape::Name, Required),
    field("kind", Shape::NonEmpty, Required),
    field("kind_api_version", Shape::NonEmpty, Required),
    field("core_version", Shape::Text, Required),
    field("runtime", Shape::Runtime, Required),
    field("version", Shape::Text, Ours),
    field("description", Shape::Text, Ours),
    field("license", Shape::Text, Nullable),
    field("maintainer", Shape::Text, Nullable),
    field("homepage", Shape::Text, Nullable),
    field("entry_point", Shape::Text, Nullable),
    field("sha256", Shape::Digest, Ours),
    field("health_check", Shape::Text, Nullable),
    field("url", Shape::Text, Nullable),
    field("endpoint", Shape::Text, Nullable),
    field("command", Shape::Texts, Nullable),
    field("env", Shape::TextMap, Nullable),
    field("auth", Shape::AnyObject, Nullable),
    field("capabilities", Shape::Texts, Default),
    field("depends_on", Shape::Texts, Default),
    field("supports_languages", Shape::Texts, Default),
    field("supports_extensions", Shape::Texts, Default),
    field("supports_mime_types", Shape::Texts, Default),
    field("priority", Shape::Whole(0, u32::MAX as u64), Default),
    field("tryfirst", Shape::Flag, Default),
    field("trylast", Shape::Flag, Default),
    field("fallback", Shape::Flag, Default),
    field("in_process_only", Shape::Flag, Default),
    field("startup_timeout_sec", Shape::Whole(1, u64::MAX), Default),
    field("teardown_timeout_sec", Shape::Whole(1, u64::MAX), Default),
    field(
        "execution_model",
        Shape::OneOf(&["sync", "async", "thread_cpu_bound", "process_cpu_bound"]),
        Default,
    ),
    field("resources", Shape::Object(RESOURCES), Default),
    field("unit_of_work", Shape::Object(UNIT_OF_WORK), Default),
    field("isolation", Shape::OneOf(&["inline", "task", "thread"]), Ours),
    field("timeout_ms", Shape::Whole(1, u64::MAX), Ours),
    field("max_concurrency", Shape::Whole(1, u32::MAX as u64), Ours),
    field("circuit_breaker", Shape::Object(CIRCUIT_BREAKER), Ours),
    field("chain_wrap", Shape::Object(CHAIN_WRAP), Ours),
    field("config_schema", Shape::ConfigSchema, Ours),
    field("events", Shape::Object(EVENTS), Ours),
    field("limits", Shape::Object(LIMITS), Ours),
    field("when", Shape::Predicate, Ours),
];

const RESOURCES: &[Field] =
    &[field("required", Shape::Texts, Default), field("optional", Shape::Texts, Default)];

const UNIT_OF_WORK: &[Field] = &[
    field("declared", Shape::Flag, Default),
    field("partition_key", Shape::Text, Nullable),
    field("estimated_duration_sec", Shape::Whole(1, u64::MAX), Nullable),
    field("idempotency_mode", Shape::OneOf(&["none", "input_hash", "output_hash"]), Default),
    field("checkpointable", Shape::Flag, Default),
];

pub(crate) const CIRCUIT_BREAKER: &[Field] = &[
    field("fail_threshold", Shape::Whole(1, u32::MAX as u64), Default),
    field("open_seconds", Shape::Whole(1, u64::MAX), Default),
];

const CHAIN_WRAP: &[Field] = &[
    field("kinds", Shape::Texts, Required),
    field("hooks", Shape::Texts, Required),
    field("required", Shape::Flag, Default),
];

pub(crate) const LIMITS: &[Field] = &[field("output_bytes", Shape::Whole(1, u64::MAX), Nullable)];

/// Runtimes, and whether the specification has them.
const RUNTIMES: &[(&str, bool)] = &[
    ("in_process", true),
    ("dylib", false),
    ("process", false),
    ("mcp_stdio", true),
    ("mcp_http", true),
];

/// What a dialect allows beyond the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Fields and runtimes that the specification does not have.
    pub(crate) ours: bool,
    /// Names of letters, digits and a few signs only.
    pub(crate) strict_names: bool,
    /// Patterns are read. Those of a manifest that was built in Rust are patterns, whatever their
    /// text: they may be of a compatibility mode.
    pub(crate) patterns: bool,
}

impl From<Dialect> for Rules {
    fn from(dialect: Dialect) -> Self {
        let ours = dialect == Dialect::Hookspec;
        Self { ours, strict_names: ours, patterns: true }
    }
}

/// Checks an object against a table. Answers the object as the types read it: without nulls, and
/// with whole numbers as such.
pub(crate) fn read(
    object: &Object<'_>,
    fields: &'static [Field],
    rules: Rules,
    report: &mut Report<'_>,
) -> Map<String, Value> {
    // Null says nothing, so a field of ours that is null offends nobody.
    let foreign = |field: &&Field| {
        !rules.ours
            && field.need == Ours
            && object.get(field.key).is_some_and(|value| !value.is_null())
    };
    let known: Vec<_> =
        fields.iter().filter(|field| !foreign(field)).map(|field| field.key).collect();
    object.only(report, &known);
    let mut out = Map::new();
    for field in fields.iter().filter(|field| !foreign(field)) {
        match object.get(field.key) {
            None if field.need == Required => {
                object.missing(report, field.key, &format!("add `{}`", field.key));
            }
            None => {}
            Some(Value::Null) if matches!(field.need, Nullable | Ours) => {}
            Some(value) => {
                let before = report.count();
                let read = shape(&object.at(field.key), value, field.shape, rules, report);
                // What is broken inside is broken as a whole: the types would refuse it.
                if let Some(value) = read.filter(|_| report.count() == before) {
                    out.insert(field.key.to_owned(), value);
                }
            }
        }
    }
    out
}

fn shape(
    at: &str,
    value: &Value,
    shape: Shape,
    rules: Rules,
    report: &mut Report<'_>,
) -> Option<Value> {
    let text = |report: &mut Report<'_>| match value {
        Value::String(text) => Some(text.as_str()),
        other => {
            report.wrong_type(at, "a text", other);
            None
        }
    };
    match shape {
        Shape::Text => text(report)?,
        Shape::Name => return name(at, text(report)?, rules, report),
        Shape::NonEmpty => return non_empty(at, text(report)?, report),
        Shape::Digest => return digest(at, text(report)?, report),
        Shape::OneOf(members) => {
            let members: Vec<_> = members.iter().map(|member| (*member, ())).collect();
            let chosen = text(report)?;
            choice(report, at, chosen, &members)?;
            chosen
        }
        Shape::Runtime => {
            let spoken = |(_, everywhere): &&(&str, bool)| *everywhere || rules.ours;
            let members: Vec<_> =
                RUNTIMES.iter().filter(spoken).map(|(name, _)| (*name, ())).collect();
            let chosen = text(report)?;
            choice(report, at, chosen, &members)?;
            chosen
        }
        Shape::Flag => {
            if !value.is_boolean() {
                report.wrong_type(at, "true or false", value);
                return None;
            }
            return Some(value.clone());
        }
        Shape::Whole(least, most) => return number(at, value, least, most, report),
        Shape::Signed => return signed(at, value, report),
        Shape::Texts => return texts(at, value, report),
        Shape::TextMap => {
            let Value::Object(fields) = value else {
                secret(at, at.rsplit('/').next().unwrap_or_default(), "an object", value, report);
                return None;
            };
            let map = Object { fields, pointer: at.to_owned() };
            for (key, item) in map.fields.iter().filter(|(_, item)| !item.is_string()) {
                secret(&map.at(key), key, "a text", item, report);
            }
            return Some(value.clone());
        }
        Shape::Anything => return Some(value.clone()),
        Shape::AnyObject if value.is_object() => return Some(value.clone()),
        Shape::AnyObject => {
            secret(at, at.rsplit('/').next().unwrap_or_default(), "an object", value, report);
            return None;
        }
        Shape::Object(fields) => {
            let inner = object(report, value, at.to_owned())?;
            return Some(Value::Object(read(&inner, fields, rules, report)));
        }
        Shape::ConfigSchema => return config_schema(at, value, report),
        Shape::Pointer => return pointer(at, text(report)?, report),
        Shape::Pattern => return pattern(at, value, rules, report),
        Shape::Patterns => return patterns(at, value, rules, report),
        Shape::Subscriptions => return subscriptions(at, value, rules, report),
        Shape::Predicate => {
            predicate(at, value, report);
            return Some(value.clone());
        }
    };
    Some(value.clone())
}

/// That something in `env` or `auth` has the wrong type, without what it is: they hold passwords.
fn secret(at: &str, key: &str, expected: &str, value: &Value, report: &mut Report<'_>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    let key = crate::document::shorten(key);
    let message = format!("`{key}` must be {expected}, and is {kind}");
    report.error_unseen(CODES.wrong_type, at, message);
}

fn number(
    at: &str,
    value: &Value,
    least: u64,
    most: u64,
    report: &mut Report<'_>,
) -> Option<Value> {
    match whole(value) {
        None => report.wrong_type(at, "a whole number", value),
        Some(Ok(number)) if (least..=most).contains(&number) => return Some(number.into()),
        Some(_) if most == u64::MAX => {
            report.out_of_range(at, &format!("a whole number from {least} up"), value);
        }
        Some(_) => {
            report.out_of_range(at, &format!("a whole number from {least} to {most}"), value)
        }
    }
    None
}

fn signed(at: &str, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    // 5.0 is 5, as it is of numbers without a sign.
    let exact = value.as_f64().filter(|float| float.fract() == 0.0);
    match exact {
        _ if !value.is_number() => report.wrong_type(at, "a whole number", value),
        Some(float) if (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&float) => {
            return Some((float as i64).into());
        }
        _ => {
            let expected = format!("a whole number from {} to {}", i32::MIN, i32::MAX);
            report.out_of_range(at, &expected, value);
        }
    }
    None
}

fn texts(at: &str, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    let Value::Array(items) = value else {
        report.wrong_type(at, "a list of texts", value);
        return None;
    };
    for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.is_string()) {
        let described = crate::reader::describe(item);
        // The field is named, not the number of the item: that is what people look for.
        let field = at.rsplit('/').next().unwrap_or_default();
        let message = format!("`{field}` must be a list of texts; item {index} is {described}");
        report.error(CODES.wrong_type, at, message);
    }
    Some(value.clone())
}

fn name(at: &str, text: &str, rules: Rules, report: &mut Report<'_>) -> Option<Value> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let strict =
        || text.chars().all(plain) && text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let printable = || !text.chars().any(char::is_control);
    if !text.is_empty() && if rules.strict_names { strict() } else { printable() } {
        return Some(text.into());
    }
    let hint = "use letters, digits, `.`, `_` and `-`, starting with a letter or digit";
    let message = match text {
        "" => "`name` is empty".to_owned(),
        _ => format!("`name` cannot be {:?}", crate::document::shorten(text)),
    };
    report.error_with(codes::MANIFEST_BAD_NAME, at, message, hint);
    None
}
