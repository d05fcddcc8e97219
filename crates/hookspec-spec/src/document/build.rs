//! The budget and the tree that all readers share.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Below, Flaw, Marks};
use crate::codes;

/// How many values one text may hold, with aliases expanded.
pub(crate) const MOST_NODES: usize = 200_000;
/// How many bytes of text its values and keys may hold, with aliases expanded.
pub(crate) const MOST_TEXT: usize = 8 * 1024 * 1024;
/// How deep values may be nested.
pub(crate) const DEEPEST: usize = 64;
/// How many mistakes of notation are reported of one text.
const MOST_FLAWS: usize = 100;

/// A value and where it, and everything in it, starts.
pub(crate) type Node = (Value, Marks);

/// What is left of the budget, and what was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Build {
    nodes: usize,
    text: usize,
    flaws: Vec<Flaw>,
}

/// Reading cannot go on; why is among the flaws.
#[derive(Debug)]
pub(crate) struct Halt;

impl Build {
    pub(crate) fn flaw(&mut self, code: &'static str, offset: usize, message: impl Into<String>) {
        self.flaw_with(code, offset, message, None);
    }

    pub(crate) fn flaw_with(
        &mut self,
        code: &'static str,
        offset: usize,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let message = message.into();
        let known = |flaw: &Flaw| flaw.offset == offset && flaw.message == message;
        // A parser that unwinds from where it stopped says so once for each level.
        if !(self.is_full() || self.flaws.iter().any(known)) {
            self.flaws.push(Flaw { code, offset, message, hint });
        }
    }

    /// Whether no further mistake would be reported.
    pub(crate) fn is_full(&self) -> bool {
        self.flaws.len() >= MOST_FLAWS
    }

    /// Counts values and their text.
    pub(crate) fn spend(&mut self, nodes: usize, text: usize, offset: usize) -> Result<(), Halt> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.text = self.text.saturating_add(text);
        if self.nodes > MOST_NODES || self.text > MOST_TEXT {
            let message =
                format!("the text stands for more than {MOST_NODES} values or {MOST_TEXT} bytes");
            self.flaw(codes::TOO_LARGE, offset, message);
            return Err(Halt);
        }
        Ok(())
    }

    /// Refuses what is nested too deeply: reading, comparing and dropping values is recursive.
    pub(crate) fn enter(&mut self, depth: usize, offset: usize) -> Result<(), Halt> {
        if depth > DEEPEST {
            self.flaw(codes::TOO_LARGE, offset, format!("nested more than {DEEPEST} deep"));
            return Err(Halt);
        }
        Ok(())
    }

    pub(crate) fn spent(&self) -> (usize, usize) {
        (self.nodes, self.text)
    }

    pub(crate) fn into_flaws(self) -> Vec<Flaw> {
        self.flaws
    }
}

/// An object while it is read.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    values: Map<String, Value>,
    marks: HashMap<String, Marks>,
}

impl Fields {
    /// Adds a field; a key that is there already is a flaw, and the first one stays.
    pub(crate) fn insert(&mut self, build: &mut Build, key: String, at: usize, node: Node) {
        if self.values.contains_key(&key) {
            let hint = "remove one of the two, or rename it".to_owned();
            let message = format!("the key `{}` is there twice", shorten(&key));
            build.flaw_with(codes::DUPLICATE_KEY, at, message, Some(hint));
            return;
        }
        let (value, mut marks) = node;
        marks.key = Some(at);
        self.marks.insert(key.clone(), marks);
        self.values.insert(key, value);
    }

    pub(crate) fn finish(self, at: usize) -> Node {
        let below = Below::Fields(self.marks);
        (Value::Object(self.values), Marks { value: at, key: None, below })
    }
}

/// A list out of its items.
pub(crate) fn list(items: Vec<Node>, at: usize) -> Node {
    let (values, marks) = items.into_iter().unzip();
    (Value::Array(values), Marks { value: at, key: None, below: Below::Items(marks) })
}

/// Anything that holds nothing.
pub(crate) fn leaf(value: Value, at: usize) -> Node {
    (value, Marks { value: at, key: None, below: Below::Nothing })
}

/// A text that goes into a message.
pub(crate) fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
