//! Whether one schema accepts all that another accepts, proved keyword by keyword.
//!
//! The *outer* schema is a list of demands; each must follow from the *inner* one, the facts. What
//! does not follow is a [`Gap`]: certain, where a value that shows it is obvious, else undecided.
//! No gaps is a proof. A gap is none: a schema that nothing satisfies may have certain gaps too.
//!
//! | where | what |
//! |---|---|
//! | [`facts`] | schemas that hold together: references and `allOf` resolved, and the types left |
//! | [`scalar`], [`object`], [`array`], [`choice`] | what of the demands follows, by keyword |
//! | [`apart`] | that no value satisfies both of two schemas |
//! | [`evaluate`] | the interpreter, on values that a schema lists |
//!
//! A pair of schemas that is met again on the way down is taken for proved, as the values are
//! finite: whatever is wrong about it shows where it was met first.

mod apart;
mod array;
mod choice;
mod evaluate;
mod facts;
mod object;
mod scalar;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::schema::Schema;

use evaluate::Evaluator;
use facts::{Atoms, Doc, Facts, Node};

/// How many pairs of schemas are compared before it is given up.
const MOST_PAIRS: usize = 5_000;
/// How deep they may lie: comparing recurses.
const DEEPEST: usize = 64;

/// Keywords that say nothing about which values are accepted.
const WORDS: [&str; 5] = ["$schema", "$id", "$comment", "description", "examples"];

/// A place where the outer schema may not accept what the inner one accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// Where the outer schema demands it.
    pub(super) pointer: String,
    /// What happened: where the outer schema is the new one, and where it is the old one. `None`
    /// where it accepts less or more, and that is all there is to say.
    pub(super) said: Option<[String; 2]>,
    /// Why it is no more than possible. `None`: there is a value that shows it, unless nothing
    /// satisfies the inner schema.
    pub(super) doubt: Option<String>,
}

/// What keeps `outer` from accepting all that `inner` accepts; nothing: it does.
pub(super) fn gaps(outer: &Schema, inner: &Schema) -> Vec<Gap> {
    let (outer, inner) = (Doc::new(outer.document()), Doc::new(inner.document()));
    let mut prover = Prover::default();
    let facts = Facts::of(&mut prover, [inner.top()]);
    prover.covers(&outer.top(), &facts);
    prover.gaps
}

/// Whether two schemas are the same but for words.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    same(one, other, true)
}

fn same(one: &Value, other: &Value, is_schema: bool) -> bool {
    const NAMED: [&str; 5] =
        ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];
    const VALUES: [&str; 3] = ["const", "enum", "default"];
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            // A property may be called as a keyword is.
            let counts = |key: &&String| !(is_schema && WORDS.contains(&key.as_str()));
            let all_there = other.keys().filter(counts).all(|key| one.contains_key(key));
            all_there
                && one.keys().filter(counts).all(|key| {
                    let (Some(one), Some(other)) = (one.get(key), other.get(key)) else {
                        return false;
                    };
                    match is_schema && VALUES.contains(&key.as_str()) {
                        true => one == other,
                        false => same(one, other, !is_schema || !NAMED.contains(&key.as_str())),
                    }
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        _ => one == other,
    }
}

/// A proof in the making.
#[derive(Default)]
struct Prover<'a> {
    gaps: Vec<Gap>,
    /// Pairs that were met, in the order they were: whoever withdraws an attempt withdraws them.
    trail: Vec<Pair>,
    met: HashSet<Pair>,
    pairs: usize,
    depth: usize,
    evaluator: Evaluator<'a>,
    atoms: HashMap<usize, Atoms>,
}

/// The outer schema, the types in question, the facts: by address, as they outlive the proof.
type Pair = (usize, Atoms, Vec<usize>);

impl<'a> Prover<'a> {
    /// Leaves a gap for each demand of `outer` that the facts do not meet.
    fn covers(&mut self, outer: &Node<'a>, facts: &Facts<'a>) {
        if outer.accepts_all() || facts.is_nothing() {
            return;
        }
        let pair = (outer.address(), facts.atoms, facts.addresses());
        if !self.met.insert(pair.clone()) {
            return;
        }
        self.trail.push(pair);
        self.pairs += 1;
        if self.pairs > MOST_PAIRS || self.depth >= DEEPEST {
            return self.doubt(outer, "", "the schemas are too large to be compared");
        }
        self.depth += 1;
        self.demands(outer, facts);
        self.depth -= 1;
    }

    fn demands(&mut self, outer: &Node<'a>, facts: &Facts<'a>) {
        if let Some(values) = facts.values() {
            return self.each_value(outer, facts, &values);
        }
        let demands = Facts::of(self, [outer.clone()]);
        if let Some(refusal) = demands.nodes.iter().find(|node| node.accepts_none()) {
            return self.gap(&refusal.clone(), "", "no value is accepted", "a value is accepted");
        }
        let left = self.types(&demands, facts);
        if left.is_empty() || self.split(outer, &facts.only(left)) {
            return;
        }
        for atom in left.each() {
            let facts = facts.only(atom);
            for demand in &demands.nodes {
                if facts.nodes.iter().any(|fact| fact.is_same(demand)) {
                    continue;
                }
                self.demand(demand, &facts);
            }
        }
    }

