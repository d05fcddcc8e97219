//! YAML, from the events of the parser that serde-saphyr is built on.
//!
//! The events, and not serde, because only they tell a quoted scalar from a plain one, and because
//! reading must go on after a duplicate key. There is no recursion: a stack of open collections is
//! all the state there is.

use std::collections::HashMap;

use serde_json::Value;
use serde_saphyr::granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, Tag,
};

use super::build::{Build, Fields, Halt, Node, leaf, list, shorten};
use super::scalar::{Plain, plain};
use super::{Parsed, codes};

enum Open {
    List { at: usize, items: Vec<Node> },
    Object { at: usize, fields: Fields, key: Option<(String, usize)> },
}

/// A collection that is being read: what it is, its anchor, and the budget spent before it.
struct Frame {
    open: Open,
    anchor: usize,
    spent: (usize, usize),
}

/// An anchored value, and what copying it costs.
struct Anchored {
    node: Node,
    cost: (usize, usize),
    depth: usize,
}

#[derive(Default)]
struct Reader {
    build: Build,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    root: Option<Node>,
    documents: usize,
}

pub(super) fn parse(text: &str) -> Parsed {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut reader = Reader::default();
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(next) = parser.next_event() {
        let step = match next {
            Ok((event, span)) => reader.event(event, span),
            Err(error) => Err(reader.refused(text, &error)),
        };
        if step.is_err() {
            break;
        }
    }
    let flaws = reader.build.into_flaws();
    // A document of nothing but comments is as empty as no document.
    let root = reader.root.filter(|(value, _)| !value.is_null());
    (root, flaws)
}

impl Reader {
    fn refused(&mut self, text: &str, error: &ScanError) -> Halt {
        let at = error.marker().byte_offset().unwrap_or(text.len());
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            // The parser looks ahead and has a limit of its own, which is above ours.
            return self.build.enter(usize::MAX, at).err().unwrap_or(Halt);
        }
        let tab = text.get(..at).is_some_and(|before| before.ends_with('\t'))
            || text.get(at..).is_some_and(|rest| rest.starts_with('\t'));
        let hint = tab.then(|| "indent with spaces; YAML forbids tabs there".to_owned());
        let message = format!("this is not YAML: {}", error.info());
        self.build.flaw_with(codes::SYNTAX, at, message, hint);
        Halt
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Halt> {
        let at = span.start.byte_offset().unwrap_or_default();
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "the file holds more than one YAML document";
                    self.build.flaw(codes::NOTATION, at, message);
                    return Err(Halt);
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.build.spend(1, text.len(), at)?;
                let is_key = self.awaits_key();
                let value = self.scalar(&text, style, tag.as_deref(), at, is_key);
                self.add(leaf(value, at), anchor, (1, text.len()), is_key.then_some((&*text, at)))
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(anchor, tag.as_deref(), "seq", at, Open::List { at, items: vec![] })
            }
            Event::MappingStart(_, anchor, tag) => {
                let open = Open::Object { at, fields: Fields::default(), key: None };
                self.open(anchor, tag.as_deref(), "map", at, open)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(id) => self.alias(id, at),
            _ => Ok(()),
        }
    }

    fn awaits_key(&self) -> bool {
        let innermost = self.stack.last().map(|frame| &frame.open);
        matches!(innermost, Some(Open::Object { key: None, .. }))
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: usize,
        is_key: bool,
    ) -> Value {
        let shown = shorten(text);
        if let Some(tag) = tag {
            if tag.core_suffix() != Some("str") {
                let message = format!("the tag `{}` is not supported", shorten(&tag.original()));
                self.build.flaw(codes::NOTATION, at, message);
            }
            return text.into();
        }
        if style != ScalarStyle::Plain {
            return text.into();
        }
        match plain(text) {
            // Keys are text in JSON. No reader turns the key `y` into a boolean.
            Plain::Value(_) if is_key => text.into(),
            Plain::Ambiguous(_) if is_key && matches!(text, "y" | "Y" | "n" | "N") => text.into(),
            Plain::Value(value) => value,
            Plain::Ambiguous(readings) => {
                let message = format!("`{shown}` is {readings}, depending on who reads it");
                let hint = format!("write \"{shown}\" if it is a text");
                self.build.flaw_with(codes::AMBIGUOUS, at, message, Some(hint));
                text.into()
            }
            Plain::NotJson => {
                let message = format!("`{shown}` is a number that JSON does not have");
                self.build.flaw(codes::NOTATION, at, message);
                text.into()
            }
        }
    }

    fn open(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        core: &str,
        at: usize,
        open: Open,
    ) -> Result<(), Halt> {
        if self.awaits_key() {
            self.build.flaw(codes::NOTATION, at, "a key must be a text");
            return Err(Halt);
        }
        if let Some(tag) = tag.filter(|tag| tag.core_suffix() != Some(core)) {
            let message = format!("the tag `{}` is not supported", shorten(&tag.original()));
            self.build.flaw(codes::NOTATION, at, message);
        }
        self.build.enter(self.stack.len() + 1, at)?;
        let spent = self.build.spent();
        self.build.spend(1, 0, at)?;
        self.stack.push(Frame { open, anchor, spent });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Halt> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let (nodes, text) = self.build.spent();
        let cost = (nodes - frame.spent.0, text - frame.spent.1);
        let node = match frame.open {
            Open::List { at, items } => list(items, at),
            Open::Object { at, fields, .. } => fields.finish(at),
        };
        self.add(node, frame.anchor, cost, None)
    }

    fn alias(&mut self, id: usize, at: usize) -> Result<(), Halt> {
        if self.awaits_key() {
            self.build.flaw(codes::NOTATION, at, "a key must be a text, not an alias");
            return Err(Halt);
        }
        let Some(anchored) = self.anchors.get(&id) else {
            self.build.flaw(codes::NOTATION, at, "an alias must not stand inside its own anchor");
            return Err(Halt);
        };
        let (cost, depth) = (anchored.cost, anchored.depth);
        self.build.spend(cost.0, cost.1, at)?;
        self.build.enter(self.stack.len() + depth, at)?;
        let Some((value, mut marks)) = self.anchors.get(&id).map(|anchored| anchored.node.clone())
        else {
            return Err(Halt);
        };
        // What is wrong with it here is wrong at the place that uses it.
        marks.value = at;
        let node = (value, marks);
        self.add(node, 0, cost, None)
    }

    /// Puts a finished value where it belongs: `key` when it is the key of a field.
    fn add(
        &mut self,
        node: Node,
        anchor: usize,
        cost: (usize, usize),
        key: Option<(&str, usize)>,
    ) -> Result<(), Halt> {
        if anchor != 0 {
            let depth = depth(&node.0);
            self.build.spend(cost.0, cost.1, node.1.value)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), cost, depth });
        }
        match self.stack.last_mut().map(|frame| &mut frame.open) {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Object { key: slot, fields, .. }) => match (slot.take(), key) {
                (Some((key, at)), _) => fields.insert(&mut self.build, key, at, node),
                (None, Some(("<<", at))) => {
                    let hint = "write the fields out".to_owned();
                    let message = "the merge key `<<` is not part of YAML 1.2";
                    self.build.flaw_with(codes::NOTATION, at, message, Some(hint));
                    *slot = Some(("<<".to_owned(), at));
                }
                (None, Some((key, at))) => *slot = Some((key.to_owned(), at)),
                (None, None) => return Err(Halt),
            },
        }
        Ok(())
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
