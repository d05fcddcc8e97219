//! How a call chooses a plugin: a name, a filter over the candidates, a routing policy.

use hookspec_host::{Candidate, Choice, RoutingPolicy};
use hookspec_plugin::{Caller, PluginName};
use serde_json::{Map, Value};

use crate::unserved::{Served, object, text, texts, unserved};

/// A filter: every part narrows what the one before it left.
#[derive(Clone, Debug)]
enum Part {
    Exclude(Vec<String>),
    Order(Vec<String>),
    RequireCapability(String),
    AllowByMetadata { key: String, allowed: Map<String, Value> },
}

pub(super) fn filter(value: &Value) -> Served<Choice> {
    let known = ["exclude", "order", "require_capability", "allow_by_metadata"];
    let fields = object(value, "filter", &known)?;
    let mut parts = Vec::new();
    for (key, value) in fields {
        parts.push(match key.as_str() {
            "exclude" => Part::Exclude(texts(value, key)?),
            "order" => Part::Order(texts(value, key)?),
            "require_capability" => Part::RequireCapability(text(value, key)?.to_owned()),
            _ => allow(value)?,
        });
    }
    Ok(Choice::filter(move |selection, candidates| {
        let apply = |left: Vec<_>, part: &Part| part.apply(selection.caller, left);
        parts.iter().fold(candidates, apply)
    }))
}

fn allow(value: &Value) -> Served<Part> {
    let fields = object(value, "allow_by_metadata", &["key", "map"])?;
    let key = text(fields.get("key").unwrap_or(&Value::Null), "allow_by_metadata.key")?.to_owned();
    let Some(Value::Object(allowed)) = fields.get("map") else {
        return unserved("allow_by_metadata has no object `map`");
    };
    for names in allowed.values() {
        texts(names, "allow_by_metadata.map")?;
    }
    Ok(Part::AllowByMetadata { key, allowed: allowed.clone() })
}

impl Part {
    fn apply<'a>(&self, caller: &Caller, mut left: Vec<Candidate<'a>>) -> Vec<Candidate<'a>> {
        match self {
            Self::Exclude(names) => left.retain(|one| !has(names, one)),
            Self::Order(names) => {
                let place =
                    |one: &Candidate<'_>| names.iter().position(|name| one.plugin.as_str() == name);
                left.retain(|one| has(names, one));
                left.sort_by_key(place);
            }
            Self::RequireCapability(tag) => {
                left.retain(|one| one.manifest.capabilities.contains(tag))
            }
            Self::AllowByMetadata { key, allowed } => {
                let said = caller.metadata().get(key).map(plain).unwrap_or_default();
                let names = allowed.get(&said).and_then(Value::as_array).into_iter().flatten();
                let names: Vec<String> =
                    names.filter_map(Value::as_str).map(str::to_owned).collect();
                left.retain(|one| has(&names, one));
            }
        }
        left
    }
}

fn has(names: &[String], candidate: &Candidate<'_>) -> bool {
    names.iter().any(|name| candidate.plugin.as_str() == name)
}

/// A metadata value as the key of a map: texts as they are.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn policy(value: &Value) -> Served<RoutingPolicy> {
    let fields = object(value, "policy", &["select"])?;
    let name = match fields.get("select") {
        None => return unserved("a policy without `select`"),
        Some(Value::Null) => None,
        Some(name) => Some(PluginName::from(text(name, "policy.select")?)),
    };
    Ok(RoutingPolicy::new(move |_, _| name.clone()))
}
