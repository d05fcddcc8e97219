//! The plainest value of a schema: the one that others are made from by changing one thing.

use std::rc::Rc;

use serde_json::Value;

use super::builder::{Builder, Conjunction, Goal, LARGEST, Why, weight};
use super::shape::Shape;
use super::types::Types;

/// How many levels a plain value may need; tried in turn, so that the least is found.
const HEIGHTS: [usize; 8] = [0, 1, 2, 3, 4, 6, 9, 14];

/// What was found out about a conjunction so far.
#[derive(Debug)]
pub(super) enum Known {
    Found(Rc<Value>),
    /// Looked for with so many levels.
    Not(usize, Why),
}

impl<'a> Builder<'a> {
    /// The plainest value that all of some schemas accept.
    ///
    /// # Errors
    /// There is none, or none was found.
    pub(super) fn plain(&mut self, all: &Conjunction<'a>) -> Result<Rc<Value>, Why> {
        let mut last = Why::unknown("no value was found");
        for height in HEIGHTS {
            match self.plain_within(all, height) {
                Err(why @ Why::Unknown(_)) => last = why,
                done => return done,
            }
        }
        Err(last)
    }

    /// The same with at most so many levels of objects and lists in it.
    pub(super) fn plain_within(
        &mut self,
        all: &Conjunction<'a>,
        height: usize,
    ) -> Result<Rc<Value>, Why> {
        let key = all.key();
        match self.plain.get(&key) {
            Some(Known::Found(value)) => return Ok(Rc::clone(value)),
            Some(Known::Not(_, why @ Why::Impossible(_))) => return Err(why.clone()),
            Some(Known::Not(before, why)) if *before >= height => return Err(why.clone()),
            _ => {}
        }
        self.spend(1)?;
        let alternatives = self.alternatives(all);
        let mut why = alternatives.why.clone();
        let mut proved = !alternatives.cut;
        let mut found = None;
        for shape in &alternatives.shapes {
            match self.plain_of(shape, height) {
                Ok(value) => {
                    found = Some(Rc::new(value));
                    break;
                }
                Err(refused) => {
                    proved &= matches!(refused, Why::Impossible(_));
                    why = refused;
                }
            }
        }
        let known = match found {
            Some(value) => Known::Found(value),
            None => Known::Not(height, demoted(why, proved)),
        };
        let result = match &known {
            Known::Found(value) => Ok(Rc::clone(value)),
            Known::Not(_, why) => Err(why.clone()),
        };
        self.plain.insert(key, known);
        result
    }

    /// The plainest value of a shape, of the type its keywords are about first.
    fn plain_of(&mut self, shape: &Shape<'a>, height: usize) -> Result<Value, Why> {
        if let Some(allowed) = &shape.allowed {
            self.spend(allowed.len())?;
            let found = allowed.iter().find(|value| self.fits(shape, value));
            let none = || Why::impossible("no value of `enum` or `const` keeps the rest");
            return found.map(|value| (*value).clone()).ok_or_else(none);
        }
        let mut why = Why::unknown("no type is left");
        let mut proved = true;
        for types in order(shape) {
            if !shape.types.has(types) {
                continue;
            }
            match self.plain_typed(shape, types, height) {
                Ok(value) if weight(&value) > LARGEST => {
                    proved = false;
                    why = Why::unknown("the smallest value is larger than 1 MiB");
                }
                Ok(value) => return Ok(value),
                Err(refused) => {
                    proved &= matches!(refused, Why::Impossible(_));
                    why = refused;
                }
            }
        }
        Err(demoted(why, proved))
    }

    pub(super) fn plain_typed(
        &mut self,
        shape: &Shape<'a>,
        types: Types,
        height: usize,
    ) -> Result<Value, Why> {
        match types {
            Types::OBJECT => self.plain_object(shape, height).map(Value::Object),
            Types::ARRAY => self.plain_array(shape, height).map(Value::Array),
            Types::STRING => self.plain_text(shape).map(Value::String),
            Types::INTEGER | Types::FRACTION => {
                let numbers = self.numbers(shape, types, Goal::Valid)?;
                let none = || Why::unknown("no number was found that keeps all bounds");
                numbers.into_iter().next().ok_or_else(none)
            }
            Types::BOOLEAN => Ok(false.into()),
            _ => Ok(Value::Null),
        }
    }
}

fn demoted(why: Why, proved: bool) -> Why {
    match why {
        Why::Impossible(text) if !proved => Why::Unknown(text),
        why => why,
    }
}

fn order(shape: &Shape<'_>) -> impl Iterator<Item = Types> + use<> {
    const ABOUT: [(Types, &[&str]); 4] = [
        (Types::OBJECT, &["properties", "required", "patternProperties", "additionalProperties"]),
        (Types::ARRAY, &["items", "prefixItems", "contains", "minItems"]),
        (Types::STRING, &["minLength", "maxLength", "pattern", "format"]),
        (
            Types::INTEGER,
            &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
        ),
    ];
    const REST: [Types; 7] = [
        Types::STRING,
        Types::INTEGER,
        Types::BOOLEAN,
        Types::NULL,
        Types::OBJECT,
        Types::ARRAY,
        Types::FRACTION,
    ];
    let about = ABOUT.iter().find(|(_, keywords)| {
        shape.parts.iter().any(|part| keywords.iter().any(|keyword| part.contains_key(*keyword)))
    });
    let first = about.map(|(types, _)| *types);
    first.into_iter().chain(REST.into_iter().filter(move |types| Some(*types) != first))
}
