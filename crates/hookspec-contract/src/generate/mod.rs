//! Values made from a schema: [`Generator`] makes them, [`smallest`] makes one smaller.
//!
//! Whatever the schema is, making values from it ends soon: every step is paid for from a budget,
//! and what was found when it is spent is the answer. The schema's own interpreter has the last
//! word on every value, so that what is said here of keywords need not be complete.
//!
//! **Absent on purpose**: proofs. A schema whose values nobody found may have some.

mod array_variants;
mod arrays;
mod builder;
mod choices;
mod cost;
mod deep;
mod examples;
mod numbers;
mod object_variants;
mod objects;
mod pattern;
mod plain;
mod random;
mod shape;
mod shrink;
mod strings;
mod texts;
mod types;
mod variants;
mod wrong;

use std::collections::HashSet;
use std::fmt;

use hookspec_spec::Schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use builder::{Builder, Goal, LARGEST, Why, weight};
pub use shrink::smallest;

/// What a value is meant to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// Ordinary values, and every alternative of the schema.
    Valid,
    /// As short, long, low, high, few and many as may be.
    Boundary,
    /// Nested nearly as deep as readers of JSON allow.
    Deep,
    /// Long texts, long lists, many keys; 1 MiB at most.
    Large,
    /// Fields that no schema and no example mentions, where they are allowed.
    UnknownField,
    /// Texts and keys that programs stumble over.
    Unicode,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Valid, Self::Boundary, Self::Deep, Self::Large, Self::UnknownField, Self::Unicode];

    /// Its name, as reports write it: `unknown-field`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Boundary => "boundary",
            Self::Deep => "deep",
            Self::Large => "large",
            Self::UnknownField => "unknown-field",
            Self::Unicode => "unicode",
        }
    }

    const fn goal(self) -> Goal {
        match self {
            Self::Valid | Self::Deep => Goal::Valid,
            Self::Boundary => Goal::Boundary,
            Self::Large => Goal::Large,
            Self::UnknownField => Goal::Unknown,
            Self::Unicode => Goal::Unicode,
        }
    }

    const fn absence(self) -> &'static str {
        match self {
            Self::Valid | Self::Boundary => "no value was found",
            Self::Deep => "the schema bounds how deep its values nest",
            Self::Large => "the schema keeps its values small",
            Self::UnknownField => "the schema allows no fields but its own",
            Self::Unicode => "the schema has no free text and no free key",
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why there are no values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// The schema contradicts itself: it has no values at all.
    Unsatisfiable(String),
    /// It has values, but none that would show this.
    NotOfThisSort(String),
    /// It may have some; none was found.
    NotFound(String),
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsatisfiable(why) => write!(f, "no value can exist: {why}"),
            Self::NotOfThisSort(why) => f.write_str(why),
            Self::NotFound(why) => write!(f, "none was found: {why}"),
        }
    }
}

impl std::error::Error for Nothing {}

/// Makes values from one schema: the same ones whenever schema, examples and seed are the same.
#[derive(Clone, Copy, Debug)]
pub struct Generator<'a> {
    schema: &'a Schema,
    examples: &'a [Value],
    seed: u64,
}

impl<'a> Generator<'a> {
    /// Examples are values that are known to mean something; those that the schema refuses are
    /// passed over.
    pub const fn new(schema: &'a Schema, examples: &'a [Value], seed: u64) -> Self {
        Self { schema, examples, seed }
    }

    /// At most so many values of one sort, all different, that the schema accepts. Those that show
    /// most come first.
    ///
    /// # Errors
    /// There are none, or none were found.
    pub fn samples(&self, sort: Sort, at_most: usize) -> Result<Vec<Value>, Nothing> {
        let mut builder = Builder::new(self.schema, self.examples, sort.goal(), self.seed);
        let root = builder.root();
        let plain = builder.plain(&root);
        let mut candidates = Vec::new();
        if sort == Sort::Valid {
            candidates.extend(self.examples.iter().cloned());
            candidates.extend(plain.iter().map(|value| (**value).clone()));
        }
        if sort == Sort::Deep {
            let levels = builder.levels(&root, deep::DEEPEST);
            if levels < deep::DEEPEST && plain.is_ok() {
                return Err(match builder.spend(1) {
                    Ok(()) => Nothing::NotOfThisSort(sort.absence().into()),
                    Err(_) => Nothing::NotFound("the schema is too large".into()),
                });
            }
            candidates.extend(builder.nested());
        } else {
            candidates.extend(builder.variants(&root, 0).iter().cloned());
            candidates.extend(builder.changed_examples());
        }
        let empty = candidates.is_empty();
        let found = self.kept(candidates, at_most, true);
        if !found.is_empty() || at_most == 0 {
            return Ok(found);
        }
        let known = || self.examples.iter().any(|value| self.schema.is_valid(value));
        Err(match plain {
            Err(Why::Impossible(why)) if !known() && !builder.doubtful => {
                Nothing::Unsatisfiable(why)
            }
            Err(Why::Impossible(why) | Why::Unknown(why)) => Nothing::NotFound(why),
            Ok(_) if matches!(sort, Sort::Valid | Sort::Boundary) => {
                Nothing::NotFound("what was made does not keep every condition".into())
            }
            Ok(_) if empty && builder.spend(1).is_ok() => {
                Nothing::NotOfThisSort(sort.absence().into())
            }
            Ok(_) => Nothing::NotFound("what was made does not keep every condition".into()),
        })
    }

    /// At most so many different values that the schema refuses, each for a reason of its own as
    /// far as possible. Empty where it accepts everything.
    pub fn invalid(&self, at_most: usize) -> Vec<Value> {
        if self.schema.accepts_anything() {
            return Vec::new();
        }
        let mut builder = Builder::new(self.schema, self.examples, Goal::Invalid, self.seed);
        let root = builder.root();
        let mut candidates: Vec<_> = builder.variants(&root, 0).to_vec();
        candidates.extend(builder.changed_examples());
        self.kept(candidates, at_most, false)
    }

    /// Of some candidates those that the schema accepts, or those that it refuses.
    fn kept(&self, candidates: Vec<Value>, at_most: usize, accepted: bool) -> Vec<Value> {
        let mut purse = cost::Purse::new(self.schema);
        let mut kept = Vec::new();
        let mut seen = HashSet::new();
        for value in candidates {
            if kept.len() >= at_most || purse.is_empty() {
                break;
            }
            if weight(&value) > LARGEST || !purse.pay(&value) {
                continue;
            }
            if self.schema.is_valid(&value) == accepted && seen.insert(written(&value)) {
                kept.push(value);
            }
        }
        kept
    }
}

/// What tells a value from others, however its fields are ordered.
fn written(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}
