//! Schemas that say their type, or list their values.

use hookspec_plugin::check;
use serde_json::{Map, Number, Value};

use super::closed::{closed, distinct};
use super::translate::{Made, Site, Translator};
use super::{Body, Check, Node, Shape, keywords};
use crate::names::{self, Scope};

/// Keywords that every branch here reads itself.
const READ: &[&str] = &["type", "enum", "const"];

impl Translator<'_> {
    /// A schema with `type`, `enum` or `const`.
    pub(super) fn typed(
        &mut self,
        site: &Site,
        schema: &Map<String, Value>,
        narrowing: &[&str],
    ) -> Node {
        let types: Option<Vec<&str>> = match schema.get("type") {
            Some(Value::String(one)) => Some(vec![one]),
            Some(Value::Array(several)) => Some(several.iter().filter_map(Value::as_str).collect()),
            _ => None,
        };
        if let Some(allowed) = allowed(schema) {
            let fits = |value: &Value| types.as_ref().is_none_or(|types| is_one_of(value, types));
            let allowed = allowed.into_iter().filter(fits).collect();
            return self.listed(site, schema, narrowing, allowed);
        }
        let mut types = types.unwrap_or_default();
        let nullable = types.contains(&"null");
        types.retain(|each| *each != "null");
        if types.contains(&"number") {
            types.retain(|each| *each != "integer");
        }
        types.dedup();
        let inner = match types.as_slice() {
            [] if nullable => {
                self.unchecked(site, general(narrowing));
                return Node::of(Shape::Null);
            }
            // The meta-schema does not let this pass.
            [] => return self.keep(site, "`type` names no type", true),
            [one] => self.of_type(site, schema, narrowing, one),
            several => {
                let several = several.iter().map(|each| (*each).to_owned());
                let null = nullable.then(|| "null".to_owned());
                let types: Vec<String> = several.chain(null).collect();
                let rule = self.rule(site, "type", Check::OneType(types));
                self.unchecked(site, narrowing.iter().copied().filter(|each| *each != "type"));
                let node = self.keep(site, "values of several types are accepted", false);
                return Node { rules: vec![rule], ..node };
            }
        };
        if nullable { optional(inner) } else { inner }
    }

    fn of_type(
        &mut self,
        site: &Site,
        schema: &Map<String, Value>,
        narrowing: &[&str],
        of: &str,
    ) -> Node {
        self.unchecked(site, general(narrowing));
        match of {
            "object" => self.object(site, schema, narrowing),
            "array" => self.list(site, schema, narrowing),
            "string" => {
                let open = narrowing.iter().filter(|each| matches!(**each, "format" | "pattern"));
                self.unchecked(site, open.copied());
                let mut rules = Vec::new();
                if let Some(least) = size(schema, "minLength").filter(|least| *least > 0) {
                    rules.push(self.rule(site, "minLength", Check::MinLength(least)));
                }
                if let Some(most) = size(schema, "maxLength") {
                    rules.push(self.rule(site, "maxLength", Check::MaxLength(most)));
                }
                Node { shape: Shape::Text, rules }
            }
            "integer" | "number" => self.number(site, schema, of == "integer"),
            "boolean" => Node::of(Shape::Bool),
            _ => self.keep(site, "an unknown `type`", true),
        }
    }

    fn list(&mut self, site: &Site, schema: &Map<String, Value>, narrowing: &[&str]) -> Node {
        const READ: &[&str] = &["items", "maxItems", "minItems", "uniqueItems"];
        let mut open: Vec<&str> = narrowing
            .iter()
            .copied()
            .filter(|each| keywords::OF_LIST.contains(each) && !READ.contains(each))
            .collect();
        let items = if schema.contains_key("prefixItems") {
            if narrowing.contains(&"items") {
                open.push("items");
            }
            self.keep(&site.same("prefixItems"), "items of different types by position", false)
        } else if schema.contains_key("items") {
            self.inside(&site.part("items", "item"))
        } else {
            Node::of(Shape::Any)
        };
        self.unchecked(site, open);
        let mut rules = Vec::new();
        if let Some(least) = size(schema, "minItems").filter(|least| *least > 0) {
            rules.push(self.rule(site, "minItems", Check::MinItems(least)));
        }
        if let Some(most) = size(schema, "maxItems") {
            rules.push(self.rule(site, "maxItems", Check::MaxItems(most)));
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            rules.push(self.rule(site, "uniqueItems", Check::UniqueItems));
        }
        Node { shape: Shape::List(Box::new(items)), rules }
    }

    /// A schema that lists its values.
    fn listed(
        &mut self,
        site: &Site,
        schema: &Map<String, Value>,
        narrowing: &[&str],
        mut allowed: Vec<Value>,
    ) -> Node {
        // What else the schema says is settled here and now, where it can be asked.
        let rest = narrowing.iter().copied().filter(|each| !READ.contains(each));
        let rest: Vec<&str> = rest.collect();
        if !rest.is_empty() {
            match closed(&self.document.value, &Value::Object(schema.clone())) {
                Some(schema) => allowed.retain(|value| schema.is_valid(value)),
                None => self.unchecked(site, rest),
            }
        }
        let nullable = allowed.iter().any(Value::is_null);
        let others: Vec<Value> = allowed.iter().filter(|each| !each.is_null()).cloned().collect();
        if others.is_empty() {
            return Node::of(if nullable { Shape::Null } else { Shape::Never });
        }
        let keyword = if schema.contains_key("enum") { "enum" } else { "const" };
        let inner = if others.iter().all(Value::is_string) {
            match self.texts(site, &others) {
                Some(node) => node,
                None => return self.keep(site, "too many types", true),
            }
        } else if others.iter().all(Value::is_boolean) {
            let rules = match others.len() {
                1 => vec![self.rule(site, keyword, Check::OneOf(others))],
                _ => Vec::new(),
            };
            Node { shape: Shape::Bool, rules }
        } else if let Some((shape, numbers)) = all_numbers(&others) {
            let mut rules = vec![self.rule(site, keyword, Check::OneNumber(numbers))];
            if shape == Shape::Float {
                rules.push(self.rule(site, keyword, Check::Finite));
            }
            Node { shape, rules }
        } else {
            let rules = vec![self.rule(site, keyword, Check::OneOf(allowed))];
            let node =
                self.keep(site, "lists values of several types, or lists and objects", false);
            return Node { rules, ..node };
        };
        if nullable { optional(inner) } else { inner }
    }

    /// An enum of texts.
    fn texts(&mut self, site: &Site, values: &[Value]) -> Option<Node> {
        let id = match self.made(&site.pointer, Made::Itself) {
            Some(id) => id,
            None => {
                let id = self.reserve(site, Made::Itself)?;
                let mut scope = Scope::default();
                let texts = values.iter().filter_map(Value::as_str);
                let texts = texts
                    .map(|text| (text.to_owned(), scope.take(names::variant(text), "")))
                    .collect();
                self.fill(id, site, Body::Texts(texts));
                id
            }
        };
        Some(Node::of(Shape::Named { id, boxed: false }))
    }
}

