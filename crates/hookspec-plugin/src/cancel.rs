//! [`CancellationToken`]: asks work to stop, needs no async runtime.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// A flag that asks work to stop, and a way to wait for it. Clones share the flag.
#[derive(Clone, Default)]
pub struct CancellationToken(Arc<State>);

#[derive(Default)]
struct State {
    cancelled: AtomicBool,
    parent: Option<CancellationToken>,
    next_id: AtomicU64,
    // Ordered by id: whoever leaves is found among many thousands without a search.
    waiting: Mutex<BTreeMap<u64, Waker>>,
}

impl CancellationToken {
    /// A token that nobody has cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A token that is cancelled with this one, or alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(State { parent: Some(self.clone()), ..State::default() }))
    }

    /// Asks everybody who holds this token, or a child of it, to stop.
    pub fn cancel(&self) {
        let woken = {
            let mut waiting = self.lock();
            self.0.cancelled.store(true, Ordering::Release);
            std::mem::take(&mut *waiting)
        };
        // Outside the lock: a waker may run foreign code that takes it.
        for waker in woken.into_values() {
            waker.wake();
        }
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.ancestry().any(|token| token.0.cancelled.load(Ordering::Acquire))
    }

    /// Waits until somebody asks to stop.
    pub fn cancelled(&self) -> Cancelled {
        Cancelled { token: self.clone(), registered: Vec::new() }
    }

    fn ancestry(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |token| token.0.parent.as_ref())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Waker>> {
        // The lock guards a plain map: a panic elsewhere cannot leave it half-written.
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken").field("cancelled", &self.is_cancelled()).finish()
    }
}

/// Resolves when its token is cancelled. Dropping it leaves nothing behind in the token.
#[derive(Debug)]
pub struct Cancelled {
    token: CancellationToken,
    registered: Vec<u64>,
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        for (index, token) in this.token.ancestry().enumerate() {
            let mut waiting = token.lock();
            // Under the lock, so that a `cancel` between the check and the entry is not missed.
            if token.0.cancelled.load(Ordering::Acquire) {
                return Poll::Ready(());
            }
            let entry = this.registered.get(index).and_then(|id| waiting.get_mut(id));
            match entry {
                Some(waker) => waker.clone_from(cx.waker()),
                None => {
                    let id = token.0.next_id.fetch_add(1, Ordering::Relaxed);
                    waiting.insert(id, cx.waker().clone());
                    this.registered.truncate(index);
                    this.registered.push(id);
                }
            }
        }
        Poll::Pending
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        for (token, id) in self.token.ancestry().zip(&self.registered) {
            token.lock().remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(future: &mut Cancelled, count: &Arc<Count>) -> Poll<()> {
        let waker = Waker::from(count.clone());
        Pin::new(future).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn a_parent_cancels_its_children_and_not_the_reverse() {
        let parent = CancellationToken::new();
        let child = parent.child();
        child.cancel();
        assert!(child.is_cancelled() && !parent.is_cancelled());

        let (other, count) = (parent.child(), Arc::new(Count::default()));
        let mut waiting = other.cancelled();
        assert_eq!(poll(&mut waiting, &count), Poll::Pending);
        parent.cancel();
        assert_eq!(count.0.load(Ordering::Relaxed), 1, "the waiter was woken once");
        assert_eq!(poll(&mut waiting, &count), Poll::Ready(()));
    }

    #[test]
    fn polling_again_and_dropping_leave_no_waker_behind() {
        let parent = CancellationToken::new();
        let child = parent.child();
        let (mut waiting, count) = (child.cancelled(), Arc::new(Count::default()));
        for _ in 0..3 {
            assert_eq!(poll(&mut waiting, &count), Poll::Pending);
        }
        assert_eq!((parent.lock().len(), child.lock().len()), (1, 1));
        drop(waiting);
        assert_eq!((parent.lock().len(), child.lock().len()), (0, 0));
    }
}
