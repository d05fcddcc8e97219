//! hookspec_valid, hookspec_invalid: a hookspec file, written to disk and loaded.

use std::path::Path;

use hookspec_spec::{Catalog, Schema};
use serde_json::{Map, Value, json};

use super::{inside, scratch, write};
use crate::logs::Record;
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, object, text, texts, unserved};

pub(super) const EXPECTATIONS: [&str; 3] = ["hook_dispatch", "hook_mcp_exposed", "constraints"];

pub(super) fn observe(input: &Value, shipped: &Catalog) -> Served<Observed> {
    let fields = object(input, "input", &["yaml", "path", "schema_files"])?;
    let Some(yaml) = fields.get("yaml") else { return unserved("input has no `yaml`") };
    let folder = scratch()?;
    let path = match fields.get("path") {
        Some(path) => text(path, "path")?.to_owned(),
        None => place(yaml),
    };
    let file = inside(folder.path(), &path)?;
    // JSON is YAML in which texts are quoted and numbers are bare.
    write(&file, &yaml.to_string())?;
    let beside = Path::new(&path).parent().and_then(Path::to_str).unwrap_or_default();
    for (name, content) in schemas(fields.get("schema_files"), yaml, shipped)? {
        write(&inside(folder.path(), &format!("{beside}/{name}"))?, &content.to_string())?;
    }
    let mut observed = Observed::of(input);
    match Catalog::load([folder.path()]) {
        Ok(catalog) => {
            let records = catalog.warnings().iter().map(|each| Record::message(&each.message));
            observed.records.extend(records);
            facts(&mut observed, &catalog)?;
        }
        Err(diagnostics) => observed.failed(Seen::from(&diagnostics)),
    }
    Ok(observed)
}

fn facts(observed: &mut Observed, catalog: &Catalog) -> Served<()> {
    let mut kinds = catalog.kinds();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return unserved("the file was not read as one hookspec");
    };
    let hooks = |of: fn(&hookspec_spec::Hook) -> Value| -> Value {
        kind.hooks.iter().map(|hook| (hook.name.to_string(), of(hook))).collect()
    };
    observed.fact("hook_dispatch", hooks(|hook| hook.dispatch.as_str().into()));
    observed.fact("hook_mcp_exposed", hooks(|hook| hook.mcp_exposed.into()));
    let constraints = kind.constraints;
    observed.fact(
        "constraints",
        json!({
            "singleton_per_runtime": constraints.singleton_per_runtime,
            "in_process_only": constraints.in_process_only,
        }),
    );
    Ok(())
}

/// `kinds/<kind>/v<major>.yaml`, or a place of that form where the file does not tell.
fn place(yaml: &Value) -> String {
    let says = |key: &str| yaml.get(key).and_then(Value::as_str).unwrap_or_default();
    let version = says("kind_api_version");
    let major = version.split('.').next().and_then(|major| major.parse::<u64>().ok());
    let kind = says("kind");
    let plain = kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    match major {
        Some(major) if plain && !kind.is_empty() => format!("kinds/{kind}/v{major}.yaml"),
        _ => "kinds/k/v1.yaml".into(),
    }
}

/// The schema files of a scenario, each beside the hookspec.
fn schemas(files: Option<&Value>, yaml: &Value, shipped: &Catalog) -> Served<Vec<(String, Value)>> {
    match files {
        None => Ok(Vec::new()),
        Some(Value::String(word)) if word == "spec" => shipped_schemas(yaml, shipped),
        Some(list @ Value::Array(_)) => {
            let names = texts(list, "schema_files")?.into_iter();
            Ok(names.map(|name| (name, Value::Object(Map::new()))).collect())
        }
        Some(other) => unserved(format!("unknown schema_files {other}")),
    }
}

/// Each path that the hookspec names holds the shipped kind's schema for that hook and direction.
fn shipped_schemas(yaml: &Value, shipped: &Catalog) -> Served<Vec<(String, Value)>> {
    let name = yaml.get("kind").and_then(Value::as_str).unwrap_or_default();
    let Some(kind) = shipped.majors(name).last().and_then(|major| shipped.kind(name, *major))
    else {
        return unserved(format!("kind `{name}` is not shipped, so there are no schemas of it"));
    };
    let mut found = Vec::new();
    for hook in yaml.get("hooks").and_then(Value::as_array).into_iter().flatten() {
        let own = hook.get("name").and_then(Value::as_str).and_then(|name| kind.hook(name));
        let direction = |key: &str, schema: Option<&Schema>| {
            Some((hook.get(key)?.as_str()?.to_owned(), schema?.document().clone()))
        };
        found.extend(direction("input_schema", own.map(|hook| &hook.input)));
        found.extend(direction("output_schema", own.map(|hook| &hook.output)));
    }
    Ok(found)
}
