//! The plugins that cases are run with, runtime by runtime. A plugin that is loaded in another way
//! is another line here; no case changes.

use std::fs;
use std::sync::Arc;

use audit_logger::AuditLogger;
use contract_tests::library;
use futures::executor::block_on;
use hookspec::kinds::lifecycle_listener::LifecycleListenerPlugin;
use hookspec::manifest::RuntimeName;
use hookspec::spec::Catalog;
use hookspec::{Dylib, LoadEnv, Manifest, Plugin, Runtime};
use hookspec_contract::Subject;
use metrics_exporter::MetricsExporter;
use serde_json::json;
use tempfile::TempDir;

/// All of them.
pub(crate) fn all(catalog: &Catalog) -> Vec<Subject> {
    // What other runtimes load is more of the same list: one function for each runtime.
    let linked = in_process();
    let in_libraries: Vec<_> = in_library(&linked, catalog);
    linked.into_iter().chain(in_libraries).collect()
}

/// The same plugins out of a shared library: not one of them is changed for it.
fn in_library(linked: &[Subject], catalog: &Catalog) -> Vec<Subject> {
    // It stays for the time of this program, as the library does.
    let folder: &'static TempDir = Box::leak(Box::new(TempDir::new().expect("there is room")));
    let built = library::build("examples-dylib").expect("the examples build as a library");
    fs::write(folder.path().join("examples.so"), built).expect("there is room");
    let env: &'static LoadEnv =
        Box::leak(Box::new(LoadEnv { kinds: catalog.known_kinds(), ..LoadEnv::default() }));
    let elsewhere = |subject: &Subject| {
        let manifest = Manifest {
            runtime: RuntimeName::Dylib,
            entry_point: Some("examples.so".into()),
            ..subject.manifest().clone()
        };
        subject.elsewhere(manifest.clone(), move || {
            let opened = block_on(Dylib::new().open(&manifest, folder.path(), env));
            opened.map(|mut found| found.remove(0)).map_err(|error| error.to_string())
        })
    };
    linked.iter().map(elsewhere).collect()
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
