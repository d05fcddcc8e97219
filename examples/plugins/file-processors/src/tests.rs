//! The plugins around the scans: which files they support, and how they come by the bytes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use hookspec::kinds::file_processor::{File, FileProcessorCalls, FileReport};
use hookspec::{Caller, Cause, DispatchError, Fault, Progress, ProgressSink, Registry};
use serde_json::json;

use super::*;

/// What the plugin that fits the file answers.
fn process(path: &Path, content: Option<&str>) -> Result<FileReport, Fault> {
    let registry = Registry::builder()
        .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
        .plugins(plugins())
        .start_blocking()
        .unwrap();
    let calls = FileProcessorCalls::new(&registry).unwrap();
    let file = File {
        path: path.to_str().unwrap().into(),
        extension: path.extension().map(|extension| extension.to_str().unwrap().into()),
        language: None,
        mime_type: None,
        content: content.map(str::to_owned),
        capabilities: None,
    };
    match registry.block_on(calls.process(&Caller::new(), file)) {
        Ok(answer) => Ok((*answer.value).clone()),
        Err(DispatchError::PluginFailed { failure, .. }) => match failure.cause {
            Cause::Faulted(fault) => Err(fault),
            other => panic!("not expected of a processor: {other}"),
        },
        Err(other) => panic!("nobody was asked: {other}"),
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
    let report = process(Path::new("/does/not/exist.rs"), Some("fn a() {}")).unwrap();
    assert_eq!(report.summary, "1 line, 1 fn");
}

#[test]
fn without_content_the_path_is_read_whatever_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (any, rust) = (folder.path().join("data.bin"), folder.path().join("data.rs"));
    for path in [&any, &rust] {
        std::fs::write(path, b"\x00\xff\xfe").unwrap();
    }
    assert_eq!(process(&any, None).unwrap().kind, "binary");
    let fault = process(&rust, None).unwrap_err();
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
        let fault = process(&path, None).unwrap_err();
        assert_eq!(fault.code(), code);
        assert!(fault.message().contains(path.to_str().unwrap()), "{fault}");
    }
}

/// Keeps how far it was said to be.
#[derive(Default)]
struct Told(Mutex<Vec<(u64, Option<u64>)>>);

impl ProgressSink for Told {
    fn report(&self, progress: &Progress) {
        self.0.lock().unwrap().push((progress.current(), progress.total()));
    }
    fn done(&self) {}
    fn error(&self, _: &str) {}
}

#[test]
fn of_a_large_file_it_is_told_how_far_it_was_read_and_of_a_small_one_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    const MIB: u64 = 1024 * 1024;
    for (size, told) in
        [(7, vec![]), (2 * MIB + 7, vec![MIB, 2 * MIB]), (2 * MIB, vec![MIB, 2 * MIB])]
    {
        std::fs::File::create(&path).unwrap().set_len(size).unwrap();
        let file = File {
            path: path.to_str().unwrap().into(),
            extension: None,
            language: None,
            mime_type: None,
            content: None,
            capabilities: None,
        };
        let sink = Told::default();
        assert_eq!(crate::file::read(&file, &sink).unwrap().len() as u64, size);
        let expected: Vec<_> = told.into_iter().map(|current| (current, Some(size))).collect();
        assert_eq!(*sink.0.lock().unwrap(), expected, "{size}");
    }
}
