//! [`Mistake`]: what is wrong in a file of cases, and where; [`Fields`]: its values, read so that
//! nothing wrong is passed over.
//!
//! Nothing here stops at a mistake: every method reports it and answers `None`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use hookspec_spec::{Document, Position};
use serde_json::{Map, Value};

use crate::short::short;

/// What is wrong in a file of cases, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub path: PathBuf,
    /// The place in it; `None` for the file as a whole.
    pub position: Option<Position>,
    /// What is wrong there, and what to do.
    pub message: String,
    /// The line, and below it `^` under the place.
    pub snippet: Option<String>,
}

impl Mistake {
    pub(super) fn of_file(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self { path: path.into(), position: None, message: message.into(), snippet: None }
    }

    /// At the value of a JSON pointer, or at what would hold it where it is missing.
    pub(super) fn at(document: &Document, pointer: &str, message: impl Into<String>) -> Self {
        let position = std::iter::successors(Some(pointer), |at| Some(at.rsplit_once('/')?.0))
            .find_map(|at| document.key_position(at));
        Self {
            path: document.path().to_owned(),
            position,
            message: message.into(),
            snippet: position.and_then(|position| document.snippet(position)),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.message)?;
        for line in self.snippet.iter().flat_map(|snippet| snippet.lines()) {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// Collects the mistakes of one document.
#[derive(Debug)]
pub(super) struct Report<'a> {
    document: &'a Document,
    found: Vec<Mistake>,
}

impl<'a> Report<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, found: Vec::new() }
    }

    pub(super) fn add(&mut self, pointer: &str, message: impl Into<String>) {
        let mistake = Mistake::at(self.document, pointer, message);
        // One expectation of several calls is read for each of them.
        if !self.found.contains(&mistake) {
            self.found.push(mistake);
        }
    }

    /// In the order of the text.
    pub(super) fn finish(mut self) -> Vec<Mistake> {
        self.found.sort_by_key(|each| each.position);
        self.found
    }
}

/// An object of a document, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    pub(super) map: &'a Map<String, Value>,
    pub(super) at: String,
}

impl<'a> Fields<'a> {
    /// The value as an object that has only these keys.
    pub(super) fn of(
        report: &mut Report<'_>,
        value: &'a Value,
        at: impl Into<String>,
        known: &[&str],
    ) -> Option<Self> {
        let at = at.into();
        let Value::Object(map) = value else {
            let keys = known.join(", ");
            wrong(report, &at, &format!("an object with keys of: {keys}"), value);
            return None;
        };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let message = format!("unknown key `{key}`; known here: {}", known.join(", "));
            report.add(&join(&at, key), message);
        }
        Some(Self { map, at })
    }

    pub(super) fn at(&self, key: &str) -> String {
        join(&self.at, key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    pub(super) fn required(&self, report: &mut Report<'_>, key: &str) -> Option<&'a Value> {
        let value = self.get(key);
        if value.is_none() {
            report.add(&self.at, format!("`{key}` is missing"));
        }
        value
    }

    pub(super) fn text(&self, report: &mut Report<'_>, key: &str) -> Option<&'a str> {
        let value = self.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            wrong(report, &self.at(key), "a text", value);
        }
        text
    }

    /// A text, or a list of texts that is not empty; each with its place.
    pub(super) fn texts(&self, report: &mut Report<'_>, key: &str) -> Vec<(String, &'a str)> {
        let at = self.at(key);
        let items: Vec<(String, &Value)> = match self.get(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(i, item)| (format!("{at}/{i}"), item)).collect()
            }
            Some(one) => vec![(at.clone(), one)],
        };
        if items.is_empty() {
            report.add(&at, format!("`{key}` names nothing; leave it out"));
        }
        let mut texts = Vec::new();
        for (at, item) in items {
            match item.as_str() {
                Some(text) => texts.push((at, text)),
                None => wrong(report, &at, "a text", item),
            }
        }
        texts
    }

    pub(super) fn object(
        &self,
        report: &mut Report<'_>,
        key: &str,
    ) -> Option<&'a Map<String, Value>> {
        let value = self.get(key)?;
        let object = value.as_object();
        if object.is_none() {
            wrong(report, &self.at(key), "an object", value);
        }
        object
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(
        &self,
        report: &mut Report<'_>,
        key: &str,
        (least, most): (u64, u64),
    ) -> Option<u64> {
        let value = self.get(key)?;
        let whole = value.as_u64().filter(|whole| (least..=most).contains(whole));
        if whole.is_none() {
            let expected = format!("a whole number from {least} to {most}");
            wrong(report, &self.at(key), &expected, value);
        }
        whole
    }

    pub(super) fn milliseconds(&self, report: &mut Report<'_>, key: &str) -> Option<Duration> {
        const HOUR: u64 = 3_600_000;
        self.whole(report, key, (0, HOUR)).map(Duration::from_millis)
    }

    /// A key whose only value is `true`: what is not expected is left out.
    pub(super) fn flag(&self, report: &mut Report<'_>, key: &str) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Bool(true)) => true,
            Some(other) => {
                wrong(report, &self.at(key), "true, or left out", other);
                false
            }
        }
    }
}

/// Reports a value of another type than a field wants.
pub(super) fn wrong(report: &mut Report<'_>, at: &str, expected: &str, value: &Value) {
    let key = at.rsplit('/').next().unwrap_or_default();
    report.add(at, format!("`{key}` must be {expected}, and is {}", short(value)));
}

/// A pointer one step further.
pub(super) fn join(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}
