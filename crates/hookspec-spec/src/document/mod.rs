//! [`Document`]: a YAML, JSON or TOML text whose every value knows its place.
//!
//! The three readers build the same tree, under the same budget, so that nothing that reads a
//! document asks which notation it was written in.

mod build;
mod json;
mod place;
mod scalar;
mod toml;
mod yaml;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics, Position};

pub(crate) use build::shorten;
use place::Lines;

/// How large a text may be, in bytes.
pub(crate) const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A parsed YAML, JSON or TOML text.
#[derive(Clone, Debug)]
pub struct Document {
    path: PathBuf,
    text: String,
    lines: Lines,
    value: Value,
    marks: Marks,
}

/// Where a value, and the key before it, start: byte offsets. The shape of the value again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    value: usize,
    key: Option<usize>,
    below: Below,
}

#[derive(Clone, Debug, Default)]
enum Below {
    #[default]
    Nothing,
    Items(Vec<Marks>),
    Fields(HashMap<String, Marks>),
}

/// A mistake of the notation: a place, and what is wrong there.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) code: &'static str,
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

type Parsed = (Option<(Value, Marks)>, Vec<Flaw>);

impl Document {
    /// Reads YAML 1.2. Aliases are expanded, within bounds.
    ///
    /// # Errors
    /// Every mistake that reading can go on after (duplicate keys, scalars that YAML versions read
    /// differently, tags), and the first it cannot go on after. Correct the text.
    pub fn yaml(path: impl Into<PathBuf>, text: impl Into<String>) -> Result<Self, Diagnostics> {
        Self::read(path.into(), text.into(), yaml::parse)
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// As for [`Document::yaml`].
    pub fn json(path: impl Into<PathBuf>, text: impl Into<String>) -> Result<Self, Diagnostics> {
        Self::read(path.into(), text.into(), json::parse)
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// As for [`Document::yaml`].
    pub fn toml(path: impl Into<PathBuf>, text: impl Into<String>) -> Result<Self, Diagnostics> {
        Self::read(path.into(), text.into(), toml::parse)
    }

    /// By the ending of the name: `.json`, `.toml`, else YAML.
    pub(crate) fn by_name(path: PathBuf, text: String) -> Result<Self, Diagnostics> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Self::json(path, text),
            Some("toml") => Self::toml(path, text),
            _ => Self::yaml(path, text),
        }
    }

    fn read(path: PathBuf, text: String, parse: fn(&str) -> Parsed) -> Result<Self, Diagnostics> {
        // Editors on some systems write one; it is no part of the content.
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let lines = Lines::of(&text);
        let mut document = Self { path, text, lines, value: Value::Null, marks: Marks::default() };
        if document.text.len() > MOST_BYTES {
            let size = document.text.len();
            let flaw = Flaw {
                code: codes::TOO_LARGE,
                offset: 0,
                message: format!("the file has {size} bytes; at most {MOST_BYTES} are read"),
                hint: None,
            };
            return Err(document.flawed(vec![flaw]));
        }
        let (parsed, mut flaws) = parse(&document.text);
        if parsed.is_none() && flaws.is_empty() {
            flaws.push(Flaw {
                code: codes::EMPTY,
                offset: 0,
                message: "the file is empty".into(),
                hint: None,
            });
        }
        if !flaws.is_empty() {
            return Err(document.flawed(flaws));
        }
        (document.value, document.marks) = parsed.unwrap_or_default();
        Ok(document)
    }

    fn flawed(&self, mut flaws: Vec<Flaw>) -> Diagnostics {
        flaws.sort_by_key(|flaw| flaw.offset);
        let found = flaws.into_iter().map(|flaw| {
            let position = self.position_at(flaw.offset);
            Diagnostic {
                position: Some(position),
                snippet: self.snippet(position),
                hint: flaw.hint,
                ..Diagnostic::error(flaw.code, flaw.message).at(&self.path)
            }
        });
        match Diagnostics::split(found.collect()) {
            Err(diagnostics) => diagnostics,
            Ok(_) => Diagnostic::error(codes::SYNTAX, "the text cannot be read").into(),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value at a JSON pointer starts.
    pub fn position(&self, pointer: &str) -> Option<Position> {
        self.marks(pointer).map(|marks| self.position_at(marks.value))
    }

    /// Where the key of the value at a JSON pointer starts; of an item, the value.
    pub fn key_position(&self, pointer: &str) -> Option<Position> {
        self.marks(pointer).map(|marks| self.position_at(marks.key.unwrap_or(marks.value)))
    }

    fn marks(&self, pointer: &str) -> Option<&Marks> {
        pointer.split('/').skip(1).try_fold(&self.marks, |marks, token| match &marks.below {
            Below::Nothing => None,
            Below::Items(items) => items.get(token.parse::<usize>().ok()?),
            Below::Fields(fields) if token.contains('~') => fields.get(&unescape(token)),
            Below::Fields(fields) => fields.get(token),
        })
    }

    fn position_at(&self, offset: usize) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// The line of a place, and below it a `^` under the place.
    pub fn snippet(&self, position: Position) -> Option<String> {
        self.lines.snippet(&self.text, position)
    }
}

/// One token of a JSON pointer, escaped.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// One token of a JSON pointer, as the key it stands for.
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The bytes of a file as text.
pub(crate) fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..offset]).into_owned();
        let position = Lines::of(&text).position(&text, offset);
        let message = format!("the file is not UTF-8: byte {offset} begins no character");
        Box::new(Diagnostic {
            position: Some(position),
            ..Diagnostic::error(codes::NOT_UTF8, message).at(path).hint("save the file as UTF-8")
        })
    })
}
