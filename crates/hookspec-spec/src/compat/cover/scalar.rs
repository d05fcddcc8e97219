//! Strings and numbers: bounds, patterns, formats, multiples.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::Prover;
use super::facts::{Atoms, Facts, Node};

/// Formats that are asserted; of others nothing is.
const FORMATS: [&str; 19] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

impl<'a> Prover<'a> {
    pub(super) fn string(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        self.count(demand, "minLength", "maxLength", facts, (0.0, f64::INFINITY));
        for keyword in ["pattern", "format"] {
            let Some(text) = demand.get(keyword).and_then(Value::as_str) else { continue };
            let others = || facts.nodes.iter().filter_map(|fact| fact.get(keyword)?.as_str());
            if others().any(|other| other == text) {
                continue;
            }
            let other = others().next().map(|other| format!("`{other}`"));
            // Of two patterns, one may imply the other; of two formats too.
            let doubt = match (&other, keyword) {
                (Some(_), _) => Some("patterns and formats are compared word for word only"),
                (None, "format") if !FORMATS.contains(&text) => Some("the format is not known"),
                _ => None,
            };
            self.said(demand, keyword, &format!("`{text}`"), other, doubt);
        }
    }

    pub(super) fn number(&mut self, demand: &Node<'a>, facts: &Facts<'a>) {
        for (keyword, is_lower, exclusive) in [
            ("minimum", true, false),
            ("exclusiveMinimum", true, true),
            ("maximum", false, false),
            ("exclusiveMaximum", false, true),
        ] {
            let Some(Value::Number(value)) = demand.get(keyword) else { continue };
            let demanded = Bound { value, exclusive };
            let whole = facts.atoms == Atoms::INTEGER;
            let known = bounds(facts, is_lower);
            if !known.iter().any(|(_, bound)| bound.implies(&demanded, is_lower, whole)) {
                let inner = known.first().map(|(name, bound)| match *name == keyword {
                    true => bound.value.to_string(),
                    false => format!("`{name}` {}", bound.value),
                });
                self.said(demand, keyword, &value.to_string(), inner, None);
            }
        }
        let Some(factor) = demand.number("multipleOf") else { return };
        let known: Vec<f64> =
            facts.nodes.iter().filter_map(|fact| fact.number("multipleOf")).collect();
        let whole = |number: f64| number.fract() == 0.0 && number.abs() < 1e15;
        let implied = |known: f64| {
            known == factor || (whole(known) && whole(factor) && (known % factor) == 0.0)
        };
        let integers = facts.atoms == Atoms::INTEGER && factor == 1.0;
        if !integers && !known.iter().copied().any(implied) {
            let certain = known.iter().all(|known| whole(*known)) && whole(factor);
            let doubt = (!certain).then_some("multiples of fractions are not compared");
            let inner = known.first().map(ToString::to_string);
            self.said(demand, "multipleOf", &factor.to_string(), inner, doubt);
        }
    }

    /// Bounds on how many there are; `least` and `most` are known apart from the keywords.
    pub(super) fn count(
        &mut self,
        demand: &Node<'a>,
        minimum: &str,
        maximum: &str,
        facts: &Facts<'a>,
        (least, most): (f64, f64),
    ) {
        for (keyword, known, is_minimum) in [(minimum, least, true), (maximum, most, false)] {
            let Some(count) = demand.number(keyword) else { continue };
            let inner = facts.nodes.iter().filter_map(|fact| fact.number(keyword));
            let inner: Vec<f64> = inner.collect();
            let implied = |known: f64| if is_minimum { known >= count } else { known <= count };
            if !implied(known) && !inner.iter().copied().any(implied) {
                let inner = inner.first().map(ToString::to_string);
                self.said(demand, keyword, &count.to_string(), inner, None);
            }
        }
    }
}

struct Bound<'a> {
    value: &'a Number,
    exclusive: bool,
}

impl Bound<'_> {
    /// Whether what keeps this bound keeps the other one.
    fn implies(&self, other: &Self, is_lower: bool, whole: bool) -> bool {
        let Some(order) = compare(self.value, other.value) else { return false };
        let order = if is_lower { order } else { order.reverse() };
        match order {
            Ordering::Greater => true,
            Ordering::Equal => self.exclusive || !other.exclusive,
            // Of whole numbers, more than 0 is at least 1.
            Ordering::Less => {
                let next = |number: &Number| {
                    let step = if is_lower { 1 } else { -1 };
                    integer(number).map(|number| number + step)
                };
                whole
                    && self.exclusive
                    && !other.exclusive
                    && next(self.value).is_some()
                    && next(self.value) == integer(other.value)
            }
        }
    }
}

fn bounds<'a>(facts: &Facts<'a>, is_lower: bool) -> Vec<(&'static str, Bound<'a>)> {
    let keywords = match is_lower {
        true => [("minimum", false), ("exclusiveMinimum", true)],
        false => [("maximum", false), ("exclusiveMaximum", true)],
    };
    let of_node = |node: &Node<'a>| {
        keywords
            .into_iter()
            .filter_map(|(keyword, exclusive)| match node.get(keyword)? {
                Value::Number(value) => Some((keyword, Bound { value, exclusive })),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    facts.nodes.iter().flat_map(of_node).collect()
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// How two numbers compare; `None` where rounding might have made them equal.
fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    if let (Some(one), Some(other)) = (integer(one), integer(other)) {
        return Some(one.cmp(&other));
    }
    let (float, exact) = ((one.as_f64()?, other.as_f64()?), 2_f64.powi(53));
    let order = float.0.partial_cmp(&float.1)?;
    let rounded = float.0.abs() >= exact || float.1.abs() >= exact;
    (order != Ordering::Equal || !rounded).then_some(order)
}
