//! Compares what was expected with what was observed, by the rules of the vectors.

mod lives;

use serde_json::{Map, Value};

use crate::groups::events::described;
use crate::observed::Observed;
use crate::seen::{CLASSES, OF_THE_LANGUAGE};
use crate::unserved::{Served, Unserved, flag, object, text, unserved, whole};
use crate::words::mentions;

/// Expectations that every group can have.
const COMMON: [&str; 8] = [
    "ok",
    "error",
    "field",
    "message_contains",
    "warnings",
    "warnings_contain",
    "log_contains",
    "log_excludes",
];

const COMMENTS: [&str; 4] = ["why", "note", "reason", "source"];

/// Lists whose order says nothing.
const SETS: [&str; 10] = [
    "blocked",
    "called_set",
    "candidates",
    "container",
    "cycle",
    "failed",
    "leaked",
    "ran",
    "skipped",
    "unavailable",
];

/// Every difference; empty where the expectation is met. `known`: what the group can observe.
pub(crate) fn differences(
    expected: &Map<String, Value>,
    observed: &Observed,
    known: &[&str],
) -> Served<Vec<String>> {
    let mut found = Vec::new();
    let mut compared = 0;
    for (key, value) in expected {
        let key = key.as_str();
        if COMMENTS.contains(&key) {
            continue;
        }
        compared += 1;
        if COMMON.contains(&key) {
            common(key, value, observed, &mut found)?;
        } else if !known.contains(&key) {
            return unserved(format!("unknown expectation `{key}`"));
        } else {
            fact(key, value, observed, &mut found)?;
        }
    }
    if compared == 0 {
        return unserved("it expects nothing");
    }
    Ok(found)
}

fn common(key: &str, value: &Value, observed: &Observed, found: &mut Vec<String>) -> Served<()> {
    let error = observed.error.as_ref();
    let shown = || error.map_or("no error".to_owned(), |error| error.text.clone());
    match key {
        "ok" => {
            let expected = flag(value, "expected.ok")?;
            if expected != error.is_none() {
                found.push(format!("ok: expected {expected}, got {}", shown()));
            }
        }
        "error" => {
            if !error_is(value, observed)? {
                found.push(format!("error: expected {value}, got {}", shown()));
            }
        }
        "field" => {
            let field = text(value, "expected.field")?;
            // The number of an item says less than the field that it is an item of.
            let named = |part: &&str| part.parse::<usize>().is_err();
            let last = field.rsplit('.').find(named).unwrap_or(field);
            let named = error.is_some_and(|error| {
                error.fields.iter().any(|part| part == last) || mentions(&error.text, last)
            });
            if !named {
                found.push(format!("field: no mistake points at `{last}`: {}", shown()));
            }
        }
        "message_contains" => {
            for part in one_or_more(value, key)? {
                let bound = observed.words.binds(part);
                if error.is_none_or(|error| bound && !mentions(&error.text, part)) {
                    found.push(format!("message: does not name `{part}`: {}", shown()));
                }
            }
        }
        _ => logged(key, value, observed, found)?,
    }
    Ok(())
}

fn error_is(expected: &Value, observed: &Observed) -> Served<bool> {
    let error = observed.error.as_ref();
    Ok(match expected {
        Value::Null => error.is_none(),
        Value::Bool(true) => error.is_some(),
        Value::String(name) => error.is_some_and(|error| {
            let named = error.names.contains(&name.as_str());
            let message = || error.fault.as_ref() == Some(name);
            match CLASSES.contains(&name.as_str()) {
                true => named || OF_THE_LANGUAGE.contains(&name.as_str()),
                false => named || message(),
            }
        }),
        Value::Object(_) => {
            let part = contains(expected, "expected.error")?;
            error.is_some_and(|e| !observed.words.binds(part) || mentions(&e.text, part))
        }
        other => return unserved(format!("unknown expectation of an error: {other}")),
    })
}

fn logged(key: &str, value: &Value, observed: &Observed, found: &mut Vec<String>) -> Served<()> {
    let records = &observed.records;
    let about_a_plugin = || {
        let words = &observed.words;
        records.iter().filter(|record| words.plugins().any(|plugin| record.names(plugin)))
    };
    if key == "warnings" {
        let (expected, count) = (whole(value, "expected.warnings")?, about_a_plugin().count());
        if expected != count as u64 {
            found.push(format!("warnings: expected {expected}, got {count}: {records:?}"));
        }
        return Ok(());
    }
    for part in one_or_more(value, key)? {
        let there = match observed.words.binds(part) {
            true => records.iter().any(|record| record.mentions(part)),
            false => about_a_plugin().next().is_some(),
        };
        let expected = key != "log_excludes";
        if there != expected {
            found.push(format!("{key} `{part}`: the log has {records:?}"));
        }
    }
    Ok(())
}

/// Attributes of events that an expectation may describe in words.
const OF_EVENTS: [&str; 4] = ["id", "source", "time", "depth"];

