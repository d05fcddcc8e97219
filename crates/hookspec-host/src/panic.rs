//! Panics of foreign code: caught always, located where the application asked for it.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use hookspec_plugin::guard;

use crate::outcome::{Cause, PanicLocation};

static INSTALLED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static LOCATION: RefCell<Option<PanicLocation>> = const { RefCell::new(None) };
}

/// Makes panics of plugins silent and located.
///
/// Once called, a panic inside a plugin's call prints nothing and the
/// [`Failure`](crate::Failure) says where it happened; every other panic goes to the hook that was
/// installed before. Never called by the library itself: a panic hook belongs to the application.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if INSIDE.get() {
                let location = info.location().map(PanicLocation::from);
                LOCATION.with(|slot| *slot.borrow_mut() = location);
            } else {
                before(info);
            }
        }));
        INSTALLED.store(true, Ordering::Release);
    });
}

/// Runs foreign code; a panic becomes a cause.
///
/// A panic while another one unwinds, and a binary built with `panic = "abort"`, cannot be caught
/// by anybody: they end the process.
#[inline]
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Box<Cause>> {
    // Only the hook reads it: without the hook, a call needs no trace of itself.
    let outer = INSTALLED.load(Ordering::Relaxed).then(|| INSIDE.replace(true));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    if let Some(outer) = outer {
        INSIDE.set(outer);
    }
    result.map_err(panicked)
}

/// As [`contain`], for code whose panic is only ever told as a text.
///
/// # Errors
/// The message of the panic.
pub(crate) fn contain_text<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    contain(work).map_err(|cause| match *cause {
        Cause::Panicked { message, .. } => message,
        other => other.to_string(),
    })
}

#[cold]
fn panicked(payload: Box<dyn Any + Send>) -> Box<Cause> {
    // Taken before the payload is dropped: its drop may panic too, elsewhere.
    let location = match payload.downcast_ref::<guard::ForeignPanic>() {
        // Where it happened is known from where it was caught; no hook of this process saw it.
        Some(foreign) => foreign.location.clone().map(PanicLocation::from),
        None => LOCATION.with(|slot| slot.borrow_mut().take()),
    };
    let outer = INSIDE.replace(true);
    let message = guard::panic_message(payload);
    INSIDE.set(outer);
    Box::new(Cause::Panicked { message, location })
}
