//! Matching alone: which of 1 000 patterns match a type.

use std::hint::black_box;

use hookspec_plugin::Pattern;

use crate::bursts::{TYPE, patterns};
use crate::floor;
use crate::harness::{Budget, Pair, Row, Work, measure};

// The trie is no part of the interface: it is compiled in once more.
#[allow(dead_code, unused_imports, reason = "its tests run where it belongs")]
#[path = "../../src/bus/trie.rs"]
mod trie;

/// Rows beside a trie by hand, and beside asking every pattern.
pub(crate) fn rows(filter: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let types = [(TYPE, 10, "10 of 1 000"), ("nothing.of.the.kind", 0, "none of 1 000")];
    for (event_type, count, of) in types {
        for (beside, floor) in [("a trie by hand", by_hand as Make), ("asking each", one_by_one)] {
            let name = format!("match, {of}, beside {beside}");
            if name.contains(filter) {
                let pair = Pair { floor: floor(event_type, count), ours: ours(event_type, count) };
                rows.push(measure(&name, Budget::None, pair));
            }
        }
    }
    rows
}

type Make = fn(&'static str, usize) -> Box<dyn Work>;

fn all() -> Vec<Pattern> {
    let read = |text: &String| Pattern::parse(text).expect("the pattern is valid");
    patterns(10).iter().map(read).collect()
}

/// Work that finds so many numbers.
fn finding(count: usize, mut find: impl FnMut(&mut Vec<u32>) + 'static) -> Box<dyn Work> {
    Box::new(move |times: u32| {
        for _ in 0..times {
            let mut found = Vec::new();
            find(&mut found);
            assert_eq!(black_box(found).len(), count);
        }
    })
}

fn ours(event_type: &'static str, count: usize) -> Box<dyn Work> {
    let mut trie = trie::Trie::new();
    for (number, pattern) in (0..).zip(&all()) {
        trie.insert(pattern, number);
    }
    finding(count, move |found| trie.find(black_box(event_type), found))
}

fn by_hand(event_type: &'static str, count: usize) -> Box<dyn Work> {
    let mut trie = floor::Trie::new();
    for (number, pattern) in (0..).zip(patterns(10)) {
        trie.insert(&pattern, number);
    }
    finding(count, move |found| trie.each(black_box(event_type), &mut |number| found.push(*number)))
}

fn one_by_one(event_type: &'static str, count: usize) -> Box<dyn Work> {
    let patterns = all();
    finding(count, move |found| {
        let event_type = black_box(event_type);
        let matching = (0..).zip(&patterns).filter(|(_, pattern)| pattern.matches(event_type));
        found.extend(matching.map(|(number, _)| number));
    })
}
