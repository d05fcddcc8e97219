//! Schemas that lead back to themselves without looking into the value.
//!
//! Checking a value against one would never end: it is refused when the schema is read.

use std::collections::HashMap;

use serde_json::Value;

use super::walk::{self, Anchors};

/// How many schemas may apply to one value one through the other: validation recurses.
const LONGEST: usize = 128;

/// How many schemas may apply to one value in all, each as often as it is referred to: two
/// references to two references, and so on, double it with every step.
const MOST: usize = 100_000;

/// What is wrong with a chain of schemas, and the schema it starts at.
pub(super) enum Endless {
    Cycle(String),
    TooLong(String),
}

/// A schema whose parts are looked at, those left to look at, and what they cost so far.
type Frame<'a> = (&'a Value, Option<Vec<&'a Value>>, Cost);

/// The longest chain below a schema, and how many schemas apply, each as often as it does.
#[derive(Clone, Copy, Default)]
struct Cost {
    length: usize,
    schemas: usize,
}

enum State {
    Open,
    Done(Cost),
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
        let cost = search.cost_of(schema);
        if (cost.length > LONGEST || cost.schemas > MOST) && endless.is_empty() {
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
    fn cost_of(&mut self, start: &'a Value) -> Cost {
        let mut stack: Vec<Frame<'a>> = vec![(start, None, Cost::default())];
        let mut result = Cost::default();
        while let Some((schema, below, cost)) = stack.pop() {
            let at = address(schema);
            let mut below = match below {
                Some(below) => below,
                None => match self.states.get(&at) {
                    Some(State::Done(cost)) => {
                        result = *cost;
                        self.hand_up(&mut stack, result);
                        continue;
                    }
                    Some(State::Open) => {
                        self.cycles.push(at);
                        self.hand_up(&mut stack, Cost::default());
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
                    stack.push((schema, Some(below), cost));
                    stack.push((next, None, Cost::default()));
                }
                None => {
                    result =
                        Cost { length: cost.length + 1, schemas: cost.schemas.saturating_add(1) };
                    self.states.insert(at, State::Done(result));
                    self.hand_up(&mut stack, result);
                }
            }
        }
        result
    }

    fn hand_up(&self, stack: &mut [Frame<'a>], below: Cost) {
        if let Some((_, _, cost)) = stack.last_mut() {
            cost.length = cost.length.max(below.length);
            cost.schemas = cost.schemas.saturating_add(below.schemas);
        }
    }
}
