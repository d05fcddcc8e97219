//! The event that is handled while some code runs (EVENT-5).
//!
//! A call says what it came of. Code that keeps its context, or the bus itself, and publishes through
//! that says nothing: so whoever hands an event over leaves it with the thread, poll by poll.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;

use hookspec_plugin::Cause;

thread_local! {
    static CURRENT: RefCell<Option<Cause>> = const { RefCell::new(None) };
}

/// The event that the running code handles, if it handles one.
pub(crate) fn current() -> Option<Cause> {
    CURRENT.with_borrow(Clone::clone)
}

/// Until it is dropped, what runs on this thread is part of handling an event.
pub(crate) struct Entered(Option<Cause>);

/// Enters the handling of an event.
pub(crate) fn enter(cause: &Cause) -> Entered {
    Entered(CURRENT.replace(Some(cause.clone())))
}

impl Drop for Entered {
    fn drop(&mut self) {
        let own = CURRENT.replace(self.0.take());
        // Not while the cell is borrowed: its drop may end others.
        drop(own);
    }
}

/// Runs a future whose every poll is part of handling an event.
pub(crate) async fn within<F: Future>(cause: &Cause, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let _entered = enter(cause);
        future.as_mut().poll(cx)
    })
    .await
}
