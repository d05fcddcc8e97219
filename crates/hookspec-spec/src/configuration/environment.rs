//! Environment variables that configure plugins: `HOOKSPEC_<PLUGIN>__<KEY>`, keys of nested objects
//! joined by `__`.

use std::collections::BTreeMap;

use hookspec_plugin::{Manifest, PluginName};
use serde_json::Value;

use super::configure::Problem;
use super::schema::ConfigSchema;
use crate::codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::escape;
use crate::reader::{describe, nearest};

/// How an environment variable is looked up.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable, and the property that it sets.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) keys: Vec<String>,
    types: Vec<String>,
    secret: bool,
}

impl Variable {
    pub(super) fn pointer(&self) -> String {
        self.keys.iter().map(|key| format!("/{}", escape(key))).collect()
    }

    /// The value that a text stands for: by the first of the property's types that it can be read
    /// as. A property without types takes JSON, and as a text what is none.
    fn read(&self, text: &str) -> Option<Value> {
        let json = || serde_json::from_str::<Value>(text).ok();
        if self.types.is_empty() {
            return Some(json().unwrap_or_else(|| text.into()));
        }
        self.types.iter().find_map(|name| match name.as_str() {
            "string" => Some(text.into()),
            "integer" => json().filter(is_whole),
            "number" => json().filter(Value::is_number),
            "boolean" => json().filter(Value::is_boolean),
            "null" => json().filter(Value::is_null),
            "array" => json().filter(Value::is_array),
            "object" => json().filter(Value::is_object),
            _ => None,
        })
    }

    fn expected(&self) -> String {
        let words = self.types.iter().map(|name| match name.as_str() {
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            "null" => "null",
            "array" => "a list in JSON",
            "object" => "an object in JSON",
            _ => "a text",
        });
        words.collect::<Vec<_>>().join(" or ")
    }
}

fn is_whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|own| own.fract() == 0.0)
}

/// The variables that configure a plugin, outer properties first.
pub(super) fn of(plugin: &PluginName, schema: &ConfigSchema) -> Vec<Variable> {
    let mut found = Vec::new();
    schema.properties(|keys, schemas, secret| {
        let mut types: Vec<String> = Vec::new();
        for schema in schemas {
            for name in named_types(schema) {
                if !types.contains(&name) {
                    types.push(name);
                }
            }
        }
        let name = keys.iter().fold(prefix(plugin), |name, key| format!("{name}__{}", upper(key)));
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        found.push(Variable { name, keys, types, secret });
    });
    found.sort_by_key(|each| each.keys.len());
    found
}

fn named_types(schema: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let by_value = |value: &Value| {
        let name = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        name.to_owned()
    };
    match schema.get("type") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => names.iter().filter_map(text).collect(),
        _ => match (schema.get("enum").and_then(Value::as_array), schema.get("const")) {
            (Some(values), _) => values.iter().map(by_value).collect(),
            (None, Some(value)) => vec![by_value(value)],
            (None, None) if schema.get("properties").is_some() => vec!["object".into()],
            (None, None) => Vec::new(),
        },
    }
}

/// Sets what the environment sets; answers which variables did.
pub(super) fn set(
    plugin: &PluginName,
    schema: &ConfigSchema,
    lookup: Lookup<'_>,
    value: &mut Value,
    problems: &mut Vec<Problem>,
) -> Vec<(String, String)> {
    let variables = of(plugin, schema);
    let mut by_name: BTreeMap<&str, Vec<&Variable>> = BTreeMap::new();
    for variable in &variables {
        by_name.entry(&variable.name).or_default().push(variable);
    }
    let mut set = Vec::new();
    for variable in &variables {
        let Some(text) = lookup(&variable.name) else { continue };
        let same = by_name.get(variable.name.as_str()).map_or(&[][..], Vec::as_slice);
        if let [first, others @ ..] = same
            && !others.is_empty()
        {
            if first.keys == variable.keys {
                let names: Vec<String> = same.iter().map(|own| own.keys.join(".")).collect();
                let message = format!(
                    "{} stands for several properties of plugin `{plugin}`: {}",
                    variable.name,
                    names.join(", ")
                );
                let hint = "unset it, and write them in the configuration file";
                problems.push(Problem::whole(codes::CONFIG_SHARED_VARIABLE, message, hint));
            }
            continue;
        }
        match variable.read(&text) {
            Some(read) => {
                insert(value, &variable.keys, read);
                set.push((variable.pointer(), variable.name.clone()));
            }
            None => {
                let is = match variable.secret {
                    true => "***".to_owned(),
                    false => describe(&Value::String(text)),
                };
                let message = format!(
                    "{} must be {}, and is {is}: it sets `{}` of plugin `{plugin}`",
                    variable.name,
                    variable.expected(),
                    variable.keys.join(".")
                );
                let hint = format!("correct {}, or unset it", variable.name);
                problems.push(Problem::whole(codes::CONFIG_VARIABLE, message, hint));
            }
        }
    }
    set
}

