//! Numbers and their bounds.

use serde_json::{Map, Number, Value};

use super::enums::whole;
use super::translate::{Site, Translator};
use super::{Check, Node, Rule, Shape};

impl Translator<'_> {
    /// A number: `u64` where it cannot be negative, so that sizes and counts are what Rust takes
    /// for them.
    pub(super) fn number(&self, site: &Site, schema: &Map<String, Value>, integer: bool) -> Node {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_number);
        let not_below = |keyword: &str, least: f64| {
            bound(keyword).and_then(Number::as_f64).is_some_and(|bound| bound >= least)
        };
        let unsigned = not_below("minimum", 0.0) || not_below("exclusiveMinimum", 0.0);
        let shape = match (integer, unsigned) {
            (true, true) => Shape::Unsigned,
            (true, false) => Shape::Integer,
            (false, _) => Shape::Float,
        };
        let mut rules: Vec<Rule> = Vec::new();
        let mut add = |keyword: &str, check: fn(Number) -> Check| {
            if let Some(number) = bound(keyword) {
                let number = whole(number).unwrap_or_else(|| number.clone());
                rules.push(self.rule(site, keyword, check(number)));
            }
        };
        // Zero is the least that a `u64` can be.
        let implied = shape == Shape::Unsigned && bound("minimum").is_some_and(is_zero);
        if !implied {
            add("minimum", Check::Minimum);
        }
        add("maximum", Check::Maximum);
        add("exclusiveMinimum", Check::ExclusiveMinimum);
        add("exclusiveMaximum", Check::ExclusiveMaximum);
        add("multipleOf", Check::MultipleOf);
        if shape == Shape::Float {
            rules.push(self.rule(site, "type", Check::Finite));
        }
        Node { shape, rules }
    }
}

fn is_zero(number: &Number) -> bool {
    number.as_f64() == Some(0.0)
}
