//! [`Observed`]: what a scenario came to, ready to be compared.

use serde_json::{Map, Value};

use crate::logs::Record;
use crate::seen::Seen;
use crate::words::Words;

/// What a scenario came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// What is compared key by key.
    pub(crate) facts: Map<String, Value>,
    /// The first error, wherever it came from.
    pub(crate) error: Option<Seen>,
    /// What was logged, or returned as a warning.
    pub(crate) records: Vec<Record>,
    /// The names that bind.
    pub(crate) words: Words,
}

impl Observed {
    pub(crate) fn of(input: &Value) -> Self {
        Self { words: Words::of(input), ..Self::default() }
    }

    pub(crate) fn fact(&mut self, key: &str, value: impl Into<Value>) {
        self.facts.insert(key.to_owned(), value.into());
    }

    /// Keeps the first error only: what follows from it says less.
    pub(crate) fn failed(&mut self, error: impl Into<Seen>) {
        self.error.get_or_insert_with(|| error.into());
    }
}
