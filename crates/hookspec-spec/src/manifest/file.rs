//! Which file holds a manifest how.

use std::path::Path;

use serde_json::{Map, Value};

use super::{Dialect, Loaded, read};
use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Document;
use crate::files;

/// Names that a file may have to be a manifest.
pub(crate) const NAMES: [&str; 6] = [
    "plugin.toml",
    "dagstack.toml",
    "dagstack.json",
    "dagstack_plugin.toml",
    "dagstack-plugin.toml",
    "dagstack-plugin.json",
];

/// Who reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Somebody who named it.
    Path,
    /// A search for plugins.
    Discovery,
}

/// What the name of a file decides.
struct Rules {
    dialect: Dialect,
    /// Whether absent versions are "1" and `metadata` is ignored.
    lenient: bool,
    /// Whether [tool.dagstack.plugin] may hold the manifest, and whether it must.
    section: bool,
    section_only: bool,
    discovered: bool,
}

pub(super) fn load(path: &Path, reader: Reader) -> Result<Loaded, Diagnostics> {
    let document = document(path)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let discovered = reader == Reader::Discovery;
    let rules = Rules {
        dialect: if name == "plugin.toml" { Dialect::Hookspec } else { Dialect::Specification },
        lenient: matches!(name, "plugin.toml" | "dagstack.toml" | "dagstack.json"),
        section: name != "plugin.toml"
            && !discovered
            && path.extension().is_some_and(|ending| ending == "toml"),
        section_only: name == "pyproject.toml",
        discovered,
    };
    let (fields, base) = manifest_in(&document, &rules)?;
    let (fields, moved) = adapted(fields, &rules);
    read(&Value::Object(fields), Some(&document), base, rules.dialect, discovered, &moved)
}

fn document(path: &Path) -> Result<Document, Diagnostics> {
    let refuse = |why: String| {
        let message = format!("manifest {}: {why}", path.display());
        Diagnostics::from(
            Diagnostic::error(codes::MANIFEST_NOT_FOUND, message).at(path).hint("check the path"),
        )
    };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(refuse("not found".into()));
        }
        Err(error) => return Err(refuse(error.to_string())),
        Ok(data) if !data.is_file() => return Err(refuse("not a file".into())),
        Ok(_) => {}
    }
    let text = files::read(path).map_err(|diagnostic| Diagnostics::from(*diagnostic))?;
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => Document::json(path, text),
        _ => Document::toml(path, text),
    }
}

/// The object that is the manifest, and the JSON pointer to it.
fn manifest_in<'a>(
    document: &'a Document,
    rules: &Rules,
) -> Result<(&'a Map<String, Value>, &'static str), Diagnostics> {
    let section = "/tool/dagstack/plugin";
    let wrong = |code, pointer: &str, message: &str, hint: &str| {
        let position = document.position(pointer);
        Err(Diagnostics::from(Diagnostic {
            position,
            snippet: position.and_then(|position| document.snippet(position)),
            pointer: pointer.to_owned(),
            ..Diagnostic::error(code, message).at(document.path()).hint(hint)
        }))
    };
    let object = |pointer: &'static str| match document.value().pointer(pointer) {
        Some(Value::Object(fields)) => Ok((fields, pointer)),
        _ => wrong(
            codes::MANIFEST_NOT_OBJECT,
            pointer,
            "a manifest is an object",
            "write `name`, `kind`, `runtime` and so on as its fields",
        ),
    };
    if rules.section && document.value().pointer(section).is_some() {
        return object(section);
    }
    if rules.section_only {
        let message = "the file has no table [tool.dagstack.plugin]";
        return wrong(
            codes::MANIFEST_SECTION,
            "",
            message,
            "add it: a manifest in pyproject.toml stands there",
        );
    }
    // A plugin whose manifest is flat may have no field of that name, so it is the table.
    match document.value().get("plugin") {
        Some(_) => {
            let (fields, base) = object("/plugin")?;
            if rules.dialect == Dialect::Hookspec {
                alone(document)?;
            }
            Ok((fields, base))
        }
        None => object(""),
    }
}

/// `plugin.toml` is ours alone: nothing stands beside its one table.
fn alone(document: &Document) -> Result<(), Diagnostics> {
    let beside =
        document.value().as_object().into_iter().flatten().filter(|(key, _)| *key != "plugin");
    let found = beside.map(|(key, _)| {
        let pointer = format!("/{}", crate::document::escape(key));
        let position = document.key_position(&pointer);
        let message = format!("unknown key `{}` beside [plugin]", crate::document::shorten(key));
        Diagnostic {
            position,
            snippet: position.and_then(|position| document.snippet(position)),
            pointer,
            ..Diagnostic::error(codes::MANIFEST_UNKNOWN_KEY, message)
                .at(document.path())
                .hint("move it into [plugin], or remove it")
        }
    });
    Diagnostics::split(found.collect()).map(drop)
}

/// Fields that are written one way in a file and another in the type: where each came from.
pub(super) type Moved = Vec<(&'static str, &'static str)>;

fn adapted(fields: &Map<String, Value>, rules: &Rules) -> (Map<String, Value>, Moved) {
    let mut fields = fields.clone();
    let mut moved = Moved::new();
    if !rules.lenient {
        return (fields, moved);
    }
    for key in ["schema_version", "kind_api_version"] {
        fields.entry(key).or_insert_with(|| "1".into());
    }
    if rules.dialect == Dialect::Specification {
        fields.shift_remove("metadata");
    }
    // Documentation of the family shows these tables; its parsers refuse them.
    type Keys = &'static [(&'static str, &'static str)];
    const TABLES: [(&str, &str, Keys); 2] = [
        ("mcp_stdio", "mcp_stdio", &[("command", "/mcp_stdio/command"), ("env", "/mcp_stdio/env")]),
        ("mcp_http", "mcp_http", &[("url", "/mcp_http/url")]),
    ];
    for (table, runtime, keys) in TABLES {
        if !rules.discovered || fields.get("runtime").and_then(Value::as_str) != Some(runtime) {
            continue;
        }
        let Some(Value::Object(inner)) = fields.get(table).cloned() else { continue };
        let known = |key: &String| keys.iter().any(|(name, _)| name == key);
        if !inner.keys().all(known) || inner.keys().any(|key| fields.contains_key(key)) {
            // Reported as the unknown key that it is.
            continue;
        }
        fields.shift_remove(table);
        for (key, from) in keys {
            if let Some(value) = inner.get(*key) {
                fields.insert((*key).to_owned(), value.clone());
                moved.push((key, from));
            }
        }
    }
    (fields, moved)
}
