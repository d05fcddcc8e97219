//! Arrays: items by place and all others, how many, whether they repeat, what must be among them.

use serde_json::Value;

use super::Prover;
use super::facts::{Facts, Node};

impl<'a> Prover<'a> {
    pub(super) fn array(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        self.count(demand, "minItems", "maxItems", facts, (0.0, f64::INFINITY));
        let longest = facts.nodes.iter().filter_map(|fact| fact.number("maxItems"));
        let longest = longest.fold(f64::INFINITY, f64::min);
        let unique = |node: &Node<'a>| node.get("uniqueItems") == Some(&Value::Bool(true));
        if unique(demand) && longest > 1.0 && !facts.nodes.iter().any(unique) {
            self.said(demand, "uniqueItems", "true", None, None);
        }
        self.items(demand, facts, longest);
        self.contains(demand, facts);
        if demand.get("unevaluatedItems").is_some_and(|rest| rest != &Value::Bool(true)) {
            let why = "`unevaluatedItems` is compared word for word only";
            self.doubt(demand, "unevaluatedItems", why);
        }
    }

    fn items(&mut self, demand: &Node<'a>, facts: &Facts<'a>, longest: f64) {
        let placed =
            |node: &Node<'a>| node.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
        let places = facts.nodes.iter().map(placed).max().unwrap_or(0).max(placed(demand));
        // The last round is about every place behind those that are named.
        for place in 0..=places {
            if place as f64 >= longest {
                return;
            }
            let Some(outer) = at(demand, place) else { continue };
            let known: Vec<Node<'a>> =
                facts.nodes.iter().filter_map(|fact| at(fact, place)).collect();
            let inner = Facts::of(self, known);
            if inner.is_nothing() {
                // Neither is anything behind it.
                return;
            }
            self.covers(&outer, &inner);
        }
    }

    fn contains(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        let Some(outer) = demand.child("contains") else { return };
        let least = demand.number("minContains").unwrap_or(1.0);
        let mut follows = least == 0.0;
        for fact in facts.nodes.iter().filter(|_| !follows).cloned().collect::<Vec<_>>() {
            let Some(inner) = fact.child("contains") else { continue };
            let enough = fact.number("minContains").unwrap_or(1.0) >= least;
            let inner = Facts::of(self, [inner]);
            follows = follows || (enough && self.attempt(|prover| prover.covers(&outer, &inner)));
        }
        if !follows {
            self.doubt(
                demand,
                "contains",
                "that `contains` follows from what was said is not shown",
            );
        }
        if let Some(most) = demand.number("maxContains") {
            let counted = facts.nodes.iter().find_map(|fact| {
                let most_there = fact.number("maxContains")?;
                (most_there <= most).then(|| fact.child("contains")).flatten()
            });
            let follows = counted.is_some_and(|counted| {
                // Whatever is counted here is counted there.
                let inner = Facts::of(self, [outer.clone()]);
                self.attempt(|prover| prover.covers(&counted, &inner))
            });
            if !follows {
                self.doubt(
                    demand,
                    "maxContains",
                    "that `maxContains` follows from what was said is not shown",
                );
            }
        }
    }
}

/// The schema of the item at a place.
fn at<'a>(node: &Node<'a>, place: usize) -> Option<Node<'a>> {
    let placed = node.children("prefixItems").into_iter().nth(place).map(|(_, schema)| schema);
    placed.or_else(|| node.child("items"))
}
