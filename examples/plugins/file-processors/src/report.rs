//! [`Report`]: what is in a file. Absent: the file's own text beyond the names that were found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What the file was read as.
    pub kind: String,
    /// The size of the file.
    pub bytes: usize,
    /// How many lines it has; absent when it is not text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// How many of what was found.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, usize>,
    /// What was found, in the order of the file.
    pub items: Vec<Item>,
    /// The report in one line.
    pub summary: String,
}

/// One thing that was found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is, such as `fn` or `heading`.
    pub kind: String,
    /// How it is called in the file.
    pub name: String,
    /// The line it starts on, the first being 1; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Report {
    /// A report about text that counts its items by their kind, in the order the kinds are given.
    pub(crate) fn of_items(kind: &str, text: &str, kinds: &[&str], items: Vec<Item>) -> Self {
        let lines = text.lines().count();
        let mut counts = BTreeMap::new();
        let mut summary = format!("{lines} {}", plural("line", lines));
        for &wanted in kinds {
            let count = items.iter().filter(|item| item.kind == wanted).count();
            if count > 0 {
                summary.push_str(&format!(", {count} {wanted}"));
                counts.insert(wanted.to_owned(), count);
            }
        }
        let (kind, bytes) = (kind.to_owned(), text.len());
        Self { kind, bytes, lines: Some(lines), counts, items, summary }
    }
}

impl Item {
    pub(crate) fn new(kind: &str, name: &str, line: usize, detail: Option<String>) -> Self {
        Self { kind: kind.to_owned(), name: name.to_owned(), line: Some(line), detail }
    }
}

/// The noun as it is said of that many.
pub(crate) fn plural(noun: &str, count: usize) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}
