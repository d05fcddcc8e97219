//! [`Builder`]: what is known of one schema while values are made from it, and what may still be
//! spent on it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use hookspec_spec::{Resolver, Schema};
use serde_json::{Value, json};

use super::choices::Alternatives;
use super::pattern;
use super::plain::Known;
use super::random::Random;
use super::shape::{Shape, describes};

/// How many steps one question may take: schemas looked at, values put together.
const FUEL: usize = 200_000;
/// How large a value may become, as JSON, in bytes.
pub(super) const LARGEST: usize = 1024 * 1024;
/// How many steps matching one text may take, and how many are paid for as one.
const MOST_STEPS: usize = 1_000_000;
const STEPS_PAID: usize = 128;
/// How many texts of the examples are remembered as candidates.
const MOST_POOLED: usize = 200;

/// What the values are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    Valid,
    Boundary,
    Large,
    Unknown,
    Unicode,
    Invalid,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// There can be none.
    Impossible(String),
    /// None was found.
    Unknown(String),
}

impl Why {
    pub(super) fn impossible(why: &str) -> Self {
        Self::Impossible(why.to_owned())
    }

    pub(super) fn unknown(why: &str) -> Self {
        Self::Unknown(why.to_owned())
    }
}

/// What tells a conjunction from others of the same document.
pub(super) type Key = Vec<usize>;

/// Schemas that apply to one value together; none of them accepts everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Conjunction<'a>(Vec<&'a Value>);

impl<'a> Conjunction<'a> {
    pub(super) fn add(&mut self, schema: &'a Value) {
        let free = match schema {
            Value::Bool(accepts) => *accepts,
            Value::Object(fields) => fields.keys().all(|key| describes(key)),
            _ => true,
        };
        if !free && !self.0.iter().any(|known| std::ptr::eq(*known, schema)) {
            self.0.push(schema);
        }
    }

    pub(super) fn of(schema: &'a Value) -> Self {
        let mut all = Self::default();
        all.add(schema);
        all
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Value> {
        self.0.iter().copied()
    }

    /// Whether every value is accepted.
    pub(super) fn is_free(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn key(&self) -> Key {
        self.0.iter().map(|schema| std::ptr::from_ref(*schema).addr()).collect()
    }
}

/// Makes values from one schema, for one goal.
pub(super) struct Builder<'a> {
    pub(super) schema: &'a Schema,
    pub(super) examples: &'a [Value],
    pub(super) goal: Goal,
    pub(super) random: Random,
    /// Texts that the examples hold: one of them may match a pattern.
    pub(super) pool: Vec<&'a str>,
    pub(super) alternatives: HashMap<Key, Rc<Alternatives<'a>>>,
    pub(super) plain: HashMap<Key, Known>,
    pub(super) lists: HashMap<(Key, usize), Rc<Vec<Value>>>,
    pub(super) depths: HashMap<(Key, usize), usize>,
    /// Whether something was taken to be refused that might not be.
    pub(super) doubtful: bool,
    resolver: Resolver<'a>,
    mentioned: HashSet<&'a str>,
    checks: HashMap<String, Option<Schema>>,
    /// How large the automata of patterns are, nearly.
    states: HashMap<String, usize>,
    fuel: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(schema: &'a Schema, examples: &'a [Value], goal: Goal, seed: u64) -> Self {
        let (mut pool, mut mentioned) = (Vec::new(), HashSet::new());
        for value in examples {
            visit(value, &mut |value| match value {
                Value::String(text) if pool.len() < MOST_POOLED => pool.push(text.as_str()),
                Value::Object(fields) => mentioned.extend(fields.keys().map(String::as_str)),
                _ => {}
            });
        }
        visit(schema.document(), &mut |value| match value {
            Value::Object(fields) => mentioned.extend(fields.keys().map(String::as_str)),
            Value::String(text) => {
                mentioned.insert(text);
            }
            _ => {}
        });
        Self {
            schema,
            examples,
            goal,
            random: Random::new(seed),
            pool,
            alternatives: HashMap::new(),
            plain: HashMap::new(),
            lists: HashMap::new(),
            depths: HashMap::new(),
            doubtful: false,
            resolver: schema.resolver(),
            mentioned,
            checks: HashMap::new(),
            states: HashMap::new(),
            fuel: FUEL,
        }
    }

    pub(super) fn root(&self) -> Conjunction<'a> {
        Conjunction::of(self.schema.document())
    }

