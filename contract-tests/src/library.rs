//! Shared libraries that tests need: built by `cargo`, which builds none for a test by itself.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Builds a crate of this workspace that is a shared library, into the target folder of the program
/// that runs, and reads the file.
///
/// # Errors
/// It does not build, for reasons that `cargo` has printed; or it is not where it should be.
pub fn build(package: &str) -> Result<Vec<u8>, String> {
    let target = target()?;
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", package, "--target-dir"])
        .arg(&target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .map_err(|error| format!("cargo does not run: {error}"))?;
    if !built.success() {
        return Err(format!("{package} does not build"));
    }
    let file = format!("lib{}.so", package.replace('-', "_"));
    let path = target.join("debug").join(file);
    fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The target folder: the program lies in `target/debug/deps`.
fn target() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| format!("this program has no path: {error}"))?;
    let target = own.ancestors().nth(3).map(Path::to_path_buf);
    target.ok_or_else(|| format!("{} is not in a target folder", own.display()))
}
