//! From schemas to a [`Model`].
//!
//! Total: whatever a document holds, there is a translation, if only [`Shape::Any`]. A schema that
//! says more than its translation is noted, and never the other way round: no type refuses what its
//! schema accepts, the limits of Rust's numbers aside.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::closed::{escaped, resolve};
use super::naming::{self, Naming};
use super::{
    Body, Check, Docs, Model, Node, Note, Root, Rule, Shape, Type, TypeId, keywords, recursion,
};

/// How deep schemas may be nested, lists in lists without a type in between, and how many types
/// they may become, before the rest is `Value`. Compilers recurse over what they read, too.
const DEEPEST: usize = 64;
const DEEPEST_LISTS: usize = 12;
const MOST_TYPES: usize = 2_000;
/// How many notes are kept of one document.
const MOST_NOTES: usize = 200;
/// How often translation may find that a schema needs a name and start again.
const MOST_PASSES: usize = 100;

/// A schema document to be translated.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    pub(crate) fingerprint: String,
    /// What it is called in notes.
    pub(crate) label: String,
    /// What its type is called when it has no title.
    pub(crate) name: String,
    /// Whether its values go through a chain, where nothing may be lost or added.
    pub(crate) faithful: bool,
    /// Whether capability dispatch reads its values.
    pub(crate) routed: bool,
}

/// Translates documents; none of the types gets one of the reserved names.
pub(crate) fn translate(documents: &[Document], reserved: &[&str]) -> Model {
    let mut forced = BTreeSet::new();
    for _ in 0..MOST_PASSES {
        let known = forced.len();
        let (model, needed) = pass(documents, reserved, &forced);
        forced.extend(needed);
        if forced.len() == known {
            return model;
        }
    }
    pass(documents, reserved, &forced).0
}

type Forced = BTreeSet<(usize, String)>;

fn pass(documents: &[Document], reserved: &[&str], forced: &Forced) -> (Model, Forced) {
    let mut types = Types { made: BTreeMap::new(), slots: Vec::new(), namings: Vec::new() };
    let mut needed = Forced::new();
    let mut roots = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let mut translator = Translator {
            index,
            document,
            types: &mut types,
            forced,
            needed: &mut needed,
            open: Vec::new(),
            depth: 0,
            descents: 0,
            unnamed: 0,
            kept: BTreeSet::new(),
            unchecked: BTreeSet::new(),
        };
        let payload = translator.root();
        let (kept, unchecked) = (translator.kept, translator.unchecked);
        roots.push(Root {
            label: document.label.clone(),
            fingerprint: document.fingerprint.clone(),
            routed: document.routed,
            payload,
            kept: kept.into_iter().collect(),
            unchecked: unchecked.into_iter().collect(),
        });
    }
    let names = naming::names(&types.namings, reserved);
    // Every slot was filled by whoever took it.
    let mut types: Vec<Type> = types.slots.into_iter().flatten().collect();
    for (each, name) in types.iter_mut().zip(names) {
        each.name = name;
    }
    recursion::box_cycles(&mut types);
    (Model { types, roots }, needed)
}

struct Types {
    made: BTreeMap<(usize, String, Made), TypeId>,
    slots: Vec<Option<Type>>,
    namings: Vec<Naming>,
}

/// Two types may stand for one place: an object, and the object or `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Made {
    Itself,
    Whole,
}

pub(super) struct Translator<'a> {
    index: usize,
    pub(super) document: &'a Document,
    types: &'a mut Types,
    forced: &'a Forced,
    needed: &'a mut Forced,
    /// References that are being followed, and how far down the value each began.
    open: Vec<(String, usize)>,
    /// How many schemas are being translated, one inside the other.
    depth: usize,
    /// How many of them are about a part of the value that the one around is about.
    descents: usize,
    /// How many of those there were since the last type with a name.
    unnamed: usize,
    kept: BTreeSet<Note>,
    unchecked: BTreeSet<Note>,
}

/// Where a schema is, and what a type made of it is called.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) pointer: String,
    pub(super) naming: Naming,
}

impl Site {
    /// A schema inside this one that applies to the same value.
    pub(super) fn same(&self, step: &str) -> Self {
        Self { pointer: format!("{}/{step}", self.pointer), naming: self.naming.clone() }
    }

