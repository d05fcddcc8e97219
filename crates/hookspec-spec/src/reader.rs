//! Typed access to the fields of a document; what does not fit is reported at its place.
//!
//! Nothing here stops at a mistake: every method reports it and answers `None`.

mod file;

use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Document, escape};

pub(crate) use file::read_yaml;

/// How many mistakes are reported of one document.
const MOST: usize = 200;

/// The codes of one sort of document.
#[derive(Debug)]
pub(crate) struct Codes {
    pub(crate) unknown_key: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) wrong_type: &'static str,
    pub(crate) unknown_value: &'static str,
    pub(crate) out_of_range: &'static str,
}

/// Collects mistakes of one document.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    document: Option<&'a Document>,
    codes: &'static Codes,
    found: Vec<Diagnostic>,
    /// Goes on when `found` is full.
    count: usize,
}

impl<'a> Report<'a> {
    /// Without a document, mistakes have a pointer and no place.
    pub(crate) fn new(document: Option<&'a Document>, codes: &'static Codes) -> Self {
        Self { document, codes, found: Vec::new(), count: 0 }
    }

    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|each| each.position);
        self.found
    }

    /// How many mistakes there are so far.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn error(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.add(Severity::Error, code, pointer, message.into(), None, false);
    }

    pub(crate) fn error_with(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Error, code, pointer, message.into(), Some(hint.into()), false);
    }

    /// A mistake of the key, not of its value.
    pub(crate) fn error_at_key(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Error, code, pointer, message.into(), Some(hint.into()), true);
    }

    pub(crate) fn warning(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Warning, code, pointer, message.into(), Some(hint.into()), true);
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        pointer: &str,
        message: String,
        hint: Option<String>,
        at_key: bool,
    ) {
        self.count += 1;
        if self.is_full() {
            return;
        }
        let document = self.document;
        let position = document.and_then(|document| match at_key {
            true => document.key_position(pointer),
            false => document.position(pointer),
        });
        // A field that is missing has no place: the object that lacks it has.
        let parent = || {
            let (parent, _) = pointer.rsplit_once('/')?;
            document?.key_position(parent)
        };
        let position = position.or_else(parent);
        self.found.push(Diagnostic {
            severity,
            position,
            snippet: position.and_then(|position| document?.snippet(position)),
            pointer: pointer.to_owned(),
            hint,
            path: document.map(|document| document.path().to_owned()),
            ..Diagnostic::error(code, message)
        });
    }

    /// A mistake in what may be a secret: the line it is on is not shown.
    pub(crate) fn error_unseen(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
    ) {
        let full = self.is_full();
        self.error(code, pointer, message);
        if let Some(added) = self.found.last_mut().filter(|_| !full) {
            added.snippet = None;
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MOST
    }

    pub(crate) fn wrong_type(&mut self, pointer: &str, expected: &str, value: &Value) {
        let field = named(pointer);
        let message = format!("{field} must be {expected}, and is {}", describe(value));
        self.error(self.codes.wrong_type, pointer, message);
    }

    pub(crate) fn out_of_range(&mut self, pointer: &str, expected: &str, value: &Value) {
        let message = format!("{} must be {expected}, and is {value}", named(pointer));
        self.error(self.codes.out_of_range, pointer, message);
    }
}

/// A field in words; an item is named by its list.
fn named(pointer: &str) -> String {
    let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
    match last.parse::<usize>() {
        Ok(index) => format!("item {index} of `{}`", field(parent)),
        Err(_) if last.is_empty() => "the document".to_owned(),
        Err(_) => format!("`{last}`"),
    }
}

fn field(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

/// A value in words, without its content unless that is short.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => format!("the boolean {flag}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() <= 40 => format!("the text {text:?}"),
        Value::String(_) => "a text".into(),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

/// An object of a document, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Object<'a> {
    pub(crate) fields: &'a Map<String, Value>,
    pub(crate) pointer: String,
}

