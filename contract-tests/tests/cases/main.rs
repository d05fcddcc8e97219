//! Runs every case of `contract-tests/cases` with every plugin of [`subjects`] that it is about.
//!
//! Each pair is a test, named `kind/case/plugin/runtime`; arguments are those of any test program:
//! `cargo test -p contract-tests --test cases -- query_rewriter/`. A mistake in a file, and a case
//! that is about nobody, are failed tests too. `HOOKSPEC_CASES` names another folder of cases.

#![forbid(unsafe_code)]

mod linked;
mod subjects;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hookspec::spec::Catalog;
use hookspec_contract::cases::{Mistake, Plan, Suite, read_folder};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    // The panics of plugins that misbehave are data, and no noise.
    hookspec::install_panic_hook();
    let arguments = Arguments::from_args();
    let trials = trials().unwrap_or_else(|mistakes| vec![failed("cases/are_read", mistakes)]);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials() -> Result<Vec<Trial>, Vec<String>> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = Catalog::load([own.join("../hookspecs")]).map_err(|e| vec![e.to_string()])?;
    let named = std::env::var_os("HOOKSPEC_CASES").filter(|named| !named.is_empty());
    let folder = named.map_or_else(|| own.join("cases"), PathBuf::from);
    let cases = read_folder(&folder, &catalog).map_err(texts)?;
    let subjects = subjects::all(&catalog);
    let Plan { trials, idle } = Suite::new(catalog, cases, subjects).plan();
    let run = |trial: hookspec_contract::cases::Trial| {
        Trial::test(trial.name(), move || trial.run().map_err(|found| message(&texts(found))))
    };
    let mut tests: Vec<Trial> = trials.into_iter().map(run).collect();
    if !idle.is_empty() {
        tests.push(failed("cases/are_about_somebody", texts(idle)));
    }
    Ok(tests)
}

fn failed(name: &str, mistakes: Vec<String>) -> Trial {
    Trial::test(name, move || Err(message(&mistakes)))
}

fn texts(mistakes: Vec<Mistake>) -> Vec<String> {
    mistakes.iter().map(Mistake::to_string).collect()
}

fn message(mistakes: &[String]) -> Failed {
    mistakes.join("\n").into()
}