    pub(super) fn resolve(&self, reference: &str) -> Option<&'a Value> {
        self.resolver.resolve(reference)
    }

    /// Whether the schema or an example says a name anywhere.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.mentioned.contains(name)
    }

    /// Pays for steps. When all is spent, what was found by then is all there is.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Why> {
        self.fuel = self.fuel.saturating_sub(steps.max(1));
        match self.fuel {
            0 => Err(Why::unknown("the schema is too large to be looked through")),
            _ => Ok(()),
        }
    }

    /// Whether a value keeps one keyword; asks the interpreter, whose word counts.
    pub(super) fn keeps(&mut self, keyword: &str, argument: &Value, value: &Value) -> bool {
        if let ("pattern", Value::String(pattern), Value::String(text)) = (keyword, argument, value)
            && !self.affordable(pattern, text)
        {
            self.doubtful = true;
            return false;
        }
        let text = format!("{keyword} {argument}");
        let check = self
            .checks
            .entry(text)
            .or_insert_with(|| Schema::compile(json!({ keyword: argument })).ok());
        check.as_ref().is_none_or(|schema| schema.is_valid(value))
    }

    /// Whether matching a text is worth what it costs; pays for it. Without backtracking the cost
    /// is a product at worst, and a short pattern may stand for a large automaton.
    fn affordable(&mut self, pattern: &str, text: &str) -> bool {
        let states = match self.states.get(pattern) {
            Some(states) => *states,
            None => {
                let states = pattern::states(pattern);
                self.states.insert(pattern.to_owned(), states);
                states
            }
        };
        let steps = states.saturating_mul(text.len());
        steps <= MOST_STEPS && self.spend(1 + steps / STEPS_PAID).is_ok()
    }

    /// Whether a value fits a shape: of a scalar, all that can be said; of others, their type.
    pub(super) fn fits(&mut self, shape: &Shape<'a>, value: &Value) -> bool {
        if !shape.types.hold(value) {
            return false;
        }
        let asks: &[&'static str] = match value {
            Value::String(_) => &["minLength", "maxLength", "pattern", "format"],
            Value::Number(_) => {
                &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
            }
            Value::Array(_) => &["minItems", "maxItems", "uniqueItems"],
            Value::Object(_) => &["minProperties", "maxProperties", "required"],
            _ => &[],
        };
        asks.iter()
            .all(|keyword| shape.each(keyword).all(|argument| self.keeps(keyword, argument, value)))
    }
}

/// Calls back for a value and all values in it.
pub(super) fn visit<'v>(value: &'v Value, each: &mut impl FnMut(&'v Value)) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        each(value);
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
}

/// How large a value is as JSON, nearly.
pub(super) fn weight(value: &Value) -> usize {
    let mut sum = 0_usize;
    visit(value, &mut |value| {
        sum = sum.saturating_add(match value {
            Value::String(text) => escaped(text) + 3,
            Value::Number(number) => 1 + number.to_string().len(),
            Value::Object(fields) => 3 + fields.keys().map(|key| escaped(key) + 4).sum::<usize>(),
            _ => 5,
        });
    });
    sum
}

/// How long a text is in JSON: control characters take six bytes.
fn escaped(text: &str) -> usize {
    text.bytes()
        .map(|byte| if byte < 0x20 { 6 } else { 1 + usize::from(byte == b'"' || byte == b'\\') })
        .sum()
}
