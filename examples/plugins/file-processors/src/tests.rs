//! The plugins around the scans: which files they support, and how they come by the bytes.

use std::collections::BTreeSet;

use hookspec_plugin::{CallContext, Caller, Context, Level, Payload, Resource, Services};
use serde_json::{Map, Value, json};

use super::*;

struct Nothing;

impl Services for Nothing {
    fn config(&self) -> &Value {
        &Value::Null
    }
    fn resource(&self, _: &str) -> Option<&Resource> {
        None
    }
    fn resource_names(&self) -> Vec<&str> {
        Vec::new()
    }
    fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
}

fn process(plugin: &dyn Plugin, input: Value) -> Result<Report, Fault> {
    let context = Context::new("x".into(), "file_processor".into(), Arc::new(Nothing));
    let (caller, hook) = (Caller::new(), HookName::from_static("process"));
    let context = CallContext::new(&context, &caller, &hook);
    match plugin.call(Call { context, input: &Payload::from_json(input) }) {
        HookFuture::Ready(Ok(Reply::Value(report))) => report.into_typed(),
        HookFuture::Ready(Err(fault)) => Err(fault),
        other => panic!("not expected of a processor: {other:?}"),
    }
}

#[test]
fn exactly_one_is_the_fallback_and_no_two_support_the_same() {
    let plugins = plugins();
    let fallbacks = plugins.iter().filter(|plugin| plugin.manifest().fallback);
    assert_eq!(fallbacks.count(), 1);
    let mut extensions = BTreeSet::new();
    for plugin in plugins.iter().filter(|plugin| !plugin.manifest().fallback) {
        for extension in &plugin.manifest().supports_extensions {
            assert!(extensions.insert(extension.clone()), "{extension} twice");
        }
    }
    assert_eq!(extensions.into_iter().collect::<Vec<_>>(), ["json", "markdown", "md", "rs"]);
}

#[test]
fn the_content_given_is_preferred_to_the_path() {
    let input = json!({ "path": "/does/not/exist.rs", "extension": "rs", "content": "fn a() {}" });
    assert_eq!(process(&rust::plugin(), input).unwrap().summary, "1 line, 1 fn");
}

#[test]
fn without_content_the_path_is_read_whatever_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.bin");
    std::fs::write(&path, b"\x00\xff\xfe").unwrap();
    let input = json!({ "path": path.to_str().unwrap() });
    assert_eq!(process(&fallback::plugin(), input.clone()).unwrap().kind, "binary");
    let fault = process(&rust::plugin(), input).unwrap_err();
    assert_eq!((fault.code(), fault.data()), ("file_not_text", &json!({ "byte": 1 })));
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(17 * 1024 * 1024).unwrap();
    for (path, code) in [
        (folder.path().join("absent"), "file_unreadable"),
        (folder.path().to_owned(), "file_irregular"),
        (large, "file_too_large"),
    ] {
        let path = path.to_str().unwrap();
        let fault = process(&fallback::plugin(), json!({ "path": path })).unwrap_err();
        assert_eq!(fault.code(), code);
        assert!(fault.message().contains(path), "{fault}");
    }
}
