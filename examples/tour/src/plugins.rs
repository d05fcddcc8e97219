//! Which plugins the tour has, and how an application configures, routes and keeps hold of them.

use std::fs;
use std::path::{Path, PathBuf};

use audit_logger::AuditLogger;
use hookspec::kinds::lifecycle_listener::LifecycleListenerPlugin;
use hookspec::kinds::tool::Execution;
use hookspec::testing::{Behaviour, Puppet};
use hookspec::{Manifest, PluginName, Registry, RegistryBuilder, RoutingPolicy};
use metrics_exporter::MetricsExporter;
use serde_json::json;

/// The tour's registry to be, and what the tour itself holds on to.
pub(crate) struct Tour {
    pub(crate) builder: RegistryBuilder,
    /// Where the audit log of this run is.
    pub(crate) audit: PathBuf,
    /// A plugin that the application reads from as well.
    pub(crate) metrics: MetricsExporter,
}

pub(crate) fn tour() -> Tour {
    let audit = std::env::temp_dir().join(format!("hookspec-tour-{}.ndjson", std::process::id()));
    let metrics = MetricsExporter::default();
    let builder = Registry::builder()
        .plugin(LifecycleListenerPlugin::from(metrics.clone()))
        .plugin(LifecycleListenerPlugin::<AuditLogger>::new())
        .config("audit-logger", json!({ "path": audit }))
        .plugins(tool_providers::plugins())
        .plugins(tool_providers::functions::plugins())
        .routing_policy("tool", by_function())
        .plugins(query_rewriters::plugins())
        .plugins(file_processors::plugins())
        .plugins(misbehaving::plugins())
        .plugin(panicking_tool());
    Tour { builder, audit, metrics }
}

/// Who carries out a function (SINGLETON-2): texts go to `text`, all else by priority.
fn by_function() -> RoutingPolicy {
    RoutingPolicy::new(|selection, candidates| {
        let call = selection.input.typed::<Execution>().ok()?;
        let wanted = ["upper_case", "count_words"].contains(&&*call.function).then_some("text")?;
        candidates.iter().any(|c| *c.plugin == wanted).then(|| PluginName::from_static(wanted))
    })
}

/// The puppet, which hosts and authors use in tests, takes any kind and any script.
fn panicking_tool() -> Puppet {
    let manifest = Manifest {
        version: Some(env!("CARGO_PKG_VERSION").into()),
        description: Some("Panics when called".into()),
        ..Manifest::new("panicking-tool", "tool")
    };
    Puppet::new(manifest).on("execute", Behaviour::panic("panicking-tool cannot execute anything"))
}

/// Commands that only look set the audit log up too: what nobody wrote to is taken away again.
pub(crate) fn remove_if_unused(audit: &Path) {
    if fs::metadata(audit).is_ok_and(|data| data.len() == 0) {
        // That an empty file stays in the temporary folder is not worth a word.
        let _ = fs::remove_file(audit);
    }
}