/// A node that may be `null`, too.
pub(super) fn optional(node: Node) -> Node {
    match &node.shape {
        Shape::Any if node.rules.is_empty() => node,
        Shape::Nullable(_) | Shape::Null => node,
        _ => Node::of(Shape::Nullable(Box::new(node))),
    }
}

/// The values that `enum` and `const` leave together.
fn allowed(schema: &Map<String, Value>) -> Option<Vec<Value>> {
    let listed = schema.get("enum").and_then(Value::as_array).cloned();
    let one = schema.get("const").cloned();
    match (listed, one) {
        (None, None) => None,
        (Some(listed), None) => Some(distinct(listed)),
        (None, Some(one)) => Some(vec![one]),
        (Some(listed), Some(one)) => {
            let both = listed.iter().any(|each| check::equal(each, &one));
            Some(if both { vec![one] } else { Vec::new() })
        }
    }
}

fn is_one_of(value: &Value, types: &[&str]) -> bool {
    let is_whole = |number: &Number| {
        !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
    };
    types.iter().any(|each| match (*each, value) {
        ("integer", Value::Number(number)) => is_whole(number),
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        _ => false,
    })
}

fn all_numbers(values: &[Value]) -> Option<(Shape, Vec<Number>)> {
    let numbers: Option<Vec<Number>> = values
        .iter()
        .map(|value| match value {
            Value::Number(number) => Some(whole(number).unwrap_or_else(|| number.clone())),
            _ => None,
        })
        .collect();
    let numbers = numbers?;
    let shape = if numbers.iter().all(Number::is_i64) {
        Shape::Integer
    } else if numbers.iter().all(Number::is_u64) {
        Shape::Unsigned
    } else if numbers.iter().all(exact_as_float) {
        Shape::Float
    } else {
        return None;
    };
    Some((shape, numbers))
}

/// A whole number as an integer, however it is written.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
pub(super) fn whole(number: &Number) -> Option<Number> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if !number.is_f64() {
        return Some(number.clone());
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
    if (-LIMIT..LIMIT).contains(&float) {
        Some(Number::from(float as i64))
    } else if (0.0..2.0 * LIMIT).contains(&float) {
        Some(Number::from(float as u64))
    } else {
        None
    }
}

/// Whether a float holds this number as it is.
fn exact_as_float(number: &Number) -> bool {
    const EXACT: i128 = 1 << 53;
    match number.as_i128() {
        Some(integer) => integer.abs() <= EXACT,
        None => true,
    }
}

/// A size, which may be written as `2.0`.
pub(super) fn size(schema: &Map<String, Value>, keyword: &str) -> Option<usize> {
    let number = schema.get(keyword)?.as_number()?;
    match whole(number) {
        Some(number) => number.as_u64().map(|size| usize::try_from(size).unwrap_or(usize::MAX)),
        None => number.as_f64().filter(|float| *float > 0.0).map(|_| usize::MAX),
    }
}

/// Keywords that apply whatever the type, and that nothing here reads.
fn general<'k>(narrowing: &[&'k str]) -> impl Iterator<Item = &'k str> {
    let general = |each: &&str| keywords::GENERAL.contains(each) && !READ.contains(each);
    narrowing.iter().copied().filter(general).collect::<Vec<_>>().into_iter()
}
