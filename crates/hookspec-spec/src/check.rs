//! [`check_path`]: every mistake below a folder, for people.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files::{self, Files, file_major};
use crate::hookspec;
use crate::manifest;
use crate::schema::Loader;

/// What [`check_path`] looked at, and what it found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// The files that were read, by path; schemas are read with the hookspecs that name them.
    pub files: Vec<PathBuf>,
    /// Every mistake, file by file.
    pub diagnostics: Vec<Diagnostic>,
}

impl CheckReport {
    /// Whether something that was read cannot be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|each| each.severity == Severity::Error)
    }
}

/// Checks one file, or below a folder every hookspec and every manifest.
///
/// In a folder, hookspecs are the files named `v<major>.yaml` at any depth, and every other YAML
/// file that stands in the folder itself. Schemas are checked with the hookspecs that name them.
/// Hidden folders and those tagged as caches are skipped.
pub fn check_path(path: &Path) -> CheckReport {
    let mut report = CheckReport::default();
    if !path.is_dir() {
        report.one(path);
        return report;
    }
    let wanted = |file: &Path| is_hookspec(file, path) || is_manifest(file);
    match files::walk(path, &wanted) {
        Err(diagnostic) => report.diagnostics.push(*diagnostic),
        Ok(found) => {
            let (manifests, hookspecs): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|file| is_manifest(file));
            report.hookspecs(path, hookspecs);
            for file in manifests {
                report.manifest(file);
            }
            report.files.sort();
            report.diagnostics.sort_by(|a, b| (&a.path, a.position).cmp(&(&b.path, b.position)));
        }
    }
    if report.files.is_empty() && report.diagnostics.is_empty() {
        let message = "neither a hookspec nor a manifest is below this folder";
        let hint = "hookspecs are named v<major>.yaml, manifests plugin.toml";
        report.diagnostics.push(Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(codes::NO_HOOKSPEC, message).at(path).hint(hint)
        });
    }
    report
}

fn is_manifest(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| manifest::NAMES.contains(&name))
}

fn is_hookspec(file: &Path, folder: &Path) -> bool {
    let yaml = file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    yaml && (file_major(file).is_some() || file.parent() == Some(folder))
}

impl CheckReport {
    fn one(&mut self, path: &Path) {
        let ending = path.extension().and_then(|ending| ending.to_str());
        // A hookspec may name schemas beside its own folder.
        let folder = path.parent().and_then(Path::parent).or(path.parent());
        let root = folder.unwrap_or(Path::new("")).to_owned();
        match ending {
            Some("toml") => self.manifest(path.to_owned()),
            Some("json") if is_manifest(path) => self.manifest(path.to_owned()),
            Some("json") => {
                let files = Files::disk(&root);
                let mut loader = Loader::new(&files);
                loader.schema(path);
                self.files.push(path.to_owned());
                self.diagnostics.extend(loader.take_found());
            }
            _ => self.hookspecs(&root, vec![path.to_owned()]),
        }
    }

    fn hookspecs(&mut self, root: &Path, paths: Vec<PathBuf>) {
        let files = Files::disk(root);
        let mut loader = Loader::new(&files);
        let mut kinds: BTreeMap<(String, u64), PathBuf> = BTreeMap::new();
        for path in paths {
            let (kind, found) = hookspec::read(&path, &mut loader);
            self.diagnostics.extend(found);
            if let Some(kind) = kind {
                let key = (kind.name.to_string(), kind.major());
                match kinds.get(&key) {
                    Some(first) => self.diagnostics.push(hookspec::twice(&kind, first)),
                    None => drop(kinds.insert(key, path.clone())),
                }
            }
            self.files.push(path);
        }
    }

    fn manifest(&mut self, path: PathBuf) {
        let discovered = ["plugin.toml", "dagstack.toml", "dagstack.json"];
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let read = if discovered.contains(&name) { manifest::found } else { manifest::load };
        match read(&path) {
            Ok(loaded) => self.diagnostics.extend(loaded.warnings),
            Err(found) => self.diagnostics.extend(found),
        }
        self.files.push(path);
    }
}
