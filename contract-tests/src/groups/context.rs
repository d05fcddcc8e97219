//! context: what a plugin finds in its context.

use std::sync::Arc;

use hookspec_host::Registry;
use hookspec_plugin::{Caller, Fault, Manifest, Tenant};
use serde_json::{Map, Value, json};

use super::lent::look;
use crate::observed::Observed;
use crate::unserved::{Served, object, text, unserved, whole};

pub(super) const EXPECTATIONS: [&str; 11] = [
    "event_bus",
    "tenant",
    "resources",
    "progress",
    "checkpoint",
    "metadata",
    "extras",
    "allows_everything",
    "value",
    "all_equal",
    "config",
];

pub(super) async fn observe(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &["op", "tenant", "metadata", "key", "plugins"])?;
    let op = text(fields.get("op").unwrap_or(&Value::Null), "op")?;
    let mut observed = Observed::of(input);
    match op {
        "defaults" => defaults(&mut observed).await,
        "tenant_or_default" => tenant(fields.get("tenant"), &mut observed).await?,
        "metadata" => {
            let key = text(fields.get("key").unwrap_or(&Value::Null), "key")?.to_owned();
            let seen = metadata(fields, "a", &mut observed).await?;
            observed.fact("value", seen.get(&key).cloned().unwrap_or_default());
            observed.fact("metadata", seen);
        }
        "metadata_passthrough" => {
            let plugins = whole(fields.get("plugins").unwrap_or(&json!(2)), "plugins")?;
            let mut seen = Vec::new();
            for plugin in 0..plugins {
                seen.push(metadata(fields, &format!("p{plugin}"), &mut observed).await?);
            }
            let given = fields.get("metadata").cloned().unwrap_or_else(|| json!({}));
            observed.fact("all_equal", seen.iter().all(|one| *one == given));
        }
        other => return unserved(format!("unknown op `{other}`")),
    }
    Ok(observed)
}

async fn defaults(observed: &mut Observed) {
    let seen = look(Registry::builder(), Manifest::new("a", "k"), Caller::new(), |ctx| {
        let services = ctx.plugin().services();
        let there = |is: bool| if is { json!("something") } else { Value::Null };
        json!({
            // No part of this host yet: there is no accessor that could yield one.
            "event_bus": null,
            "tenant": there(services.tenant().is_some()),
            "resources": there(!services.resource_names().is_empty()),
            "progress": there(services.progress().is_some()),
            "checkpoint": there(services.checkpoints().is_some()),
            "metadata": ctx.metadata(),
            // It has no counterpart, and is skipped.
            "extras": {},
        })
    });
    match seen.await {
        Err(error) => observed.failed(error),
        Ok(Value::Object(facts)) => observed.facts.extend(facts),
        Ok(_) => {}
    }
}

/// Is called as the vector says, and allows nothing.
struct Injected(String);

impl Tenant for Injected {
    fn id(&self) -> Option<&str> {
        Some(&self.0)
    }

    fn check_access(&self, resource: &str, action: &str) -> Result<(), Fault> {
        Err(hookspec_plugin::access_denied(Some(&self.0), resource, action))
    }
}

async fn tenant(given: Option<&Value>, observed: &mut Observed) -> Served<()> {
    let builder = match given {
        None | Some(Value::Null) => Registry::builder(),
        Some(name) => {
            Registry::builder().tenant(Arc::new(Injected(text(name, "tenant")?.to_owned())))
        }
    };
    let seen = look(builder, Manifest::new("a", "k"), Caller::new(), |ctx| {
        let tenant = ctx.plugin().tenant();
        let id = tenant.id().map(str::to_owned);
        (id, tenant.check_access("anything", "do").is_ok())
    });
    match seen.await {
        Err(error) => observed.failed(error),
        Ok((id, allowed)) => {
            observed.fact("tenant", id);
            observed.fact("allows_everything", allowed);
        }
    }
    Ok(())
}

/// The metadata that a plugin finds in its call.
async fn metadata(
    fields: &Map<String, Value>,
    plugin: &str,
    observed: &mut Observed,
) -> Served<Value> {
    let mut caller = Caller::new();
    match fields.get("metadata") {
        None => {}
        Some(Value::Object(given)) => {
            for (key, value) in given {
                caller = caller.with_metadata(key.as_str(), value.clone());
            }
        }
        Some(_) => return unserved("`metadata` is not an object"),
    }
    let manifest = Manifest::new(plugin.to_owned(), "k");
    let seen = look(Registry::builder(), manifest, caller, |ctx| json!(ctx.metadata()));
    Ok(seen.await.unwrap_or_else(|error| {
        observed.failed(error);
        Value::Null
    }))
}
