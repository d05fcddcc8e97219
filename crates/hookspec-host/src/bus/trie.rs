//! [`Trie`]: patterns, compiled so that a type meets only those that can match it (EVENT-1).

use std::collections::HashMap;

use hookspec_plugin::{Pattern, Segment};

/// Patterns, each with a number.
#[derive(Debug)]
pub(crate) struct Trie {
    /// The first one is the root.
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    exact: HashMap<Box<str>, usize>,
    one: Option<usize>,
    /// Numbers of patterns that end here.
    here: Vec<u32>,
    /// Numbers of patterns that match whatever comes after here.
    rest: Vec<u32>,
}

impl Trie {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    pub(crate) fn insert(&mut self, pattern: &Pattern, number: u32) {
        let mut at = 0;
        for segment in pattern.segments() {
            let next = self.nodes.len();
            let node = &mut self.nodes[at];
            at = match segment {
                Segment::Rest => return node.rest.push(number),
                Segment::One => *node.one.get_or_insert(next),
                Segment::Exact(text) => *node.exact.entry(text.clone()).or_insert(next),
            };
            if at == next {
                self.nodes.push(Node::default());
            }
        }
        // A pattern without segments means nothing.
        if at != 0 {
            self.nodes[at].here.push(number);
        }
    }

    /// Adds the numbers of all patterns that match a type; one as often as its patterns do.
    pub(crate) fn find(&self, event_type: &str, found: &mut Vec<u32>) {
        // What is left to look at: a node, and the rest of the type below it. As deep as the type has
        // segments, and never recursive: a type may be long.
        let mut open = vec![(0, Some(event_type))];
        while let Some((at, rest)) = open.pop() {
            let node: &Node = &self.nodes[at];
            let Some(rest) = rest else {
                found.extend_from_slice(&node.here);
                continue;
            };
            found.extend_from_slice(&node.rest);
            if event_type.is_empty() {
                continue;
            }
            let (segment, below) = match rest.split_once('.') {
                Some((segment, below)) => (segment, Some(below)),
                None => (rest, None),
            };
            open.extend(node.one.map(|next| (next, below)));
            open.extend(node.exact.get(segment).map(|next| (*next, below)));
        }
    }
}

#[cfg(test)]
mod tests {
    use hookspec_plugin::AwfUse;
    use proptest::prelude::*;

    use super::*;

    fn segment() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["a", "b", "c", "*"])
    }

    fn pattern() -> impl Strategy<Value = String> {
        (prop::collection::vec(segment(), 0..4), any::<bool>()).prop_map(|(mut segments, rest)| {
            if rest || segments.is_empty() {
                segments.push("**");
            }
            segments.join(".")
        })
    }

    proptest! {
        // EVENT-1: the oracle looks at every pattern by itself.
        #[test]
        fn it_finds_what_each_pattern_says_of_itself(
            texts in prop::collection::vec(pattern(), 0..20),
            awf in any::<bool>(),
            event_type in "[abc]?(\\.[abc]?){0,4}",
        ) {
            let read = |text: &String| match awf {
                true => Pattern::awf(text, AwfUse::Subscribe),
                false => Pattern::parse(text).unwrap(),
            };
            let patterns: Vec<Pattern> = texts.iter().map(read).collect();
            let mut trie = Trie::new();
            for (number, pattern) in (0..).zip(&patterns) {
                trie.insert(pattern, number);
            }
            let mut found = Vec::new();
            trie.find(&event_type, &mut found);
            found.sort_unstable();
            let expected: Vec<u32> = (0..).zip(&patterns)
                .filter(|(_, pattern)| pattern.matches(&event_type))
                .map(|(number, _)| number)
                .collect();
            prop_assert_eq!(found, expected, "{:?} {}", texts, event_type);
        }
    }
}
