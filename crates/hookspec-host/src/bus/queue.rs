//! [`Queue`]: the events that wait for one subscription: bounded, in order, and in order of each key
//! when several are handled at once (EVENT-8, EVENT-9, EVENT-10).

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use hookspec_plugin::Overflow;
use tokio::sync::Notify;

use super::parcel::Queued;

/// The events that wait for one subscription.
pub(crate) struct Queue {
    bound: usize,
    overflow: Overflow,
    state: Mutex<State>,
    /// Told when a place became free, for those that wait to publish.
    pub(crate) room: Notify,
    /// Told when nothing waits and nothing is in hands.
    empty: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Queued>,
    /// Keys of what is in somebody's hands.
    busy: HashSet<Arc<str>>,
    /// Lost since somebody took one last.
    lagged: u64,
    closed: bool,
    /// Taken, and not handled yet.
    in_hands: usize,
    /// Whoever takes from it, while nothing is there.
    taker: Option<Waker>,
}

/// What became of an event that was to wait.
#[derive(Debug)]
pub(crate) enum Pushed {
    /// It waits.
    Taken,
    /// It waits in the place of this one, which has its key.
    Replaced(Queued),
    /// It waits, and this one, the oldest, does not any more.
    DroppedOldest(Queued),
    /// There was no room.
    Dropped,
    /// There is no room, and whoever publishes is to wait for some.
    Full(Queued),
    /// Nobody takes from it any more.
    Closed,
}

impl Queue {
    pub(crate) fn new(bound: usize, overflow: Overflow) -> Self {
        let (room, empty) = (Notify::new(), Notify::new());
        Self { bound, overflow, state: Mutex::default(), room, empty }
    }

    /// Adds an event. What gives way to it is handed back: it is dropped outside of the lock.
    pub(crate) fn push(&self, queued: Queued) -> Pushed {
        let mut state = self.lock();
        if state.closed {
            return Pushed::Closed;
        }
        if self.overflow == Overflow::Coalesce
            && let Some(key) = &queued.key
            && let Some(own) =
                state.waiting.iter_mut().find(|other| other.key.as_ref() == Some(key))
        {
            let before = std::mem::replace(own, queued);
            drop(state);
            return Pushed::Replaced(before);
        }
        let mut before = None;
        if state.waiting.len() >= self.bound {
            match self.overflow {
                Overflow::Block => return Pushed::Full(queued),
                Overflow::DropOldest => {
                    state.lagged += 1;
                    before = state.waiting.pop_front();
                }
                Overflow::DropNewest | Overflow::Coalesce => {
                    state.lagged += 1;
                    drop(state);
                    drop(queued);
                    return Pushed::Dropped;
                }
            }
        }
        state.waiting.push_back(queued);
        let taker = state.taker.take();
        drop(state);
        if let Some(taker) = taker {
            taker.wake();
        }
        match before {
            None => Pushed::Taken,
            Some(before) => Pushed::DroppedOldest(before),
        }
    }

    /// Puts what waited elsewhere before what waits here, in its order and however much it is.
    pub(crate) fn put_before(&self, mut earlier: VecDeque<Queued>) {
        let taker = {
            let mut state = self.lock();
            earlier.append(&mut state.waiting);
            state.waiting = earlier;
            state.taker.take()
        };
        if let Some(taker) = taker {
            taker.wake();
        }
    }

    /// Counts an event that was not added after all.
    pub(crate) fn lost(&self) {
        self.lock().lagged += 1;
    }

    /// Takes the next event whose key nobody has in hands, and how many were lost before it; `None`
    /// when the queue is closed and empty.
    pub(crate) fn poll_take(&self, cx: &Context<'_>) -> Poll<Option<(Queued, u64)>> {
        let mut state = self.lock();
        let free = |queued: &Queued, busy: &HashSet<Arc<str>>| {
            queued.key.as_ref().is_none_or(|key| !busy.contains(key))
        };
        let next = match state.busy.is_empty() {
            true => (!state.waiting.is_empty()).then_some(0),
            false => state.waiting.iter().position(|queued| free(queued, &state.busy)),
        };
        if let Some(queued) = next.and_then(|next| state.waiting.remove(next)) {
            if let Some(key) = &queued.key {
                let key = Arc::clone(key);
                state.busy.insert(key);
            }
            state.in_hands += 1;
            let lagged = std::mem::take(&mut state.lagged);
            drop(state);
            if self.overflow == Overflow::Block {
                self.room.notify_one();
            }
            return Poll::Ready(Some((queued, lagged)));
        }
        if state.closed && state.waiting.is_empty() {
            return Poll::Ready(None);
        }
        match &mut state.taker {
            Some(taker) => taker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// An event that was taken has been handled: the next one with its key may be taken.
    pub(crate) fn done(&self, key: Option<&Arc<str>>) {
        let taker = {
            let mut state = self.lock();
            state.in_hands -= 1;
            if state.in_hands == 0 && state.waiting.is_empty() {
                self.empty.notify_waiters();
            }
            key.and_then(|key| {
                state.busy.remove(key);
                state.taker.take()
            })
        };
        if let Some(taker) = taker {
            taker.wake();
        }
    }

    /// Takes nothing more; what waits is still handed out.
    pub(crate) fn close(&self) {
        let taker = {
            let mut state = self.lock();
            state.closed = true;
            state.taker.take()
        };
        if let Some(taker) = taker {
            taker.wake();
        }
        self.room.notify_waiters();
    }

    /// Takes nothing more, and gives back what waits: its drop may be foreign code.
    pub(crate) fn discard(&self) -> VecDeque<Queued> {
        let (waiting, taker) = {
            let mut state = self.lock();
            state.closed = true;
            (std::mem::take(&mut state.waiting), state.taker.take())
        };
        if let Some(taker) = taker {
            taker.wake();
        }
        self.room.notify_waiters();
        waiting
    }

    /// Waits until nothing waits and nothing is in hands.
    pub(crate) async fn emptied(&self) {
        loop {
            let empty = self.empty.notified();
            {
                let state = self.lock();
                if state.waiting.is_empty() && state.in_hands == 0 {
                    return;
                }
            }
            empty.await;
        }
    }

    /// Whether one more may wait.
    pub(crate) fn has_room(&self) -> bool {
        let state = self.lock();
        !state.closed && state.waiting.len() < self.bound
    }

    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing foreign runs under this lock, and nothing in it can be half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
