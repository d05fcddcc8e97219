//! What reports on texts have in common. Absent: the file's own text beyond the names that were
//! found.

use std::collections::BTreeMap;

use hookspec::kinds::file_processor::{FileReport, Item};

/// A report about text that counts its items by their kind, in the order the kinds are given.
pub(crate) fn of_items(kind: &str, text: &str, kinds: &[&str], items: Vec<Item>) -> FileReport {
    let lines = text.lines().count();
    let mut counts = BTreeMap::new();
    let mut summary = format!("{lines} {}", plural("line", lines));
    for &wanted in kinds {
        let count = items.iter().filter(|item| item.kind == wanted).count();
        if count > 0 {
            summary.push_str(&format!(", {count} {wanted}"));
            counts.insert(wanted.to_owned(), count as u64);
        }
    }
    FileReport {
        kind: kind.to_owned(),
        bytes: text.len() as u64,
        lines: Some(lines as u64),
        counts: (!counts.is_empty()).then_some(counts),
        items,
        summary,
    }
}

pub(crate) fn item(kind: &str, name: &str, line: usize, detail: Option<String>) -> Item {
    Item { kind: kind.to_owned(), name: name.to_owned(), line: Some(line as u64), detail }
}

/// The noun as it is said of that many.
pub(crate) fn plural(noun: &str, count: usize) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}
