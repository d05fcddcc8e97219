//! Objects: properties by name, by pattern and all others; which must be there, and how many.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Prover;
use super::facts::{Facts, Node};

/// What stands at `properties` and beside it, of one schema object.
const KEYED: [&str; 3] = ["properties", "patternProperties", "additionalProperties"];

impl<'a> Prover<'a> {
    pub(super) fn object(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        self.required(demand, facts);
        let required = required(facts).count();
        let closed = facts.nodes.iter().filter_map(closed_at).min();
        let most = closed.map_or(f64::INFINITY, |most| most as f64);
        self.count(demand, "minProperties", "maxProperties", facts, (required as f64, most));
        self.names(demand, facts);
        if KEYED.iter().any(|keyword| demand.get(keyword).is_some()) {
            self.properties(demand, facts);
        }
        if demand.get("unevaluatedProperties").is_some_and(|rest| rest != &Value::Bool(true)) {
            let why = "`unevaluatedProperties` is compared word for word only";
            self.doubt(demand, "unevaluatedProperties", why);
        }
    }

    fn required(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        let known: BTreeSet<&str> = required(facts).collect();
        for name in demand.texts("required").filter(|name| !known.contains(name)) {
            let (narrowed, widened) =
                (format!("`{name}` is required"), format!("`{name}` is not required"));
            self.gap(demand, "required", &narrowed, &widened);
        }
        for (name, dependents) in
            demand.get("dependentRequired").and_then(Value::as_object).into_iter().flatten()
        {
            let also: Vec<&str> = facts
                .nodes
                .iter()
                .filter_map(|fact| fact.get("dependentRequired")?.get(name)?.as_array())
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let dependents = dependents.as_array().into_iter().flatten().filter_map(Value::as_str);
            let missing: Vec<&str> =
                dependents.filter(|each| !known.contains(each) && !also.contains(each)).collect();
            if !missing.is_empty() {
                let list = missing.join("`, `");
                let narrowed = format!("beside `{name}`, `{list}` is required");
                let widened = format!("beside `{name}`, `{list}` is not required");
                self.gap(demand, "dependentRequired", &narrowed, &widened);
            }
        }
        for (name, outer) in demand.children("dependentSchemas") {
            let own = facts.nodes.iter().flat_map(|fact| fact.children("dependentSchemas"));
            let own = own.filter(|(other, _)| *other == name).map(|(_, schema)| schema);
            let own: Vec<Node<'a>> = own.collect();
            let facts = own.into_iter().fold(facts.clone(), |facts, own| facts.with(self, own));
            self.covers(&outer, &facts);
        }
    }

    fn names(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        let Some(outer) = demand.child("propertyNames") else { return };
        let known: Vec<Node<'a>> =
            facts.nodes.iter().filter_map(|fact| fact.child("propertyNames")).collect();
        let names = Facts::of(self, known).only(super::Atoms::STRING);
        self.covers(&outer, &names);
    }

    fn properties(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        let own = demand.children("properties").into_iter().map(|(name, _)| name);
        let theirs = facts.nodes.iter().flat_map(|fact| fact.children("properties"));
        let names: Vec<String> = own.chain(theirs.map(|(name, _)| name)).collect();
        let mut seen = BTreeSet::new();
        for name in names.iter().filter(|name| seen.insert(name.as_str())) {
            let known = self.under(&facts.nodes, name);
            let inner = Facts::of(self, known);
            if inner.is_nothing() {
                continue;
            }
            for outer in self.under(std::slice::from_ref(demand), name) {
                match outer.accepts_none() {
                    true => {
                        let refused = format!("`{name}` is refused");
                        self.gap(&outer, "", &refused, &format!("`{name}` is accepted"));
                    }
                    false => self.covers(&outer, &inner),
                }
            }
        }
        self.other_names(demand, facts);
    }

    /// Names that no list of properties has.
    fn other_names(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        let patterns = demand.children("patternProperties");
        let theirs: Vec<(String, Node<'a>)> =
            facts.nodes.iter().flat_map(|fact| fact.children("patternProperties")).collect();
        let rest: Vec<Node<'a>> =
            facts.nodes.iter().filter_map(|fact| fact.child("additionalProperties")).collect();
        let other = Facts::of(self, rest);
        for (pattern, outer) in &patterns {
            let same = theirs.iter().filter(|(other, _)| other == pattern);
            let same: Vec<Node<'a>> = same.map(|(_, schema)| schema.clone()).collect();
            // A name that matches may match patterns of the facts as well, or be any other there.
            let known = match (same.is_empty(), theirs.is_empty()) {
                (false, _) => Facts::of(self, same),
                (true, true) => other.clone(),
                (true, false) => {
                    let why =
                        format!("the pattern `{pattern}` is not compared with other patterns");
                    if !self.attempt(|prover| {
                        let anything = Facts::of(prover, []);
                        prover.covers(outer, &anything);
                    }) {
                        self.doubt(outer, "", &why);
                    }
                    continue;
                }
            };
            self.covers(outer, &known);
        }
        let Some(outer) = demand.child("additionalProperties") else { return };
        if other.is_nothing() && theirs.is_empty() {
            return;
        }
        match outer.accepts_none() && !other.is_nothing() {
            true => {
                let (narrowed, widened) =
                    ("properties not listed are refused", "properties not listed are accepted");
                self.gap(&outer, "", narrowed, widened);
            }
            false => self.covers(&outer, &other),
        }
        let listed = |pattern: &String| patterns.iter().any(|(own, _)| own == pattern);
        for (pattern, inner) in theirs.iter().filter(|(pattern, _)| !listed(pattern)) {
            let inner = Facts::of(self, [inner.clone()]);
            match outer.accepts_none() && !inner.is_nothing() {
                true => {
                    let narrowed = format!("properties that match `{pattern}` are refused");
                    let widened = format!("properties that match `{pattern}` are accepted");
                    self.gap(&outer, "", &narrowed, &widened);
                }
                false => self.covers(&outer, &inner),
            }
        }
    }

    /// The schemas that the value under a name must satisfy.
    pub(super) fn under(&mut self, nodes: &[Node<'a>], name: &str) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        for node in nodes {
            let before = found.len();
            let named = node.children("properties").into_iter().find(|(own, _)| own == name);
            found.extend(named.map(|(_, schema)| schema));
            let patterns = node.get("patternProperties").and_then(Value::as_object);
            let schemas = node.children("patternProperties");
            for (pattern, (_, schema)) in
                patterns.into_iter().flat_map(|map| map.keys()).zip(schemas)
            {
                // Patterns were compiled when the schema was.
                if self.evaluator.matches(pattern, name) == Some(true) {
                    found.push(schema);
                }
            }
            if found.len() == before {
                found.extend(node.child("additionalProperties"));
            }
        }
        found
    }
}

/// The names that must be there.
pub(super) fn required<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a str> {
    let names: BTreeSet<&'a str> =
        facts.nodes.iter().flat_map(|fact| fact.texts("required")).collect();
    names.into_iter()
}

/// How many properties a closed object may have at most.
fn closed_at(node: &Node<'_>) -> Option<usize> {
    let closed = node.get("additionalProperties") == Some(&Value::Bool(false))
        && node.get("patternProperties").is_none();
    closed.then(|| node.children("properties").len())
}
