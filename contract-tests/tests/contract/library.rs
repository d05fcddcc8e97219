//! The shared libraries with the examples and with the zoo: built once, and found by every child.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contract_tests::library;
use tempfile::TempDir;

/// A folder with both libraries in it.
#[derive(Clone, Debug)]
pub(crate) struct Libraries(PathBuf);

/// What comes before the folder in the arguments of a child.
pub(crate) const GIVEN: &str = "--libraries";

pub(crate) const EXAMPLES: &str = "examples.so";
pub(crate) const ZOO: &str = "zoo.so";

impl Libraries {
    /// Builds them.
    pub(crate) fn built() -> Self {
        // They stay for the time of this program, as libraries do.
        let folder: &'static TempDir = Box::leak(Box::new(TempDir::new().expect("there is room")));
        for (package, name) in [("examples-dylib", EXAMPLES), ("zoo-dylib", ZOO)] {
            let built = library::build(package).expect("it builds as a library");
            let path = folder.path().join(name);
            fs::write(&path, built).expect("there is room");
            // Each opening hashes and copies all of it; without a stripper it takes longer, and no more.
            let _ = Command::new("strip").arg("--strip-debug").arg(&path).status();
        }
        Self(folder.path().to_owned())
    }

    /// Those that another process has built.
    pub(crate) fn given() -> Self {
        Self(std::env::args_os().skip_while(|each| each != GIVEN).nth(1).unwrap_or_default().into())
    }

    /// None: for whoever only wants to know what there is.
    pub(crate) fn none() -> Self {
        Self(PathBuf::new())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }
}
