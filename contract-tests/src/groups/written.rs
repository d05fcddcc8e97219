//! [`Dir`]: one folder of a discovery scenario, and the manifest file in it.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{inside, write};
use crate::puppets::MANIFEST_KEYS;
use crate::unserved::{Served, object, text, texts, unserved};

/// What is registered for a folder's entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// A constructor.
    Ok,
    /// Nothing.
    None,
    /// A constructor of another name.
    Elsewhere,
    /// A constructor that fails.
    Fails,
}

/// One folder.
#[derive(Debug)]
pub(super) struct Dir {
    /// Below the root.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) entry_point: String,
    pub(super) code: Code,
    file: String,
    /// `None`: the manifest is a folder.
    content: Option<String>,
}

const SHAPE: [&str; 8] =
    ["dir", "code", "raw", "omit", "extra_tables", "form", "file", "manifest_is"];

impl Dir {
    pub(super) fn read(value: &Value) -> Served<Self> {
        let known = [MANIFEST_KEYS.as_slice(), &SHAPE].concat();
        let fields = object(value, "a folder", &known)?;
        let get = |key: &str| fields.get(key).filter(|value| !value.is_null());
        let path = text(get("dir").unwrap_or(&Value::Null), "dir")?.to_owned();
        let last = path.rsplit('/').next().unwrap_or(&path);
        let says = |key: &str, default: &str| {
            get(key).map_or(Ok(default.to_owned()), |value| text(value, key).map(str::to_owned))
        };
        let (name, kind) = (says("name", last)?, says("kind", "k")?);
        let entry_point = says("entry_point", "plugin:P")?;
        let code = match fields.get("code").map_or("ok", |code| code.as_str().unwrap_or_default()) {
            "ok" => Code::Ok,
            "no_class" => Code::Elsewhere,
            "ctor_raises" => Code::Fails,
            "" | "syntax_error" => Code::None,
            other => return unserved(format!("unknown code `{other}`")),
        };
        let mut manifest = Map::new();
        for (key, default) in [("name", &name), ("kind", &kind), ("entry_point", &entry_point)] {
            manifest.insert(key.to_owned(), json!(default));
        }
        for (key, default) in [
            ("schema_version", "1"),
            ("kind_api_version", "1"),
            ("core_version", ">=0.1.0"),
            ("runtime", "in_process"),
        ] {
            manifest.insert(key.to_owned(), json!(default));
        }
        for key in MANIFEST_KEYS {
            if let Some(value) = fields.get(key) {
                manifest.insert(key.to_owned(), value.clone());
            }
        }
        match manifest.get("runtime").and_then(Value::as_str) {
            Some("mcp_stdio") => {
                manifest.entry("command").or_insert_with(|| json!(["puppet", name]));
            }
            Some("mcp_http") if !manifest.contains_key("endpoint") => {
                manifest.entry("url").or_insert_with(|| "http://127.0.0.1:9/puppet".into());
            }
            _ => {}
        }
        for key in get("omit").map_or(Ok(Vec::new()), |omit| texts(omit, "omit"))? {
            manifest.shift_remove(&key);
        }
        let file = says("file", "dagstack.toml")?;
        let content = match says("manifest_is", "file")?.as_str() {
            "file" => Some(match get("raw") {
                Some(raw) => text(raw, "raw")?.to_owned(),
                None => content(fields, manifest, &file)?,
            }),
            "directory" => None,
            other => return unserved(format!("a manifest that is a `{other}`")),
        };
        Ok(Self { path, name, kind, entry_point, code, file, content })
    }

    pub(super) fn write(&self, root: &Path) -> Served<()> {
        let path = inside(root, &self.path)?.join(&self.file);
        match &self.content {
            Some(content) => write(&path, content),
            None => std::fs::create_dir_all(&path)
                .or_else(|error| unserved(format!("cannot make {}: {error}", path.display()))),
        }
    }

    /// Whether a path that was skipped is this folder's.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        path.ends_with(Path::new(&self.path).join(&self.file))
            || (self.path == "." && path.ends_with(&self.file))
            || path.ends_with(&self.path)
    }
}

/// The text of a manifest file: a table `[plugin]` or flat, and tables beside it.
fn content(dir: &Map<String, Value>, manifest: Map<String, Value>, file: &str) -> Served<String> {
    let flat = match dir.get("form").and_then(Value::as_str) {
        None => false,
        Some("flat") => true,
        Some(other) => return unserved(format!("unknown form `{other}`")),
    };
    let mut tables = vec![(if flat { "" } else { "plugin" }.to_owned(), manifest)];
    if let Some(extra) = dir.get("extra_tables") {
        let Value::Object(extra) = extra else { return unserved("`extra_tables` is no object") };
        for (name, fields) in extra {
            let Value::Object(fields) = fields else {
                return unserved(format!("the table `{name}` is no object"));
            };
            tables.push((name.clone(), fields.clone()));
        }
    }
    Ok(if file.ends_with(".json") { as_json(tables) } else { as_toml(&tables) })
}

fn as_json(tables: Vec<(String, Map<String, Value>)>) -> String {
    let mut document = json!({});
    for (name, fields) in tables {
        let mut at = &mut document;
        for part in name.split('.').filter(|part| !part.is_empty()) {
            at = &mut at[part];
        }
        if at.is_null() {
            *at = json!({});
        }
        if let Value::Object(own) = at {
            own.extend(fields);
        }
    }
    document.to_string()
}

fn as_toml(tables: &[(String, Map<String, Value>)]) -> String {
    let mut text = String::new();
    for (name, fields) in tables {
        if !name.is_empty() {
            text.push_str(&format!("[{name}]\n"));
        }
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            text.push_str(&format!("{key} = {}\n", inline(value)));
        }
    }
    text
}

/// TOML writes texts, numbers, flags and lists as JSON does, and objects with `=`.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(key, value)| format!("{} = {}", json!(key), inline(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_how_its_manifest_is_written() {
        let dir = Dir::read(&json!({
            "dir": "x/a", "code": "ok", "omit": ["entry_point", "schema_version"],
            "extra_tables": { "plugin.metadata": { "tags": ["x"], "more": { "n": 1 } } },
        }))
        .unwrap();
        let text = dir.content.as_deref().unwrap_or_default();
        assert!(text.starts_with("[plugin]\nname = \"a\"\n"), "{text}");
        let table = "[plugin.metadata]\ntags = [\"x\"]\nmore = { \"n\" = 1 }\n";
        assert!(text.ends_with(table) && !text.contains("entry_point"), "{text}");
        assert!(dir.is_at(Path::new("/tmp/root/x/a/dagstack.toml")));
        let flat = json!({ "dir": "a", "form": "flat", "file": "dagstack.json", "priority": 3 });
        let flat = Dir::read(&flat).unwrap().content.unwrap();
        assert_eq!(serde_json::from_str::<Value>(&flat).unwrap()["priority"], 3);
        for unknown in [json!({ "dir": "a", "form": "deep" }), json!({ "dir": "a", "surprise": 1 })]
        {
            assert!(Dir::read(&unknown).is_err(), "{unknown}");
        }
    }
}
