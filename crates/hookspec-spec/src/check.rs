//! [`check_paths`]: every mistake in files and below folders, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::codes;
use crate::configuration::HostConfiguration;
use crate::diagnostic::{Diagnostic, Severity};
use crate::events;
use crate::files::{self, EVENTS, Files, Walked, file_major, normal};
use crate::hookspec;
use crate::manifest;
use crate::model::Kind;
use crate::schema::Loader;
use crate::single::{folder_above, root_of};

/// What [`check_paths`] looked at, and what it found.
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

/// Checks each path: a file, or below a folder every hookspec, every file of events, every manifest
/// and the form of every `hookspec.toml`.
///
/// In a folder, hookspecs are the files named `v<major>.yaml` at any depth, and every other YAML
/// file that stands in the folder itself. Files of events are the other YAML files in a folder
/// `events`, where that is the folder, or stands in it or in one named `hookspecs`. Schemas are checked with the hookspecs that name them.
/// Hidden folders and those tagged as caches are skipped. A file that several paths lead to is
/// checked once; a kind that two files declare is a mistake, whichever paths they are below.
pub fn check_paths<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> CheckReport {
    let mut check = Check::default();
    for path in paths {
        let path = path.as_ref();
        match path.is_dir() {
            true => check.folder(path),
            false => check.one(path),
        }
    }
    let mut report = check.finish();
    report.files.sort();
    report.diagnostics.sort_by(|a, b| (&a.path, a.position).cmp(&(&b.path, b.position)));
    report
}

/// Checks one path, as [`check_paths`] does.
pub fn check_path(path: &Path) -> CheckReport {
    check_paths([path])
}

fn is_manifest(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| manifest::NAMES.contains(&name))
}

fn is_configuration(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == crate::configuration::FILE_NAME)
}

/// A file in a folder `events` that is no hookspec. A path such as `./deploy.yaml` does not name
/// its folder.
fn is_in_events(file: &Path) -> bool {
    let yaml = file.extension().is_some_and(|ending| ending == "yaml");
    let whole = || std::path::absolute(file).ok().and_then(|whole| normal(&whole));
    let named = |whole: PathBuf| whole.parent().is_some_and(|own| own.ends_with(EVENTS));
    yaml && file_major(file).is_none() && whole().is_some_and(named)
}

/// Other tools have folders of that name, too: ours stands where hookspecs do.
fn is_events(file: &Path, folder: &Path) -> bool {
    let own = file.parent();
    let around = own.and_then(Path::parent);
    let ours = |around: &Path| around == folder || around.ends_with("hookspecs");
    is_in_events(file) && (own == Some(folder) || around.is_some_and(ours))
}

fn is_hookspec(file: &Path, folder: &Path) -> bool {
    let yaml = file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    yaml && (file_major(file).is_some() || file.parent() == Some(folder))
}

/// A report in the making.
#[derive(Default)]
struct Check {
    report: CheckReport,
    kinds: BTreeMap<(String, u64), PathBuf>,
    events: events::Builder,
    /// Kinds whose hooks are bound to events.
    bound: Vec<Kind>,
    seen: BTreeSet<PathBuf>,
}