    /// A schema inside this one that applies to a part of the value.
    pub(super) fn part(&self, step: &str, name: &str) -> Self {
        Self { pointer: format!("{}/{step}", self.pointer), naming: self.naming.with(name) }
    }

    /// The place of a keyword.
    pub(super) fn keyword(&self, keyword: &str) -> String {
        format!("{}/{}", self.pointer, escaped(keyword))
    }
}

impl<'a> Translator<'a> {
    fn root(&mut self) -> Option<TypeId> {
        let title = self.document.value.get("title").and_then(Value::as_str);
        let title = title.and_then(naming::short_title);
        let naming = Naming::Root { title, file: self.document.name.clone() };
        let site = Site { pointer: String::new(), naming };
        if self.forced.contains(&(self.index, String::new())) {
            return self.named(&site);
        }
        self.open.push((String::new(), 0));
        let node = self.node(&site);
        self.open.pop();
        match node.shape {
            // The host validates arbitrary JSON itself: a type around it would say nothing more.
            Shape::Any => None,
            Shape::Named { id, .. } if node.rules.is_empty() => Some(id),
            _ => {
                let id = self.reserve(&site, Made::Whole)?;
                self.fill(id, &site, Body::Newtype(node));
                Some(id)
            }
        }
    }

    /// The type of a schema that must have a name because it refers to itself.
    fn named(&mut self, site: &Site) -> Option<TypeId> {
        if let Some(id) = self.made(&site.pointer, Made::Whole) {
            return Some(id);
        }
        let id = self.reserve(site, Made::Whole)?;
        self.open.push((site.pointer.clone(), self.descents));
        let node = self.node(site);
        self.open.pop();
        self.fill(id, site, Body::Newtype(node));
        Some(id)
    }

    /// The schema at a place.
    pub(super) fn node(&mut self, site: &Site) -> Node {
        if self.depth >= DEEPEST || self.unnamed > DEEPEST_LISTS {
            return self.keep(site, "nested too deeply", true);
        }
        self.depth += 1;
        let node = self.any_schema(site);
        self.depth -= 1;
        node
    }

    fn any_schema(&mut self, site: &Site) -> Node {
        let document = self.document;
        match document.value.pointer(&site.pointer) {
            Some(Value::Bool(true)) => Node::of(Shape::Any),
            Some(Value::Bool(false)) => Node::of(Shape::Never),
            Some(Value::Object(schema)) => self.object_schema(site, schema),
            _ => self.keep(site, "no schema", true),
        }
    }

    fn object_schema(&mut self, site: &Site, schema: &'a Map<String, Value>) -> Node {
        let narrowing = keywords::narrowing(schema);
        if narrowing.is_empty() {
            return Node::of(Shape::Any);
        }
        if let Some(keyword) =
            narrowing.iter().find(|each| matches!(**each, "$dynamicRef" | "$recursiveRef"))
        {
            return self.keep(site, &format!("`{keyword}` depends on who refers here"), true);
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let others = narrowing.iter().filter(|keyword| **keyword != "$ref");
            self.unchecked(site, others.copied());
            return self.follow(site, reference);
        }
        if schema.contains_key("type")
            || schema.contains_key("enum")
            || schema.contains_key("const")
        {
            return self.typed(site, schema, &narrowing);
        }
        match narrowing.as_slice() {
            ["allOf"] => self.all_of(site, schema),
            [keyword @ ("anyOf" | "oneOf")] => self.choice(site, schema, keyword),
            _ => {
                self.unchecked(site, narrowing.iter().copied());
                self.keep(
                    site,
                    "`type` is missing, so that values of every type are accepted",
                    false,
                )
            }
        }
    }

