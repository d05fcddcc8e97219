//! [`Gate`]: holds threads and futures until a test lets them go.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Holds threads and futures until it is opened. Clones are the same gate.
#[derive(Clone, Default)]
pub struct Gate(Arc<State>);

#[derive(Default)]
struct State {
    inside: Mutex<Inside>,
    changed: Condvar,
    opened: Notify,
}

#[derive(Default)]
struct Inside {
    open: bool,
    waiting: usize,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.lock().open = true;
        self.0.changed.notify_all();
        self.0.opened.notify_waiters();
    }

    /// Blocks the thread until the gate is open.
    pub fn block(&self) {
        let mut inside = self.lock();
        inside.waiting += 1;
        self.0.changed.notify_all();
        while !inside.open {
            inside = self.0.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
        }
        inside.waiting -= 1;
    }

    /// Waits, without blocking the thread, until the gate is open.
    pub async fn pass(&self) {
        let _waiting = self.enter();
        loop {
            let opened = self.0.opened.notified();
            if self.lock().open {
                return;
            }
            opened.await;
        }
    }

    /// Waits until at least `count` threads or futures are held; says whether that came true in
    /// time. Blocks the thread.
    #[must_use]
    pub fn holds(&self, count: usize, within: Duration) -> bool {
        let end = Instant::now() + within;
        let mut inside = self.lock();
        while inside.waiting < count {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.changed.wait_timeout(inside, left);
            inside = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn enter(&self) -> Waiting<'_> {
        self.lock().waiting += 1;
        self.0.changed.notify_all();
        Waiting(self)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Waiting<'a>(&'a Gate);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
        self.0.0.changed.notify_all();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = self.lock();
        f.debug_struct("Gate")
            .field("open", &inside.open)
            .field("waiting", &inside.waiting)
            .finish()
    }
}
