//! Who is expected to fail in the demo, how, and how often.
//!
//! The plugins that misbehave are part of the tour, and so it knows what they do. A failure that
//! is missing here, or one here that did not happen, makes the exit code 1.

use std::collections::BTreeMap;

use hookspec::CauseClass::{self, Faulted, InvalidOutput, Panicked, TimedOut};

use crate::section::Section;

const EXPECTED: &[(&str, CauseClass, usize)] = &[
    ("panicking-listener", Panicked, 6),
    ("hanging-listener", TimedOut, 6),
    ("panicking-tools", Panicked, 1),
    ("hanging-tools", TimedOut, 1),
    ("nonsense-tools", InvalidOutput, 1),
    ("panicking-rewriter", Panicked, 4),
    ("hanging-rewriter", TimedOut, 4),
    ("nonsense-rewriter", InvalidOutput, 4),
    ("panicking-tool", Panicked, 1),
    ("panicking-files", Panicked, 1),
    ("hanging-files", TimedOut, 1),
    ("nonsense-files", InvalidOutput, 1),
    // It does not misbehave: the file it is given is malformed.
    ("json-files", Faulted, 1),
];

/// What went otherwise, one sentence each.
pub(crate) fn compare(sections: &[Section]) -> Vec<String> {
    let mut left: BTreeMap<(&str, CauseClass), usize> =
        EXPECTED.iter().map(|(plugin, cause, count)| ((*plugin, *cause), *count)).collect();
    let mut seen: BTreeMap<(&str, CauseClass), (usize, &str)> = BTreeMap::new();
    for (plugin, cause, failures) in sections.iter().flat_map(Section::failures) {
        let entry = seen.entry((plugin, cause)).or_insert((0, &failures.message));
        entry.0 += failures.count;
    }
    let mut unexpected: Vec<String> = Vec::new();
    for ((plugin, cause), (count, message)) in seen {
        let wanted = left.remove(&(plugin, cause)).unwrap_or_default();
        if count != wanted {
            unexpected
                .push(format!("{plugin}: {cause} {count} times instead of {wanted}: {message}"));
        }
    }
    for ((plugin, cause), wanted) in left {
        unexpected.push(format!("{plugin}: never {cause}, which was expected {wanted} times"));
    }
    unexpected.extend(sections.iter().flat_map(|section| section.unexpected.iter().cloned()));
    unexpected
}

/// How many plugins are expected to fail.
pub(crate) fn plugins() -> usize {
    EXPECTED.len()
}

/// How many failures are expected of them.
pub(crate) fn failures() -> usize {
    EXPECTED.iter().map(|(_, _, count)| count).sum()
}
