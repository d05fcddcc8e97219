//! That no value satisfies both of two schemas.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Prover;
use super::facts::{Atoms, Facts};
use super::object::required;

/// How many schemas deep reasons are looked for.
const DEEPEST: usize = 8;

impl<'a> Prover<'a> {
    /// Whether it is certain that no value satisfies both; `false` says nothing.
    pub(super) fn apart(&mut self, one: &Facts<'a>, other: &Facts<'a>) -> bool {
        self.apart_at(one, other, 0)
    }

    fn apart_at(&mut self, one: &Facts<'a>, other: &Facts<'a>, depth: usize) -> bool {
        let common = one.atoms.and(other.atoms);
        if one.is_nothing() || other.is_nothing() || common.is_empty() {
            return true;
        }
        for (listing, judging) in [(one, other), (other, one)] {
            if let Some(values) = listing.values().or_else(|| common.values()) {
                return values.iter().all(|value| self.refuses(judging, value));
            }
        }
        common == Atoms::OBJECT && depth < DEEPEST && self.objects_apart(one, other, depth)
    }

    fn refuses(&mut self, facts: &Facts<'a>, value: &Value) -> bool {
        let nodes = &facts.nodes;
        facts.atoms.and(Atoms::of(value)).is_empty()
            || nodes.iter().any(|node| self.evaluator.accepts(node, value) == Some(false))
    }

    /// Whether they demand, of a property that one of them requires, what is apart.
    fn objects_apart(&mut self, one: &Facts<'a>, other: &Facts<'a>, depth: usize) -> bool {
        let names: BTreeSet<&'a str> = required(one).chain(required(other)).collect();
        names.into_iter().any(|name| {
            let [one, other] = [one, other].map(|facts| {
                let under = self.under(&facts.nodes, name);
                Facts::of(self, under)
            });
            self.apart_at(&one, &other, depth + 1)
        })
    }
}
