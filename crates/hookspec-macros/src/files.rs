//! Where paths in macros lead.

use std::path::{Path, PathBuf};

use syn::{Error, LitStr};

/// The file that a macro names: below the folder of the crate, or the nearest folder above it that
/// has such a file, up to the workspace; else likewise from the source file, which may lie
/// elsewhere.
pub(crate) fn find(given: &LitStr, source: Option<&Path>) -> Result<PathBuf, Error> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let beside = source.and_then(Path::parent).and_then(|folder| folder.canonicalize().ok());
    let starts: Vec<&Path> = [&own, &beside].into_iter().flatten().map(PathBuf::as_path).collect();
    look(&given.value(), &starts).map_err(|message| Error::new(given.span(), message))
}

/// A path as a literal of the written code.
pub(crate) fn text<'a>(path: &'a Path, at: &LitStr) -> Result<&'a str, Error> {
    path.to_str().ok_or_else(|| {
        Error::new(
            at.span(),
            format!("the path `{}` is no Unicode text; move the file", path.display()),
        )
    })
}

fn look(given: &str, starts: &[&Path]) -> Result<PathBuf, String> {
    if given.is_empty() {
        return Err("the path is empty; name a file".into());
    }
    if Path::new(given).is_absolute() {
        return Err(format!("`{given}` is absolute; write a path relative to the crate's folder"));
    }
    let mut tried: Vec<PathBuf> = Vec::new();
    for start in starts {
        for folder in up_to_workspace(start) {
            let path = folder.join(given);
            if path.is_file() {
                return Ok(path.canonicalize().unwrap_or(path));
            }
            if !tried.contains(&path) {
                tried.push(path);
            }
        }
    }
    let tried: Vec<_> = tried.iter().map(|path| format!("\n  {}", path.display())).collect();
    Err(format!(
        "`{given}` does not exist; create it, or correct the path. Tried:{}",
        tried.concat()
    ))
}

/// A folder and those above it, up to the one that holds the workspace.
fn up_to_workspace(start: &Path) -> impl Iterator<Item = &Path> {
    let top = start.ancestors().position(is_workspace).unwrap_or(0);
    start.ancestors().take(top + 1)
}

fn is_workspace(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    text.lines().any(|line| line.trim_start().starts_with("[workspace]"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_file_wins_and_the_workspace_is_the_end() {
        let outside = tempfile::tempdir().unwrap();
        let top = outside.path().canonicalize().unwrap();
        let own = top.join("workspace/crates/own");
        fs::create_dir_all(own.join("a")).unwrap();
        fs::write(top.join("workspace/Cargo.toml"), "[workspace]\n").unwrap();
        fs::write(top.join("outside.yaml"), "").unwrap();
        fs::write(top.join("workspace/shared.yaml"), "").unwrap();
        assert_eq!(look("shared.yaml", &[&own]), Ok(top.join("workspace/shared.yaml")));
        fs::write(own.join("shared.yaml"), "").unwrap();
        assert_eq!(look("shared.yaml", &[&own]), Ok(own.join("shared.yaml")));
        let found = look("outside.yaml", &[&own, &own.join("a")]).unwrap_err();
        assert_eq!(found.matches("outside.yaml").count(), 5, "named, and tried in four: {found}");
        assert!(look("a", &[&own]).unwrap_err().contains("does not exist"));
        assert!(look("/etc/hosts", &[&own]).unwrap_err().contains("absolute"));
        assert!(look("", &[&own]).unwrap_err().contains("empty"));
    }
}
