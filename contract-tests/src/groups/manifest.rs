//! manifest_valid, manifest_invalid: a bare document; manifest_text: a file.

use hookspec_plugin::Manifest;
use hookspec_spec::Diagnostic;
use hookspec_spec::manifest::{self, Dialect};
use serde_json::Value;

use super::{inside, scratch, write};
use crate::logs::Record;
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, object, text, unserved};

pub(super) const EXPECTATIONS: [&str; 2] = ["fields", "round_trip_equal"];

/// The names that discovery looks for.
const DISCOVERED: [&str; 3] = ["plugin.toml", "dagstack.toml", "dagstack.json"];

pub(super) fn value(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &["manifest"])?;
    let Some(document) = fields.get("manifest") else { return unserved("input has no `manifest`") };
    let mut observed = Observed::of(input);
    match manifest::from_value(document, Dialect::Specification) {
        Ok(manifest) => facts(&mut observed, &manifest, &manifest::warnings(&manifest))?,
        Err(diagnostics) => observed.failed(Seen::manifest(&diagnostics)),
    }
    Ok(observed)
}

pub(super) fn file(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &["file", "text", "loader"])?;
    let get = |key: &str| fields.get(key).unwrap_or(&Value::Null);
    let name = text(get("file"), "file")?;
    let folder = scratch()?;
    let path = inside(folder.path(), name)?;
    if !get("text").is_null() {
        write(&path, text(get("text"), "text")?)?;
    }
    let mut observed = Observed::of(input);
    let loaded = match text(get("loader"), "loader")? {
        "load_manifest" => manifest::load(&path),
        "discover" if DISCOVERED.contains(&name) && path.exists() => manifest::found(&path),
        "discover" => {
            observed.failed(Seen::new(&[], format!("discovery finds no manifest in {name}")));
            return Ok(observed);
        }
        other => return unserved(format!("unknown loader `{other}`")),
    };
    match loaded {
        Ok(loaded) => facts(&mut observed, &loaded.manifest, &loaded.warnings)?,
        Err(diagnostics) => observed.failed(Seen::manifest(&diagnostics)),
    }
    Ok(observed)
}

fn facts(observed: &mut Observed, manifest: &Manifest, warnings: &[Diagnostic]) -> Served<()> {
    observed.words.plugin(manifest.name.as_str());
    observed.records.extend(warnings.iter().map(|each| Record::message(&each.message)));
    let written = match serde_json::to_value(manifest) {
        Ok(written) => written,
        Err(error) => return unserved(format!("the manifest cannot be written: {error}")),
    };
    // What was written has every field of ours, too.
    let again = manifest::from_value(&written, Dialect::Hookspec);
    observed.fact("round_trip_equal", again.as_ref() == Ok(manifest));
    observed.fact("fields", written);
    Ok(())
}
