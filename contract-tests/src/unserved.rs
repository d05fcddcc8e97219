//! [`Unserved`]: a vector says something that the runner does not know.

use serde_json::{Map, Value};

/// Something in a vector that the runner does not know; the vector fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unserved(pub(crate) String);

pub(crate) type Served<T> = Result<T, Unserved>;

/// Something in a vector that the runner does not know.
pub(crate) fn unserved<T>(what: impl Into<String>) -> Served<T> {
    Err(Unserved(what.into()))
}

/// An object whose keys are all among `known`.
pub(crate) fn object<'a>(
    value: &'a Value,
    place: &str,
    known: &[&str],
) -> Served<&'a Map<String, Value>> {
    let Value::Object(map) = value else {
        return unserved(format!("{place} is not an object: {value}"));
    };
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => unserved(format!("unknown key `{key}` in {place}")),
        None => Ok(map),
    }
}

pub(crate) fn text<'a>(value: &'a Value, place: &str) -> Served<&'a str> {
    value.as_str().ok_or_else(|| Unserved(format!("{place} is not a text: {value}")))
}

pub(crate) fn flag(value: &Value, place: &str) -> Served<bool> {
    value.as_bool().ok_or_else(|| Unserved(format!("{place} is not true or false: {value}")))
}

pub(crate) fn whole(value: &Value, place: &str) -> Served<u64> {
    value.as_u64().ok_or_else(|| Unserved(format!("{place} is not a whole number: {value}")))
}

/// A list of texts.
pub(crate) fn texts(value: &Value, place: &str) -> Served<Vec<String>> {
    let Value::Array(items) = value else {
        return unserved(format!("{place} is not a list: {value}"));
    };
    items.iter().map(|item| text(item, place).map(str::to_owned)).collect()
}
