//! [`Violations`]: how a payload differs from its schema.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One difference between a payload and its schema.
///
/// Values of fields marked `writeOnly` or `x-sensitive` never appear in the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// JSON pointer into the payload; empty for the payload itself.
    pub instance: String,
    /// JSON pointer into the schema: the keyword that was not met.
    pub schema: String,
    /// What is wrong, for people.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.instance.is_empty() { "the payload" } else { &self.instance };
        write!(f, "{place}: {}", self.message)?;
        if !self.schema.is_empty() {
            write!(f, " (schema {})", self.schema)?;
        }
        Ok(())
    }
}

/// Every difference between a payload and its schema; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Collects violations; `None` when there are none.
    pub fn collect(violations: impl IntoIterator<Item = Violation>) -> Option<Self> {
        let violations: Vec<_> = violations.into_iter().collect();
        (!violations.is_empty()).then_some(Self(violations))
    }

    /// A single violation of the payload as a whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self::at("", message)
    }

    /// A single violation at a JSON pointer, of a rule that no schema states.
    pub fn at(instance: impl Into<String>, message: impl Into<String>) -> Self {
        let violation =
            Violation { instance: instance.into(), schema: String::new(), message: message.into() };
        Self(vec![violation])
    }

    /// The violations, in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A payload of thousands of wrong items must not make a message of thousands of lines.
        const SHOWN: usize = 5;
        for (index, violation) in self.0.iter().take(SHOWN).enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        match self.0.len().checked_sub(SHOWN) {
            Some(more @ 1..) => write!(f, "; and {more} more"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Violations {}
