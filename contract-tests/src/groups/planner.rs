//! topo_sort, unresolved_depends, blocked_by: manifests in, the order of a start out. Nothing starts.

use hookspec_host::StartPlan;
use hookspec_plugin::Manifest;
use serde_json::{Map, Value, json};

use crate::observed::Observed;
use crate::puppets::{MANIFEST_KEYS, complete};
use crate::seen::Seen;
use crate::unserved::{Served, object, text, unserved};

pub(super) const OF_ORDERS: [&str; 3] = ["order", "cycle", "unresolved"];
pub(super) const OF_BLOCKS: [&str; 1] = ["blocked"];

pub(super) fn order(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &["manifests"])?;
    let mut observed = Observed::of(input);
    let Some(manifests) = manifests(fields, &mut observed)? else { return Ok(observed) };
    match StartPlan::new(&manifests) {
        Ok(plan) => {
            observed.fact("order", json!(plan.order));
            observed.fact("unresolved", unresolved(&plan, &manifests));
        }
        Err(cycle) => {
            let mut members: Vec<String> = cycle.iter().map(ToString::to_string).collect();
            let path = members.join(" -> ");
            members.sort();
            members.dedup();
            observed.fact("cycle", members);
            observed.failed(Seen::new(&["DependencyCycle"], path));
        }
    }
    Ok(observed)
}

pub(super) fn blocked(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &["manifests", "failed"])?;
    let failed = text(fields.get("failed").unwrap_or(&Value::Null), "failed")?;
    let mut observed = Observed::of(input);
    let Some(manifests) = manifests(fields, &mut observed)? else { return Ok(observed) };
    observed.fact("blocked", json!(StartPlan::blocked_by(failed, &manifests)));
    Ok(observed)
}

/// The manifests, completed; `None` where one is refused, which is the outcome then.
fn manifests(
    fields: &Map<String, Value>,
    observed: &mut Observed,
) -> Served<Option<Vec<Manifest>>> {
    let Some(Value::Array(entries)) = fields.get("manifests") else {
        return unserved("input has no list `manifests`");
    };
    let known = [MANIFEST_KEYS.as_slice(), &["unit_of_work"]].concat();
    let mut manifests = Vec::new();
    for entry in entries {
        object(entry, "a manifest", &known)?;
        match complete(entry, "k")?.0 {
            Ok(manifest) => {
                observed.words.plugin(manifest.name.as_str());
                manifests.push(manifest);
            }
            Err(diagnostics) => {
                observed.failed(Seen::manifest(&diagnostics));
                return Ok(None);
            }
        }
    }
    Ok(Some(manifests))
}

/// What each plugin that cannot start depends on and nobody is; where somebody is everything, it is
/// for those that it cannot start.
fn unresolved(plan: &StartPlan, manifests: &[Manifest]) -> Value {
    let lacks = plan.unresolved.iter().map(|(name, lacks)| {
        let nobody = |need: &&_| !manifests.iter().any(|own| own.name == **need);
        let absent: Vec<_> = lacks.iter().filter(nobody).collect();
        let lacks = if absent.is_empty() { json!(lacks) } else { json!(absent) };
        (name.to_string(), lacks)
    });
    Value::Object(lacks.collect())
}
