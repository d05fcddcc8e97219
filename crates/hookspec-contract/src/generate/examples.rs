//! Examples with one thing changed: closer to what callers send than what is made from nothing,
//! and all there is where a plain value could not be made.

use serde_json::Value;

use super::builder::{Builder, Goal};
use super::types::Types;
use super::variants::{Made, interleaved};

/// How many examples are changed, and fields of each.
const MOST_EXAMPLES: usize = 8;
const MOST_FIELDS: usize = 100;
/// How many values are tried for a field.
const MOST_VALUES: usize = 8;

impl<'a> Builder<'a> {
    /// Fields of the examples left out, added, and replaced.
    pub(super) fn changed_examples(&mut self) -> Vec<Value> {
        let mut lists = Vec::new();
        for example in self.examples.iter().take(MOST_EXAMPLES) {
            lists.push(self.changed(example));
        }
        interleaved(lists, usize::MAX)
    }

    fn changed(&mut self, example: &'a Value) -> Vec<Value> {
        let Some(fields) = example.as_object() else { return Vec::new() };
        let mut made = Made::default();
        if matches!(self.goal, Goal::Valid | Goal::Boundary | Goal::Invalid) {
            for name in fields.keys().take(MOST_FIELDS) {
                let mut fewer = fields.clone();
                fewer.shift_remove(name);
                self.push(&mut made, fewer.into());
            }
        }
        if matches!(self.goal, Goal::Unknown | Goal::Invalid) {
            let name = "x_unknown_to_examples";
            if !self.mentions(name) {
                let mut more = fields.clone();
                more.insert(name.into(), "added".into());
                self.push(&mut made, more.into());
            }
        }
        let root = self.root();
        let alternatives = self.alternatives(&root);
        for shape in alternatives.shapes.iter().filter(|shape| shape.types.has(Types::OBJECT)) {
            let own = fields.keys().map(String::as_str).filter(|name| !shape.requires(name));
            let mut names = self.names(shape);
            names.extend(own);
            for name in names.into_iter().take(MOST_FIELDS) {
                let all = self.field(shape, name);
                let values = self.below(&all, 0);
                for value in values.iter().take(MOST_VALUES) {
                    let Some(changed) = self.with(shape, fields, name, value) else { break };
                    if !self.push(&mut made, changed.into()) {
                        return made.0;
                    }
                }
            }
        }
        made.0
    }
}
