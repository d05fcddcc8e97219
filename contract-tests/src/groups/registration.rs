//! registration: manifests as they are, registered one by one, and then a start.

use std::sync::Arc;

use hookspec_host::testing::Puppet;
use hookspec_host::{Registry, StartError};
use hookspec_plugin::{Manifest, Plugin};
use hookspec_spec::manifest::{self, Dialect};
use hookspec_spec::{Catalog, DispatchClass};
use serde_json::{Value, json};

use super::host::{Make, found, host, loaders};
use super::kinds::{Hooks, declare};
use crate::logs::Logs;
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, object, unserved};

pub(super) const EXPECTATIONS: [&str; 3] = ["registered", "command", "candidates"];

const KEYS: [&str; 4] = ["manifests", "supported_runtimes", "installed", "env"];

pub(super) async fn observe(input: &Value, shipped: &Catalog) -> Served<Observed> {
    let fields = object(input, "input", &KEYS)?;
    let Some(Value::Array(documents)) = fields.get("manifests") else {
        return unserved("input has no list `manifests`");
    };
    let mut observed = Observed::of(input);
    for name in documents.iter().filter_map(|document| document.get("name")?.as_str()) {
        observed.words.plugin(name);
    }
    let logs = Logs::default();
    let guard = logs.install();
    // A puppet stands behind every entry point and command.
    let make: Make =
        Arc::new(|manifest| Arc::new(Puppet::new(manifest.clone())) as Arc<dyn Plugin>);
    let builder = host(Registry::builder(), fields)?.catalog(kinds(documents, shipped)?);
    match loaders(builder, fields, &make)?.build() {
        Ok(registry) => register(&mut observed, &registry, documents).await,
        Err(error) => observed.failed(error),
    }
    drop(guard);
    observed.records = logs.records();
    if let Some(error) = &observed.error {
        let candidates = error.candidates.clone();
        observed.fact("candidates", candidates);
    }
    Ok(observed)
}

/// One that is refused does not keep the next from being registered: the registry is as it was.
async fn register(observed: &mut Observed, registry: &Registry, documents: &[Value]) {
    let mut registered: Vec<Manifest> = Vec::new();
    for document in documents {
        let manifest = match manifest::from_value(document, Dialect::Specification) {
            Ok(manifest) => manifest,
            Err(diagnostics) => {
                observed.failed(Seen::manifest(&diagnostics));
                continue;
            }
        };
        match registry.open(found(manifest.clone())).await {
            Ok(()) => registered.push(manifest),
            Err(error) => observed.failed(StartError::Registration { errors: vec![error] }),
        }
    }
    if let Some(last) = registered.last() {
        observed.fact("command", json!(last.command));
    }
    let there = registry.snapshot().plugins;
    let names = registered.iter().map(|manifest| manifest.name.as_str());
    let names = names.filter(|name| there.iter().any(|plugin| plugin.name == *name));
    observed.fact("registered", json!(names.collect::<Vec<_>>()));
    if let Err(error) = registry.start().await {
        observed.failed(error);
    }
    if let Err(error) = registry.stop().await {
        observed.failed(error);
    }
}

/// The shipped kinds, and those that the manifests name beside them. One whose name no hookspec can
/// have stays unknown.
fn kinds(documents: &[Value], shipped: &Catalog) -> Served<Catalog> {
    let mut kinds = shipped.clone();
    for kind in documents.iter().filter_map(|document| document.get("kind")?.as_str()) {
        if !kinds.majors(kind).is_empty() {
            continue;
        }
        let hooks = Hooks::from([(kind.to_owned(), ["h".to_owned()].into())]);
        let Ok(own) = declare(&hooks, DispatchClass::BroadcastCollect, None) else { continue };
        kinds = kinds.merge(&own).or_else(|found| unserved(found.to_string()))?;
    }
    Ok(kinds)
}
