//! Manifests: read from files, and checked when they are built in Rust.
//!
//! Two dialects: `plugin.toml` has every field of [`Manifest`]; the files of the specification
//! family have its keys and runtimes only. Reading a manifest never looks its kind up: that, and
//! what a runtime needs, is the work of registration ([`check_loadable`]).

mod check;
mod events;
pub(crate) mod fields;
mod file;
mod values;

use std::path::Path;

use hookspec_plugin::Manifest;
use serde_json::{Map, Value};

use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Document;
use crate::reader::{Codes, Object, Report};

pub(crate) use file::NAMES;

const CODES: Codes = Codes {
    unknown_key: codes::MANIFEST_UNKNOWN_KEY,
    missing: codes::MANIFEST_MISSING_KEY,
    wrong_type: codes::MANIFEST_WRONG_TYPE,
    unknown_value: codes::MANIFEST_UNKNOWN_VALUE,
    out_of_range: codes::MANIFEST_OUT_OF_RANGE,
};

/// Which keys and runtimes a manifest may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `plugin.toml`: the specification's fields and runtimes, and this project's.
    Hookspec,
    /// The specification's fields and runtimes only.
    Specification,
}

/// A manifest that was read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What it says.
    pub manifest: Manifest,
    /// What its author should know.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a manifest that somebody named.
///
/// The file's name decides the dialect (`plugin.toml` has ours) and where the manifest stands:
/// `[plugin]` or flat; `[tool.dagstack.plugin]` in a TOML file of the specification, and there
/// alone in `pyproject.toml`. In `plugin.toml` and `dagstack.{toml,json}` absent versions are
/// `"1"`; in the latter a table `metadata` is ignored.
///
/// # Errors
/// Every mistake in it, each with its place; or that it is not found. Correct the file.
pub fn load(path: &Path) -> Result<Loaded, Diagnostics> {
    file::load(path, file::Reader::Path)
}

/// Reads a manifest as discovery does: like [`load`], but an in_process plugin needs an entry
/// point, `[tool.dagstack.plugin]` holds no manifest, and `[plugin.mcp_stdio] command` and
/// `[plugin.mcp_http] url` stand for the fields of those names.
///
/// # Errors
/// As for [`load`].
pub fn found(path: &Path) -> Result<Loaded, Diagnostics> {
    file::load(path, file::Reader::Discovery)
}

/// Reads a manifest from a value that came from no file. Nothing but optional fields has a default.
///
/// # Errors
/// Every mistake in it, each with a JSON pointer. Correct the value.
pub fn from_value(value: &Value, dialect: Dialect) -> Result<Manifest, Diagnostics> {
    read(value, None, "", dialect, false, &Vec::new()).map(|loaded| loaded.manifest)
}

/// Checks a manifest that was built in Rust, by the rules that hold for one that is read.
///
/// # Errors
/// Every mistake in it, each with a JSON pointer. Correct the manifest before registering it.
pub fn check(manifest: &Manifest) -> Result<(), Diagnostics> {
    let value = match serde_json::to_value(manifest) {
        Ok(value) => value,
        Err(error) => {
            return Err(Diagnostic::error(codes::MANIFEST_WRONG_TYPE, error.to_string()).into());
        }
    };
    let mut report = Report::new(None, &CODES);
    if let Some(object) = object(&value, "", &mut report) {
        // A name that the specification allows may come from one of its files.
        let rules = fields::Rules { ours: true, strict_names: false, patterns: false };
        fields::read(&object, fields::FIELDS, rules, &mut report);
    }
    check::rules(manifest, "", &mut report);
    Diagnostics::split(report.finish()).map(drop)
}

/// Checks a subscription that is not part of a manifest, by the rules that hold for one that is:
/// patterns too, where they were not read before.
///
/// # Errors
/// Every mistake in it, each with a JSON pointer. Correct the subscription.
#[doc(hidden)]
pub fn check_subscription(fields: &Map<String, Value>, patterns: bool) -> Result<(), Diagnostics> {
    let mut report = Report::new(None, &CODES);
    let rules = fields::Rules { ours: true, strict_names: false, patterns };
    events::subscription(String::new(), fields, rules, &mut report);
    Diagnostics::split(report.finish()).map(drop)
}

