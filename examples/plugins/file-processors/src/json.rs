//! JSON: how deep it is, how many keys and values it has, and where it is malformed.
//!
//! Reads the whole document. Does not see comments, several documents in one file, or which of two
//! equal keys came first: the last one counts.

use std::collections::BTreeMap;

use hookspec::kinds::file_processor::{File, FileProcessor, FileReport, Item};
use hookspec::{CallContext, Fault};
use serde_json::Value;

use crate::file;
use crate::report::plural;

/// The plugin for `json` files.
#[derive(Debug, Default)]
pub struct JsonFiles;

#[hookspec::plugin(
    name = "json-files",
    version = "0.1.0",
    description = "Measures JSON, and says where it is malformed",
    license = "MIT OR Apache-2.0",
    execution_model = "thread_cpu_bound",
    priority = 50,
    capabilities = ["structure"],
    supports_extensions = ["json"],
    supports_languages = ["json"],
    supports_mime_types = ["application/json"]
)]
impl FileProcessor for JsonFiles {
    async fn process(&self, ctx: &CallContext<'_>, file: &File) -> Result<FileReport, Fault> {
        file::report(ctx, file, |bytes| scan(&file.path, bytes))
    }
}

/// Reports on the bytes of a JSON file. The items are the keys of the outermost object.
///
/// # Errors
/// `json_malformed`: the bytes are not one JSON document. The fault's data holds `line` and
/// `column`, both from 1; the caller can show that place.
pub fn scan(path: &str, bytes: &[u8]) -> Result<FileReport, Fault> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        let place = serde_json::json!({ "line": error.line(), "column": error.column() });
        Fault::new("json_malformed", format!("{path}: {error}")).with_data(place)
    })?;
    let mut counts = Counts::default();
    counts.add(&value, 1);
    let Counts { depth, keys, values } = counts;
    let (key, value_word) = (plural("key", keys), plural("value", values));
    let summary = format!("depth {depth}, {keys} {key}, {values} {value_word}");
    Ok(FileReport {
        kind: "json".into(),
        bytes: bytes.len() as u64,
        lines: Some(file::text(path, bytes)?.lines().count() as u64),
        counts: Some(BTreeMap::from([
            ("depth".into(), depth as u64),
            ("keys".into(), keys as u64),
            ("values".into(), values as u64),
        ])),
        items: outermost(&value),
        summary,
    })
}

#[derive(Default)]
struct Counts {
    depth: usize,
    keys: usize,
    values: usize,
}

impl Counts {
    // Recursion ends: the reader refuses documents nested deeper than 128.
    fn add(&mut self, value: &Value, depth: usize) {
        self.depth = self.depth.max(depth);
        self.values += 1;
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item, depth + 1)),
            Value::Object(fields) => {
                self.keys += fields.len();
                fields.values().for_each(|field| self.add(field, depth + 1));
            }
            _ => {}
        }
    }
}

fn outermost(value: &Value) -> Vec<Item> {
    let fields = value.as_object().into_iter().flatten();
    // Without a line: the reader does not keep where a key was.
    let item = |(key, value): (&String, &Value)| Item {
        kind: "key".into(),
        name: key.clone(),
        line: None,
        detail: Some(type_name(value).into()),
    };
    fields.map(item).collect()
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<FileReport, Fault> {
        scan("a.json", text.as_bytes())
    }

    #[test]
    fn measures_what_is_there() {
        for (text, summary) in [
            ("7", "depth 1, 0 keys, 1 value"),
            ("[]", "depth 1, 0 keys, 1 value"),
            (r#"{"a": {"b": [1, 2]}}"#, "depth 4, 2 keys, 5 values"),
        ] {
            assert_eq!(read(text).unwrap().summary, summary, "{text}");
        }
        let report = read("{\n\"name\": \"x\",\n\"tags\": []\n}\n").unwrap();
        assert_eq!(report.lines, Some(4));
        let keys: Vec<_> = report.items.iter().map(|i| (&*i.name, i.detail.as_deref())).collect();
        assert_eq!(keys, [("name", Some("string")), ("tags", Some("array"))]);
    }

    #[test]
    fn says_where_it_is_malformed() {
        for (text, line, column) in [("{\n  \"a\": 1,\n}\n", 3, 1), ("", 1, 0), ("[1] 2", 1, 5)] {
            let fault = read(text).unwrap_err();
            assert_eq!(fault.code(), "json_malformed");
            assert!(fault.message().starts_with("a.json: "), "{fault}");
            let place = serde_json::json!({ "line": line, "column": column });
            assert_eq!(fault.data(), &place, "{text:?}: {fault}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(read(&deep).unwrap_err().code(), "json_malformed");
        let not_text = scan("a.json", b"\"\xff\"").unwrap_err();
        assert_eq!(not_text.code(), "json_malformed");
    }
}
