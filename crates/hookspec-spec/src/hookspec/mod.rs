//! One hookspec file, read into a [`Kind`].

mod digest;
mod hook;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use hookspec_plugin::KindName;
use semver::Version;
use serde_json::Value;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::events::Place;
use crate::files::file_major;
use crate::model::{Constraints, Kind};
use crate::reader::{Codes, Object, Report, object, read_yaml};
use crate::schema::Loader;

const CODES: Codes = Codes {
    unknown_key: codes::UNKNOWN_KEY,
    missing: codes::MISSING_KEY,
    wrong_type: codes::WRONG_TYPE,
    unknown_value: codes::UNKNOWN_VALUE,
    out_of_range: codes::OUT_OF_RANGE,
};

const KEYS: [&str; 5] = ["kind", "kind_api_version", "description", "constraints", "hooks"];

/// Reads one file and the schemas it names. The kind is there when nothing in it is an error.
pub(crate) fn read(path: &Path, loader: &mut Loader<'_>) -> (Option<Kind>, Vec<Diagnostic>) {
    let (kind, found) = read_yaml(path, loader, &CODES, kind);
    (kind.map(|kind| Kind { warnings: found.clone(), ..kind }), found)
}

/// That two files declare one major version of a kind.
pub(crate) fn twice(kind: &Kind, first: &Path) -> Diagnostic {
    let (name, major) = (&kind.name, kind.major());
    let message =
        format!("kind `{name}` version {major} is already declared by {}", first.display());
    let hint = "remove one of the two files, or give one of them another name or major";
    let (position, snippet) = kind.declared.clone();
    Diagnostic {
        position,
        snippet,
        pointer: "/kind".into(),
        ..Diagnostic::error(codes::DUPLICATE_KIND, message).at(&kind.source).hint(hint)
    }
}

fn kind(document: &Document, loader: &mut Loader<'_>, report: &mut Report<'_>) -> Option<Kind> {
    let Value::Object(fields) = document.value() else {
        let hint = "write `kind:`, `kind_api_version:` and `hooks:`";
        report.error_with(codes::NOT_OBJECT, "", "a hookspec is an object", hint);
        return None;
    };
    let top = Object { fields, pointer: String::new() };
    top.only(report, &KEYS);
    let name = name(&top, report, "kind", "add `kind: my_kind`");
    let version = version(&top, report, document.path());
    if let Some(name) = name {
        folder(document.path(), name, loader.files().root(), report);
    }
    let description = top.text(report, "description").map(str::to_owned);
    let constraints = constraints(&top, report);
    if top.get("hooks").is_none() {
        top.missing(report, "hooks", "add `hooks:` and a list; an empty one is `hooks: []`");
    }
    let (mut hooks, mut bindings) = (Vec::new(), Vec::new());
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (index, value) in top.list(report, "hooks").into_iter().flatten().enumerate() {
        let Some(fields) = object(report, value, format!("/hooks/{index}")) else { continue };
        if let Some(name) = fields.get("name").and_then(Value::as_str) {
            if let Some(first) = names.get(name) {
                let message = format!("hook `{name}` is there already, as number {}", first + 1);
                let at = fields.at("name");
                report.error_with(codes::DUPLICATE_HOOK, &at, message, "rename one of the two");
            } else {
                names.insert(name, index);
            }
        }
        let hook = hook::read(&fields, document.path(), loader, report).map(Arc::new);
        if let Some(hook) = hook.as_ref().filter(|hook| hook.event.is_some()) {
            bindings.push((Arc::clone(hook), Place::of(document, fields.at("event"))));
        }
        hooks.extend(hook);
    }
    let at = document.position("/kind");
    Some(Kind {
        name: KindName::from(name?),
        api_version: version?,
        description,
        constraints,
        hooks,
        source: document.path().to_owned(),
        warnings: Vec::new(),
        declared: (at, at.and_then(|at| document.snippet(at))),
        bindings,
    })
}