/// What registration asks beyond reading: that `in_process_only` does not exclude the runtime, and
/// that a runtime that starts a process is given a command.
///
/// # Errors
/// Every such mistake. The plugin cannot be registered as it is.
pub fn check_loadable(manifest: &Manifest) -> Result<(), Diagnostics> {
    let mut report = Report::new(None, &CODES);
    check::loadable(manifest, &mut report);
    Diagnostics::split(report.finish()).map(drop)
}

/// What can be used, and probably does not do what its author thinks.
pub fn warnings(manifest: &Manifest) -> Vec<Diagnostic> {
    let mut report = Report::new(None, &CODES);
    check::warnings(manifest, "", &mut report);
    report.finish()
}

fn object<'a>(value: &'a Value, base: &str, report: &mut Report<'_>) -> Option<Object<'a>> {
    match value {
        Value::Object(fields) => Some(Object { fields, pointer: base.to_owned() }),
        other => {
            let message =
                format!("a manifest is an object, not {}", crate::reader::describe(other));
            report.error(codes::MANIFEST_NOT_OBJECT, base, message);
            None
        }
    }
}

/// Reads the fields that stand at `base` of a document, or of none.
fn read(
    value: &Value,
    document: Option<&Document>,
    base: &str,
    dialect: Dialect,
    discovered: bool,
    moved: &file::Moved,
) -> Result<Loaded, Diagnostics> {
    let mut report = Report::new(document, &CODES);
    let Some(object) = object(value, base, &mut report) else {
        return Err(failed(report));
    };
    let clean = fields::read(&object, fields::FIELDS, dialect.into(), &mut report);
    if discovered
        && clean.get("runtime").and_then(Value::as_str) == Some("in_process")
        && clean
            .get("entry_point")
            .and_then(Value::as_str)
            .is_none_or(|text| text.trim().is_empty())
    {
        let message = "an in_process plugin needs `entry_point`";
        let hint = "add entry_point = \"path:Type\", as the host registered the constructor";
        report.error_at_key(codes::MANIFEST_ENTRY_POINT, &object.at("entry_point"), message, hint);
    }
    // Rules between fields are checked on a manifest whose broken fields have their defaults, so
    // that a wrong priority does not hide a wrong band.
    let manifest = complete(clean);
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(error) => {
            report.error(codes::MANIFEST_WRONG_TYPE, base, error.to_string());
            return Err(failed(report));
        }
    };
    check::rules(&manifest, base, &mut report);
    check::warnings(&manifest, base, &mut report);
    let mut found = report.finish();
    for each in &mut found {
        for (key, from) in moved {
            if each.pointer == format!("{base}/{key}") {
                let pointer = format!("{base}{from}");
                each.position = document.and_then(|document| document.position(&pointer));
                each.pointer = pointer;
            }
        }
    }
    let warnings = Diagnostics::split(found)?;
    Ok(Loaded { manifest, warnings })
}

/// Fields that are required and broken are reported already: here they get what offends no rule.
fn complete(mut fields: serde_json::Map<String, Value>) -> Result<Manifest, serde_json::Error> {
    let defaults = [
        ("schema_version", "1"),
        ("name", "?"),
        ("kind", "?"),
        ("kind_api_version", "1"),
        ("core_version", ""),
    ];
    for (key, default) in defaults {
        fields.entry(key).or_insert_with(|| default.into());
    }
    fields.entry("runtime").or_insert_with(|| "in_process".into());
    serde_json::from_value(Value::Object(fields))
}

fn failed(report: Report<'_>) -> Diagnostics {
    match Diagnostics::split(report.finish()) {
        Err(diagnostics) => diagnostics,
        Ok(_) => {
            Diagnostic::error(codes::MANIFEST_NOT_OBJECT, "the manifest cannot be read").into()
        }
    }
}
