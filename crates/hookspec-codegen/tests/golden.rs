//! What is generated for one small kind of each class. `BLESS=1` writes the files instead.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

use hookspec_codegen::{Options, generate, markdown};
use hookspec_spec::Catalog;

fn folder(class: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(class)
}

fn same(path: &Path, made: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, made).unwrap();
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    let at = known.lines().zip(made.lines()).position(|(known, made)| known != made);
    assert!(
        known == made,
        "{} differs from line {}; `BLESS=1` writes it anew",
        path.display(),
        at.map_or(0, |line| line + 1)
    );
}

fn check(class: &str) {
    let folder = folder(class);
    let catalog = Catalog::load([&folder]).unwrap_or_else(|found| panic!("{found}"));
    let options = Options::default().calls("::hookspec_host").calls_feature("calls");
    let kinds: Vec<_> = catalog.kinds().collect();
    assert_eq!(kinds.len(), 1);
    let generated = generate(kinds[0], &options);
    same(&folder.join("expected.rs"), &generated.source());
    same(&folder.join("expected.markdown"), &markdown(kinds[0]));
    assert_eq!(generated.source(), generate(kinds[0], &options).source(), "always the same");
}

#[test]
fn notify() {
    check("notify");
}

#[test]
fn collect() {
    check("collect");
}

#[test]
fn chain() {
    check("chain");
}

#[test]
fn singleton() {
    check("singleton");
}

#[test]
fn capability() {
    check("capability");
}
