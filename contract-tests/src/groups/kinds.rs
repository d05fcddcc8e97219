//! The kinds of a scenario: those it names, declared with its class and without schemas.

use std::collections::{BTreeMap, BTreeSet};

use hookspec_spec::{Catalog, DispatchClass, Source};
use serde_json::{Value, json};

use crate::seen::Seen;

/// The hooks of each kind.
pub(super) type Hooks = BTreeMap<String, BTreeSet<String>>;

/// Declares kinds in version 1.0.0: every hook has the class of the call, and accepts anything.
pub(super) fn declare(
    hooks: &Hooks,
    class: DispatchClass,
    error_policy: Option<&str>,
) -> Result<Catalog, Seen> {
    let sources = hooks.iter().map(|(kind, hooks)| {
        let hooks: Vec<Value> = hooks
            .iter()
            .map(|name| {
                let mut hook = json!({ "name": name, "dispatch": class.as_str() });
                if let (Some(policy), Some(fields)) = (error_policy, hook.as_object_mut()) {
                    fields.insert("error_policy".into(), policy.into());
                }
                hook
            })
            .collect();
        let yaml = json!({ "kind": kind, "kind_api_version": "1.0.0", "hooks": hooks });
        Source::new(format!("kinds/{kind}/v1.yaml"), yaml.to_string())
    });
    Catalog::from_sources(sources).map_err(|diagnostics| Seen::from(&diagnostics))
}
