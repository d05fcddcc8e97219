//! The walk below a folder: which folders are entered, and which hold a plugin.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{PluginFolder, Problem};
use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Names of manifests, the first of which counts.
const NAMES: [&str; 3] = ["plugin.toml", "dagstack.toml", "dagstack.json"];

/// Folders that tools fill: what looks like a plugin there is a copy of one, or somebody else's.
const SKIPPED: [&str; 15] = [
    ".git",
    ".hg",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".venv-*",
    "*.egg-info",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "target",
];

/// How deep folders are searched.
const DEEPEST: usize = 32;

/// What a walk came to.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) manifests: Vec<PathBuf>,
    pub(super) problems: Vec<Problem>,
}

/// The manifest of each plugin below a folder, in the order of the walk.
pub(super) fn manifests(folder: &PluginFolder) -> Result<Walked, Diagnostics> {
    let absent = |why: &str| {
        let message = format!("plugin folder {}: {why}", folder.root.display());
        let hint = "name a folder that exists; an empty one holds no plugins, and is fine";
        Diagnostics::from(Diagnostic::error(codes::PLUGIN_FOLDER, message).hint(hint))
    };
    match fs::metadata(&folder.root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(absent("not found")),
        Err(error) => return Err(absent(&error.to_string())),
        Ok(data) if !data.is_dir() => return Err(absent("it is not a folder")),
        Ok(_) => {}
    }
    // Below the root a folder that cannot be listed is one problem of several; here, it is all.
    fs::read_dir(&folder.root).map_err(|error| absent(&error.to_string()))?;
    let mut walked = Walked::default();
    let mut entered = BTreeSet::new();
    enter(folder, &folder.root, 0, &mut entered, &mut walked);
    Ok(walked)
}

fn enter(
    settings: &PluginFolder,
    folder: &Path,
    depth: usize,
    entered: &mut BTreeSet<PathBuf>,
    walked: &mut Walked,
) {
    let mut problem = |why: String| {
        let message = format!("{} cannot be searched: {why}", folder.display());
        let hint = "check that you may read it, or take it out of the plugin folder";
        let found = Diagnostic::error(codes::UNREADABLE, message).at(folder).hint(hint);
        walked.problems.push(Problem { path: folder.to_owned(), diagnostics: found.into() });
    };
    // Links are followed, and may lead back: each folder counts once, whatever leads to it.
    match folder.canonicalize() {
        Ok(real) => {
            if !entered.insert(real) {
                return;
            }
        }
        Err(error) => return problem(error.to_string()),
    }
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(error) => return problem(error.to_string()),
    };
    let is_there = |name: &&str| entries.iter().any(|entry| entry.file_name() == *name);
    if let Some(name) = NAMES.iter().copied().find(|name| is_there(name)) {
        // A leaf, whatever can be read of it: what is below belongs to this plugin.
        walked.manifests.push(folder.join(name));
        return;
    }
    if !settings.recursive {
        return;
    }
    if depth == DEEPEST {
        return problem(format!("it is {DEEPEST} folders below the root"));
    }
    let skipped = |name: &str| {
        let own = settings.ignore.iter().map(String::as_str);
        SKIPPED.into_iter().chain(own).any(|pattern| fits(pattern, name))
    };
    // A real folder before a link to it, so that a plugin is found where it is.
    let mut below: Vec<_> = entries
        .into_iter()
        .filter(|entry| !skipped(&entry.file_name().to_string_lossy()))
        .filter_map(|entry| {
            let link = entry.file_type().ok()?.is_symlink();
            let path = entry.path();
            // Follows a link; one that leads nowhere is no folder.
            path.is_dir().then_some((link, path))
        })
        .collect();
    below.sort();
    for (_, path) in below {
        enter(settings, &path, depth + 1, entered, walked);
    }
}

/// Whether a name fits a pattern: `*` any characters, `?` one.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // The last star, and the first character that it has not taken.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match &mut star {
                Some((at, taken)) => {
                    *taken += 1;
                    (p, n) = (*at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_pattern_is_for_a_whole_name() {
        for (pattern, name, expected) in [
            (".venv-*", ".venv-3.12", true),
            (".venv-*", ".venv", false),
            ("*.egg-info", "x.egg-info", true),
            ("*.egg-info", "x.egg-info.bak", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("?x", "éx", true),
            ("?x", "x", false),
            ("target", "targets", false),
            ("*", "", true),
            ("", "", true),
            ("experimental/*", "experimental", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