    fn follow(&mut self, site: &Site, reference: &str) -> Node {
        let Some(pointer) = resolve(&self.document.value, reference) else {
            return self.keep(site, "`$ref` leads nowhere", true);
        };
        let key = pointer.rsplit('/').next().unwrap_or_default();
        let key = key.replace("~1", "/").replace("~0", "~");
        let naming = match pointer.as_str() {
            "" => Naming::Root { title: None, file: self.document.name.clone() },
            _ => Naming::Definition { key, file: self.document.name.clone() },
        };
        let target = Site { pointer, naming };
        let place = (self.index, target.pointer.clone());
        if self.forced.contains(&place) {
            return match self.named(&target) {
                Some(id) => Node::of(Shape::Named { id, boxed: false }),
                None => self.keep(site, "too many types", true),
            };
        }
        // An object in progress has its type already; asking for it again ends there.
        let open = self.open.iter().find(|(open, _)| *open == target.pointer);
        if let Some((_, began)) = open
            && self.made(&target.pointer, Made::Itself).is_none()
        {
            if *began == self.descents {
                return self.keep(site, "`$ref` leads back here", true);
            }
            self.needed.insert(place);
            return self.keep(site, "refers to itself", true);
        }
        self.open.push((target.pointer.clone(), self.descents));
        let node = self.node(&target);
        self.open.pop();
        node
    }

    /// Translates a part of the value.
    pub(super) fn inside(&mut self, site: &Site) -> Node {
        self.descents += 1;
        self.unnamed += 1;
        let node = self.node(site);
        self.descents -= 1;
        self.unnamed -= 1;
        node
    }

    /// As [`inside`](Self::inside), of a type that has a name.
    pub(super) fn inside_type(&mut self, site: &Site) -> Node {
        let unnamed = std::mem::take(&mut self.unnamed);
        let node = self.inside(site);
        self.unnamed = unnamed;
        node
    }

    /// Arbitrary JSON in place of a schema.
    pub(super) fn keep(&mut self, site: &Site, reason: &str, unchecked: bool) -> Node {
        let note = Note { pointer: site.pointer.clone(), reason: reason.to_owned() };
        if unchecked {
            self.note_unchecked(note.clone());
        }
        if self.kept.len() < MOST_NOTES {
            self.kept.insert(note);
        }
        Node::of(Shape::Any)
    }

    /// Notes keywords that nothing checks.
    pub(super) fn unchecked<'k>(
        &mut self,
        site: &Site,
        keywords: impl IntoIterator<Item = &'k str>,
    ) {
        for keyword in keywords {
            let pointer = site.keyword(keyword);
            self.note_unchecked(Note { pointer, reason: format!("`{keyword}`") });
        }
    }

    fn note_unchecked(&mut self, note: Note) {
        if self.unchecked.len() < MOST_NOTES {
            self.unchecked.insert(note);
        }
    }

    /// What is noted so far; [`Translator::forget`] returns there.
    pub(super) fn remember(&self) -> (BTreeSet<Note>, BTreeSet<Note>) {
        (self.kept.clone(), self.unchecked.clone())
    }

    pub(super) fn forget(&mut self, (kept, unchecked): (BTreeSet<Note>, BTreeSet<Note>)) {
        (self.kept, self.unchecked) = (kept, unchecked);
    }

    pub(super) fn rule(&self, site: &Site, keyword: &str, check: Check) -> Rule {
        Rule { schema: site.keyword(keyword), check }
    }

    pub(super) fn made(&self, pointer: &str, made: Made) -> Option<TypeId> {
        self.types.made.get(&(self.index, pointer.to_owned(), made)).copied()
    }

    /// Takes a place among the types, before what is inside is looked at. `None`: there are too
    /// many.
    pub(super) fn reserve(&mut self, site: &Site, made: Made) -> Option<TypeId> {
        if self.types.slots.len() >= MOST_TYPES {
            return None;
        }
        let id = self.types.slots.len();
        self.types.slots.push(None);
        self.types.namings.push(site.naming.clone());
        self.types.made.insert((self.index, site.pointer.clone(), made), id);
        Some(id)
    }

    pub(super) fn fill(&mut self, id: TypeId, site: &Site, body: Body) {
        let docs = docs_of(self.document.value.pointer(&site.pointer));
        let (root, pointer) = (self.index, site.pointer.clone());
        if let Some(slot) = self.types.slots.get_mut(id) {
            *slot = Some(Type { name: String::new(), docs, root, pointer, body });
        }
    }

    pub(super) fn types(&self) -> &[Option<Type>] {
        &self.types.slots
    }
}

/// What a schema says about itself.
pub(super) fn docs_of(schema: Option<&Value>) -> Docs {
    let text = |keyword| schema?.get(keyword)?.as_str().map(str::to_owned);
    Docs {
        title: text("title"),
        description: text("description"),
        deprecated: schema.and_then(|schema| schema.get("deprecated")) == Some(&Value::Bool(true)),
    }
}
