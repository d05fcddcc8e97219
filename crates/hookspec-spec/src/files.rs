//! [`Files`]: the folder that hookspecs and schemas are read from, on disk or in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::document::{MOST_BYTES, decode};

/// The folder of a root that holds files of events.
pub(crate) const EVENTS: &str = "events";

/// How deep folders are searched.
const DEEPEST: usize = 32;

/// A root folder. Nothing outside it is read.
#[derive(Debug)]
pub(crate) struct Files {
    root: PathBuf,
    memory: Option<BTreeMap<PathBuf, String>>,
}

/// What a search found, and what it could not look at.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) problems: Vec<Diagnostic>,
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    File,
    Folder,
    Missing,
    /// A link that leads out of the root.
    Outside,
}

impl Files {
    pub(crate) fn disk(root: &Path) -> Self {
        Self { root: root.to_owned(), memory: None }
    }

    pub(crate) fn memory(files: impl Iterator<Item = (PathBuf, String)>) -> Self {
        let files = files.map(|(path, text)| (normal(&path).unwrap_or(path), text)).collect();
        Self { root: PathBuf::new(), memory: Some(files) }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn in_memory(&self) -> bool {
        self.memory.is_some()
    }

    /// Every `v<major>.yaml`, by path; without those in a folder `cases` beside a hookspec, where
    /// the kind's cases stand.
    pub(crate) fn hookspecs(&self) -> Walked {
        let mut found = self.versions();
        let kinds: BTreeSet<_> =
            found.files.iter().filter_map(|path| path.parent().map(Path::to_owned)).collect();
        found.files.retain(|path| {
            let folder = path.parent().filter(|folder| folder.ends_with("cases"));
            !folder.and_then(Path::parent).is_some_and(|around| kinds.contains(around))
        });
        found
    }

    fn versions(&self) -> Walked {
        match &self.memory {
            Some(files) => {
                let paths = files.keys().filter(|path| file_major(path).is_some());
                Walked { files: paths.cloned().collect(), problems: Vec::new() }
            }
            None => walk(&self.root, &|path| file_major(path).is_some()),
        }
    }

    /// Every file of events: `<namespace>.yaml` in the folder `events` of the root, by path. A name
    /// such as `v1.yaml` is a hookspec's, there too.
    pub(crate) fn events(&self) -> Walked {
        let folder = self.root.join(EVENTS);
        let is_one = |path: &Path| {
            path.parent() == Some(&folder)
                && path.extension().is_some_and(|ending| ending == "yaml")
                && file_major(path).is_none()
        };
        if let Some(files) = &self.memory {
            let files = files.keys().filter(|path| is_one(path)).cloned().collect();
            return Walked { files, problems: Vec::new() };
        }
        let mut found = Walked::default();
        match self.entry(&folder) {
            Entry::Folder => {}
            Entry::Outside => {
                found.problems.push(outside(&folder));
                return found;
            }
            Entry::File | Entry::Missing => return found,
        }
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.unwrap_or_else(|error| {
            found.problems.push(*unreadable(&folder, &error.to_string()));
            Vec::new()
        });
        for path in entries.into_iter().map(|entry| entry.path()) {
            let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
            if hidden || !is_one(&path) {
                continue;
            }
            match self.entry(&path) {
                Entry::Outside => found.problems.push(outside(&path)),
                Entry::Folder => {}
                // What is no file says so when it is read.
                Entry::File | Entry::Missing => found.files.push(path),
            }
        }
        found.files.sort();
        found
    }

    pub(crate) fn entry(&self, path: &Path) -> Entry {
        if let Some(files) = &self.memory {
            // Paths are sorted by component: what is below a folder follows it.
            let folder = || {
                files
                    .range(path.to_owned()..)
                    .next()
                    .is_some_and(|(file, _)| file.starts_with(path))
            };
            return match files.contains_key(path) {
                true => Entry::File,
                false if folder() => Entry::Folder,
                false => Entry::Missing,
            };
        }
        let Ok(data) = fs::metadata(path) else { return Entry::Missing };
        // An empty root is the working directory, which the system wants written as a dot.
        let empty = self.root.as_os_str().is_empty();
        let root = if empty { Path::new(".") } else { &self.root };
        let inside = match (path.canonicalize(), root.canonicalize()) {
            (Ok(path), Ok(root)) => path.starts_with(root),
            _ => false,
        };
        match (inside, data.is_dir()) {
            (false, _) => Entry::Outside,
            (true, true) => Entry::Folder,
            (true, false) => Entry::File,
        }
    }

    pub(crate) fn read(&self, path: &Path) -> Result<String, Box<Diagnostic>> {
        match &self.memory {
            None => read(path),
            Some(files) => match files.get(path) {
                Some(text) => Ok(text.clone()),
                None => Err(unreadable(path, "it does not exist")),
            },
        }
    }
}

/// Reads a text file; a file that is larger than any document may be is not read whole.
pub(crate) fn read(path: &Path) -> Result<String, Box<Diagnostic>> {
    let refuse = |error: std::io::Error| unreadable(path, &error.to_string());
    let data = fs::metadata(path).map_err(refuse)?;
    if !data.is_file() {
        return Err(unreadable(path, "it is not a file"));
    }
    let mut bytes = Vec::new();
    let most = MOST_BYTES as u64 + 1;
    fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(refuse)?;
    if bytes.len() > MOST_BYTES {
        let message = format!("the file is larger than {MOST_BYTES} bytes");
        return Err(Box::new(Diagnostic::error(codes::TOO_LARGE, message).at(path)));
    }
    decode(path, bytes)
}

/// Every file below a folder that is wanted, by path. Hidden folders, those tagged as caches, and
/// links to folders, which may form a loop, are not entered. What cannot be looked at does not
/// hide the rest.
pub(crate) fn walk(root: &Path, wanted: &dyn Fn(&Path) -> bool) -> Walked {
    let files = Files::disk(root);
    let mut found = Walked::default();
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                found.problems.push(*unreadable(&folder, &error.to_string()));
                continue;
            }
        };
        for entry in entries {
            let path = entry.path();
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let generated = path.join("CACHEDIR.TAG").exists();
                if !hidden && !generated && depth < DEEPEST {
                    open.push((path, depth + 1));
                }
            } else if !hidden && wanted(&path) {
                match (fs::metadata(&path), files.entry(&path)) {
                    (Err(error), _) => found.problems.push(*unreadable(&path, &error.to_string())),
                    (Ok(data), _) if data.is_dir() => {}
                    (Ok(_), Entry::Outside) => found.problems.push(outside(&path)),
                    // What is no file either says so when it is read.
                    (Ok(_), _) => found.files.push(path),
                }
            }
        }
    }
    found.files.sort();
    found.problems.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn outside(path: &Path) -> Diagnostic {
    Diagnostic::error(codes::SCHEMA_OUTSIDE, "the file is a link that leaves the root")
        .at(path)
        .hint("copy the file here, or name the folder it is in as a root of its own")
}

fn unreadable(path: &Path, why: &str) -> Box<Diagnostic> {
    let message = format!("{} cannot be read: {why}", path.display());
    Box::new(
        Diagnostic::error(codes::UNREADABLE, message)
            .at(path)
            .hint("check that it exists and that you may read it"),
    )
}

/// The major version in a name such as `v2.yaml`.
pub(crate) fn file_major(path: &Path) -> Option<u64> {
    let digits = path.file_name()?.to_str()?.strip_prefix('v')?.strip_suffix(".yaml")?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// A path without `.` and `..`; `None` when it leaves where it starts.
pub(crate) fn normal(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            other => out.push(other),
        }
    }
    Some(out)
}
