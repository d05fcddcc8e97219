//! Opening a library: from a private copy of its bytes, once for all bytes that are the same.

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::{env, io};

use libloading::Library;
use tempfile::Builder;

use super::file::Image;
use crate::dylib::abi;

/// A library that is open, and stays so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open(&'static Library);

impl Open {
    /// The function that says what the library holds.
    pub(super) fn entry(self) -> Result<abi::Entry, String> {
        // SAFETY: nothing is called; that the symbol has this type is what the interface says, and
        // a library that defines this name for anything else cannot be told apart.
        let symbol = unsafe { self.0.get::<abi::Entry>(abi::SYMBOL.as_bytes()) };
        symbol.map(|symbol| *symbol).map_err(|_| {
            format!(
                "it does not define `{}`; a Rust plugin does by `hookspec::export!(...)`, others \
                 as include/hookspec_plugin.h says",
                abi::SYMBOL
            )
        })
    }
}

/// Opens a library.
///
/// # Errors
/// What the system says.
pub(super) fn open(image: &Image) -> Result<Open, String> {
    static OPENED: LazyLock<Mutex<HashMap<String, Open>>> = LazyLock::new(Mutex::default);
    let opened = || OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = opened().get(&image.sha256).copied();
    if let Some(open) = known {
        // The same code again: a further instance, not a further library.
        return Ok(open);
    }
    // Without the lock: initialisers of the library run, and one that hangs must not hold others.
    let open = open_copy(image).map_err(|why| format!("{}: {why}", image.path.display()))?;
    Ok(*opened().entry(image.sha256.clone()).or_insert(open))
}

/// The name of the copy is unique, because a system that knows a path opens no other file under it.
/// It is deleted at once: what is mapped stays.
fn open_copy(image: &Image) -> Result<Open, String> {
    let failed = |error: io::Error| format!("a private copy of it cannot be made: {error}");
    let mut copy = Builder::new().prefix("hookspec-").suffix(".so").tempfile().map_err(failed)?;
    copy.write_all(&image.bytes).and_then(|()| copy.flush()).map_err(failed)?;
    // SAFETY: code of the library runs from here on. That is what its operator asked for by putting
    // it into the folder; whether it behaves is beyond what can be checked.
    let library = unsafe { load(copy.path()) };
    let library = library.map_err(|error| {
        // What the system said is the source; the error itself says only that it said something.
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        format!(
            "the system cannot open the copy of it that was made in {} (TMPDIR names another \
             folder, where files may be executed): {why}",
            env::temp_dir().display()
        )
    })?;
    // Leaked, so that it is never unmapped: see `Dylib`.
    Ok(Open(Box::leak(Box::new(library))))
}

/// Every symbol is looked for now: one that is missing would end the process at the first call that
/// needs it.
///
/// # Safety
/// As for [`Library::new`].
#[cfg(unix)]
unsafe fn load(path: &Path) -> Result<Library, libloading::Error> {
    use libloading::os::unix::{Library as Unix, RTLD_LOCAL, RTLD_NOW};

    // SAFETY: the caller's promise.
    unsafe { Unix::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Library::from)
}

/// # Safety
/// As for [`Library::new`].
#[cfg(not(unix))]
unsafe fn load(path: &Path) -> Result<Library, libloading::Error> {
    // SAFETY: the caller's promise.
    unsafe { Library::new(path) }
}
