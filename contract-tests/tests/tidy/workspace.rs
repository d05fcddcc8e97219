//! [`Workspace`]: what the rules look at, as plain data.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The workspace that this test belongs to.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<Package>,
    pub(crate) files: Vec<File>,
}

/// One member.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder, from the root.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// The first file of its library and of its binaries, from the root.
    pub(crate) roots: Vec<String>,
}

/// What a member declares to need.
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// For tests and benchmarks alone.
    pub(crate) dev: bool,
}

/// One file that somebody wrote.
pub(crate) struct File {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn is(&self, ending: &str) -> bool {
        self.path.ends_with(ending)
    }
}

impl Workspace {
    pub(crate) fn load() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let mut files = Vec::new();
        walk(&root, &root, &mut files);
        files.sort_by(|one, other| one.path.cmp(&other.path));
        assert!(files.len() > 50, "only {} files below {}", files.len(), root.display());
        Self { packages: packages(&root), files, root }
    }

    /// The text of a file; empty where there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
    }
}

/// What the members declare. Their own declarations are enough: nothing is resolved.
fn packages(root: &Path) -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--no-deps"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages: Vec<_> = list(&metadata, "packages").map(|each| package(root, each)).collect();
    assert!(!packages.is_empty(), "cargo knows no package");
    packages
}

fn package(root: &Path, package: &Value) -> Package {
    let relative = |path: &str| {
        let path = Path::new(path).strip_prefix(root).unwrap();
        path.to_str().unwrap().replace('\\', "/")
    };
    let is_root = |target: &&Value| {
        list(target, "kind")
            .any(|kind| ["lib", "bin", "proc-macro"].contains(&kind.as_str().unwrap()))
    };
    Package {
        name: text(package, "name").into(),
        folder: relative(text(package, "manifest_path").trim_end_matches("/Cargo.toml")),
        dependencies: list(package, "dependencies")
            .map(|each| Dependency { name: text(each, "name").into(), dev: each["kind"] == "dev" })
            .collect(),
        roots: list(package, "targets")
            .filter(is_root)
            .map(|target| relative(text(target, "src_path")))
            .collect(),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().unwrap().iter()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// Texts below a folder; without what is built, generated or hidden.
fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let skipped = ["target", "generated"].contains(&name) || name.starts_with('.');
            if !skipped || name == ".ci" {
                walk(root, &path, files);
            }
            continue;
        }
        // What is not text (or is broken on purpose) is nobody's prose.
        if let Ok(text) = std::fs::read_to_string(&path) {
            let path = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(File { path, text });
        }
    }
}
