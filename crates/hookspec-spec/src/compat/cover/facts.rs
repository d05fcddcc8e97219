//! [`Facts`]: schemas that hold together of one value, and the types it may have.

use std::fmt;

use serde_json::Value;

use crate::document::escape;
use crate::schema::walk::{self, Anchors};

use super::Prover;

/// A document, whose references lead into it.
pub(super) struct Doc<'a> {
    pub(super) root: &'a Value,
    anchors: Anchors,
}

impl<'a> Doc<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, anchors: walk::anchors(root) }
    }

    pub(super) fn top(&'a self) -> Node<'a> {
        Node { doc: self, schema: self.root, pointer: String::new() }
    }
}

/// A schema in a document.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) doc: &'a Doc<'a>,
    pub(super) schema: &'a Value,
    pub(super) pointer: String,
}

impl<'a> Node<'a> {
    pub(super) fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.schema.get(keyword)
    }

    pub(super) fn number(&self, keyword: &str) -> Option<f64> {
        self.get(keyword)?.as_f64()
    }

    /// The schema that is a keyword's value.
    pub(super) fn child(&self, keyword: &str) -> Option<Self> {
        Some(Self { doc: self.doc, schema: self.get(keyword)?, pointer: self.below(keyword) })
    }

    /// The schemas in a keyword's list, or in its object.
    pub(super) fn children(&self, keyword: &str) -> Vec<(String, Self)> {
        let at = self.below(keyword);
        let node = |key: String, schema| {
            let pointer = format!("{at}/{}", escape(&key));
            (key, Self { doc: self.doc, schema, pointer })
        };
        match self.get(keyword) {
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| node(index.to_string(), item))
                .collect(),
            Some(Value::Object(fields)) => {
                fields.iter().map(|(key, value)| node(key.clone(), value)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The texts in a keyword's list.
    pub(super) fn texts(&self, keyword: &str) -> impl Iterator<Item = &'a str> {
        self.get(keyword).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// What a `$ref` refers to.
    fn target(&self) -> Option<Self> {
        let reference = self.get("$ref")?.as_str()?;
        let schema = walk::resolve(self.doc.root, &self.doc.anchors, reference)?;
        let fragment = walk::percent_decoded(reference.strip_prefix('#')?);
        let pointer = match self.doc.anchors.get(&fragment) {
            Some(pointer) => pointer.clone(),
            None => fragment,
        };
        Some(Self { doc: self.doc, schema, pointer })
    }

    pub(super) fn below(&self, keyword: &str) -> String {
        match keyword {
            "" => self.pointer.clone(),
            _ => format!("{}/{}", self.pointer, escape(keyword)),
        }
    }

    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self.schema).addr()
    }

    pub(super) fn accepts_all(&self) -> bool {
        match self.schema {
            Value::Bool(accepts) => *accepts,
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        }
    }

    pub(super) fn accepts_none(&self) -> bool {
        self.schema == &Value::Bool(false)
    }

    /// Whether both say the same, word for word, and mean the same by it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let refers = || {
            let mut refers = false;
            walk::visit(self.schema, |_, schema| {
                refers |= schema.get("$ref").is_some() || schema.get("$dynamicRef").is_some();
            });
            refers
        };
        super::is_same(self.schema, other.schema)
            && (!refers() || super::is_same(self.doc.root, other.doc.root))
    }
}

/// Schemas that hold together, references and `allOf` resolved.
#[derive(Clone)]
pub(super) struct Facts<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) atoms: Atoms,
    /// Choices, by address, of which an alternative is among the nodes or is not needed.
    split: Vec<usize>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(prover: &mut Prover<'a>, nodes: impl IntoIterator<Item = Node<'a>>) -> Self {
        let mut facts = Self { nodes: Vec::new(), atoms: Atoms::ALL, split: Vec::new() };
        facts.add(prover, nodes.into_iter().collect());
        facts
    }

    pub(super) fn with(&self, prover: &mut Prover<'a>, node: Node<'a>) -> Self {
        let mut facts = self.clone();
        facts.add(prover, vec![node]);
        facts
    }

    fn add(&mut self, prover: &mut Prover<'a>, nodes: Vec<Node<'a>>) {
        let mut open = nodes;
        open.reverse();
        while let Some(node) = open.pop() {
            if self.nodes.iter().any(|known| known.address() == node.address()) {
                continue;
            }
            open.extend(node.target());
            open.extend(node.children("allOf").into_iter().map(|(_, member)| member));
            self.atoms = self.atoms.and(prover.atoms_of(&node));
            self.nodes.push(node);
        }
    }

    /// The same of values of certain types only.
    pub(super) fn only(&self, atoms: Atoms) -> Self {
        Self { atoms: self.atoms.and(atoms), ..self.clone() }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.atoms.is_empty() || self.nodes.iter().any(Node::accepts_none)
    }

    pub(super) fn addresses(&self) -> Vec<usize> {
        let mut addresses: Vec<usize> = self.nodes.iter().map(Node::address).collect();
        addresses.extend(&self.split);
        addresses.sort_unstable();
        addresses
    }

    /// All values there are, where a schema lists them.
    pub(super) fn values(&self) -> Option<Vec<Value>> {
        let listed = |node: &Node<'a>| match (node.get("const"), node.get("enum")) {
            (Some(value), _) => Some(vec![value.clone()]),
            (None, Some(values)) => values.as_array().cloned(),
            _ => None,
        };
        self.nodes.iter().filter_map(listed).min_by_key(Vec::len)
    }

    /// A choice that is not settled yet: its address and its alternatives.
    pub(super) fn next_choice(&self) -> Option<(usize, Vec<Node<'a>>)> {
        self.nodes.iter().find_map(|node| {
            ["anyOf", "oneOf"].iter().find_map(|keyword| {
                let address = std::ptr::from_ref(node.get(keyword)?).addr();
                let branches = node.children(keyword).into_iter().map(|(_, branch)| branch);
                (!self.split.contains(&address)).then(|| (address, branches.collect()))
            })
        })
    }

    pub(super) fn having_split(&self, choice: usize) -> Self {
        let mut facts = self.clone();
        facts.split.push(choice);
        facts
    }
}

