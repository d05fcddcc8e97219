//! Schemas that lead back to themselves without looking into the value.
//!
//! Checking a value against one would never end: it is refused when the schema is read.

use std::collections::HashMap;

use serde_json::Value;

use super::walk::{self, Anchors};

/// How many schemas may apply to one value one through the other: validation recurses.
const LONGEST: usize = 128;

/// What is wrong with a chain of schemas, and the schema it starts at.
pub(super) enum Endless {
    Cycle(String),
    TooLong(String),
}

/// A schema whose parts are looked at, those left to look at, and the longest chain so far.
type Frame<'a> = (&'a Value, Option<Vec<&'a Value>>, usize);

enum State {
    Open,
    Done { length: usize },
}

/// JSON pointers to one schema of every cycle, and of chains that are too long.
pub(super) fn find(document: &Value, anchors: &Anchors) -> Vec<Endless> {
    let mut search = Search { document, anchors, states: HashMap::new(), cycles: Vec::new() };
    let mut endless = Vec::new();
    let mut reported: Vec<usize> = Vec::new();
    let mut places = HashMap::new();
    walk::visit(document, |pointer, schema| {
        let own = if schema.get("$ref").is_some() { "/$ref" } else { "" };
        places.insert(address(schema), format!("{pointer}{own}"));
    });
    walk::visit(document, |pointer, schema| {
        let length = search.longest_from(schema);
        if length > LONGEST && endless.is_empty() {
            endless.push(Endless::TooLong(pointer.to_owned()));
        }
        for at in search.cycles.drain(..) {
            if !reported.contains(&at) {
                reported.push(at);
                let place = places.get(&at).cloned().unwrap_or_else(|| pointer.to_owned());
                endless.push(Endless::Cycle(place));
            }
        }
    });
    endless
}

struct Search<'a> {
    document: &'a Value,
    anchors: &'a Anchors,
    states: HashMap<usize, State>,
    cycles: Vec<usize>,
}

fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema).addr()
}

impl<'a> Search<'a> {
    /// Depth first, with a stack of its own: a chain may be as long as the document.
    fn longest_from(&mut self, start: &'a Value) -> usize {
        let mut stack: Vec<Frame<'a>> = vec![(start, None, 0)];
        let mut result = 0;
        while let Some((schema, below, longest)) = stack.pop() {
            let at = address(schema);
            let mut below = match below {
                Some(below) => below,
                None => match self.states.get(&at) {
                    Some(State::Done { length }) => {
                        result = *length;
                        self.hand_up(&mut stack, result);
                        continue;
                    }
                    Some(State::Open) => {
                        self.cycles.push(at);
                        self.hand_up(&mut stack, 0);
                        continue;
                    }
                    None => {
                        self.states.insert(at, State::Open);
                        walk::in_place(self.document, self.anchors, schema)
                    }
                },
            };
            match below.pop() {
                Some(next) => {
                    stack.push((schema, Some(below), longest));
                    stack.push((next, None, 0));
                }
                None => {
                    result = longest + 1;
                    self.states.insert(at, State::Done { length: result });
                    self.hand_up(&mut stack, result);
                }
            }
        }
        result
    }

    fn hand_up(&self, stack: &mut [Frame<'a>], length: usize) {
        if let Some((_, _, longest)) = stack.last_mut() {
            *longest = (*longest).max(length);
        }
    }
}
