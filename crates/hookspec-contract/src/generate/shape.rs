//! [`Shape`]: all that one value has to keep, once every choice between schemas is made.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::types::Types;

/// The schemas that apply to one value together.
///
/// Nothing is merged into a schema anew: each keyword is asked of all of them.
#[derive(Clone, Debug)]
pub(super) struct Shape<'a> {
    pub(super) types: Types,
    /// What `enum` and `const` leave; `None` where neither is there.
    pub(super) allowed: Option<Vec<&'a Value>>,
    /// Every schema that applies, as it was written.
    pub(super) parts: Vec<&'a Map<String, Value>>,
    /// Fields that an object must have, in the order in which they are asked for.
    pub(super) required: Vec<&'a str>,
    /// Fields that an object must not have.
    pub(super) forbidden: HashSet<&'a str>,
    required_set: HashSet<&'a str>,
}

impl<'a> Shape<'a> {
    /// Of any value at all.
    pub(super) fn anything() -> Self {
        Self {
            types: Types::ALL,
            allowed: None,
            parts: Vec::new(),
            required: Vec::new(),
            forbidden: HashSet::new(),
            required_set: HashSet::new(),
        }
    }

    /// Has one more schema apply; what it chooses between is not looked at.
    pub(super) fn take(&mut self, part: &'a Map<String, Value>) {
        if let Some(types) = part.get("type") {
            self.types = self.types.and(Types::of_keyword(types));
        }
        if let Some(one) = part.get("const") {
            self.allow(std::iter::once(one));
        }
        if let Some(some) = part.get("enum").and_then(Value::as_array) {
            self.allow(some.iter());
        }
        for name in part.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = name.as_str() {
                self.require(name);
            }
        }
        self.parts.push(part);
    }

    fn allow(&mut self, values: impl Iterator<Item = &'a Value>) {
        self.allowed = Some(match self.allowed.take() {
            None => values.collect(),
            Some(before) => {
                let values: Vec<_> = values.collect();
                before
                    .into_iter()
                    .filter(|known| values.iter().any(|each| same(each, known)))
                    .collect()
            }
        });
    }

    pub(super) fn require(&mut self, name: &'a str) {
        if self.required_set.insert(name) {
            self.required.push(name);
        }
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.required_set.contains(name)
    }

    /// A keyword of all the schemas that have it.
    pub(super) fn each(&self, keyword: &'static str) -> impl Iterator<Item = &'a Value> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    /// The strictest of a keyword that bounds from below, such as `minLength`.
    pub(super) fn least(&self, keyword: &'static str) -> usize {
        self.each(keyword).filter_map(count).max().unwrap_or(0)
    }

    /// The strictest of a keyword that bounds from above, such as `maxLength`.
    pub(super) fn most(&self, keyword: &'static str) -> Option<usize> {
        self.each(keyword).filter_map(count).min()
    }

    /// Why no value can have this shape, as far as that is seen without looking inside.
    pub(super) fn contradiction(&self) -> Option<String> {
        if self.types == Types::NONE {
            return Some("no type is left".into());
        }
        if let Some(allowed) = &self.allowed
            && !allowed.iter().any(|value| self.types.hold(value))
        {
            return Some("none of the values of `enum` or `const` is left".into());
        }
        None
    }
}

/// Numbers that are written differently may be the same.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
}

/// A count as a keyword gives it: `2`, or `2.0`.
pub(super) fn count(value: &Value) -> Option<usize> {
    if let Some(count) = value.as_u64() {
        return Some(usize::try_from(count).unwrap_or(usize::MAX));
    }
    // A cast of a float saturates, which is what is wanted of a bound.
    value.as_f64().map(|count| count as usize)
}

/// Keywords that say nothing of what is accepted.
pub(super) fn describes(keyword: &str) -> bool {
    matches!(
        keyword,
        "$schema"
            | "$id"
            | "$comment"
            | "$defs"
            | "$anchor"
            | "$dynamicAnchor"
            | "definitions"
            | "title"
            | "description"
            | "default"
            | "examples"
            | "deprecated"
            | "readOnly"
            | "writeOnly"
            | "x-sensitive"
    )
}
