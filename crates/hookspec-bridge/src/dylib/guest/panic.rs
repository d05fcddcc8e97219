//! Panics of the plugin: caught where they happen, for none may cross into the host.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use hookspec_plugin::guard::panic_message;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static LOCATION: RefCell<Option<(String, u32, u32)>> = const { RefCell::new(None) };
}

/// What is known of a panic.
#[derive(Debug)]
pub(super) struct Panicked {
    pub(super) message: String,
    /// File, line, column.
    pub(super) location: Option<(String, u32, u32)>,
}

/// Keeps panics of calls silent and notes where they happen: the host says so in its own words. A
/// shared library has a standard library of its own, so that this hook is not the host's.
pub(super) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                return before(info);
            }
            let place = info.location().map(|at| (at.file().to_owned(), at.line(), at.column()));
            LOCATION.with(|slot| *slot.borrow_mut() = place);
        }));
    });
}

/// Runs code of the plugin.
///
/// # Errors
/// It panicked.
pub(super) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    let outer = INSIDE.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let location = LOCATION.with(|slot| slot.borrow_mut().take());
        Panicked { message: panic_message(payload), location }
    });
    INSIDE.set(outer);
    result
}
