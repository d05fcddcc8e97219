//! The tour: all five dispatch classes over shipped data and this repository's own files, with
//! plugins that misbehave among those that work.
//!
//! Without arguments it shows the demo. With arguments it is the command line over its plugins:
//! `list`, `explain file_processor.process`, `check hookspecs`.
//!
//! | where | what |
//! |---|---|
//! | [`plugins`] | which plugins there are, and how an application sets them up |
//! | [`classes`] | one file per dispatch class: what is dispatched, and what came back |
//! | [`section`] | how that is shown |
//! | [`expected`] | who is expected to fail, and how often: anything else makes the exit code 1 |
//! | [`summary`] | the plugins at the end: which one is bad, and why |

#![forbid(unsafe_code)]

mod classes;
mod demo;
mod expected;
mod plugins;
mod section;
mod summary;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hookspec::Registry;
use hookspec_cli::{App, Output, runtimes};

fn main() -> ExitCode {
    let tour = plugins::tour();
    let (audit, metrics) = (tour.audit, tour.metrics);
    let shown = audit.clone();
    let code = App::new(runtimes(tour.builder))
        .name("tour")
        .hookspecs(shorter(&root().join("hookspecs")))
        .demo(async move |registry: &Registry, output: &mut Output| {
            demo::run(registry, output, &shown, &metrics).await
        })
        .main();
    plugins::remove_if_unused(&audit);
    code
}

/// The root of this repository: an example lives in it and may say where its data is.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}

/// A path as people write it: from the working directory, where it is below that.
pub(crate) fn shorter(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).to_owned()
}
