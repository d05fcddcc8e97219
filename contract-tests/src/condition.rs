//! [`Condition`]: which scenarios a decision is about, by their shape.

use serde::Deserialize;
use serde_json::Value;

/// A condition on a scenario. Every part that is given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Condition {
    /// JSON pointer into the input; `*` stands for every item and every field. The tests below
    /// hold if they hold at one of the places.
    at: Option<String>,
    exists: Option<bool>,
    equals: Option<Value>,
    prefix: Option<String>,
    contains: Option<String>,
    lowercase: Option<bool>,
    kind: Option<Shape>,
    all: Option<Vec<Condition>>,
    any: Option<Vec<Condition>>,
    not: Option<Box<Condition>>,
}

/// The JSON type of a value.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

impl Shape {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Boolean => value.is_boolean(),
            Self::Number => value.is_number(),
            Self::Text => value.is_string(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

impl Condition {
    pub(crate) fn holds(&self, input: &Value) -> bool {
        let places = match &self.at {
            Some(pointer) => places(input, pointer),
            None => vec![Some(input)],
        };
        places.into_iter().any(|place| self.tests(place))
            && self.all.as_ref().is_none_or(|all| all.iter().all(|part| part.holds(input)))
            && self.any.as_ref().is_none_or(|any| any.iter().any(|part| part.holds(input)))
            && self.not.as_ref().is_none_or(|not| !not.holds(input))
    }

    fn tests(&self, place: Option<&Value>) -> bool {
        let text = place.and_then(Value::as_str);
        self.exists.is_none_or(|expected| place.is_some() == expected)
            && self.equals.as_ref().is_none_or(|expected| place == Some(expected))
            && self.prefix.as_ref().is_none_or(|p| text.is_some_and(|t| t.starts_with(p)))
            && self.contains.as_ref().is_none_or(|p| text.is_some_and(|t| t.contains(p)))
            && self
                .lowercase
                .is_none_or(|expected| text.is_some_and(|t| (t == t.to_lowercase()) == expected))
            && self.kind.is_none_or(|shape| place.is_some_and(|value| shape.is(value)))
    }
}

/// The values at a pointer; `None` for a place that is not there.
fn places<'a>(input: &'a Value, pointer: &str) -> Vec<Option<&'a Value>> {
    let mut places = vec![Some(input)];
    for part in pointer.split('/').skip(1) {
        places = places
            .into_iter()
            .flat_map(|place| match (place, part) {
                (Some(Value::Array(items)), "*") => items.iter().map(Some).collect(),
                (Some(Value::Object(fields)), "*") => fields.values().map(Some).collect(),
                (Some(Value::Array(items)), index) => {
                    vec![index.parse().ok().and_then(|index: usize| items.get(index))]
                }
                (Some(value), field) => vec![value.get(field)],
                (None, _) => vec![None],
            })
            .collect();
    }
    places
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_stands_for_every_place() {
        let input = json!({
            "plugins": [{ "hooks": { "h": { "async": true } } }, { "matches": true }],
            "call": { "mode": "sync" },
        });
        let rows = [
            (json!({ "at": "/plugins/*/hooks/*/async", "equals": true }), true),
            (json!({ "at": "/plugins/*/matches", "exists": false }), true),
            (json!({ "at": "/plugins/1/matches", "exists": false }), false),
            (json!({ "at": "/call/mode", "prefix": "sy", "contains": "yn" }), true),
            (json!({ "at": "/call/mode", "prefix": "async" }), false),
            (json!({ "at": "/call/mode", "lowercase": true, "kind": "text" }), true),
            (json!({ "at": "/call/mode", "lowercase": false }), false),
            (json!({ "at": "/plugins", "kind": "list" }), true),
            (json!({ "at": "/plugins", "kind": "object" }), false),
            (json!({ "at": "/gone", "kind": "null" }), false),
            (json!({ "not": { "at": "/call/input", "exists": true } }), true),
            (json!({ "any": [{ "at": "/call/mode", "equals": "async" }] }), false),
            (json!({ "all": [{ "at": "/call/mode", "equals": "sync" }] }), true),
        ];
        for (condition, expected) in rows {
            let read: Condition = serde_json::from_value(condition.clone()).unwrap();
            assert_eq!(read.holds(&input), expected, "{condition}");
        }
    }
}