impl Check {
    fn folder(&mut self, path: &Path) {
        let wanted = |file: &Path| {
            is_hookspec(file, path)
                || is_events(file, path)
                || is_manifest(file)
                || is_configuration(file)
        };
        let Walked { files, problems } = files::walk(path, &wanted);
        if files.is_empty() && problems.is_empty() {
            let message = "neither a hookspec nor a manifest is below this folder";
            let hint = "hookspecs are named v<major>.yaml, manifests plugin.toml";
            self.report.diagnostics.push(Diagnostic {
                severity: Severity::Warning,
                ..Diagnostic::error(codes::NO_HOOKSPEC, message).at(path).hint(hint)
            });
        }
        // What cannot be looked at may declare events.
        self.events.broken |= !problems.is_empty();
        self.report.diagnostics.extend(problems);
        let (configurations, files): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| is_configuration(file));
        let (manifests, hookspecs): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| is_manifest(file));
        self.hookspecs(path, hookspecs);
        for file in manifests {
            self.manifest(file);
        }
        for file in configurations {
            self.configuration(file);
        }
    }

    fn one(&mut self, path: &Path) {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let root = root_of(path).to_owned();
        match ending {
            Some("toml") if is_configuration(path) => self.configuration(path.to_owned()),
            Some("toml") => self.manifest(path.to_owned()),
            Some("json") if is_manifest(path) => self.manifest(path.to_owned()),
            Some("json") if self.is_new(path) => {
                let files = Files::disk(&root);
                let mut loader = Loader::new(&files);
                loader.schema(path);
                self.report.diagnostics.extend(loader.take_found());
            }
            Some("json") => {}
            _ => self.hookspecs(&root, vec![path.to_owned()]),
        }
    }

    /// Counts a file, unless another path has led to it.
    fn is_new(&mut self, path: &Path) -> bool {
        let same = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let new = self.seen.insert(same);
        if new {
            self.report.files.push(path.to_owned());
        }
        new
    }

    /// Whether a path leads to a file that was read.
    fn is_read(&self, path: Option<&Path>) -> bool {
        let same = path.and_then(|path| path.canonicalize().ok());
        same.is_some_and(|same| self.seen.contains(&same))
    }

    fn finish(mut self) -> CheckReport {
        // A hookspec that is checked by itself has its events beside its folder.
        let roots: BTreeSet<_> = self.bound.iter().map(|kind| folder_above(&kind.source)).collect();
        for root in roots {
            let files = Files::disk(&root);
            let mut loader = Loader::new(&files);
            let Walked { files: paths, mut problems } = files.events();
            for path in paths {
                if self.is_new(&path) {
                    self.report.diagnostics.extend(self.events.read(&path, &mut loader));
                }
            }
            // A link that leaves this folder may stay in one that was checked.
            problems.retain(|each| !self.is_read(each.path.as_deref()));
            self.events.broken |= !problems.is_empty();
            problems.retain(|each| !self.report.diagnostics.contains(each));
            self.report.diagnostics.extend(problems);
        }
        let (_, unheard) = self.events.finish(self.bound.iter());
        self.report.diagnostics.extend(unheard);
        self.report
    }

    fn hookspecs(&mut self, root: &Path, paths: Vec<PathBuf>) {
        let files = Files::disk(root);
        let mut loader = Loader::new(&files);
        for path in paths {
            if !self.is_new(&path) {
                continue;
            }
            if is_in_events(&path) {
                self.report.diagnostics.extend(self.events.read(&path, &mut loader));
                continue;
            }
            let (kind, found) = hookspec::read(&path, &mut loader);
            self.report.diagnostics.extend(found);
            let Some(kind) = kind else { continue };
            let key = (kind.name.to_string(), kind.major());
            match self.kinds.get(&key) {
                Some(first) => self.report.diagnostics.push(hookspec::twice(&kind, first)),
                None => drop(self.kinds.insert(key, path)),
            }
            if !kind.bindings.is_empty() {
                self.bound.push(kind);
            }
        }
    }

    /// Its form; which plugins there are, and what they accept, nobody knows here.
    fn configuration(&mut self, path: PathBuf) {
        if self.is_new(&path) {
            self.report.diagnostics.extend(HostConfiguration::read_partly(&path).mistakes);
        }
    }

    fn manifest(&mut self, path: PathBuf) {
        if !self.is_new(&path) {
            return;
        }
        let discovered = ["plugin.toml", "dagstack.toml", "dagstack.json"];
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let read = if discovered.contains(&name) { manifest::found } else { manifest::load };
        match read(&path) {
            Ok(loaded) => self.report.diagnostics.extend(loaded.warnings),
            Err(found) => self.report.diagnostics.extend(found),
        }
    }
}