impl<'a> Object<'a> {
    pub(crate) fn at(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, escape(key))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key)
    }

    /// Reports every key that is none of those known.
    pub(crate) fn only(&self, report: &mut Report<'_>, known: &[&str]) {
        for key in self.fields.keys().filter(|key| !known.contains(&key.as_str())) {
            if report.is_full() {
                // What it was meant to be takes a while to find, and nobody will read it.
                report.count += 1;
                continue;
            }
            let shown = crate::document::shorten(key);
            let hint = match nearest(key, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            let message = format!("unknown key `{shown}`");
            report.error_at_key(report.codes.unknown_key, &self.at(key), message, hint);
        }
    }

    pub(crate) fn missing(&self, report: &mut Report<'_>, key: &str, hint: &str) {
        let message = format!("`{key}` is missing");
        report.error_at_key(report.codes.missing, &self.at(key), message, hint);
    }

    pub(crate) fn text(&self, report: &mut Report<'_>, key: &str) -> Option<&'a str> {
        match self.get(key)? {
            Value::String(text) => Some(text),
            other => {
                report.wrong_type(&self.at(key), "a text", other);
                None
            }
        }
    }

    pub(crate) fn flag(&self, report: &mut Report<'_>, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(flag) => Some(*flag),
            other => {
                report.wrong_type(&self.at(key), "true or false", other);
                None
            }
        }
    }

    pub(crate) fn list(&self, report: &mut Report<'_>, key: &str) -> Option<&'a Vec<Value>> {
        match self.get(key)? {
            Value::Array(items) => Some(items),
            other => {
                report.wrong_type(&self.at(key), "a list", other);
                None
            }
        }
    }

    pub(crate) fn object(&self, report: &mut Report<'_>, key: &str) -> Option<Object<'a>> {
        let value = self.get(key)?;
        object(report, value, self.at(key))
    }

    /// One member of a closed set.
    pub(crate) fn choice<T: Copy>(
        &self,
        report: &mut Report<'_>,
        key: &str,
        members: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(report, key)?;
        choice(report, &self.at(key), text, members)
    }
}

pub(crate) fn object<'a>(
    report: &mut Report<'_>,
    value: &'a Value,
    pointer: String,
) -> Option<Object<'a>> {
    match value {
        Value::Object(fields) => Some(Object { fields, pointer }),
        other => {
            report.wrong_type(&pointer, "an object", other);
            None
        }
    }
}

pub(crate) fn choice<T: Copy>(
    report: &mut Report<'_>,
    pointer: &str,
    text: &str,
    members: &[(&str, T)],
) -> Option<T> {
    if let Some((_, member)) = members.iter().find(|(name, _)| *name == text) {
        return Some(*member);
    }
    let names: Vec<_> = members.iter().map(|(name, _)| *name).collect();
    let hint = match nearest(text, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", names.join(", ")),
    };
    let shown = crate::document::shorten(text);
    let message = format!("`{}` cannot be `{shown}`", field(pointer));
    report.error_with(report.codes.unknown_value, pointer, message, hint);
    None
}

/// A whole number that is not negative: 5.0 is 5, "5" is not.
pub(crate) fn whole(value: &Value) -> Option<Result<u64, ()>> {
    let Value::Number(number) = value else { return None };
    if let Some(whole) = number.as_u64() {
        return Some(Ok(whole));
    }
    // Beyond 2^53 a float no longer tells neighbouring whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if float.fract() == 0.0 && (0.0..=EXACT).contains(&float) => {
            Some(Ok(float as u64))
        }
        _ => Some(Err(())),
    }
}

/// Whether a text is a JSON pointer.
pub(crate) fn is_pointer(text: &str) -> bool {
    let escapes = || text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && escapes()
}

/// The known name that a text was probably meant to be.
pub fn nearest<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if text.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', ' ', '.'], "_");
    let text = plain(text);
    let distances = known.iter().map(|name| (distance(&text, &plain(name)), *name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    let part =
        text.len() >= 4 && known.iter().filter(|name| plain(name).contains(&text)).count() == 1;
    if distance <= 1 + name.len() / 4 && distance < name.len() {
        Some(name)
    } else if part {
        known.iter().copied().find(|name| plain(name).contains(&text))
    } else {
        None
    }
}

/// How many insertions, removals and replacements lie between two texts.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, character) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for column in 0..to.len() {
            let replace = diagonal + usize::from(to[column] != character);
            diagonal = row[column + 1];
            row[column + 1] = replace.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn suggestions_are_near_or_absent() {
        let known = ["broadcast_collect", "broadcast_notify", "chain", "singleton", "capability"];
        assert_eq!(nearest("broadcast-collect", &known), Some("broadcast_collect"));
        assert_eq!(nearest("brodcast_colect", &known), Some("broadcast_collect"));
        assert_eq!(nearest("collect", &known), Some("broadcast_collect"));
        assert_eq!(nearest("Chain", &known), Some("chain"));
        assert_eq!(nearest("zzz", &known), None);
        assert_eq!(nearest(&"x".repeat(100_000), &known), None);
    }

    #[test]
    fn whole_numbers_are_not_coerced_from_other_things() {
        assert_eq!(whole(&json!(5.0)), Some(Ok(5)));
        assert_eq!(whole(&json!(5.5)), Some(Err(())));
        assert_eq!(whole(&json!(-1)), Some(Err(())));
        assert_eq!(whole(&json!("5")), None);
        assert_eq!(whole(&json!(true)), None);
    }

    #[test]
    fn pointers_start_with_a_slash_and_escape_tildes() {
        for (text, expected) in [
            ("", true),
            ("/a/b", true),
            ("/~0~1", true),
            ("a", false),
            ("/~2", false),
            ("/~", false),
        ] {
            assert_eq!(is_pointer(text), expected, "{text}");
        }
    }
}
