//! The plugins that cases are run with, runtime by runtime. A plugin that is loaded in another way
//! is another line here; no case changes.

use std::sync::Arc;

use audit_logger::AuditLogger;
use contract_tests::cases::Subject;
use hookspec::Plugin;
use hookspec::kinds::lifecycle_listener::LifecycleListenerPlugin;
use metrics_exporter::MetricsExporter;
use serde_json::json;

/// All of them.
pub(crate) fn all() -> Vec<Subject> {
    // What other runtimes load is more of the same list: one function for each runtime.
    in_process()
}

/// Every example plugin, linked in.
fn in_process() -> Vec<Subject> {
    let mut subjects = vec![
        Subject::in_process(|| Arc::new(LifecycleListenerPlugin::<AuditLogger>::new()))
            .configured(json!({ "path": "${folder}/audit.ndjson" })),
        Subject::in_process(|| Arc::new(LifecycleListenerPlugin::from(MetricsExporter::default()))),
    ];
    subjects.extend(each(tool_providers::plugins));
    subjects.extend(each(tool_providers::functions::plugins));
    subjects.extend(each(query_rewriters::plugins));
    subjects.extend(each(file_processors::plugins));
    subjects.extend(each(misbehaving::plugins).map(Subject::misbehaving));
    subjects
}

/// A subject for each plugin that a crate makes; every case gets a new instance.
fn each(plugins: fn() -> Vec<Arc<dyn Plugin>>) -> impl Iterator<Item = Subject> {
    let names = plugins().into_iter().map(|plugin| plugin.manifest().name.clone());
    names.map(move |name| {
        Subject::in_process(move || {
            let found = plugins().into_iter().find(|plugin| plugin.manifest().name == name);
            // The name came from the same list.
            found.unwrap_or_else(|| panic!("{name} is no longer among the plugins of its crate"))
        })
    })
}
