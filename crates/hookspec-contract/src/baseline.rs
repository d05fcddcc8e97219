//! [`Baseline`]: the failures that are known, each with a reason and the day it must be gone by.
//!
//! It lets a suite be adopted before everything passes, and cannot hide anything for good: a failure
//! that it does not list stays one, and an entry that no longer holds is itself a reason to fail.

mod apply;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use hookspec_spec::{Diagnostic, Document};
use jiff::civil::Date;

/// The failures that are expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// One failure that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    plugin: String,
    /// `None`: in whatever runtime.
    runtime: Option<String>,
    check: String,
    reason: String,
    /// The last day on which it is expected.
    expires: Date,
}

impl Baseline {
    /// Reads a baseline from a YAML file; `known` tells whether there is a check of an id.
    ///
    /// ```yaml
    /// expected:
    ///   - plugin: shout
    ///     runtime: dylib        # optional: else in whatever runtime
    ///     check: LC-002
    ///     reason: "issue 12: teardown leaves a thread"
    ///     expires: "2027-01-31" # the last day; in quotes, as every date in YAML that is a text
    /// ```
    ///
    /// # Errors
    /// Every mistake in it, each with its place. Correct the file.
    pub fn read(path: &Path, known: impl Fn(&str) -> bool) -> Result<Self, Mistakes> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text, known),
            Err(error) => Err(Mistakes(vec![read::unreadable(path, &error)])),
        }
    }

    /// The same for the text of a file.
    ///
    /// # Errors
    /// As for [`Baseline::read`].
    pub fn parse(path: &Path, text: &str, known: impl Fn(&str) -> bool) -> Result<Self, Mistakes> {
        let document = Document::yaml(path, text).map_err(|found| Mistakes(found.into_vec()))?;
        read::read(&document, &known).map_err(Mistakes)
    }

    /// How many failures it expects.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it expects none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// What is wrong in a baseline: at least one mistake, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(Vec<Diagnostic>);

impl Mistakes {
    /// The mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Mistakes {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, each) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            each.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
