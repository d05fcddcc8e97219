//! [`Purse`]: how much checking values against one schema may cost, by the count of what is
//! looked at. A clock would be simpler, and would not answer twice the same.

use std::collections::HashMap;

use hookspec_spec::{Resolver, Schema};
use serde_json::Value;

use super::builder::weight;

/// How much may be spent on all values together.
const PURSE: usize = 60_000;
/// How many schemas of a document are counted.
const MOST_COUNTED: usize = 100_000;

#[derive(Debug)]
pub(super) struct Purse {
    left: usize,
    schemas: usize,
}

impl Purse {
    pub(super) fn new(schema: &Schema) -> Self {
        Self::holding(schema, PURSE)
    }

    pub(super) fn holding(schema: &Schema, left: usize) -> Self {
        let resolver = schema.resolver();
        let mut counter = Counter { resolver, known: HashMap::new() };
        let mut schemas = 0_usize;
        let mut open = vec![schema.document()];
        let mut seen = 0;
        while let Some(value) = open.pop() {
            seen += 1;
            if seen > MOST_COUNTED {
                break;
            }
            match value {
                Value::Array(items) => open.extend(items),
                Value::Object(fields) => {
                    schemas = schemas.saturating_add(counter.count(value, 0));
                    open.extend(fields.values());
                }
                _ => {}
            }
        }
        Self { left, schemas }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Pays for one value; false where that would be too much for one.
    pub(super) fn pay(&mut self, value: &Value) -> bool {
        let per_value = self.schemas / 16;
        let per_byte = (weight(value) / 64).saturating_mul(1 + self.schemas / 256);
        let price = per_value.saturating_add(per_byte).saturating_add(1);
        if price > PURSE / 2 {
            self.left = self.left.saturating_sub(1_000);
            return false;
        }
        self.left = self.left.saturating_sub(price);
        true
    }
}

/// Counts the schemas that apply to one value, each as often as it does.
struct Counter<'a> {
    resolver: Resolver<'a>,
    known: HashMap<usize, usize>,
}

impl<'a> Counter<'a> {
    /// How deep this goes is bounded where schemas are read.
    fn count(&mut self, schema: &'a Value, depth: usize) -> usize {
        let Some(fields) = schema.as_object().filter(|_| depth < 150) else { return 1 };
        let address = std::ptr::from_ref(schema).addr();
        if let Some(known) = self.known.get(&address) {
            return *known;
        }
        self.known.insert(address, 1);
        let mut count = 1_usize;
        for (keyword, value) in fields {
            let below: Vec<&'a Value> = match (keyword.as_str(), value) {
                ("not" | "if" | "then" | "else", schema) => vec![schema],
                ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => schemas.iter().collect(),
                ("dependentSchemas", Value::Object(schemas)) => schemas.values().collect(),
                ("$ref" | "$dynamicRef", Value::String(text)) => {
                    self.resolver.resolve(text).into_iter().collect()
                }
                _ => continue,
            };
            for schema in below {
                count = count.saturating_add(self.count(schema, depth + 1));
            }
        }
        self.known.insert(address, count);
        count
    }
}
