//! The shape of this repository: who depends on whom, what stands where, and that the documents
//! say what the code does.
//!
//! | where | what |
//! |---|---|
//! | [`workspace`] | what is looked at: `cargo metadata` and the files |
//! | [`arrows`] | who depends on whom (invariants 1 and 2) |
//! | [`sources`] | rules of the source text (invariants 3 and 4) |
//! | [`documents`] | README, laws and errors against the code |
//! | [`scan`] | finding names, paths and codes in a text |
//! | [`tokens`] | Rust without its comments, strings and tests |
//!
//! Every rule is a function from what is looked at to a list of mistakes, and has a test that shows
//! it failing: a rule that was never seen to fail proves nothing.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod arrows;
mod documents;
mod scan;
mod sources;
mod tokens;
mod workspace;

use std::sync::LazyLock;

use workspace::Workspace;

static WORKSPACE: LazyLock<Workspace> = LazyLock::new(Workspace::load);

fn none(mistakes: Vec<String>) {
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}

#[test]
fn crates_depend_only_on_those_they_may() {
    none(arrows::unexpected(&WORKSPACE.packages));
}

#[test]
fn invariant_1_plugins_are_pure() {
    none(arrows::impure(&WORKSPACE.packages));
    none(sources::io_of_plugins(&WORKSPACE.files));
}

#[test]
fn invariant_2_only_the_spec_crate_reads_documents() {
    none(arrows::readers(&WORKSPACE.packages));
}

#[test]
fn invariant_3_nothing_is_unsafe() {
    none(sources::unsafe_code(&WORKSPACE.files));
    none(sources::unforbidden(&WORKSPACE.packages, &WORKSPACE.files));
}

#[test]
fn invariant_4_one_caller_of_plugins() {
    none(sources::callers(&WORKSPACE.files));
}

#[test]
fn dispatchers_know_no_runtime() {
    none(sources::runtimes_in_dispatch(&WORKSPACE.files));
}

#[test]
fn a_folder_is_named_as_its_crate() {
    none(arrows::misplaced(&WORKSPACE.packages));
}

#[test]
fn files_are_short() {
    none(sources::too_long(&WORKSPACE.files));
}

#[test]
fn nothing_is_left_for_later() {
    none(sources::unfinished(&WORKSPACE.files));
}

#[test]
fn the_readme_maps_every_crate() {
    none(documents::unmapped(&WORKSPACE.packages, WORKSPACE.text("README.md")));
}

#[test]
fn documents_name_what_exists() {
    none(documents::dangling(&WORKSPACE.files, |path| WORKSPACE.root.join(path).exists()));
}

#[test]
fn laws_are_defined_where_they_are_cited() {
    none(documents::laws(&WORKSPACE.files));
}

#[test]
fn every_law_is_named_by_a_test() {
    none(documents::unproved_laws(&WORKSPACE.files));
}

#[test]
fn error_codes_are_listed() {
    none(documents::unlisted_codes(&WORKSPACE.files));
}

/// `BLESS=1` writes the page instead.
#[test]
fn the_error_reference_is_current() {
    let (page, path) = (documents::error_reference(), WORKSPACE.root.join(documents::ERRORS));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "run `BLESS=1 cargo test -p contract-tests --test tidy`");
}
