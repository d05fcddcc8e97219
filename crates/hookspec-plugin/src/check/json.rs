//! Rules that compare JSON: `uniqueItems`, and `enum` and `const` of arbitrary values.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use super::{Number, Place, Report};
use crate::codec::whole;

/// Whether two values are the same to JSON Schema: `1` and `1.0` are, and the order of fields does
/// not matter.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            Number::from(left).compare(Number::from(right)) == Some(Ordering::Equal)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| equal(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, l)| right.get(key).is_some_and(|r| equal(l, r)))
        }
        _ => left == right,
    }
}

/// The keyword `uniqueItems`.
pub fn unique_items<T: Serialize>(report: &mut Report, at: &Place<'_>, schema: &str, items: &[T]) {
    if items.len() < 2 {
        return;
    }
    let mut seen = HashSet::with_capacity(items.len());
    // What cannot be written as JSON is refused where that is attempted.
    let texts = items.iter().filter_map(|item| serde_json::to_value(item).ok());
    for (index, mut item) in texts.enumerate() {
        normalise(&mut item);
        item.sort_all_objects();
        if !seen.insert(item.to_string()) {
            return report.add(&at.item(index), schema, TWICE);
        }
    }
}

/// The keyword `uniqueItems`, of texts, integers and truth values.
pub fn unique_scalars<T: Ord>(report: &mut Report, at: &Place<'_>, schema: &str, items: &[T]) {
    const FEW: usize = 16;
    let twice = if items.len() <= FEW {
        items.iter().enumerate().any(|(index, item)| items[..index].contains(item))
    } else {
        let mut sorted: Vec<_> = items.iter().collect();
        sorted.sort_unstable();
        sorted.windows(2).any(|pair| pair[0] == pair[1])
    };
    if twice {
        report.add(at, schema, TWICE);
    }
}

const TWICE: &str = "an item is there twice";

/// Writes every whole number in one way, so that equal values are equal texts.
fn normalise(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(integer) = whole(number) {
                *number = integer;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Object(fields) => fields.values_mut().for_each(normalise),
        _ => {}
    }
}

/// The keywords `enum` and `const` where the values are arbitrary JSON.
pub fn one_of<T: Serialize>(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: &T,
    allowed: &[Value],
) {
    let found = serde_json::to_value(value).ok();
    if !found.is_some_and(|found| allowed.iter().any(|each| equal(each, &found))) {
        report.add(at, schema, "none of the values that are allowed");
    }
}

/// A JSON text that generated code holds; `null` where it is none.
#[doc(hidden)]
pub fn constant(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// The items of a JSON list that generated code holds.
#[doc(hidden)]
pub fn constants(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn unique(items: &Value) -> bool {
        let mut report = Report::default();
        let items = items.as_array().cloned().unwrap_or_default();
        unique_items(&mut report, &Place::root(), "/uniqueItems", &items);
        report.finish().is_ok()
    }

    #[test]
    fn equality_is_that_of_json_schema() {
        assert!(equal(&json!({ "a": 1, "b": [2.0] }), &json!({ "b": [2], "a": 1.0 })));
        for (left, right) in
            [(json!(0), json!(false)), (json!(1), json!("1")), (json!(null), json!(0))]
        {
            assert!(!equal(&left, &right), "{left} {right}");
        }
        assert!(!equal(&json!({ "a": 1 }), &json!({ "b": 1 })));
    }

    #[test]
    fn items_are_compared_as_json() {
        assert!(!unique(&json!([1.0, 1, 1.00])));
        assert!(!unique(&json!([{ "a": 1, "b": 2 }, { "b": 2, "a": 1.0 }])));
        assert!(unique(&json!([1, true, "1", [1], null])));
        let many: Vec<_> = (0..40).chain([7]).collect();
        let mut report = Report::default();
        unique_scalars(&mut report, &Place::root(), "/uniqueItems", &many);
        assert!(report.finish().is_err());
    }
}
