//! Plays every vector beside this crate, and those of the file that `HOOKSPEC_VECTORS` names.
//!
//! Prints a line per group, every failure, every exclusion with its rule, and as the last line
//! `N passed, N failed, N skipped`. Ends with 1 if a vector failed, with 2 if nothing could be
//! played. A program of its own rather than test functions, because its table is the result.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use contract_tests::{Again, Decisions, Report, Runner, read_file};

fn main() -> ExitCode {
    // Test runners ask for a list; a program that is one test has nothing to list.
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    hookspec_host::install_panic_hook();
    if hookspec_contract::is_child() {
        Again::perform_asked();
        return ExitCode::FAILURE;
    }
    let (text, code) = match play() {
        Ok(report) => (
            report.to_string(),
            if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) },
        ),
        Err(reason) => (format!("the vectors could not be played: {reason}\n"), ExitCode::from(2)),
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => code,
        Err(_) => ExitCode::from(2),
    }
}

fn play() -> Result<Report, String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = own.join("vectors");
    let decisions = Decisions::read(&folder.join("decisions.yaml"))?;
    let runner = Runner::new(&own.join("../hookspecs"), decisions)?.again(Again::new([])?);
    let mut report = Report::new(runner.decisions());
    for file in files(&folder)? {
        match read_file(&file) {
            Ok(vectors) => {
                for vector in &vectors {
                    report.add(vector, runner.judge(vector));
                }
            }
            Err(reason) => report.unreadable(reason),
        }
    }
    Ok(report)
}

/// Every file of vectors in the folder, and the one that the environment names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let refuse = |error: io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    if let Some(named) = std::env::var_os("HOOKSPEC_VECTORS").filter(|named| !named.is_empty()) {
        let named = located(Path::new(&named), folder);
        // One that stands in the folder too is played once.
        let same = |file: &PathBuf| file.canonicalize().ok() == named.canonicalize().ok();
        if !(named.exists() && files.iter().any(same)) {
            files.push(named);
        }
    }
    Ok(files)
}

/// Cargo runs this in the folder of the crate, and people stand in that of the workspace: a
/// relative path is meant from either. One that is in neither is reported as of the workspace.
fn located(named: &Path, folder: &Path) -> PathBuf {
    let workspace = folder.ancestors().nth(2).unwrap_or(folder);
    if named.exists() { named.to_owned() } else { workspace.join(named) }
}
