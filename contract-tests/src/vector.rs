//! [`Vector`]: one scenario and its expected outcome, and the files that hold them.

use std::path::Path;

use serde_json::{Map, Value};

use crate::unserved::{Served, Unserved, object, text, unserved};

/// One scenario and its expected outcome.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Printed, and never looked at.
    pub id: String,
    /// Which part of the framework it is about.
    pub group: String,
    /// Whether it binds.
    pub level: Level,
    /// The scenario.
    pub input: Value,
    /// The outcome: only what is present is compared.
    pub expected: Map<String, Value>,
    /// Why it cannot be judged at all.
    pub(crate) malformed: Option<Unserved>,
}

/// Whether a vector binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It must hold, or fall under an exclusion rule.
    Normative,
    /// The sources contradict each other or are silent: ours to decide.
    Open,
    /// A habit of one implementation: ours to decide.
    Binding,
}

/// What a vector may carry beside its scenario; comments all of them.
const COMMENTS: [&str; 7] =
    ["source", "basis", "bindings", "python_executed", "note", "why", "reason"];

impl Vector {
    /// Reads a vector. One that cannot be read is a vector all the same, and fails when it is
    /// judged: a typing error must not make it disappear.
    pub fn read(value: &Value) -> Self {
        let shown = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
        Self::strict(value).unwrap_or_else(|problem| Self {
            id: shown("id"),
            group: shown("group"),
            level: Level::Normative,
            input: Value::Null,
            expected: Map::new(),
            malformed: Some(problem),
        })
    }

    fn strict(value: &Value) -> Served<Self> {
        let known = [&["id", "group", "level", "input", "expected"], COMMENTS.as_slice()].concat();
        let fields = object(value, "the vector", &known)?;
        let get = |key: &str| {
            fields.get(key).ok_or_else(|| Unserved(format!("the vector has no `{key}`")))
        };
        let level = match text(get("level")?, "level")? {
            "normative" => Level::Normative,
            "open" => Level::Open,
            "binding" => Level::Binding,
            other => return unserved(format!("unknown level `{other}`")),
        };
        let Value::Object(expected) = get("expected")? else {
            return unserved("`expected` is not an object");
        };
        Ok(Self {
            id: text(get("id")?, "id")?.to_owned(),
            group: text(get("group")?, "group")?.to_owned(),
            level,
            input: get("input")?.clone(),
            expected: expected.clone(),
            malformed: None,
        })
    }
}

/// Reads every vector of a file.
///
/// # Errors
/// A sentence that says why the file holds no vectors: it cannot be read, is not JSON, or has no
/// list `vectors`. Correct the file or its path.
pub fn read_file(path: &Path) -> Result<Vec<Vector>, String> {
    let refuse = |why: String| format!("vectors {}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let file: Value = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    match file.get("vectors").and_then(Value::as_array) {
        Some(vectors) => Ok(vectors.iter().map(Vector::read).collect()),
        None => Err(refuse("it has no list `vectors`".into())),
    }
}
