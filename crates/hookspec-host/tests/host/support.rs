//! What the tests of this binary share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookspec_host::testing::{Puppet, Script};
use hookspec_host::{Limits, Registry, RegistryBuilder};
use hookspec_plugin::{Manifest, Plugin};
use hookspec_spec::{Catalog, DispatchClass, Source};

/// Long enough for anything that ends, short enough for a test that fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A payload schema: an object with a text and perhaps a number.
pub(crate) const SCHEMA: &str = r#"{
    "type": "object",
    "required": ["text"],
    "properties": { "text": { "type": "string" }, "n": { "type": "integer" } },
    "additionalProperties": false
}"#;

/// Kind `k` with hook `h` of a class; `more` is added to the hook.
pub(crate) fn kind(class: DispatchClass, more: &str) -> Catalog {
    kinds(&format!("    dispatch: {class}\n{more}"))
}

/// As [`kind`], with payloads that must satisfy [`SCHEMA`].
pub(crate) fn strict(class: DispatchClass, more: &str) -> Catalog {
    let output = match class {
        DispatchClass::BroadcastNotify | DispatchClass::Chain => "",
        DispatchClass::BroadcastCollect | DispatchClass::Singleton | DispatchClass::Capability => {
            "    output_schema: schemas/p.json\n"
        }
    };
    kind(class, &format!("    input_schema: schemas/p.json\n{output}{more}"))
}

fn kinds(hook: &str) -> Catalog {
    let yaml = format!("kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n{hook}");
    Catalog::from_sources([
        Source::new("kinds/k/v1.yaml", yaml),
        Source::new("kinds/k/schemas/p.json", SCHEMA),
    ])
    .unwrap()
}

/// A puppet of kind `k` with hook `h`.
pub(crate) fn puppet(name: &str, script: impl Into<Script>) -> Puppet {
    Puppet::new(Manifest::new(name, "k")).on("h", script)
}

/// A puppet of kind `k` with hook `h` and a priority.
pub(crate) fn ranked(name: &str, priority: u32, script: impl Into<Script>) -> Puppet {
    Puppet::new(Manifest { priority, ..Manifest::new(name, "k") }).on("h", script)
}

pub(crate) fn builder(
    catalog: Catalog,
    puppets: impl IntoIterator<Item = Puppet>,
) -> RegistryBuilder {
    let plugins = puppets.into_iter().map(|puppet| Arc::new(puppet) as Arc<dyn Plugin>);
    Registry::builder().catalog(catalog).plugins(plugins).environment(|_| None)
}

/// Limits under which what never ends is given up quickly.
pub(crate) fn impatient() -> Limits {
    Limits {
        dispatch_timeout: Duration::from_millis(200),
        startup_timeout: Some(Duration::from_millis(500)),
        teardown_timeout: Some(Duration::from_millis(500)),
        ..Limits::default()
    }
}

/// Waits for a condition, bounded.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "did not happen in time: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The counters of one plugin.
pub(crate) fn plugin(registry: &Registry, name: &str) -> hookspec_host::PluginSnapshot {
    let snapshot = registry.snapshot();
    snapshot.plugins.into_iter().find(|plugin| plugin.name == name).unwrap()
}
