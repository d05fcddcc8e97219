//! `anyOf`, `oneOf` and `allOf`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::closed::resolve;
use super::enums::optional;
use super::translate::{Made, Site, Translator};
use super::{Additional, Body, Node, Shape, Union, Variant};
use crate::names::{self, Scope};

impl Translator<'_> {
    /// `allOf` and nothing else: of one schema it is that schema.
    pub(super) fn all_of(&mut self, site: &Site, schema: &Map<String, Value>) -> Node {
        match schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len) {
            1 => self.node(&site.same("allOf/0")),
            _ => {
                self.unchecked(site, ["allOf"]);
                self.keep(site, "several schemas at once", false)
            }
        }
    }

    /// `anyOf` or `oneOf` and nothing else.
    pub(super) fn choice(
        &mut self,
        site: &Site,
        schema: &Map<String, Value>,
        keyword: &str,
    ) -> Node {
        let empty = Vec::new();
        let branches = schema.get(keyword).and_then(Value::as_array).unwrap_or(&empty);
        if branches.len() == 1 {
            return self.node(&site.same(&format!("{keyword}/0")));
        }
        if let [left, right] = branches.as_slice() {
            let other = match (is_null(left), is_null(right)) {
                (true, false) => Some(1),
                (false, true) => Some(0),
                _ => None,
            };
            if let Some(index) = other {
                let before = self.remember();
                let node = self.node(&site.same(&format!("{keyword}/{index}")));
                // Of `oneOf`, `null` would satisfy both, and so neither alone.
                if keyword == "anyOf" || !node.accepts_null(self.types()) {
                    return optional(node);
                }
                self.forget(before);
            }
        }
        if let Some(node) = self.union(site, keyword, branches) {
            return node;
        }
        self.unchecked(site, [keyword]);
        self.keep(site, "a choice that no property tells apart", false)
    }

    /// Objects of which each must name its variant in the same property.
    fn union(&mut self, site: &Site, keyword: &str, branches: &[Value]) -> Option<Node> {
        if let Some(id) = self.made(&site.pointer, Made::Itself) {
            return Some(Node::of(Shape::Named { id, boxed: false }));
        }
        let document = self.document;
        let targets: Option<Vec<&Map<String, Value>>> =
            branches.iter().map(|branch| target(&document.value, branch, 0)?.as_object()).collect();
        let targets = targets?;
        let first = targets.first()?;
        let tags = first.get("properties").and_then(Value::as_object)?.keys();
        let (tag, texts) =
            tags.filter_map(|tag| Some((tag, disjoint(&document.value, &targets, tag)?))).next()?;
        let id = self.reserve(site, Made::Itself)?;
        let mut scope = Scope::default();
        let mut variants = Vec::new();
        let mut fine = true;
        for (index, texts) in texts.into_iter().enumerate() {
            let name = scope.take(names::variant(texts.first().map_or("", String::as_str)), "");
            let branch = site.part(&format!("{keyword}/{index}"), &name);
            match self.node(&branch) {
                Node { shape: Shape::Named { id, .. }, rules } if rules.is_empty() => {
                    variants.push(Variant { name, texts, payload: id });
                }
                _ => fine = false,
            }
        }
        if !fine {
            // The limits were reached inside. The place is taken, so something has to stand there.
            self.fill(id, site, Body::Newtype(Node::of(Shape::Any)));
            return None;
        }
        self.fill(id, site, Body::Union(Union { tag: tag.clone(), variants }));
        Some(Node::of(Shape::Named { id, boxed: false }))
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
        || schema.get("const") == Some(&Value::Null)
}

/// What a branch refers to, where it does nothing else.
fn target<'v>(document: &'v Value, branch: &'v Value, depth: usize) -> Option<&'v Value> {
    match branch.get("$ref").and_then(Value::as_str) {
        None => Some(branch),
        Some(_) if depth > 8 => None,
        Some(reference) => {
            let next = document.pointer(&resolve(document, reference)?)?;
            target(document, next, depth + 1)
        }
    }
}

/// The texts by which a property tells all branches apart.
fn disjoint(
    document: &Value,
    branches: &[&Map<String, Value>],
    tag: &str,
) -> Option<Vec<Vec<String>>> {
    let mut seen = BTreeSet::new();
    branches
        .iter()
        .map(|branch| {
            let texts = tags(document, branch, tag)?;
            texts.iter().all(|text| seen.insert(text.clone())).then_some(texts)
        })
        .collect()
}

fn tags(document: &Value, branch: &Map<String, Value>, tag: &str) -> Option<Vec<String>> {
    let required = branch.get("required")?.as_array()?;
    let of_object = branch.get("type").and_then(Value::as_str) == Some("object");
    if !of_object || !required.iter().any(|name| name.as_str() == Some(tag)) {
        return None;
    }
    let property = target(document, branch.get("properties")?.get(tag)?, 0)?;
    let values = match (property.get("const"), property.get("enum")) {
        (Some(one), None) => vec![one],
        (None, Some(several)) => several.as_array()?.iter().collect(),
        _ => return None,
    };
    let texts: Vec<String> = values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
    (texts.len() == values.len() && !texts.is_empty()).then_some(texts)
}

impl Additional {
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused)
    }
}
