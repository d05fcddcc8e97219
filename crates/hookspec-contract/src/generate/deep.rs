//! Values that nest as deep as readers of JSON allow, where a schema has no end of its own.

use serde_json::{Value, json};

use super::arrays;
use super::builder::{Builder, Conjunction};
use super::objects;
use super::shape::Shape;
use super::types::Types;

/// How many levels are made: readers of JSON stop at 128, and an envelope takes some.
pub(super) const DEEPEST: usize = 100;
/// How many fields of one object are looked at.
const MOST_FIELDS: usize = 400;

/// Where something can be nested.
#[derive(Debug)]
enum Slot {
    Field(String),
    Item(usize),
}

/// What a value is nested in where anything is allowed.
#[derive(Clone, Copy)]
enum Style {
    Lists,
    Objects,
    Both,
}

impl<'a> Builder<'a> {
    /// How many levels of objects and lists a value may have, up to a bound.
    pub(super) fn levels(&mut self, all: &Conjunction<'a>, bound: usize) -> usize {
        if bound == 0 || all.is_free() {
            return bound;
        }
        let key = (all.key(), bound);
        if let Some(known) = self.depths.get(&key) {
            return *known;
        }
        let mut best = 0;
        if self.spend(1).is_ok() {
            let alternatives = self.alternatives(all);
            'found: for shape in &alternatives.shapes {
                if let Some(allowed) = &shape.allowed {
                    best = allowed.iter().map(|value| nesting(value)).fold(best, usize::max);
                    continue;
                }
                if shape.types.has(Types::OBJECT.or(Types::ARRAY)) {
                    best = best.max(1);
                }
                for (_, child) in self.slots(shape) {
                    best = best.max(1 + self.levels(&child, bound - 1));
                    if best >= bound {
                        break 'found;
                    }
                }
            }
        }
        let best = best.min(bound);
        self.depths.insert(key, best);
        best
    }

    /// Values of the greatest depth, and some that are less deep.
    pub(super) fn nested(&mut self) -> Vec<Value> {
        let root = self.root();
        let mut found = Vec::new();
        for bound in [DEEPEST, DEEPEST / 2, 10] {
            for style in [Style::Both, Style::Lists, Style::Objects] {
                if root.is_free() {
                    found.push(chain(bound, style));
                    continue;
                }
                let alternatives = self.alternatives(&root);
                for shape in &alternatives.shapes {
                    for (slot, child) in self.slots(shape) {
                        if self.levels(&child, bound - 1) + 1 >= bound {
                            found.extend(self.nest(shape, &slot, &child, bound, style));
                        }
                    }
                }
            }
        }
        found
    }

    fn deep(&mut self, all: &Conjunction<'a>, bound: usize, style: Style) -> Option<Value> {
        if all.is_free() {
            return Some(chain(bound, style));
        }
        self.spend(1).ok()?;
        if bound == 0 {
            return self.plain_within(all, 4).ok().map(|value| (*value).clone());
        }
        let alternatives = self.alternatives(all);
        for shape in &alternatives.shapes {
            for (slot, child) in self.slots(shape) {
                if self.levels(&child, bound - 1) + 1 >= bound
                    && let Some(value) = self.nest(shape, &slot, &child, bound, style)
                {
                    return Some(value);
                }
            }
        }
        // The last level holds nothing.
        self.plain_within(all, 4).ok().map(|value| (*value).clone())
    }

    fn nest(
        &mut self,
        shape: &Shape<'a>,
        slot: &Slot,
        child: &Conjunction<'a>,
        bound: usize,
        style: Style,
    ) -> Option<Value> {
        let inner = self.deep(child, bound - 1, style)?;
        match slot {
            Slot::Field(name) => {
                let base = self.plain_object(shape, 4).ok()?;
                self.with(shape, &base, name, &inner).map(Value::Object)
            }
            Slot::Item(index) => {
                let mut items = self.plain_array(shape, 4).ok()?;
                self.fill(shape, &mut items, *index, 4).ok()?;
                match items.get_mut(*index) {
                    Some(item) => *item = inner,
                    None => items.push(inner),
                }
                Some(items.into())
            }
        }
    }

    /// The places in a value, with what applies there.
    fn slots(&mut self, shape: &Shape<'a>) -> Vec<(Slot, Conjunction<'a>)> {
        let mut slots = Vec::new();
        if shape.allowed.is_some() {
            return slots;
        }
        if shape.types.has(Types::OBJECT) && objects::bounds(shape).1 > 0 {
            let names = self.names(shape).into_iter().take(MOST_FIELDS);
            let mut names: Vec<String> = names.map(str::to_owned).collect();
            names.extend(self.free_names(shape, 1));
            for name in names {
                let all = self.field(shape, &name);
                slots.push((Slot::Field(name), all));
            }
        }
        if shape.types.has(Types::ARRAY) {
            let (prefix, most) = (arrays::prefix(shape), arrays::bounds(shape).1);
            for index in (0..=prefix).take(MOST_FIELDS).filter(|index| *index < most) {
                slots.push((Slot::Item(index), self.item(shape, index)));
            }
        }
        let spent = self.spend(1 + slots.len());
        if spent.is_err() {
            slots.clear();
        }
        slots
    }
}

fn chain(levels: usize, style: Style) -> Value {
    (0..levels).fold(Value::Null, |inner, level| match (style, inner) {
        (Style::Lists, Value::Null) => json!([]),
        (Style::Objects | Style::Both, Value::Null) => json!({}),
        (Style::Lists, inner) => json!([inner]),
        (Style::Both, inner) if level % 2 == 1 => json!([inner]),
        (_, inner) => json!({ "a": inner }),
    })
}

/// How many levels of objects and lists a value has.
pub(super) fn nesting(value: &Value) -> usize {
    let mut open = vec![(value, 0)];
    let mut deepest = 0;
    while let Some((value, outer)) = open.pop() {
        match value {
            Value::Array(items) => {
                deepest = deepest.max(outer + 1);
                open.extend(items.iter().map(|item| (item, outer + 1)));
            }
            Value::Object(fields) => {
                deepest = deepest.max(outer + 1);
                open.extend(fields.values().map(|item| (item, outer + 1)));
            }
            _ => {}
        }
    }
    deepest
}
