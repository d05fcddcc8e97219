//! Opening a library: from a private copy of its bytes, once for all bytes that are the same.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

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
    static OPENED: Mutex<Option<HashMap<String, Open>>> = Mutex::new(None);
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let opened = opened.get_or_insert_default();
    if let Some(open) = opened.get(&image.sha256) {
        // The same code again: a further instance, not a further library.
        return Ok(*open);
    }
    let open = open_copy(image).map_err(|why| format!("{}: {why}", image.path.display()))?;
    opened.insert(image.sha256.clone(), open);
    Ok(open)
}

/// The name of the copy is unique, because a system that knows a path opens no other file under it.
/// It is deleted at once: what is mapped stays.
fn open_copy(image: &Image) -> Result<Open, String> {
    let failed = |error: std::io::Error| format!("a private copy of it cannot be made: {error}");
    let mut copy = Builder::new().prefix("hookspec-").suffix(".so").tempfile().map_err(failed)?;
    copy.write_all(&image.bytes).and_then(|()| copy.flush()).map_err(failed)?;
    // SAFETY: code of the library runs from here on. That is what its operator asked for by putting
    // it into the folder; whether it behaves is beyond what can be checked.
    let library = unsafe { Library::new(copy.path()) };
    let library = library.map_err(|error| format!("the system cannot open it: {error}"))?;
    // Leaked, so that it is never unmapped: see `Dylib`.
    Ok(Open(Box::leak(Box::new(library))))
}
