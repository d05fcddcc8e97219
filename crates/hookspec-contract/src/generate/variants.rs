//! The values worth having of a schema, for one goal.
//!
//! Of a scalar they are listed. Of an object or a list one part is varied at a time, in an
//! otherwise plain value, so that whoever fails on one knows why; and some values vary every part
//! at once, so that few of them show much.

use std::rc::Rc;

use serde_json::Value;

use super::builder::{Builder, Conjunction, Goal, LARGEST, weight};
use super::shape::Shape;
use super::types::Types;

/// How many levels below the top are varied.
const DEEPEST: usize = 7;
/// How many values one part has, at the top and below it.
const MOST: usize = 600;
const MOST_BELOW: usize = 48;
/// How many of them are varied together.
pub(super) const MOST_ROWS: usize = 24;

/// Values that were made, as long as they are not too large and not too many.
#[derive(Debug, Default)]
pub(super) struct Made(pub(super) Vec<Value>);

impl<'a> Builder<'a> {
    /// Candidates: whether one keeps `not` and `oneOf` is not known before it is checked.
    pub(super) fn variants(&mut self, all: &Conjunction<'a>, depth: usize) -> Rc<Vec<Value>> {
        let key = (all.key(), depth);
        if let Some(known) = self.lists.get(&key) {
            return Rc::clone(known);
        }
        let mut lists = Vec::new();
        if self.spend(1).is_ok() {
            if self.goal == Goal::Invalid {
                lists.push(self.wrong(all));
            }
            let alternatives = self.alternatives(all);
            for shape in &alternatives.shapes {
                lists.push(self.variants_of(shape, depth));
            }
        }
        let found = Rc::new(interleaved(lists, self.most(depth)));
        self.lists.insert(key, Rc::clone(&found));
        found
    }

    fn most(&self, depth: usize) -> usize {
        match (self.goal, depth) {
            (Goal::Large, _) => 8,
            (_, 0) => MOST,
            _ => MOST_BELOW,
        }
    }

    fn variants_of(&mut self, shape: &Shape<'a>, depth: usize) -> Vec<Value> {
        let ordinary = matches!(self.goal, Goal::Valid | Goal::Boundary);
        if let Some(allowed) = &shape.allowed {
            let mut made = Made::default();
            for value in allowed.iter().filter(|_| ordinary) {
                if self.fits(shape, value) && !self.push(&mut made, (*value).clone()) {
                    break;
                }
            }
            return made.0;
        }
        let mut lists = Vec::new();
        if shape.types.has(Types::OBJECT) {
            lists.push(self.objects(shape, depth));
        }
        if shape.types.has(Types::ARRAY) {
            lists.push(self.arrays(shape, depth));
        }
        if shape.types.has(Types::STRING) {
            let texts = match self.goal {
                Goal::Unknown => Vec::new(),
                Goal::Invalid => self.wrong_texts(shape),
                goal => self.texts(shape, goal),
            };
            lists.push(texts.into_iter().map(Value::String).collect());
        }
        for types in [Types::INTEGER, Types::FRACTION] {
            if shape.types.has(types) && ordinary {
                lists.push(self.numbers(shape, types, self.goal).unwrap_or_default());
            }
        }
        if self.goal == Goal::Invalid && shape.types.has(Types::NUMBER) {
            lists.push(self.wrong_numbers(shape));
        }
        if shape.types.has(Types::BOOLEAN) && ordinary {
            lists.push(vec![true.into(), false.into()]);
        }
        if shape.types.has(Types::NULL) && ordinary {
            lists.push(vec![Value::Null]);
        }
        interleaved(lists, self.most(depth))
    }

    /// What varies a part of a value; nothing more where that is deep enough.
    pub(super) fn below(&mut self, all: &Conjunction<'a>, depth: usize) -> Rc<Vec<Value>> {
        // Anything goes in anything: one level shows it.
        let next = if all.is_free() { DEEPEST } else { depth + 1 };
        match depth < DEEPEST {
            true => self.variants(all, next),
            false => Rc::default(),
        }
    }

    /// Keeps a value unless it is too large; false where nothing more can be paid for.
    pub(super) fn push(&mut self, made: &mut Made, value: Value) -> bool {
        let weight = weight(&value);
        if weight <= LARGEST {
            made.0.push(value);
        }
        self.spend(1 + weight / 64).is_ok()
    }
}

/// The first of each list, then the second of each, and so on.
pub(super) fn interleaved(lists: Vec<Vec<Value>>, most: usize) -> Vec<Value> {
    let mut open: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::new();
    while !open.is_empty() && all.len() < most {
        open.retain_mut(|list| match list.next() {
            Some(value) => {
                all.push(value);
                true
            }
            None => false,
        });
    }
    all.truncate(most);
    all
}
