//! The walk: every file below a folder, one after another, in the order of their names.
//!
//! It blocks, so it has a thread of its own; what it finds waits in a bounded queue, so that a tree of
//! any size needs no more memory than that. Links are not followed, and nothing is opened.

use std::ffi::OsString;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hookspec::CancellationToken;
use tokio::sync::mpsc::Sender;
use walkdir::WalkDir;

use crate::row::Outcome;

/// What the walk came across.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file.
    File {
        path: PathBuf,
        size: Option<u64>,
        /// What is known already: it is not to be opened.
        settled: Option<Outcome>,
    },
    /// A folder that cannot be read, and why.
    Unreadable(String),
}

/// Walks until the end, or until the token is cancelled; answers whether it came to the end.
pub(crate) fn walk(
    root: &Path,
    excluded: &[OsString],
    stop: &CancellationToken,
    found: &Arc<AtomicU64>,
    queue: &Sender<Found>,
) -> bool {
    let wanted = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !excluded.iter().any(|name| name == entry.file_name())
    };
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(wanted) {
        if stop.is_cancelled() {
            return false;
        }
        let next = match entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => look(&entry),
            Err(error) => lost(&error),
        };
        if matches!(next, Found::File { .. }) {
            found.fetch_add(1, Ordering::AcqRel);
        }
        // Nobody takes what is found: the scan has ended.
        if queue.blocking_send(next).is_err() {
            return false;
        }
    }
    true
}

fn look(entry: &walkdir::DirEntry) -> Found {
    let path = entry.path();
    let path = path.strip_prefix(".").unwrap_or(path).to_owned();
    let settled = irregular(entry.file_type()).map(|what| Outcome::passed_over(what.to_owned()));
    match entry.metadata() {
        Ok(data) => Found::File { path, size: Some(data.len()), settled },
        Err(error) => {
            let unreadable = Outcome::unreadable(error.to_string());
            Found::File { path, size: None, settled: Some(settled.unwrap_or(unreadable)) }
        }
    }
}

/// Why a file is not opened. Opening a pipe waits for whoever writes to it, and opening a device may
/// do anything.
fn irregular(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    Some(if kind.is_symlink() {
        "a symbolic link, not followed"
    } else {
        "a pipe, socket or device, not opened"
    })
}

/// A folder that cannot be read, or a file that the system would not tell about.
fn lost(error: &walkdir::Error) -> Found {
    let is_file = |path: &&Path| path.symlink_metadata().is_ok_and(|data| !data.is_dir());
    match error.path().filter(is_file) {
        Some(path) => {
            let settled = Some(Outcome::unreadable(error.to_string()));
            Found::File { path: path.to_owned(), size: None, settled }
        }
        None => Found::Unreadable(error.to_string()),
    }
}
