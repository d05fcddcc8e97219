//! Who is looked at: the example plugins and the zoo, in every runtime that they have.

use std::sync::{Arc, LazyLock};

use ::zoo::Specimen;
use futures::executor::block_on;
use hookspec::manifest::RuntimeName;
use hookspec::spec::Catalog;
use hookspec::{Dylib, LoadEnv, Manifest, Plugin, Runtime};
use hookspec_contract::{Launcher, Subject, Suite};

use crate::library::{EXAMPLES, GIVEN, Libraries, ZOO};
use crate::linked;

/// The kinds of this project and those of the zoo.
pub(crate) fn catalog() -> &'static Catalog {
    static READ: LazyLock<Catalog> = LazyLock::new(|| {
        let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../hookspecs");
        Catalog::load([own, ::zoo::hookspecs()]).expect("the kinds are well")
    });
    &READ
}

/// The example plugins that keep to their kinds.
pub(crate) fn examples(libraries: &Libraries) -> Vec<Subject> {
    let linked = linked::honest();
    let in_library = linked.iter().map(|subject| {
        let manifest = elsewhere(subject.manifest().clone(), EXAMPLES);
        subject.elsewhere(manifest.clone(), opener(libraries, manifest))
    });
    let in_library: Vec<_> = in_library.collect();
    linked.into_iter().chain(in_library).collect()
}

/// One inhabitant of the zoo in every runtime that it can live in.
pub(crate) fn specimen(specimen: &Specimen, libraries: &Libraries) -> Vec<Subject> {
    let (manifest, make) = ((specimen.manifest)(), specimen.make);
    let own = manifest.clone();
    let mut found = vec![Subject::unopened(manifest.clone(), move || Ok(make(own.clone())))];
    if specimen.dylib {
        let manifest = elsewhere(manifest, ZOO);
        found.push(Subject::unopened(manifest.clone(), opener(libraries, manifest)));
    }
    let config = (specimen.config)();
    found.into_iter().map(|subject| subject.configured(config.clone())).collect()
}

/// Everybody, and how a child of this program is started.
pub(crate) fn suite(subjects: Vec<Subject>, libraries: &Libraries) -> Suite {
    let program = std::env::current_exe().expect("this program has a path");
    let arguments = vec![GIVEN.into(), libraries.folder().into()];
    Suite::new(catalog().clone(), subjects)
        .launcher(Launcher::new(program, arguments))
        .command("cargo test -p contract-tests --test contract")
        .reproduced_by(|subject, id, _| {
            format!("cargo test -p contract-tests --test contract -- {}/{id}", subject.key())
        })
}

/// Whom a child is asked about: nobody else is made, so that two thousand children start sooner.
pub(crate) fn asked(libraries: &Libraries) -> Vec<Subject> {
    let asked = hookspec_contract::asked_subject().unwrap_or_default();
    let is_asked = |subject: &Subject| subject.key() == asked;
    let mut specimens = ::zoo::honest().into_iter().chain(::zoo::mutants());
    let found = specimens.find_map(|each| specimen(&each, libraries).into_iter().find(is_asked));
    found.or_else(|| examples(libraries).into_iter().find(is_asked)).into_iter().collect()
}

fn elsewhere(manifest: Manifest, library: &str) -> Manifest {
    Manifest { runtime: RuntimeName::Dylib, entry_point: Some(library.into()), ..manifest }
}

fn opener(
    libraries: &Libraries,
    manifest: Manifest,
) -> impl Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync + 'static {
    let folder = libraries.folder().to_owned();
    move || {
        let env = LoadEnv { kinds: catalog().known_kinds(), ..LoadEnv::default() };
        let opened = block_on(Dylib::new().open(&manifest, &folder, &env));
        opened.map(|mut found| found.remove(0)).map_err(|error| error.to_string())
    }
}

/// Nobody ends a test early.
pub(crate) fn never() -> hookspec::CancellationToken {
    hookspec::CancellationToken::new()
}
