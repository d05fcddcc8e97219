//! The example plugins that are linked into this program.

use std::sync::Arc;

use audit_logger::AuditLogger;
use hookspec::Plugin;
use hookspec::kinds::lifecycle_listener::LifecycleListenerPlugin;
use hookspec_contract::Subject;
use metrics_exporter::MetricsExporter;
use serde_json::json;

/// Those that keep to their kinds.
pub(crate) fn honest() -> Vec<Subject> {
    let mut subjects = vec![
        Subject::in_process(|| Arc::new(LifecycleListenerPlugin::<AuditLogger>::new()))
            .configured(json!({ "path": "${folder}/audit.ndjson" })),
        Subject::in_process(|| Arc::new(LifecycleListenerPlugin::from(MetricsExporter::default()))),
    ];
    subjects.extend(each(tool_providers::plugins));
    subjects.extend(each(tool_providers::functions::plugins));
    subjects.extend(each(query_rewriters::plugins));
    subjects.extend(each(file_processors::plugins));
    subjects
}

/// A subject for each plugin that a crate makes, with a new instance each time.
pub(crate) fn each(plugins: fn() -> Vec<Arc<dyn Plugin>>) -> impl Iterator<Item = Subject> {
    let names = plugins().into_iter().map(|plugin| plugin.manifest().name.clone());
    names.map(move |name| {
        Subject::in_process(move || {
            let found = plugins().into_iter().find(|plugin| plugin.manifest().name == name);
            // The name came from the same list.
            found.unwrap_or_else(|| panic!("{name} is no longer among the plugins of its crate"))
        })
    })
}
