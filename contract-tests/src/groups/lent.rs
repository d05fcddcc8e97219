//! [`look`]: what a plugin sees of what its host lends.

use std::sync::{Arc, Mutex, PoisonError};

use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_host::{Registry, RegistryBuilder, State};
use hookspec_plugin::{CallContext, Caller, Manifest, Payload, Reply, ResourceNeeds};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use super::kinds::{Hooks, declare};
use crate::seen::Seen;

/// A plugin of kind `k` that may see resources.
pub(super) fn declares(name: &str, required: &[String], optional: &[String]) -> Manifest {
    let resources = ResourceNeeds { required: required.to_vec(), optional: optional.to_vec() };
    Manifest { resources, ..Manifest::new(name, "k") }
}

/// Starts a host with one plugin and calls it: what the plugin sees in that call.
pub(super) async fn look<T: Send + 'static>(
    builder: RegistryBuilder,
    manifest: Manifest,
    caller: Caller,
    see: impl Fn(&CallContext<'_>) -> T + Send + Sync + 'static,
) -> Result<T, Seen> {
    let slot = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&slot);
    let name = manifest.name.clone();
    let puppet = Puppet::new(manifest).on(
        "h",
        Behaviour::Compute(Arc::new(move |call| {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(see(&call.context));
            Ok(Reply::Value(Payload::from_json(Value::Null)))
        })),
    );
    let hooks = Hooks::from([("k".into(), ["h".into()].into())]);
    let kinds = declare(&hooks, DispatchClass::BroadcastCollect, Some("best_effort"))?;
    let registry = builder.catalog(kinds).plugin(puppet).start().await.map_err(Seen::from)?;
    if let Some(reason) = unavailable(&registry) {
        return Err(Seen::new(&["KeyError"], format!("plugin `{name}`: {reason}")));
    }
    let refused = |error| Seen::dispatch(&error, DispatchClass::BroadcastCollect);
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").map_err(refused)?;
    collect.dispatch(&caller, json!({})).await.map_err(refused)?;
    registry.stop().await.map_err(Seen::from)?;
    let found = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    found.ok_or_else(|| Seen::new(&[], "the plugin was not called"))
}

fn unavailable(registry: &Registry) -> Option<String> {
    let plugins = registry.snapshot().plugins.into_iter();
    let mut unavailable = plugins.filter(|plugin| plugin.state == State::Unavailable);
    unavailable.next().map(|plugin| plugin.reason)
}
