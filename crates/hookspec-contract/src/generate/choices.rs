//! From the schemas that apply to a value to the shapes it may have: one for every way in which
//! `anyOf`, `oneOf`, `if` and `dependentSchemas` can be chosen between.
//!
//! The ways are a product. They are gone through so that every choice is made in each way once
//! before two choices are varied at a time, and only so many of them.

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::builder::{Builder, Conjunction, Why};
use super::shape::Shape;
use super::types::Types;

/// How many shapes are told apart of one value, and how many ways are tried to find them.
const MOST_SHAPES: usize = 48;
const MOST_TRIES: usize = 192;
/// How many schemas may apply to one value: every question is asked of all of them.
const MOST_PARTS: usize = 2_000;
/// How many references are followed to see whether a branch can be taken.
const MOST_HOPS: usize = 4;

/// The shapes that were found.
#[derive(Debug)]
pub(super) struct Alternatives<'a> {
    pub(super) shapes: Vec<Shape<'a>>,
    /// Whether some way was not tried, or could not be followed to its end.
    pub(super) cut: bool,
    /// Why a way led to no shape; says that there is no value only where none of them does.
    pub(super) why: Why,
}

enum Choice<'a> {
    Any(&'a [Value]),
    If(&'a Map<String, Value>),
    Dependent(&'a str, &'a Value),
}

/// One way to make a choice.
#[derive(Default)]
struct Way<'a> {
    apply: Vec<&'a Value>,
    require: Option<&'a str>,
    forbid: Option<&'a str>,
}

/// What was chosen at each point so far, and between how many ways.
type Trace = Vec<(usize, usize)>;

impl<'a> Builder<'a> {
    pub(super) fn alternatives(&mut self, all: &Conjunction<'a>) -> Rc<Alternatives<'a>> {
        let key = all.key();
        if let Some(known) = self.alternatives.get(&key) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.enumerate(all));
        self.alternatives.insert(key, Rc::clone(&found));
        found
    }

    fn enumerate(&mut self, all: &Conjunction<'a>) -> Alternatives<'a> {
        let mut shapes = Vec::new();
        let mut first = None;
        let mut complete = true;
        let mut open: VecDeque<Vec<usize>> = VecDeque::from([Vec::new()]);
        let mut tries = 0;
        while let Some(prefix) = open.pop_front() {
            if shapes.len() >= MOST_SHAPES || tries >= MOST_TRIES {
                complete = false;
                break;
            }
            tries += 1;
            let mut trace = Trace::new();
            match self.shape(all, &prefix, &mut trace) {
                Ok(shape) => shapes.push(shape),
                Err(why) => {
                    complete &= matches!(why, Why::Impossible(_));
                    first.get_or_insert(why);
                }
            }
            for (at, (_, ways)) in trace.iter().enumerate().skip(prefix.len()) {
                for way in 1..*ways {
                    if open.len() >= MOST_TRIES {
                        complete = false;
                        break;
                    }
                    let before = trace.iter().take(at).map(|(way, _)| *way);
                    open.push_back(before.chain([way]).collect());
                }
            }
        }
        let why = match first {
            Some(Why::Impossible(why)) if !complete => Why::Unknown(why),
            Some(why) => why,
            None => Why::unknown("no value was found"),
        };
        Alternatives { shapes, cut: !complete, why }
    }

    /// One shape: choices are made as the prefix says, and beyond it in their first way.
    fn shape(
        &mut self,
        all: &Conjunction<'a>,
        prefix: &[usize],
        trace: &mut Trace,
    ) -> Result<Shape<'a>, Why> {
        let mut shape = Shape::anything();
        let mut open: VecDeque<&'a Value> = all.iter().collect();
        let mut choices = VecDeque::new();
        loop {
            // What leaves no choice goes first: it tells which choices are worth making.
            while let Some(schema) = open.pop_front() {
                self.spend(1)?;
                match schema {
                    Value::Bool(false) => return Err(Why::impossible("a schema is `false`")),
                    Value::Object(part) if shape.parts.len() < MOST_PARTS => {
                        shape.take(part);
                        self.follow(part, &mut shape, &mut open, &mut choices);
                    }
                    Value::Object(_) => return Err(Why::Unknown("too many schemas apply".into())),
                    _ => {}
                }
            }
            if let Some(why) = shape.contradiction() {
                return Err(Why::Impossible(why));
            }
            let Some(choice) = choices.pop_front() else { break };
            let ways = self.ways(&choice, &shape)?;
            let chosen = prefix.get(trace.len()).copied().unwrap_or(0);
            let many = ways.len();
            let way = match many {
                1 => ways.into_iter().next(),
                _ => ways.into_iter().nth(chosen),
            };
            if many > 1 {
                trace.push((chosen, many));
            }
            let Some(way) = way else {
                return Err(Why::impossible("no branch of `anyOf` or `oneOf` can be taken"));
            };
            open.extend(way.apply);
            if let Some(name) = way.require {
                shape.require(name);
            }
            if let Some(name) = way.forbid {
                shape.forbidden.insert(name);
            }
        }
        match shape.forbidden.iter().find(|name| shape.requires(name)) {
            Some(_) if shape.types == Types::OBJECT => {
                Err(Why::impossible("a required field is forbidden"))
            }
            Some(_) => {
                shape.types = shape.types.without(Types::OBJECT);
                Ok(shape)
            }
            None => Ok(shape),
        }
    }

