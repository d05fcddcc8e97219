//! Objects: structs where properties are named, maps where they are not.

use serde_json::{Map, Value};

use super::closed::{closed, escaped};
use super::enums::size;
use super::naming::Naming;
use super::translate::{Made, Site, Translator, docs_of};
use super::{Additional, Body, Check, Field, Node, Presence, Rule, Shape, Struct, keywords};
use crate::names::{self, Scope};

/// How many fields a struct may have.
const MOST_FIELDS: usize = 1_000;

/// Keywords that are read here.
const READ: &[&str] =
    &["additionalProperties", "maxProperties", "minProperties", "properties", "required"];

impl Translator<'_> {
    /// An object.
    pub(super) fn object(
        &mut self,
        site: &Site,
        schema: &Map<String, Value>,
        narrowing: &[&str],
    ) -> Node {
        let open = |each: &&str| keywords::OF_OBJECT.contains(each) && !READ.contains(each);
        self.unchecked(site, narrowing.iter().copied().filter(open));
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map_or_else(Vec::new, |names| names.iter().filter_map(Value::as_str).collect());
        let patterns = narrowing.contains(&"patternProperties");
        let additional = match schema.get("additionalProperties") {
            // What patterns leave over is no longer what is not declared.
            Some(_) if patterns => {
                if narrowing.contains(&"additionalProperties") {
                    self.unchecked(site, ["additionalProperties"]);
                }
                Rest::Anything
            }
            Some(Value::Bool(false)) => Rest::Nothing,
            Some(Value::Bool(true)) => Rest::Anything,
            Some(_) => Rest::Schema,
            None if patterns => Rest::Anything,
            None => Rest::Unsaid,
        };
        let rules = self.counts(site, schema);
        let named = !properties.is_empty() || !required.is_empty();
        if !named && additional != Rest::Nothing {
            let values = match additional {
                Rest::Schema => self.inside(&site.part("additionalProperties", "value")),
                _ => Node::of(Shape::Any),
            };
            return Node { shape: Shape::Map(Box::new(values)), rules };
        }
        if properties.len() + required.len() > MOST_FIELDS {
            return self.keep(site, "too many properties", true);
        }
        let id = match self.made(&site.pointer, Made::Itself) {
            Some(id) => id,
            None => {
                let Some(id) = self.reserve(site, Made::Itself) else {
                    return self.keep(site, "too many types", true);
                };
                let part = |path: &str| Naming::Part { of: id, path: path.to_owned() };
                let mut body =
                    Struct { fields: Vec::new(), additional: Additional::Ignored, rules };
                let mut scope = Scope::with(&["additional"]);
                for (key, value) in properties {
                    let pointer = format!("{}/properties/{}", site.pointer, escaped(key));
                    let naming = part(key);
                    let node = self.inside_type(&Site { pointer, naming });
                    let presence = match required.contains(&key.as_str()) {
                        true => Presence::Required,
                        // What is absent must not count as present.
                        false if !body.rules.is_empty() => Presence::Optional,
                        false => self.absence(value),
                    };
                    let name = scope.take(names::value(key), "_");
                    let docs = docs_of(Some(value));
                    body.fields.push(Field { key: key.clone(), name, docs, node, presence });
                }
                for key in required.iter().filter(|key| !properties.contains_key(**key)) {
                    if body.fields.iter().any(|field| field.key == **key) {
                        continue;
                    }
                    let node = match additional {
                        Rest::Nothing => Node::of(Shape::Never),
                        Rest::Schema => self.inside_type(&Site {
                            pointer: site.keyword("additionalProperties"),
                            naming: part("value"),
                        }),
                        Rest::Anything | Rest::Unsaid => Node::of(Shape::Any),
                    };
                    let name = scope.take(names::value(key), "_");
                    let (key, presence) = ((*key).to_owned(), Presence::Required);
                    body.fields.push(Field { key, name, docs: docs_of(None), node, presence });
                }
                // Where properties are counted, or nothing may be lost, those that are not declared
                // are kept; and where the schema speaks of them, plugins want to see them.
                let kept = self.document.faithful || !body.rules.is_empty();
                body.additional = match additional {
                    Rest::Nothing => Additional::Refused,
                    Rest::Unsaid if !kept => Additional::Ignored,
                    Rest::Unsaid | Rest::Anything => self.kept(&body, Node::of(Shape::Any)),
                    Rest::Schema => {
                        let pointer = site.keyword("additionalProperties");
                        let values = self.inside_type(&Site { pointer, naming: part("value") });
                        self.kept(&body, values)
                    }
                };
                self.fill(id, site, Body::Struct(body));
                id
            }
        };
        Node::of(Shape::Named { id, boxed: false })
    }

    fn kept(&self, body: &Struct, values: Node) -> Additional {
        // Reserved above, so that only a number can come between.
        let taken: Vec<&str> = body.fields.iter().map(|field| field.name.as_str()).collect();
        Additional::Kept { name: Scope::with(&taken).take("additional".into(), "_"), values }
    }

    fn counts(&self, site: &Site, schema: &Map<String, Value>) -> Vec<Rule> {
        let mut rules = Vec::new();
        if let Some(least) = size(schema, "minProperties").filter(|least| *least > 0) {
            rules.push(self.rule(site, "minProperties", Check::MinProperties(least)));
        }
        if let Some(most) = size(schema, "maxProperties") {
            rules.push(self.rule(site, "maxProperties", Check::MaxProperties(most)));
        }
        rules
    }

    /// What it means that a property is absent. A default is one only if it satisfies its own
    /// schema, and never where nothing may be added.
    fn absence(&self, schema: &Value) -> Presence {
        match schema.get("default") {
            Some(default) if !self.document.faithful => {
                let valid = closed(&self.document.value, schema)
                    .is_some_and(|schema| schema.is_valid(default));
                if valid { Presence::Default(default.clone()) } else { Presence::Optional }
            }
            _ => Presence::Optional,
        }
    }
}

/// What a schema says of properties it does not declare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Unsaid,
    Nothing,
    Anything,
    Schema,
}