    /// One schema object, its references and `allOf` aside, against facts of a single type.
    fn demand(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        if let Some(values) = facts.atoms.values() {
            return self.each_value(demand, facts, &values);
        }
        for keyword in ["const", "enum"] {
            if let Some(value) = demand.get(keyword) {
                let said = evaluate::shown(value);
                self.said(demand, keyword, &said, None, None);
            }
        }
        match facts.atoms {
            Atoms::STRING => self.string(demand, facts),
            Atoms::ARRAY => self.array(demand, facts),
            Atoms::OBJECT => self.object(demand, facts),
            _ => self.number(demand, facts),
        }
        self.choices(demand, facts);
        if demand.get("$dynamicRef").is_some() {
            self.doubt(demand, "$dynamicRef", "what a dynamic reference refers to is not compared");
        }
    }

    /// The types that both accept, after a gap for those that the facts only accept.
    fn types(&mut self, demands: &Facts<'a>, facts: &Facts<'a>) -> Atoms {
        let lost = facts.atoms.without(demands.atoms);
        if !lost.is_empty() {
            let refuses = |node: &&Node<'a>| {
                node.get("type")
                    .is_some_and(|names| !facts.atoms.without(Atoms::named(names)).is_empty())
            };
            match demands.nodes.iter().find(refuses).cloned() {
                Some(node) => {
                    let (outer, inner) = (demands.atoms.to_string(), facts.atoms.to_string());
                    self.said(&node, "type", &outer, Some(inner), None);
                }
                // Not by a type: by the values that it lists, or the choices it offers.
                None => {
                    if let Some(node) = demands.nodes.first().cloned() {
                        let narrowed = format!("values of type {lost} are refused");
                        let widened = format!("values of type {lost} are accepted");
                        self.gap(&node, "", &narrowed, &widened);
                    }
                }
            }
        }
        facts.atoms.and(demands.atoms)
    }

    /// Proves each alternative of the facts on its own, where there is one left to choose and the
    /// facts as a whole prove too little. Whether it did.
    fn split(&mut self, outer: &Node<'a>, facts: &Facts<'a>) -> bool {
        let Some((choice, branches)) = facts.next_choice() else { return false };
        let whole = facts.having_split(choice);
        if self.attempt(|prover| prover.covers(outer, &whole)) {
            return true;
        }
        for branch in branches {
            let facts = whole.with(self, branch);
            self.covers(outer, &facts);
        }
        true
    }

    /// Tries something; leaves no trace of it where it has gaps.
    fn attempt(&mut self, proof: impl FnOnce(&mut Self)) -> bool {
        let (gaps, trail) = (std::mem::take(&mut self.gaps), self.trail.len());
        proof(self);
        let proved = self.gaps.is_empty();
        self.gaps = gaps;
        if !proved {
            for pair in self.trail.drain(trail..) {
                self.met.remove(&pair);
            }
        }
        proved
    }

    /// Values that are all there are: the interpreter knows.
    fn each_value(&mut self, outer: &Node<'a>, facts: &Facts<'a>, values: &[Value]) {
        for value in values {
            let of_type = !facts.atoms.and(Atoms::of(value)).is_empty();
            let mut possible = of_type;
            for fact in &facts.nodes {
                // What cannot be evaluated is no reason to leave the value out.
                possible = possible && self.evaluator.accepts(fact, value) != Some(false);
            }
            if !possible {
                continue;
            }
            let shown = evaluate::shown(value);
            match self.evaluator.accepts(outer, value) {
                Some(true) => {}
                Some(false) => {
                    let narrowed = format!("{shown} is refused");
                    let widened = format!("{shown} is accepted");
                    self.gap(outer, "", &narrowed, &widened);
                }
                None => self.doubt(outer, "", &format!("whether {shown} is accepted is not known")),
            }
        }
    }

    /// A demand of one keyword that the facts do not meet, with what they say instead.
    fn said(
        &mut self,
        at: &Node<'a>,
        keyword: &str,
        outer: &str,
        inner: Option<String>,
        doubt: Option<&str>,
    ) {
        let said = match inner {
            Some(inner) => [
                format!("`{keyword}` is {outer}, was {inner}"),
                format!("`{keyword}` was {outer}, is {inner}"),
            ],
            None => [format!("`{keyword}` {outer} is new"), format!("`{keyword}` {outer} is gone")],
        };
        let doubt = doubt.map(str::to_owned);
        self.push(Gap { pointer: at.below(keyword), said: Some(said), doubt });
    }

    fn gap(&mut self, at: &Node<'a>, keyword: &str, narrowed: &str, widened: &str) {
        let said = [narrowed, widened].map(|said| format!("{said} now"));
        self.push(Gap { pointer: at.below(keyword), said: Some(said), doubt: None });
    }

    fn doubt(&mut self, at: &Node<'a>, keyword: &str, why: &str) {
        self.push(Gap { pointer: at.below(keyword), said: None, doubt: Some(why.to_owned()) });
    }

    fn push(&mut self, gap: Gap) {
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }
}
