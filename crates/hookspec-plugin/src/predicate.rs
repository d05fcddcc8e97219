//! [`Predicate`]: a condition on a JSON value that a manifest can state.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A condition on a JSON value. Every part that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Predicate {
    /// JSON pointer to the value that the four tests below look at; absent: the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// It is there (or, `false`, it is not).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// It equals this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// It is a text that starts so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// It is a text that ends so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// All of these hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<Predicate>>,
    /// At least one of these holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<Predicate>>,
    /// This does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Predicate>>,
}

impl Predicate {
    /// Whether the condition holds of a value.
    pub fn holds(&self, value: &Value) -> bool {
        let found = value.pointer(self.pointer.as_deref().unwrap_or(""));
        let text = found.and_then(Value::as_str);
        self.exists.is_none_or(|expected| found.is_some() == expected)
            && self.equals.as_ref().is_none_or(|expected| found == Some(expected))
            && self.prefix.as_ref().is_none_or(|p| text.is_some_and(|t| t.starts_with(p)))
            && self.suffix.as_ref().is_none_or(|s| text.is_some_and(|t| t.ends_with(s)))
            && self.all.as_ref().is_none_or(|all| all.iter().all(|part| part.holds(value)))
            && self.any.as_ref().is_none_or(|any| any.iter().any(|part| part.holds(value)))
            && self.not.as_ref().is_none_or(|not| !not.holds(value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn predicate(json: Value) -> Predicate {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn every_part_that_is_given_must_hold() {
        let input = json!({ "path": "src/lib.rs", "size": 3 });
        let rows = [
            (json!({}), true),
            (json!({ "pointer": "/path", "exists": true }), true),
            (json!({ "pointer": "/owner", "exists": false }), true),
            (json!({ "pointer": "/size", "equals": 3 }), true),
            (json!({ "pointer": "/size", "prefix": "3" }), false),
            (json!({ "pointer": "/path", "prefix": "src/", "suffix": ".rs" }), true),
            (json!({ "pointer": "/path", "prefix": "src/", "suffix": ".md" }), false),
            (json!({ "not": { "pointer": "/owner", "exists": true } }), true),
            (json!({ "equals": { "path": "src/lib.rs", "size": 3 } }), true),
            (json!({ "any": [] }), false),
            (json!({ "all": [] }), true),
        ];
        for (condition, expected) in rows {
            assert_eq!(predicate(condition.clone()).holds(&input), expected, "{condition}");
        }
    }
}
