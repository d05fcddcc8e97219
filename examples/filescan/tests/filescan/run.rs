//! Runs the program, and counts files without it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_filescan"));
    command.arg(folder).args(arguments).env_remove("RUST_LOG");
    command
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// One run with `--json`.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) code: Option<i32>,
    pub(crate) rows: Vec<Value>,
    pub(crate) total: Value,
    pub(crate) errors: String,
}

impl Scanned {
    pub(crate) fn of(output: &Output) -> Self {
        let text = std::str::from_utf8(&output.stdout).unwrap();
        let mut rows: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let total = rows.pop().map(|last| last["total"].clone()).unwrap_or_default();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { code: output.status.code(), rows, total, errors }
    }

    /// The row of a file whose path ends so.
    pub(crate) fn row(&self, ending: &str) -> &Value {
        let is_it = |row: &&Value| row["path"].as_str().unwrap().ends_with(ending);
        self.rows.iter().find(is_it).unwrap_or_else(|| panic!("no row of {ending}: {self:#?}"))
    }

    /// As many rows as files, and the last line says so.
    #[track_caller]
    pub(crate) fn has_rows(&self, files: usize) {
        assert_eq!(self.rows.len(), files, "{self:#?}");
        assert_eq!((&self.total["found"], &self.total["rows"]), (&files.into(), &files.into()));
    }
}

pub(crate) fn scan(folder: &Path, arguments: &[&str]) -> Scanned {
    Scanned::of(&run(folder, &[arguments, &["--json"]].concat()))
}

/// Every entry below a folder that is no folder, as the system lists them.
pub(crate) fn files(folder: &Path, excluded: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if excluded.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let to = if entry.file_type().unwrap().is_dir() { &mut open } else { &mut found };
            to.push(entry.path());
        }
    }
    found
}
