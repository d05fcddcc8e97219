//! Values from schemas: what each sort promises, on schemas of every kind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod laws;
mod nothing;
mod shrinking;
mod sorts;
mod suite;

use std::collections::HashSet;

use hookspec_contract::generate::{Generator, Sort};
use hookspec_spec::Schema;
use serde_json::Value;

fn schema(document: Value) -> Schema {
    Schema::compile(document).unwrap_or_else(|found| panic!("{found}"))
}

/// Many values of one sort, without examples.
fn samples(document: Value, sort: Sort) -> Vec<Value> {
    let schema = schema(document);
    Generator::new(&schema, &[], 1).samples(sort, 1_000).unwrap()
}

/// What all values have to keep that are made from a schema.
fn keeps_the_laws(name: &str, schema: &Schema, examples: &[Value], seed: u64) {
    let generator = Generator::new(schema, examples, seed);
    for sort in Sort::ALL {
        let first = generator.samples(sort, 200);
        assert_eq!(first, generator.samples(sort, 200), "{name}: {sort} differs the second time");
        let values = first.unwrap_or_default();
        let mut seen = HashSet::new();
        for value in &values {
            assert!(schema.is_valid(value), "{name}: {sort} made {value}");
            let mut sorted = value.clone();
            sorted.sort_all_objects();
            let text = sorted.to_string();
            assert!(text.len() <= 1024 * 1024, "{name}: {sort} is too large");
            assert!(seen.insert(text), "{name}: {sort} made {value} twice");
            assert!(nesting(value) < 120, "{name}: {sort} is too deep");
        }
    }
    for value in generator.invalid(200) {
        assert!(!schema.is_valid(&value), "{name}: {value} is not invalid");
    }
}

fn nesting(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(nesting).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(nesting).max().unwrap_or(0),
        _ => 0,
    }
}
