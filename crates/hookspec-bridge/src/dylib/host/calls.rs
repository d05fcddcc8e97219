//! [`Calls`]: what an instance was asked and has not answered yet.
//!
//! A plugin completes a call by a number, at any time, from any thread, once or more often, and
//! with any number at all. So a number is looked up here and never a pointer: one that means
//! nothing (any more) is counted and forgotten.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use hookspec_plugin::Caller;
use slotmap::{DefaultKey, Key, KeyData, SlotMap};
use tracing::Span;

/// How a call was completed.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) status: i32,
    /// The answer; `None` where it could not be read.
    pub(super) answer: Option<Vec<u8>>,
}

/// What an instance was asked and has not answered yet.
#[derive(Debug, Default)]
pub(super) struct Calls {
    slots: Mutex<SlotMap<DefaultKey, Slot>>,
    strays: AtomicU64,
}

#[derive(Debug)]
enum Slot {
    Waiting {
        waker: Option<Waker>,
        span: Span,
        caller: Option<Caller>,
    },
    Completed(Completion),
    /// Cancelled, and the plugin is still at work on it.
    Abandoned,
}

impl Calls {
    /// A number for something that is asked now, by somebody if it is a call.
    pub(super) fn begin(&self, caller: Option<&Caller>) -> u64 {
        let (span, caller) = (Span::current(), caller.cloned());
        self.lock().insert(Slot::Waiting { waker: None, span, caller }).data().as_ffi()
    }

    /// Completes what has a number; `false` where nothing has it that still waits.
    pub(super) fn complete(&self, id: u64, completion: Completion) -> bool {
        let mut slots = self.lock();
        let before = match slots.get_mut(key(id)) {
            Some(slot @ Slot::Waiting { .. }) => {
                std::mem::replace(slot, Slot::Completed(completion))
            }
            other => {
                if matches!(other, Some(Slot::Abandoned)) {
                    slots.remove(key(id));
                }
                self.strays.fetch_add(1, Relaxed);
                return false;
            }
        };
        drop(slots);
        // Outside the lock: a waker, and whoever listens to a span, may run code that takes it.
        if let Slot::Waiting { waker: Some(waker), .. } = before {
            waker.wake();
        }
        true
    }

    /// Has whoever awaits a number look again.
    pub(super) fn wake(&self, id: u64) {
        let waker = match self.lock().get_mut(key(id)) {
            Some(Slot::Waiting { waker, .. }) => waker.take(),
            Some(Slot::Completed(_) | Slot::Abandoned) | None => None,
        };
        // Outside the lock: see `complete`.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What came of a number; whoever is told of it forgets it.
    pub(super) fn poll(&self, id: u64, waker: Option<&Waker>) -> Poll<Option<Completion>> {
        let mut slots = self.lock();
        match slots.get_mut(key(id)) {
            Some(Slot::Waiting { waker: slot, .. }) => {
                let before = std::mem::replace(slot, waker.cloned());
                drop(slots);
                drop(before);
                Poll::Pending
            }
            Some(Slot::Completed(_)) => match slots.remove(key(id)) {
                Some(Slot::Completed(completion)) => Poll::Ready(Some(completion)),
                Some(Slot::Waiting { .. } | Slot::Abandoned) | None => Poll::Ready(None),
            },
            Some(Slot::Abandoned) | None => Poll::Ready(None),
        }
    }

    /// Nobody waits for a number any more; `true` where the plugin is still at work on it.
    pub(super) fn abandon(&self, id: u64) -> bool {
        let mut slots = self.lock();
        match slots.get_mut(key(id)) {
            Some(slot @ Slot::Waiting { .. }) => {
                let before = std::mem::replace(slot, Slot::Abandoned);
                drop(slots);
                drop(before);
                true
            }
            Some(Slot::Completed(_)) => {
                slots.remove(key(id));
                false
            }
            Some(Slot::Abandoned) | None => false,
        }
    }

    /// The plugin has ended its work on a number without completing it.
    pub(super) fn ended(&self, id: u64) {
        self.lock().remove(key(id));
    }

    /// What the plugin is at work on, and what it has completed and nobody took yet.
    pub(super) fn open(&self) -> usize {
        self.lock().len()
    }

    /// Whether a number still waits.
    pub(super) fn waits(&self, id: u64) -> bool {
        matches!(self.lock().get(key(id)), Some(Slot::Waiting { .. }))
    }

    /// The span of a call that still waits.
    pub(super) fn span(&self, id: u64) -> Option<Span> {
        match self.lock().get(key(id)) {
            Some(Slot::Waiting { span, .. }) => Some(span.clone()),
            Some(Slot::Completed(_) | Slot::Abandoned) | None => None,
        }
    }

    /// Who asked what has a number, `None` inside where it is no call; `None` where nothing has it
    /// that still waits.
    pub(super) fn caller(&self, id: u64) -> Option<Option<Caller>> {
        match self.lock().get(key(id)) {
            Some(Slot::Waiting { caller, .. }) => Some(caller.clone()),
            Some(Slot::Completed(_) | Slot::Abandoned) | None => None,
        }
    }

    /// How many completions came for nothing: a second one, or one after a cancellation.
    pub(super) fn strays(&self) -> u64 {
        self.strays.load(Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, SlotMap<DefaultKey, Slot>> {
        // A map of plain values: a panic elsewhere cannot leave it half-written.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a number; one that no key has becomes one that is never there.
fn key(id: u64) -> DefaultKey {
    let key = DefaultKey::from(KeyData::from_ffi(id));
    if key.data().as_ffi() == id { key } else { DefaultKey::null() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn done(status: i32) -> Completion {
        Completion { status, answer: Some(Vec::new()) }
    }

    #[test]
    fn a_call_is_completed_once() {
        let calls = Calls::default();
        let id = calls.begin(None);
        assert!(calls.poll(id, None).is_pending() && calls.waits(id));
        assert!(calls.complete(id, done(1)));
        assert!(!calls.complete(id, done(2)), "a second completion");
        let Poll::Ready(Some(first)) = calls.poll(id, None) else { panic!("it is completed") };
        assert_eq!(first.status, 1);
        assert!(!calls.complete(id, done(3)), "one after it was told of");
        assert_eq!(calls.strays(), 2);
    }

    #[test]
    fn a_number_that_is_used_again_is_another_one() {
        let calls = Calls::default();
        let first = calls.begin(None);
        assert!(calls.abandon(first));
        calls.ended(first);
        let second = calls.begin(None);
        assert_ne!(first, second);
        assert!(!calls.complete(first, done(0)) && calls.waits(second));
    }

    #[test]
    fn what_is_cancelled_is_waited_for_until_it_ends() {
        let calls = Calls::default();
        let id = calls.begin(None);
        assert!(calls.abandon(id) && calls.open() == 1);
        assert!(!calls.complete(id, done(0)), "nobody waits for it");
        assert!(calls.open() == 0);
        assert_eq!(calls.strays(), 1);
    }

    proptest! {
        #[test]
        fn no_number_does_harm(ids in proptest::collection::vec(any::<u64>(), 0..50)) {
            let calls = Calls::default();
            let own = calls.begin(None);
            for id in ids.iter().filter(|id| **id != own) {
                prop_assert!(!calls.complete(*id, done(0)));
            }
            // Half of the number is not the number.
            prop_assert!(!calls.complete(own & 0xffff_ffff, done(0)));
            prop_assert!(calls.waits(own) && calls.complete(own, done(0)));
        }
    }
}
