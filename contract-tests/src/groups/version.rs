//! version_compat: registering a plugin in a host of some version.

use hookspec_host::Registry;
use hookspec_host::testing::{Journal, Puppet};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use super::kinds::{Hooks, declare};
use crate::observed::Observed;
use crate::puppets::complete;
use crate::seen::Seen;
use crate::unserved::{Served, object, text};

pub(super) fn observe(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &["core_version", "installed"])?;
    let installed = match fields.get("installed") {
        Some(installed) => text(installed, "installed")?,
        None => "0.2.0",
    };
    let mut entry = json!({ "name": "versioned" });
    if let (Some(core_version), Some(entry)) = (fields.get("core_version"), entry.as_object_mut()) {
        entry.insert("core_version".into(), core_version.clone());
    }
    let mut observed = Observed::of(input);
    observed.words.plugin("versioned");
    // The host comes first: without one there is nothing to register a plugin in.
    let kinds = match declare(
        &Hooks::from([("k".into(), ["h".into()].into())]),
        DispatchClass::BroadcastCollect,
        None,
    ) {
        Ok(kinds) => kinds,
        Err(error) => {
            observed.failed(error);
            return Ok(observed);
        }
    };
    let host = || Registry::builder().catalog(kinds.clone()).core_version(installed);
    if let Err(error) = host().build() {
        observed.failed(error);
        return Ok(observed);
    }
    match complete(&entry, "k")?.0 {
        Ok(manifest) => {
            let puppet = Puppet::new(manifest).journal(&Journal::new());
            if let Err(error) = host().plugin(puppet).build() {
                observed.failed(error);
            }
        }
        Err(diagnostics) => observed.failed(Seen::manifest(&diagnostics)),
    }
    Ok(observed)
}
