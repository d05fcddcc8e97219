//! Reads a baseline so that nothing wrong in it is passed over.

use std::path::Path;

use hookspec_spec::{Diagnostic, Document, Severity};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{Baseline, Entry};
use crate::codes::{
    BAD_DATE, DUPLICATE, EMPTY, MISSING, UNKNOWN_CHECK, UNKNOWN_KEY, UNREADABLE, WRONG_TYPE,
};
use crate::short::cut;

/// How many mistakes are reported of one file.
const MOST: usize = 200;

/// How much of a text goes into a message.
const SHOWN: usize = 60;

const KEYS: [&str; 5] = ["plugin", "runtime", "check", "reason", "expires"];

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic {
        path: Some(path.to_owned()),
        position: None,
        snippet: None,
        ..mistake(UNREADABLE, format!("the baseline cannot be read: {error}"), "check its path")
    }
}

pub(super) fn read(
    document: &Document,
    known: &dyn Fn(&str) -> bool,
) -> Result<Baseline, Vec<Diagnostic>> {
    let mut reader = Reader { document, known, found: Vec::new() };
    let entries = reader.file();
    if reader.found.is_empty() {
        return Ok(Baseline { entries });
    }
    reader.found.sort_by_key(|each| each.position);
    reader.found.truncate(MOST);
    Err(reader.found)
}

struct Reader<'a> {
    document: &'a Document,
    known: &'a dyn Fn(&str) -> bool,
    found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn file(&mut self) -> Vec<Entry> {
        let Some(file) = self.object(self.document.value(), "", &["expected"]) else {
            return Vec::new();
        };
        let items = match file.get("expected") {
            Some(Value::Array(items)) => items,
            Some(_) => {
                let hint = "write `expected: []` where nothing is expected";
                self.add(WRONG_TYPE, "/expected", "`expected` must be a list", hint);
                return Vec::new();
            }
            None => {
                let hint = "write `expected:` and below it the failures that are expected";
                self.add(MISSING, "", "`expected` is missing", hint);
                return Vec::new();
            }
        };
        let mut entries: Vec<(Entry, String)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = format!("/expected/{index}");
            if let Some(entry) = self.entry(item, &at) {
                self.only_once(&entries, &entry, &at);
                entries.push((entry, at));
            }
        }
        entries.into_iter().map(|(entry, _)| entry).collect()
    }

    fn entry(&mut self, item: &'a Value, at: &str) -> Option<Entry> {
        let fields = self.object(item, at, &KEYS)?;
        let plugin = self.text(fields, at, "plugin", "name the plugin that fails");
        let runtime = match fields.contains_key("runtime") {
            true => self.text(fields, at, "runtime", "leave it out for every runtime").map(Some),
            false => Some(None),
        };
        let check = self.text(fields, at, "check", "name the check, such as IO-001");
        let check = check.filter(|check| {
            let known = (self.known)(check);
            if !known {
                let hint = "ids are those of the report; if the check is gone, so is its failure";
                let message = format!("there is no check `{}`", cut(check, SHOWN));
                self.add(UNKNOWN_CHECK, &format!("{at}/check"), message, hint);
            }
            known
        });
        let reason = self.text(fields, at, "reason", "say why it fails, or where that is told");
        let expires = self.text(fields, at, "expires", DATE).and_then(|text| {
            let date = date(text);
            if date.is_none() {
                let message = format!("`{}` is no day", cut(text, SHOWN));
                self.add(BAD_DATE, &format!("{at}/expires"), message, DATE);
            }
            date
        });
        Some(Entry {
            plugin: plugin?.to_owned(),
            runtime: runtime?.map(str::to_owned),
            check: check?.to_owned(),
            reason: reason?.to_owned(),
            expires: expires?,
        })
    }

    /// Two entries for one failure would disagree about its reason, or about its last day.
    fn only_once(&mut self, others: &[(Entry, String)], entry: &Entry, at: &str) {
        let is_same = |(other, _): &&(Entry, String)| {
            let runtime = || entry.runtime.is_none() || other.runtime.is_none();
            other.plugin == entry.plugin
                && other.check == entry.check
                && (other.runtime == entry.runtime || runtime())
        };
        if let Some((_, first)) = others.iter().find(is_same) {
            let line = self.document.position(first).map_or(0, |position| position.line);
            let (plugin, check) = (cut(&entry.plugin, SHOWN), cut(&entry.check, SHOWN));
            let message = format!("`{check}` of `{plugin}` is expected in line {line} already");
            self.add(DUPLICATE, at, message, "remove one of the two, or name a runtime in both");
        }
    }

    fn object(
        &mut self,
        value: &'a Value,
        at: &str,
        known: &[&str],
    ) -> Option<&'a Map<String, Value>> {
        let hint = format!("known here: {}", known.join(", "));
        let Value::Object(fields) = value else {
            self.add(WRONG_TYPE, at, "an object must be here", hint);
            return None;
        };
        for key in fields.keys().filter(|key| !known.contains(&key.as_str())) {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            self.add(UNKNOWN_KEY, &at, format!("unknown key `{}`", cut(key, SHOWN)), &hint);
        }
        Some(fields)
    }

    /// A text that is there and says something.
    fn text(
        &mut self,
        fields: &'a Map<String, Value>,
        at: &str,
        key: &str,
        hint: &str,
    ) -> Option<&'a str> {
        let below = format!("{at}/{key}");
        match fields.get(key) {
            Some(Value::String(text)) if text.trim().is_empty() => {
                self.add(EMPTY, &below, format!("`{key}` is empty"), hint);
                None
            }
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.add(WRONG_TYPE, &below, format!("`{key}` must be a text"), hint);
                None
            }
            None => {
                self.add(MISSING, at, format!("`{key}` is missing"), hint);
                None
            }
        }
    }

    fn add(
        &mut self,
        code: &'static str,
        at: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        // Those in front may come last: more are kept than are shown, within bounds.
        if self.found.len() >= MOST * 2 {
            return;
        }
        let position = match code {
            UNKNOWN_KEY => self.document.key_position(at),
            _ => self.document.position(at),
        };
        self.found.push(Diagnostic {
            path: Some(self.document.path().to_owned()),
            position,
            pointer: at.to_owned(),
            snippet: position.and_then(|position| self.document.snippet(position)),
            ..mistake(code, message, hint)
        });
    }
}

const DATE: &str = "write the last day on which it may fail, such as \"2027-01-31\"";

/// A day written as year, month and day, and in no other of the ways that there are.
fn date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

fn mistake(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code,
        path: None,
        position: None,
        pointer: String::new(),
        message: message.into(),
        hint: Some(hint.into()),
        snippet: None,
    }
}