/// A name in snake_case; required.
fn name<'a>(
    object: &Object<'a>,
    report: &mut Report<'_>,
    key: &str,
    hint: &str,
) -> Option<&'a str> {
    if object.get(key).is_none() {
        object.missing(report, key, hint);
    }
    let name = object.text(report, key)?;
    if is_snake_case(name) {
        return Some(name);
    }
    let mut hint = "use lower-case letters, digits and `_`, starting with a letter".to_owned();
    let better = snake_case(name);
    if is_snake_case(&better) {
        hint = format!("did you mean `{better}`?");
    }
    let shown = crate::document::shorten(name);
    report.error_with(
        codes::BAD_NAME,
        &object.at(key),
        format!("`{shown}` is not snake_case"),
        hint,
    );
    None
}

fn is_snake_case(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(plain)
        && !name.ends_with('_')
        && !name.contains("__")
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for character in name.trim().chars().take(128) {
        if character.is_ascii_uppercase() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            out.push(character.to_ascii_lowercase());
        } else if character.is_ascii_alphanumeric() {
            out.push(character);
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
    }
    out.trim_end_matches('_').to_owned()
}

fn version(top: &Object<'_>, report: &mut Report<'_>, path: &Path) -> Option<Version> {
    const KEY: &str = "kind_api_version";
    let version = semver(top, report, KEY, codes::BAD_VERSION)?;
    match file_major(path) {
        Some(major) if major != version.major => {
            let message = format!("the file is named v{major}.yaml, and `{KEY}` is {version}");
            let hint =
                format!("rename the file to v{}.yaml, or correct the version", version.major);
            report.error_with(codes::MAJOR_MISMATCH, &top.at(KEY), message, hint);
            None
        }
        _ => Some(version),
    }
}

/// A SemVer version; required.
pub(crate) fn semver(
    top: &Object<'_>,
    report: &mut Report<'_>,
    key: &str,
    code: &'static str,
) -> Option<Version> {
    let at = top.at(key);
    let text = match top.get(key) {
        None => {
            top.missing(report, key, &format!("add `{key}: 1.0.0`"));
            return None;
        }
        Some(Value::Number(number)) => {
            let message = format!("`{key}` is the number {number}; a version has three parts");
            let hint = format!("write {number}{}", if number.is_f64() { ".0" } else { ".0.0" });
            report.error_with(code, &at, message, hint);
            return None;
        }
        Some(_) => top.text(report, key)?,
    };
    match Version::parse(text) {
        Ok(version) => Some(version),
        Err(error) => {
            let shown = crate::document::shorten(text);
            let message = format!("`{shown}` is no SemVer version: {error}");
            report.error_with(code, &at, message, "write three numbers, such as 1.0.0");
            None
        }
    }
}

/// `hookspecs/<kind>/v<major>.yaml` is a convention: leaving it is a warning.
fn folder(path: &Path, kind: &str, root: &Path, report: &mut Report<'_>) {
    let Some(folder) = path.parent().filter(|folder| *folder != root) else { return };
    let Some(folder) = folder.file_name().and_then(|name| name.to_str()) else { return };
    if folder != kind {
        let message = format!("the folder is named `{folder}`, and the kind `{kind}`");
        report.warning(
            codes::FOLDER_NAME,
            "/kind",
            message,
            format!("rename the folder to {kind}"),
        );
    }
}

fn constraints(top: &Object<'_>, report: &mut Report<'_>) -> Constraints {
    let Some(fields) = top.object(report, "constraints") else { return Constraints::default() };
    fields.only(report, &["singleton_per_runtime", "in_process_only"]);
    Constraints {
        singleton_per_runtime: fields.flag(report, "singleton_per_runtime").unwrap_or_default(),
        in_process_only: fields.flag(report, "in_process_only").unwrap_or_default(),
    }
}
