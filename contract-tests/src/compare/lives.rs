//! What is expected of starts and of what plugins are given there.

use serde_json::{Map, Value};

use super::{includes, same_set};
use crate::unserved::{Served, text, texts, unserved};

/// Whether the setups of each list overlap in time, and each list begins when the one before it has
/// ended. Observed are a beginning and an end for each plugin.
pub(super) fn together(expected: &Value, actual: &Value) -> Served<bool> {
    let Value::Array(groups) = expected else { return unserved("`started_together` is no list") };
    let mut before = 0;
    for group in groups {
        let names = texts(group, "started_together")?;
        let times: Vec<(u64, u64)> = names.iter().filter_map(|name| time(actual, name)).collect();
        let last_begun = times.iter().map(|(begun, _)| *begun).max().unwrap_or_default();
        let overlap = times.iter().all(|(_, ended)| *ended >= last_begun);
        let in_turn = times.iter().all(|(begun, _)| *begun >= before);
        if times.len() != names.len() || !overlap || !in_turn {
            return Ok(false);
        }
        before = times.iter().map(|(_, ended)| *ended).max().unwrap_or(before);
    }
    Ok(true)
}

fn time(actual: &Value, plugin: &str) -> Option<(u64, u64)> {
    let time = actual.get(plugin)?;
    Some((time.get(0)?.as_u64()?, time.get(1)?.as_u64()?))
}

/// Whether each plugin got its configuration. Without one it reads `null` here, and an empty object
/// elsewhere: a lookup finds nothing in either.
pub(super) fn configurations(expected: &Value, actual: &Value) -> Served<bool> {
    let none = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
    Ok(fields(expected, "ctx_config")?.iter().all(|(plugin, expected)| {
        actual.get(plugin).is_some_and(|actual| match none(expected) {
            true => none(actual),
            false => includes(expected, actual),
        })
    }))
}

/// Whether each plugin has these names, in any order.
pub(super) fn sets(expected: &Value, actual: &Value) -> Served<bool> {
    for (plugin, expected) in fields(expected, "an object of lists")? {
        let actual = actual.get(plugin).unwrap_or(&Value::Null);
        for name in expected.as_array().into_iter().flatten() {
            text(name, plugin)?;
        }
        if !actual.is_array() || !same_set(expected, actual, &mut |e, a| Ok(includes(e, a)))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An empty object asks for no key, and so would hold always: it says that there is none.
pub(super) fn exactly_none(expected: &Value, actual: &Value) -> bool {
    let empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
    !empty(expected) || empty(actual)
}

fn fields<'a>(value: &'a Value, place: &str) -> Served<&'a Map<String, Value>> {
    match value {
        Value::Object(fields) => Ok(fields),
        other => unserved(format!("{place} is no object: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn setups_of_a_list_overlap_and_lists_come_one_after_another() {
        let times = json!({ "a": [0, 5], "b": [1, 4], "c": [5, 6], "d": [7, 8] });
        for (expected, held) in [
            (json!([["a", "b"], ["c"]]), true),
            (json!([["b", "a"], ["c"], ["d"]]), true),
            (json!([["a"], ["b"]]), false),
            (json!([["c", "d"]]), false),
            (json!([["c"], ["a"]]), false),
            (json!([["a", "nobody"]]), false),
        ] {
            assert_eq!(together(&expected, &times), Ok(held), "{expected}");
        }
        assert!(together(&json!({}), &times).is_err());
        assert!(together(&json!([[1]]), &times).is_err());
    }

    #[test]
    fn no_configuration_is_null_or_empty_and_nothing_else() {
        let actual = json!({ "a": { "x": 1, "y": 2 }, "b": null });
        for (expected, held) in [
            (json!({ "a": { "x": 1 } }), true),
            (json!({ "a": { "x": 2 } }), false),
            (json!({ "b": {} }), true),
            (json!({ "b": null }), true),
            (json!({ "a": {} }), false),
            (json!({ "c": {} }), false),
        ] {
            assert_eq!(configurations(&expected, &actual), Ok(held), "{expected}");
        }
    }

    #[test]
    fn names_are_sets_and_an_empty_object_says_that_there_are_none() {
        let actual = json!({ "a": ["x", "y"] });
        assert_eq!(sets(&json!({ "a": ["y", "x"] }), &actual), Ok(true));
        for wrong in [json!({ "a": ["x"] }), json!({ "a": [] }), json!({ "b": [] })] {
            assert_eq!(sets(&wrong, &actual), Ok(false), "{wrong}");
        }
        assert!(sets(&json!({ "a": [1] }), &actual).is_err());
        assert!(sets(&json!([]), &actual).is_err());
        assert!(!exactly_none(&json!({}), &actual));
        assert!(exactly_none(&json!({}), &json!({})) && exactly_none(&actual, &json!({})));
    }
}
