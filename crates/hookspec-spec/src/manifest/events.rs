//! `events` of a manifest: patterns and subscriptions.

use serde_json::{Map, Value};

use super::fields::{Field, Need, Rules, Shape, field, read};
use crate::codes;
use crate::reader::{Object, Report, is_pointer};

use Need::{Default, Nullable};

pub(crate) const EVENTS: &[Field] = &[
    field("emit", Shape::Patterns, Default),
    field("cancel", Shape::Patterns, Default),
    field("subscribe", Shape::Subscriptions, Default),
];

/// How long an event that failed waits at most before it is tried again the first time: an hour.
const LONGEST_BACKOFF_MS: u64 = 3_600_000;

const SUBSCRIPTION: &[Field] = &[
    field("name", Shape::NonEmpty, Nullable),
    field("pattern", Shape::Pattern, Nullable),
    field("patterns", Shape::Patterns, Default),
    field("filter", Shape::Predicate, Nullable),
    field("sources", Shape::Texts, Default),
    field("permission", Shape::NonEmpty, Nullable),
    field("tenant", Shape::NonEmpty, Nullable),
    field("observe", Shape::Flag, Default),
    field("priority", Shape::Signed, Default),
    field("queue", Shape::Whole(1, 65_536), Default),
    field("overflow", Shape::OneOf(&["drop_newest", "drop_oldest", "block", "coalesce"]), Default),
    field("key", Shape::Pointer, Nullable),
    field("concurrency", Shape::Whole(1, 256), Default),
    field("timeout_ms", Shape::Whole(1, u64::MAX), Default),
    field("retries", Shape::Object(RETRIES), Default),
];

const RETRIES: &[Field] = &[
    field("attempts", Shape::Whole(0, 100), Default),
    field("backoff_ms", Shape::Whole(0, LONGEST_BACKOFF_MS), Default),
];

/// A list of patterns, and tables with one and how its events are delivered.
pub(super) fn subscriptions(
    at: &str,
    value: &Value,
    rules: Rules,
    report: &mut Report<'_>,
) -> Option<Value> {
    let items = list(at, value, "a list of patterns and tables", report)?;
    let read = items.iter().enumerate().map(|(index, item)| {
        let at = format!("{at}/{index}");
        match item {
            Value::Object(fields) => Some(subscription(at, fields, rules, report)),
            other => pattern(&at, other, rules, report),
        }
    });
    // All of them are looked at, whatever is wrong with the first.
    read.collect::<Vec<_>>().into_iter().collect()
}

/// A table with a pattern, and how its events are delivered.
pub(super) fn subscription(
    at: String,
    fields: &Map<String, Value>,
    rules: Rules,
    report: &mut Report<'_>,
) -> Value {
    let table = Object { fields, pointer: at };
    let clean = read(&table, SUBSCRIPTION, rules, report);
    whole(&table, report);
    Value::Object(clean)
}

/// What a table lacks, by what else is in it.
fn whole(table: &Object<'_>, report: &mut Report<'_>) {
    let is_there = |key: &str| table.get(key).is_some_and(|value| !value.is_null());
    let has_some = |items: &Vec<Value>| !items.is_empty();
    let patterns = table.get("patterns").is_some_and(|value| value.as_array().is_none_or(has_some));
    if !is_there("pattern") && !patterns {
        let message = "the subscription does not say what it wants";
        let hint = "add `pattern`, such as \"deploy.*\", or `patterns`";
        report.error_at_key(codes::MANIFEST_SUBSCRIPTION, &table.pointer, message, hint);
    }
    if table.get("overflow").and_then(Value::as_str) == Some("coalesce") && !is_there("key") {
        let message =
            "`coalesce` keeps one event of each key, and `key` does not say which that is";
        let hint = "add `key`, such as /data/id";
        report.error_with(codes::MANIFEST_SUBSCRIPTION, &table.at("overflow"), message, hint);
    }
}

pub(super) fn patterns(
    at: &str,
    value: &Value,
    rules: Rules,
    report: &mut Report<'_>,
) -> Option<Value> {
    let items = list(at, value, "a list of patterns", report)?;
    let read = items.iter().enumerate();
    let read = read.map(|(index, item)| pattern(&format!("{at}/{index}"), item, rules, report));
    read.collect::<Vec<_>>().into_iter().collect()
}

pub(super) fn pattern(
    at: &str,
    value: &Value,
    rules: Rules,
    report: &mut Report<'_>,
) -> Option<Value> {
    let Value::String(text) = value else {
        report.wrong_type(at, "a pattern of events", value);
        return None;
    };
    if rules.patterns {
        crate::events::pattern::read(report, codes::MANIFEST_PATTERN, at, text)?;
    }
    Some(value.clone())
}

pub(super) fn pointer(at: &str, text: &str, report: &mut Report<'_>) -> Option<Value> {
    if is_pointer(text) {
        return Some(text.into());
    }
    let message = format!("`{}` is no JSON pointer", crate::document::shorten(text));
    let hint = "write one into the event, such as /data/id or /subject";
    report.error_with(codes::MANIFEST_SUBSCRIPTION, at, message, hint);
    None
}

fn list<'a>(
    at: &str,
    value: &'a Value,
    expected: &str,
    report: &mut Report<'_>,
) -> Option<&'a Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        other => {
            report.wrong_type(at, expected, other);
            None
        }
    }
}
