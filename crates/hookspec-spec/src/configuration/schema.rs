//! [`ConfigSchema`]: a `config_schema`, asked what it knows of a place in a configuration.

use std::collections::HashSet;

use hookspec_plugin::Manifest;
use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::escape;
use crate::reader::nearest;
use crate::schema::Schema;
use crate::schema::mask::{Patterns, marks, of_item, of_property};
use crate::schema::walk::{self, Anchors};

/// How deep properties are followed; references may lead in circles.
const DEEPEST: usize = 16;

/// A `config_schema`, compiled.
pub(super) struct ConfigSchema {
    pub(super) schema: Schema,
    anchors: Anchors,
}

/// A key that no property has.
pub(super) struct UnknownKey {
    /// JSON pointer to the object that has it.
    pub(super) parent: String,
    pub(super) key: String,
    pub(super) hint: String,
}

impl ConfigSchema {
    /// The schema of a manifest; without one, everything is accepted.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub(super) fn of(manifest: &Manifest) -> Result<Self, Diagnostics> {
        let schema = match &manifest.config_schema {
            None => Schema::anything(),
            Some(Value::String(path)) => {
                let shown = crate::document::shorten(path);
                let message = format!(
                    "config_schema is the path `{shown}`, and only a manifest that is read from a \
                     file has files beside it"
                );
                let hint = "write the schema itself";
                return Err(invalid(
                    Diagnostic::error(crate::codes::BAD_SCHEMA, message).hint(hint),
                ));
            }
            Some(document) => Schema::compile(document.clone()).map_err(|found| {
                let found = found.into_iter().map(|each| Diagnostic {
                    pointer: format!("/config_schema{}", each.pointer),
                    ..each
                });
                match Diagnostics::split(found.collect()) {
                    Err(found) => found,
                    // What does not compile has an error.
                    Ok(_) => invalid(Diagnostic::error(crate::codes::BAD_SCHEMA, "no schema")),
                }
            })?,
        };
        let anchors = walk::anchors(schema.document());
        Ok(Self { schema, anchors })
    }

    /// Whether a configuration is an object, so that none is an empty one.
    pub(super) fn is_object(&self) -> bool {
        self.always(vec![self.schema.document()]).iter().any(|schema| {
            schema.get("properties").is_some()
                || schema.get("required").is_some()
                || schema.get("type").and_then(Value::as_str) == Some("object")
        })
    }

    /// Keys that no property has, where the schema does not say itself what becomes of them: then
    /// an object that lists properties has no others.
    pub(super) fn unknown_keys(&self, value: &Value) -> Vec<UnknownKey> {
        let (mut found, mut patterns) = (Vec::new(), Patterns::default());
        let mut open = vec![(vec![self.schema.document()], value, String::new())];
        while let Some((schemas, value, pointer)) = open.pop() {
            let schemas = self.possibly(schemas);
            match value {
                Value::Object(fields) => {
                    let listed = properties(&schemas);
                    let closed = !listed.is_empty() && !schemas.iter().any(|each| says(each));
                    for (key, value) in fields {
                        let named = schemas.iter().flat_map(|each| named(each, key, &mut patterns));
                        let named: Vec<&Value> = named.collect();
                        if closed && named.is_empty() {
                            let hint = match nearest(key, &listed) {
                                Some(near) => format!("did you mean `{near}`?"),
                                None => format!("known here: {}", listed.join(", ")),
                            };
                            let (parent, key) = (pointer.clone(), key.clone());
                            found.push(UnknownKey { parent, key, hint });
                            continue;
                        }
                        let next =
                            schemas.iter().flat_map(|each| of_property(each, key, &mut patterns));
                        open.push((next.collect(), value, format!("{pointer}/{}", escape(key))));
                    }
                }
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        let next = schemas.iter().flat_map(|each| of_item(each, index)).collect();
                        open.push((next, item, format!("{pointer}/{index}")));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Writes the defaults of properties into what is not there.
    pub(super) fn fill(&self, value: &mut Value) {
        self.fill_from(vec![self.schema.document()], value, 0);
    }

    fn fill_from(&self, schemas: Vec<&Value>, value: &mut Value, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let schemas = self.always(schemas);
        match value {
            Value::Object(fields) => {
                for key in properties(&schemas) {
                    let below = listed(&schemas, key);
                    match fields.get_mut(key) {
                        Some(own) => self.fill_from(below, own, depth + 1),
                        None => {
                            let required = requires(&schemas, key);
                            if let Some(own) = self.default_of(below, required, depth + 1) {
                                fields.insert(key.to_owned(), own);
                            }
                        }
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let below = schemas.iter().flat_map(|each| of_item(each, index)).collect();
                    self.fill_from(below, item, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// What a property that is not there becomes: its default, or an object of its properties'
    /// defaults, when these are all it needs.
    fn default_of(&self, below: Vec<&Value>, required: bool, depth: usize) -> Option<Value> {
        let schemas = self.always(below.clone());
        if let Some(own) = schemas.iter().find_map(|each| each.get("default")) {
            let mut own = own.clone();
            self.fill_from(below, &mut own, depth);
            return Some(own);
        }
        let mut made = Value::Object(Map::new());
        self.fill_from(below, &mut made, depth);
        let fields = made.as_object().filter(|fields| !fields.is_empty())?;
        let complete = schemas.iter().filter_map(|each| each.get("required")?.as_array()).flatten();
        let complete = complete.filter_map(Value::as_str).all(|key| fields.contains_key(key));
        (required || complete).then_some(made)
    }

    /// Calls back for every property that a name can be given to: its keys, its schemas, and whether
    /// a secret is in, at or around it.
    pub(super) fn properties(&self, mut each: impl FnMut(&[&str], &[&Value], bool)) {
        const MOST: usize = 2_000;
        let root = vec![self.schema.document()];
        let mut open = vec![(root, Vec::<&str>::new(), Vec::<usize>::new(), false)];
        let mut count = 0;
        while let Some((schemas, keys, mut path, inside)) = open.pop() {
            let schemas = self.possibly(schemas);
            let holders = schemas.iter().filter(|own| own.get("properties").is_some());
            let holders: Vec<usize> = holders.map(|own| addr(own)).collect();
            // A schema that holds itself has no end of properties.
            if keys.len() >= DEEPEST || holders.iter().any(|own| path.contains(own)) {
                continue;
            }
            path.extend(holders);
            let inside = inside || schemas.iter().any(|own| marks(own));
            for key in properties(&schemas) {
                count += 1;
                if count > MOST {
                    return;
                }
                let below = listed(&schemas, key);
                let keys: Vec<&str> = keys.iter().copied().chain([key]).collect();
                let all = self.possibly(below.clone());
                // What is in an object or a list may be described anywhere in the schema.
                let holds =
                    |own: &&Value| ["properties", "items"].iter().any(|k| own.get(k).is_some());
                let secret = inside
                    || all.iter().any(|own| marks(own))
                    || self.schema.is_sensitive() && all.iter().any(holds);
                each(&keys, &all, secret);
                open.push((below, keys, path.clone(), inside));
            }
        }
    }

    /// Every schema that may apply to the same value as these.
    fn possibly<'a>(&'a self, schemas: Vec<&'a Value>) -> Vec<&'a Value> {
        self.closure(schemas, |schema| {
            walk::in_place(self.schema.document(), &self.anchors, schema)
        })
    }

    /// Every schema that applies to a value whenever these do.
    fn always<'a>(&'a self, schemas: Vec<&'a Value>) -> Vec<&'a Value> {
        self.closure(schemas, |schema| {
            let all = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let reference = schema.get("$ref").and_then(Value::as_str);
            let target = reference
                .and_then(|text| walk::resolve(self.schema.document(), &self.anchors, text));
            all.chain(target).collect()
        })
    }

    fn closure<'a>(
        &'a self,
        schemas: Vec<&'a Value>,
        next: impl Fn(&'a Value) -> Vec<&'a Value>,
    ) -> Vec<&'a Value> {
        let (mut seen, mut found, mut open) = (HashSet::new(), Vec::new(), schemas);
        open.reverse();
        while let Some(schema) = open.pop() {
            if seen.insert(addr(schema)) {
                found.push(schema);
                let mut more = next(schema);
                more.reverse();
                open.extend(more);
            }
        }
        found
    }
}

fn invalid(diagnostic: Diagnostic) -> Diagnostics {
    Diagnostic { pointer: "/config_schema".into(), ..diagnostic }.into()
}

fn addr(schema: &Value) -> usize {
    std::ptr::from_ref(schema).addr()
}

/// The keys that schemas list, in their order.
fn properties<'a>(schemas: &[&'a Value]) -> Vec<&'a str> {
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let listed = schemas.iter().filter_map(|each| each.get("properties")?.as_object());
    for key in listed.flat_map(|all| all.keys()) {
        if seen.insert(key) {
            found.push(key.as_str());
        }
    }
    found
}

/// What schemas list under a key.
fn listed<'a>(schemas: &[&'a Value], key: &str) -> Vec<&'a Value> {
    schemas.iter().filter_map(|each| each.get("properties")?.get(key)).collect()
}

/// Whether a schema says itself what becomes of keys that it does not list. That they are refused
/// is told better here.
fn says(schema: &Value) -> bool {
    ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|keyword| schema.get(keyword).is_some_and(|own| own != &Value::Bool(false)))
}

/// The schemas that list a key or match it.
fn named<'a>(schema: &'a Value, key: &str, patterns: &mut Patterns) -> Vec<&'a Value> {
    let own = schema.get("properties").and_then(|all| all.get(key));
    let by_pattern = schema.get("patternProperties").and_then(Value::as_object);
    let matched = by_pattern.into_iter().flatten();
    let matched = matched.filter(|(pattern, _)| patterns.matches(pattern, key)).map(|(_, own)| own);
    own.into_iter().chain(matched).collect()
}

fn requires(schemas: &[&Value], key: &str) -> bool {
    let lists = schemas.iter().filter_map(|each| each.get("required")?.as_array());
    lists.flatten().any(|own| own.as_str() == Some(key))
}