fn fact(key: &str, expected: &Value, observed: &Observed, found: &mut Vec<String>) -> Served<()> {
    let Some(actual) = observed.facts.get(key) else {
        let why = observed.error.as_ref().map_or("", |error| error.text.as_str());
        found.push(format!("{key}: expected {expected}, got nothing: {why}"));
        return Ok(());
    };
    let words = expected.as_str().filter(|_| OF_EVENTS.contains(&key));
    let words = words.map(|words| described(key, words, actual, &observed.facts)).transpose()?;
    if let Some(met) = words.flatten() {
        if !met {
            found.push(format!("{key}: expected {expected}, got {actual}"));
        }
        return Ok(());
    }
    let met = match key {
        // How many there are says the same of a list.
        "delivered" if expected.is_number() => {
            actual.as_array().map(Vec::len) == expected.as_u64().and_then(|n| n.try_into().ok())
        }
        "errors" if expected.is_array() => same_errors(expected, actual, observed)?,
        "elapsed_ms_below" => {
            let limit = whole(expected, key)?;
            actual.as_u64().is_some_and(|elapsed| elapsed < limit)
        }
        "inputs" => inputs(expected, actual)?,
        "started_together" => lives::together(expected, actual)?,
        "ctx_config" => lives::configurations(expected, actual)?,
        "ctx_resources" => lives::sets(expected, actual)?,
        "unresolved" => lives::exactly_none(expected, actual) && lives::sets(expected, actual)?,
        "messages_contain" => one_or_more(expected, key)?.iter().all(|part| {
            // A phrase of another implementation asks for no more than that something was said.
            let said = |text: &Value| text.as_str().is_some_and(|text| mentions(text, part));
            let messages = actual.as_array().map(Vec::as_slice).unwrap_or_default();
            !messages.is_empty() && (!observed.words.binds(part) || messages.iter().any(said))
        }),
        key if SETS.contains(&key) => same_set(expected, actual, &mut |e, a| Ok(includes(e, a)))?,
        // What a list of names leaves out may be there all the same.
        "names" => all_of(expected, actual),
        _ => includes(expected, actual),
    };
    if !met {
        found.push(format!("{key}: expected {expected}, got {actual}"));
    }
    Ok(())
}

/// Whether everything that is expected is there: objects may have more keys, lists not more items.
pub(crate) fn includes(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one == other,
            _ => one.as_f64() == other.as_f64(),
        },
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected.iter().zip(actual).all(|(one, other)| includes(one, other))
        }
        (Value::Object(expected), Value::Object(actual)) => expected
            .iter()
            .all(|(key, value)| actual.get(key).is_some_and(|actual| includes(value, actual))),
        (Value::String(one), Value::String(other)) => one == other || same_instant(one, other),
        (expected, actual) => expected == actual,
    }
}

/// Whether two texts are one instant, of whatever offset.
fn same_instant(one: &str, other: &str) -> bool {
    let instant = |text: &str| text.parse::<jiff::Timestamp>();
    matches!((instant(one), instant(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether every expected item is there.
fn all_of(expected: &Value, actual: &Value) -> bool {
    let (Value::Array(expected), Value::Array(actual)) = (expected, actual) else { return false };
    expected.iter().all(|one| actual.contains(one))
}

/// What each plugin received: the value where it was called once, else the list of values.
fn inputs(expected: &Value, actual: &Value) -> Served<bool> {
    let Value::Object(expected) = expected else { return unserved("`inputs` is not an object") };
    Ok(expected.iter().all(|(plugin, expected)| {
        let received = actual.get(plugin).and_then(Value::as_array);
        received.is_some_and(|received| match received.as_slice() {
            [only] => includes(expected, only),
            several => includes(expected, &Value::Array(several.to_vec())),
        })
    }))
}

fn same_errors(expected: &Value, actual: &Value, observed: &Observed) -> Served<bool> {
    same_set(expected, actual, &mut |expected, actual| {
        let fields = object(expected, "expected.errors", &["plugin", "message"])?;
        let mut met = true;
        for (key, value) in fields {
            let actual = actual.get(key).and_then(Value::as_str).unwrap_or_default();
            met &= match value {
                Value::String(whole) => whole == actual,
                part => {
                    let part = contains(part, "expected.errors")?;
                    !observed.words.binds(part) || mentions(actual, part)
                }
            };
        }
        Ok(met)
    })
}

type Same<'a> = &'a mut dyn FnMut(&Value, &Value) -> Served<bool>;

/// Whether two lists hold the same, in any order.
fn same_set(expected: &Value, actual: &Value, same: Same<'_>) -> Served<bool> {
    let (Value::Array(expected), Value::Array(actual)) = (expected, actual) else {
        return unserved(format!("not a list: {expected}"));
    };
    let mut left: Vec<&Value> = actual.iter().collect();
    for one in expected {
        let mut place = None;
        for (index, other) in left.iter().enumerate() {
            if same(one, other)? {
                place = Some(index);
                break;
            }
        }
        match place {
            Some(index) => drop(left.swap_remove(index)),
            None => return Ok(false),
        }
    }
    Ok(left.is_empty())
}

fn contains<'a>(value: &'a Value, place: &str) -> Served<&'a str> {
    let fields = object(value, place, &["contains"])?;
    let part = fields.get("contains").and_then(Value::as_str);
    part.ok_or_else(|| Unserved(format!("{place} has no text `contains`: {value}")))
}

fn one_or_more<'a>(value: &'a Value, place: &str) -> Served<Vec<&'a str>> {
    match value {
        Value::Array(items) => items.iter().map(|item| text(item, place)).collect(),
        one => Ok(vec![text(one, place)?]),
    }
}

#[cfg(test)]
mod tests;