/// Types a value may have. Numbers with and without a fraction are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Atoms(u8);

impl Atoms {
    const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    const FRACTION: Self = Self(8);
    pub(super) const STRING: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);
    pub(super) const OBJECT: Self = Self(64);
    pub(super) const ALL: Self = Self(127);

    /// Of the value of `type`.
    pub(super) fn named(names: &Value) -> Self {
        match names {
            Value::Array(names) => {
                names.iter().map(Self::named).fold(Self(0), |all, each| Self(all.0 | each.0))
            }
            _ => match names.as_str().unwrap_or_default() {
                "null" => Self::NULL,
                "boolean" => Self::BOOLEAN,
                "integer" => Self::INTEGER,
                "number" => Self(Self::INTEGER.0 | Self::FRACTION.0),
                "string" => Self::STRING,
                "array" => Self::ARRAY,
                "object" => Self::OBJECT,
                _ => Self::ALL,
            },
        }
    }

    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if number.is_f64() => Self(Self::INTEGER.0 | Self::FRACTION.0),
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn each(self) -> impl Iterator<Item = Self> {
        (0..7).map(move |bit| self.and(Self(1 << bit))).filter(|atom| !atom.is_empty())
    }

    /// All values of a type that has few.
    pub(super) fn values(self) -> Option<Vec<Value>> {
        match self {
            Self::NULL => Some(vec![Value::Null]),
            Self::BOOLEAN => Some(vec![false.into(), true.into()]),
            _ => None,
        }
    }
}

impl fmt::Display for Atoms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Self(Self::INTEGER.0 | Self::FRACTION.0);
        let name = |atom: Self| match atom {
            Self::NULL => "null",
            Self::BOOLEAN => "boolean",
            Self::INTEGER if self.and(number) == number => "number",
            Self::INTEGER => "integer",
            Self::FRACTION => "fraction",
            Self::STRING => "string",
            Self::ARRAY => "array",
            _ => "object",
        };
        let whole = self.and(number) == number;
        let atoms = self.each().filter(|atom| !(whole && *atom == Self::FRACTION));
        match self.0 {
            127 => f.write_str("anything"),
            0 => f.write_str("nothing"),
            _ => f.write_str(&atoms.map(name).collect::<Vec<_>>().join(" or ")),
        }
    }
}

impl<'a> Prover<'a> {
    /// The types that a schema accepts at most.
    pub(super) fn atoms_of(&mut self, node: &Node<'a>) -> Atoms {
        if let Some(known) = self.atoms.get(&node.address()) {
            return *known;
        }
        let mut atoms = match node.schema {
            Value::Bool(false) => Atoms(0),
            _ => node.get("type").map_or(Atoms::ALL, Atoms::named),
        };
        if let Some(value) = node.get("const") {
            atoms = atoms.and(Atoms::of(value));
        }
        if let Some(values) = node.get("enum").and_then(Value::as_array) {
            atoms = atoms.and(values.iter().map(Atoms::of).fold(Atoms(0), Atoms::or));
        }
        if node.number("multipleOf").is_some_and(|factor| factor.fract() == 0.0) {
            atoms = atoms.without(Atoms::FRACTION);
        }
        for (_, member) in node.children("allOf") {
            atoms = atoms.and(self.atoms_of(&member));
        }
        if let Some(target) = node.target() {
            atoms = atoms.and(self.atoms_of(&target));
        }
        for keyword in ["anyOf", "oneOf"] {
            let branches = node.children(keyword);
            if !branches.is_empty() {
                let union = branches
                    .iter()
                    .fold(Atoms(0), |union, (_, branch)| union.or(self.atoms_of(branch)));
                atoms = atoms.and(union);
            }
        }
        self.atoms.insert(node.address(), atoms);
        atoms
    }
}