    /// Collects what else applies along with a schema.
    fn follow(
        &self,
        part: &'a Map<String, Value>,
        shape: &mut Shape<'a>,
        open: &mut VecDeque<&'a Value>,
        choices: &mut VecDeque<Choice<'a>>,
    ) {
        for (keyword, value) in part {
            match (keyword.as_str(), value) {
                ("$ref" | "$dynamicRef", Value::String(text)) => open.extend(self.resolve(text)),
                ("allOf", Value::Array(schemas)) => open.extend(schemas),
                ("anyOf" | "oneOf", Value::Array(schemas)) => {
                    choices.push_back(Choice::Any(schemas));
                }
                ("if", _) => choices.push_back(Choice::If(part)),
                ("dependentSchemas", Value::Object(schemas)) => {
                    let each = schemas.iter().map(|(name, schema)| Choice::Dependent(name, schema));
                    choices.extend(each);
                }
                ("not", not) => exclude(not, shape, open),
                _ => {}
            }
        }
    }

    fn ways(&mut self, choice: &Choice<'a>, shape: &Shape<'a>) -> Result<Vec<Way<'a>>, Why> {
        let apply = |schemas: Vec<&'a Value>| Way { apply: schemas, ..Way::default() };
        Ok(match choice {
            Choice::Any(schemas) => {
                self.spend(schemas.len())?;
                let fit = schemas.iter().filter(|schema| self.may_apply(schema, shape));
                fit.map(|schema| apply(vec![schema])).collect()
            }
            Choice::If(part) => {
                let with = part.get("if").into_iter().chain(part.get("then"));
                vec![apply(with.collect()), apply(part.get("else").into_iter().collect())]
            }
            Choice::Dependent(..) if !shape.types.has(Types::OBJECT) => vec![Way::default()],
            Choice::Dependent(name, schema) if shape.requires(name) => vec![apply(vec![schema])],
            Choice::Dependent(name, schema) => vec![
                Way { forbid: Some(name), ..Way::default() },
                Way { require: Some(name), ..apply(vec![schema]) },
            ],
        })
    }

    /// Whether a branch is worth taking; false only where it cannot be taken.
    fn may_apply(&self, schema: &'a Value, shape: &Shape<'a>) -> bool {
        let mut schema = schema;
        for _ in 0..MOST_HOPS {
            let part = match schema {
                Value::Bool(accepts) => return *accepts,
                Value::Object(part) => part,
                _ => return true,
            };
            if part.get("type").is_some_and(|types| !shape.types.has(Types::of_keyword(types))) {
                return false;
            }
            if part.get("const").is_some_and(|value| !shape.types.hold(value)) {
                return false;
            }
            let reference = part.get("$ref").and_then(Value::as_str);
            match reference.and_then(|text| self.resolve(text)) {
                Some(next) => schema = next,
                None => return true,
            }
        }
        true
    }
}

/// Takes away what a `not` takes away, where that is easy to say; what it leaves too much is
/// found when the value is checked.
fn exclude<'a>(not: &'a Value, shape: &mut Shape<'a>, open: &mut VecDeque<&'a Value>) {
    let only = match not {
        Value::Bool(true) => None,
        Value::Object(fields) if fields.is_empty() => None,
        Value::Object(fields) if fields.len() == 1 => fields.iter().next(),
        _ => return,
    };
    match only.map(|(keyword, value)| (keyword.as_str(), value)) {
        None => shape.types = Types::NONE,
        Some(("not", inner)) => open.push_back(inner),
        Some(("type", types)) => shape.types = shape.types.without(Types::of_keyword(types)),
        Some(("required", Value::Array(names))) => {
            if let [Value::String(name)] = names.as_slice() {
                // Whatever is no object has every field that is asked of objects.
                shape.types = shape.types.and(Types::OBJECT);
                shape.forbidden.insert(name);
            }
        }
        Some(_) => {}
    }
}
