//! [`Asked`]: the input of `ask`, `gather` and `pass`, and what the flaws look for in it.

use std::sync::LazyLock;

use hookspec_plugin::Fault;
use serde_json::{Map, Value, json};

/// The largest number; the smallest is 0.
const MAXIMUM: f64 = 10.0;
/// Refused by the honest too.
const UNLOVED: f64 = 7.0;
const DEEP: usize = 16;
const LONG: usize = 10_000;
const MANY: usize = 1_000;

/// An input that has the shape its schema says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) fields: &'a Map<String, Value>,
    pub(crate) text: &'a str,
    pub(crate) tags: usize,
    pub(crate) depth: usize,
    number: f64,
}

impl<'a> Asked<'a> {
    /// Reads an input, which need not have been validated.
    ///
    /// # Errors
    /// `bad_input`: it is not what the schema says.
    pub(crate) fn read(input: &'a Value) -> Result<Self, Fault> {
        let bad = |what: &str| Fault::new("bad_input", format!("the input has no {what}"));
        let fields = input.as_object().ok_or_else(|| bad("fields"))?;
        let text = fields.get("text").and_then(Value::as_str).ok_or_else(|| bad("text"))?;
        // 3.0 is an integer too.
        let number = fields
            .get("number")
            .and_then(Value::as_f64)
            .filter(|number| number.fract() == 0.0 && (0.0..=MAXIMUM).contains(number))
            .ok_or_else(|| bad("number from 0 to 10"))?;
        let tags = match fields.get("tags") {
            None => 0,
            Some(Value::Array(tags)) if tags.iter().all(Value::is_string) => tags.len(),
            Some(_) => return Err(bad("tags that are texts")),
        };
        let depth = fields.get("tree").map_or(Some(0), depth).ok_or_else(|| bad("tree"))?;
        Ok(Self { fields, text, tags, depth, number })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn is_unloved(&self) -> bool {
        self.number == UNLOVED
    }

    pub(crate) fn is_maximum(&self) -> bool {
        self.number == MAXIMUM
    }

    pub(crate) fn is_deep(&self) -> bool {
        self.depth > DEEP
    }

    pub(crate) fn is_long(&self) -> bool {
        self.text.len() > LONG && self.text.chars().count() > LONG
    }

    pub(crate) fn is_large(&self) -> bool {
        self.is_long() || self.tags > MANY
    }

    pub(crate) fn is_unicode(&self) -> bool {
        !self.text.is_ascii()
    }

    pub(crate) fn has_unknown(&self) -> bool {
        let known = ["text", "number", "tags", "tree"];
        self.fields.keys().any(|key| !known.contains(&key.as_str()))
    }

    /// It is one of the examples of `ask`.
    pub(crate) fn is_example(&self) -> bool {
        EXAMPLES.iter().any(|example| example.as_object() == Some(self.fields))
    }

    /// It is what no other flaw looks for.
    pub(crate) fn is_ordinary(&self) -> bool {
        let bound = self.number == 0.0 || self.is_maximum();
        let sized = (1..=256).contains(&self.text.len()) && self.tags <= MANY;
        sized
            && !(bound
                || self.is_deep()
                || self.is_unicode()
                || self.has_unknown()
                || self.is_example())
    }
}

/// The inputs in the examples of `ask`.
pub(crate) static EXAMPLES: LazyLock<[Value; 2]> = LazyLock::new(|| {
    let tree = json!({ "name": "root", "children": [{ "name": "leaf" }] });
    [
        json!({ "text": "An example", "number": 4 }),
        json!({ "text": "Another", "number": 2, "tags": ["big"], "tree": tree }),
    ]
});

/// Whether an object has no fields but these.
pub(crate) fn is_closed(value: &Value, known: &[&str]) -> bool {
    value.as_object().is_some_and(|fields| fields.keys().all(|key| known.contains(&key.as_str())))
}

/// How deep a tree is; `None` where it is none. Without recursion: nobody bounds what is given
/// directly.
fn depth(tree: &Value) -> Option<usize> {
    let (mut open, mut deepest) = (vec![(tree, 1)], 0);
    while let Some((node, depth)) = open.pop() {
        let fields = node.as_object().filter(|_| is_closed(node, &["name", "children"]))?;
        fields.get("name")?.as_str()?;
        deepest = deepest.max(depth);
        match fields.get("children") {
            None => {}
            Some(children) => open.extend(children.as_array()?.iter().map(|c| (c, depth + 1))),
        }
    }
    Some(deepest)
}

#[cfg(test)]
mod tests {
    use hookspec_spec::Catalog;

    use super::*;

    #[test]
    fn the_examples_are_those_of_the_hookspec() {
        let catalog = Catalog::load([crate::hookspecs()]).unwrap();
        let hook = catalog.kind("zoo", 1).and_then(|kind| kind.hook("ask").cloned()).unwrap();
        let inputs: Vec<_> = hook.examples.iter().map(|example| &example.input).collect();
        assert_eq!(inputs, EXAMPLES.iter().collect::<Vec<_>>());
    }

    /// What the schema refuses is refused here too.
    #[test]
    fn it_reads_what_the_schema_accepts() {
        let catalog = Catalog::load([crate::hookspecs()]).unwrap();
        let hook = catalog.kind("zoo", 1).and_then(|kind| kind.hook("ask").cloned()).unwrap();
        for input in [
            json!({ "text": "", "number": 0 }),
            json!({ "text": "a", "number": 10.0, "more": [1] }),
            json!({ "text": "a", "number": 11 }),
            json!({ "text": "a", "number": 1.5 }),
            json!({ "text": "a", "number": -1 }),
            json!({ "text": 1, "number": 1 }),
            json!({ "text": "a" }),
            json!({ "text": "a", "number": 1, "tags": ["a", ""] }),
            json!({ "text": "a", "number": 1, "tags": ["a", 1] }),
            json!({ "text": "a", "number": 1, "tags": null }),
            json!({ "text": "a", "number": 1, "tree": { "name": "a", "children": [] } }),
            json!({ "text": "a", "number": 1, "tree": { "name": "a", "children": [{}] } }),
            json!({ "text": "a", "number": 1, "tree": { "name": "a", "more": 1 } }),
            json!({ "text": "a", "number": 1, "tree": [] }),
            json!([]),
            json!(null),
        ] {
            assert_eq!(Asked::read(&input).is_ok(), hook.input.is_valid(&input), "{input}");
        }
    }
}
