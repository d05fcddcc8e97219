//! The events that are handled while some code runs (EVENT-5).
//!
//! A call says what it came of. Code that keeps its context, or the bus itself, and publishes through
//! that says nothing: so whoever hands an event over leaves it with the thread, poll by poll.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;

use hookspec_plugin::Cause;

thread_local! {
    /// The one that is handled last, last: handling one may be part of handling another.
    static HANDLED: RefCell<Vec<Cause>> = const { RefCell::new(Vec::new()) };
}

/// The event that the running code handles, if it handles one.
pub(crate) fn current() -> Option<Cause> {
    HANDLED.with_borrow(|handled| handled.last().cloned())
}

/// How many of the subscriptions of which this holds have an event in the hands of the running code.
pub(crate) fn count(holds: impl Fn(u64) -> bool) -> usize {
    HANDLED.with_borrow(|handled| handled.iter().filter(|own| holds(own.subscription)).count())
}

/// Until it is dropped, what runs on this thread is part of handling an event.
pub(crate) struct Entered(());

/// Enters the handling of an event.
pub(crate) fn enter(cause: &Cause) -> Entered {
    HANDLED.with_borrow_mut(|handled| handled.push(cause.clone()));
    Entered(())
}

impl Drop for Entered {
    fn drop(&mut self) {
        let own = HANDLED.with_borrow_mut(Vec::pop);
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
