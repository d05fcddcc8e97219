//! What a schema is in Rust: the types, and what they cannot say.
//!
//! [`translate`] makes a [`Model`] of schemas, the modules of `emit` write it down. Nothing here
//! depends on order but the order of hooks and of fields in their documents.

mod closed;
mod enums;
mod keywords;
mod naming;
mod numbers;
mod object;
pub(crate) mod recursion;
pub(crate) mod translate;
mod union;

use serde_json::Value;

/// The types of one kind.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) types: Vec<Type>,
    /// One per document that was translated.
    pub(crate) roots: Vec<Root>,
}

/// Which of [`Model::types`].
pub(crate) type TypeId = usize;

/// One document: what its payloads are.
#[derive(Debug)]
pub(crate) struct Root {
    /// What the document is called in the notes: its file.
    pub(crate) label: String,
    pub(crate) fingerprint: String,
    /// Whether capability dispatch reads its payloads.
    pub(crate) routed: bool,
    /// `None`: arbitrary JSON, which the host validates.
    pub(crate) payload: Option<TypeId>,
    /// Where a schema became [`Shape::Any`] although it says more.
    pub(crate) kept: Vec<Note>,
    /// Keywords that neither the types nor their checks know.
    pub(crate) unchecked: Vec<Note>,
}

impl Root {
    /// Whether reading and checking say all that the schema says.
    pub(crate) fn is_complete(&self) -> bool {
        self.unchecked.is_empty()
    }
}

/// A remark on a place in a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Note {
    pub(crate) pointer: String,
    pub(crate) reason: String,
}

/// A type that has a name.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: String,
    pub(crate) docs: Docs,
    /// Where its schema is.
    pub(crate) root: usize,
    pub(crate) pointer: String,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Docs {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
}

#[derive(Debug)]
pub(crate) enum Body {
    Struct(Struct),
    /// One of these texts, with the names of their variants.
    Texts(Vec<(String, String)>),
    Newtype(Node),
    Union(Union),
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) fields: Vec<Field>,
    pub(crate) additional: Additional,
    pub(crate) rules: Vec<Rule>,
}

/// Objects of which each names its variant in one property.
#[derive(Debug)]
pub(crate) struct Union {
    /// The property.
    pub(crate) tag: String,
    pub(crate) variants: Vec<Variant>,
}

#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) texts: Vec<String>,
    pub(crate) payload: TypeId,
}

/// Properties that a schema does not declare.
#[derive(Debug)]
pub(crate) enum Additional {
    Ignored,
    Refused,
    /// They are in a map field of this name.
    Kept {
        name: String,
        values: Node,
    },
}

#[derive(Debug)]
pub(crate) struct Field {
    /// In JSON.
    pub(crate) key: String,
    /// In Rust.
    pub(crate) name: String,
    pub(crate) docs: Docs,
    pub(crate) node: Node,
    pub(crate) presence: Presence,
}

#[derive(Debug)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// What its absence means.
    Default(Value),
}

/// A schema in place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) shape: Shape,
    pub(crate) rules: Vec<Rule>,
}

impl Node {
    pub(crate) fn of(shape: Shape) -> Self {
        Self { shape, rules: Vec::new() }
    }

    /// Whether `null` is one of its values.
    pub(crate) fn accepts_null(&self, types: &[Option<Type>]) -> bool {
        match &self.shape {
            Shape::Any | Shape::Null | Shape::Nullable(_) => true,
            Shape::Named { id, .. } => match types.get(*id).and_then(Option::as_ref) {
                // Of a type that is still being made nothing is known.
                None => true,
                Some(Type { body: Body::Newtype(node), .. }) => node.accepts_null(types),
                Some(_) => false,
            },
            _ => false,
        }
    }
}

/// A Rust type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Any,
    Never,
    Null,
    Bool,
    Integer,
    Unsigned,
    Float,
    Text,
    List(Box<Node>),
    Map(Box<Node>),
    Nullable(Box<Node>),
    Named { id: TypeId, boxed: bool },
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape
    }
}

/// A rule that a value satisfies beyond its type, and the JSON pointer of its keyword.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) schema: String,
    pub(crate) check: Check,
}

#[derive(Clone, Debug)]
pub(crate) enum Check {
    MinLength(usize),
    MaxLength(usize),
    MinItems(usize),
    MaxItems(usize),
    MinProperties(usize),
    MaxProperties(usize),
    UniqueItems,
    Minimum(serde_json::Number),
    Maximum(serde_json::Number),
    ExclusiveMinimum(serde_json::Number),
    ExclusiveMaximum(serde_json::Number),
    MultipleOf(serde_json::Number),
    OneNumber(Vec<serde_json::Number>),
    OneOf(Vec<Value>),
    OneType(Vec<String>),
    Finite,
}
