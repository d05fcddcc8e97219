//! The plugins that cases are run with, runtime by runtime. A plugin that is loaded in another way
//! is another line here; no case changes.

use std::fs;

use contract_tests::library;
use futures::executor::block_on;
use hookspec::manifest::RuntimeName;
use hookspec::spec::Catalog;
use hookspec::{Dylib, LoadEnv, Manifest, Runtime};
use hookspec_contract::Subject;
use tempfile::TempDir;

use crate::linked;

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
    let breaks_rules = linked::each(misbehaving::plugins).map(Subject::misbehaving);
    linked::honest().into_iter().chain(breaks_rules).collect()
}