/// Sets a value below objects, which are made where there are none.
fn insert(value: &mut Value, keys: &[String], read: Value) {
    let Some((last, path)) = keys.split_last() else { return };
    let mut at = value;
    for key in path.iter().chain([last]) {
        if !at.is_object() {
            *at = Value::Object(serde_json::Map::new());
        }
        // It was made an object just now.
        let Some(fields) = at.as_object_mut() else { return };
        at = fields.entry(key.clone()).or_insert(Value::Null);
    }
    *at = read;
}

/// The variables that configure a plugin; none where its `config_schema` is invalid or lists no
/// properties.
pub fn variables(manifest: &Manifest) -> Vec<String> {
    let schema = ConfigSchema::of(manifest);
    let of_plugin = schema.map(|schema| of(&manifest.name, &schema)).unwrap_or_default();
    of_plugin.into_iter().map(|variable| variable.name).collect()
}

/// Variables that configure two plugins: their names differ only in what a variable cannot hold.
pub fn shared_variables(manifests: &[Manifest]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<String, &PluginName> = BTreeMap::new();
    let mut found: BTreeMap<(&PluginName, &PluginName), String> = BTreeMap::new();
    for manifest in manifests {
        for name in variables(manifest) {
            match first.get(&name) {
                Some(other) if **other != manifest.name => {
                    found.entry((*other, &manifest.name)).or_insert(name);
                }
                Some(_) => {}
                None => drop(first.insert(name, &manifest.name)),
            }
        }
    }
    let shared = found.into_iter().map(|((one, other), name)| {
        let message = format!("{name} would configure both plugin `{one}` and plugin `{other}`");
        Diagnostic::error(codes::CONFIG_SHARED_VARIABLE, message).hint("rename one of the two")
    });
    shared.collect()
}

/// Warnings about variables that are named as if they configured one of these plugins, and do not.
pub fn idle_variables(
    manifests: &[Manifest],
    set: impl IntoIterator<Item = String>,
) -> Vec<Diagnostic> {
    let known: Vec<(String, Vec<String>)> = manifests
        .iter()
        .map(|manifest| (format!("{}__", prefix(&manifest.name)), variables(manifest)))
        .collect();
    let all: Vec<&str> = known.iter().flat_map(|(_, own)| own).map(String::as_str).collect();
    let mut names: Vec<String> = set.into_iter().collect();
    names.sort();
    let idle = names.iter().filter(|name| {
        known.iter().any(|(prefix, _)| name.starts_with(prefix.as_str()))
            && !all.contains(&name.as_str())
    });
    let warning = |name: &String| {
        let of_plugin = known.iter().filter(|(prefix, _)| name.starts_with(prefix.as_str()));
        let near: Vec<&str> = of_plugin.flat_map(|(_, own)| own).map(String::as_str).collect();
        let hint = match nearest(name, &near) {
            Some(near) => format!("did you mean `{near}`?"),
            None if near.is_empty() => {
                "the plugin has no config_schema that lists properties".into()
            }
            None => format!("variables of the plugin: {}", near.join(", ")),
        };
        let message = format!("{} is set, and configures nothing", crate::document::shorten(name));
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(codes::CONFIG_IDLE_VARIABLE, message).hint(hint)
        }
    };
    idle.map(warning).collect()
}

fn prefix(plugin: &PluginName) -> String {
    format!("HOOKSPEC_{}", upper(plugin.as_str()))
}

/// In capitals, and `_` for everything that a variable cannot hold.
fn upper(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    text.chars().map(plain).collect()
}
