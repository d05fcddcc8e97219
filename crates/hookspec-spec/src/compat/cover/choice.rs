//! `anyOf`, `oneOf`, `not`, `if`: what follows from facts of a single type.

use super::Prover;
use super::facts::{Facts, Node};

impl<'a> Prover<'a> {
    pub(super) fn choices(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        for keyword in ["anyOf", "oneOf"] {
            let branches = demand.children(keyword);
            if !branches.is_empty() {
                let branches = branches.into_iter().map(|(_, branch)| branch).collect();
                self.one_of(demand, keyword, branches, facts);
            }
        }
        if let Some(outer) = demand.child("not") {
            self.not(demand, &outer, facts);
        }
        if let Some(condition) = demand.child("if") {
            self.condition(demand, &condition, facts);
        }
    }

    fn one_of(&mut self, at: &Node<'a>, keyword: &str, branches: Vec<Node<'a>>, facts: &Facts<'a>) {
        let exactly = keyword == "oneOf";
        let mut live = Vec::new();
        for branch in &branches {
            let branch_facts = Facts::of(self, [branch.clone()]);
            if !self.apart(facts, &branch_facts) {
                live.push(branch.clone());
            }
        }
        match live.as_slice() {
            [] => {
                let (narrowed, widened) =
                    ("what fitted an alternative fits none", "what fitted no alternative fits one");
                self.gap(at, keyword, narrowed, widened);
            }
            // Whatever fits, fits this one: what is wrong with it is what is wrong.
            [only] => self.covers(only, facts),
            _ if exactly => {
                if !self.same_choices(&branches, facts) {
                    self.doubt(at, keyword, "that exactly one alternative fits is not shown");
                }
            }
            _ => {
                let fits = live.iter().any(|b| self.attempt(|prover| prover.covers(b, facts)));
                if !fits {
                    self.doubt(
                        at,
                        keyword,
                        "that the alternatives accept it together is not shown",
                    );
                }
            }
        }
    }

    /// Whether the facts have a `oneOf` of as many alternatives that accept the same, one by one.
    fn same_choices(&mut self, outer: &[Node<'a>], facts: &Facts<'a>) -> bool {
        facts.nodes.iter().any(|fact| {
            let inner = fact.children("oneOf");
            inner.len() == outer.len()
                && outer.iter().zip(&inner).all(|(outer, (_, inner))| self.equivalent(outer, inner))
        })
    }

    fn equivalent(&mut self, one: &Node<'a>, other: &Node<'a>) -> bool {
        let facts = [one, other].map(|node| Facts::of(self, [node.clone()]));
        self.attempt(|prover| prover.covers(one, &facts[1]))
            && self.attempt(|prover| prover.covers(other, &facts[0]))
    }

    fn not(&mut self, at: &Node<'a>, refused: &Node<'a>, facts: &Facts<'a>) {
        let outer = Facts::of(self, [refused.clone()]);
        if self.apart(facts, &outer) {
            return;
        }
        let follows = facts.nodes.iter().filter_map(|fact| fact.child("not")).any(|inner| {
            // The facts refuse more: all that is refused here is refused there.
            self.attempt(|prover| prover.covers(&inner, &outer))
        });
        if !follows {
            self.doubt(at, "not", "that the values of `not` were refused is not shown");
        }
    }

    fn condition(&mut self, demand: &Node<'a>, condition: &Node<'a>, facts: &Facts<'a>) {
        let (mut met, mut unmet) = (facts.with(self, condition.clone()), facts.clone());
        for fact in &facts.nodes {
            let Some(own) = fact.child("if") else { continue };
            if self.equivalent(condition, &own) {
                met = fact.child("then").into_iter().fold(met, |met, then| met.with(self, then));
                unmet =
                    fact.child("else").into_iter().fold(unmet, |un, other| un.with(self, other));
            }
        }
        for (keyword, facts) in [("then", met), ("else", unmet)] {
            let Some(outer) = demand.child(keyword) else { continue };
            if !self.attempt(|prover| prover.covers(&outer, &facts)) {
                self.doubt(
                    demand,
                    keyword,
                    "that it follows from the condition and what was said is not shown",
                );
            }
        }
    }
}
