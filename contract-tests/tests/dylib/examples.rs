//! The examples that are libraries, as their users have them.

use std::fs;
use std::path::Path;
use std::process::Command;

use contract_tests::library;
use hookspec::manifest::RuntimeName;
use hookspec::spec::manifest;
use hookspec::{Caller, Manifest};
use serde_json::{Value, json};

use crate::support::{Folder, c_library, c_puppet, registry, root, rust_metrics};

/// The manifest that an example ships, for a library in another folder.
fn shipped(folder: &str) -> Manifest {
    let path = root().join(folder).join("plugin.toml");
    let manifest = manifest::load(Path::new(&path)).expect("the manifest is valid").manifest;
    assert_eq!(manifest.runtime, RuntimeName::Dylib);
    Manifest { entry_point: Some("library.so".into()), ..manifest }
}

fn started(registry: &hookspec::Registry, count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let hook = registry.broadcast_notify::<Value>("lifecycle_listener", "on_request_started");
    let hook = hook.unwrap();
    runtime.block_on(async {
        for _ in 0..count {
            let told = hook.dispatch(&Caller::new(), json!({ "request_id": "a" })).await.unwrap();
            assert!(told.failures.is_empty(), "{:?}", told.failures);
        }
    });
}

#[test]
fn the_metrics_exporter_in_rust_and_in_c() {
    let said = crate::support::Log::capture();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rust = rust_metrics().open(&shipped("examples/plugins/metrics-exporter-dylib")).unwrap();
    let c = "examples/interop/metrics-exporter-c";
    let folder = c_library(&format!("{c}/metrics_exporter.c"), &[]);
    let registry = runtime.block_on(registry([rust, folder.open(&shipped(c)).unwrap()]));
    started(&registry, 3);
    let calls: Vec<u64> = registry.snapshot().plugins.iter().map(|plugin| plugin.calls).collect();
    assert_eq!(calls, [3, 3]);
    runtime.block_on(registry.stop()).unwrap();
    let text = said.text();
    let mut lines = text.lines().filter(|line| line.contains("requests so far"));
    let line = lines.next().unwrap_or_default();
    assert!(line.contains("\"started\":3") || line.contains(r#"\"started\":3"#), "{line}\n{text}");
}

#[test]
fn the_spell_checker_answers_from_its_own_thread() {
    let folder = Folder::with(&library::build("spell-checker").unwrap());
    let plugin = folder.open(&shipped("examples/plugins/spell-checker")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let registry = registry([plugin]).await;
        let rewrite = registry.chain::<Value>("query_rewriter", "rewrite").unwrap();
        let query = json!({ "text": "regsitry", "terms": [], "filters": {} });
        let caller = Caller::new();
        let asked = (0..64).map(|_| rewrite.dispatch(&caller, query.clone()));
        for chained in futures::future::join_all(asked).await {
            assert_eq!(chained.unwrap().value["terms"], json!(["registry"]));
        }
        registry.stop().await.unwrap();
    });
}

/// Digests that differ are told, and refuse nothing.
#[test]
fn a_library_built_against_another_declaration_is_told() {
    let said = crate::support::Log::capture();
    let plugin = c_puppet(&["DIGEST=\"0123\""]).open(&crate::support::puppet_c());
    assert!(plugin.is_ok());
    let text = said.text();
    for part in ["another declaration", "hook=ask", "built_for=0123"] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    let same = rust_metrics().open(&shipped("examples/plugins/metrics-exporter-dylib"));
    assert!(same.is_ok() && same.unwrap().hooks().len() == 3);
    assert_eq!(said.text().matches("another declaration").count(), 1);
}

/// What this file is run for by `valgrind`: many calls, nothing else.
#[test]
fn ten_thousand_calls_of_c() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let c = "examples/interop/metrics-exporter-c";
    let folder = c_library(&format!("{c}/metrics_exporter.c"), &["NDEBUG"]);
    let registry = runtime.block_on(registry([folder.open(&shipped(c)).unwrap()]));
    started(&registry, 10_000);
    assert_eq!(registry.snapshot().plugins[0].calls, 10_000);
    runtime.block_on(registry.stop()).unwrap();
}

#[test]
fn the_command_in_the_c_file_builds_it() {
    let folder = root().join("examples/interop/metrics-exporter-c");
    let text = fs::read_to_string(folder.join("metrics_exporter.c")).unwrap();
    let line = text.lines().find(|line| line.trim_start_matches([' ', '*']).starts_with("cc "));
    let line = line.expect("the file says how it is built").trim_start_matches([' ', '*']);
    let out = tempfile::tempdir().unwrap();
    let command = line.replace("libmetrics", &format!("{}/libmetrics", out.path().display()));
    let done = Command::new("sh").args(["-c", &command]).current_dir(&folder).status().unwrap();
    assert!(done.success(), "{command}");
    assert!(out.path().join("libmetrics_exporter_c.so").exists());
}
