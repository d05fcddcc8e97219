//! [`Waiters`]: those who wait for one event (EVENT-12).

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookspec_plugin::{Event, Pattern};
use tokio::sync::oneshot;

/// Those who wait for one event each. Few, and for a short time: they are looked at one by one.
#[derive(Clone, Default)]
pub(crate) struct Waiters(Arc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: Mutex<Vec<Waiter>>,
    count: AtomicUsize,
    numbers: AtomicU64,
}

struct Waiter {
    number: u64,
    pattern: Pattern,
    tenant: Option<String>,
    sender: oneshot::Sender<Event>,
}

/// Waits for one event; waits no longer once it is dropped.
pub(crate) struct Next {
    all: Waiters,
    number: u64,
    receiver: oneshot::Receiver<Event>,
}

impl Waiters {
    /// Waits for an event of a pattern; on behalf of a tenant, for one on behalf of the same.
    pub(crate) fn add(&self, pattern: Pattern, tenant: Option<String>) -> Next {
        let (sender, receiver) = oneshot::channel();
        let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.lock();
        waiting.push(Waiter { number, pattern, tenant, sender });
        self.0.count.store(waiting.len(), Ordering::Release);
        drop(waiting);
        Next { all: self.clone(), number, receiver }
    }

    /// Gives an event to everybody who waits for it.
    #[inline]
    pub(crate) fn tell(&self, event: &Event) {
        if self.0.count.load(Ordering::Acquire) > 0 {
            self.tell_each(event);
        }
    }

    #[cold]
    fn tell_each(&self, event: &Event) {
        let told: Vec<Waiter> = {
            let mut waiting = self.lock();
            let wants = |waiter: &mut Waiter| {
                waiter.pattern.matches(event.event_type.as_str())
                    && (waiter.tenant.is_none() || waiter.tenant == event.tenant)
            };
            let told = waiting.extract_if(.., wants).collect();
            self.0.count.store(waiting.len(), Ordering::Release);
            told
        };
        for waiter in told {
            // Who has just stopped waiting is not told.
            let _ = waiter.sender.send(event.clone());
        }
    }

    pub(crate) fn is_awaited(&self) -> bool {
        self.0.count.load(Ordering::Acquire) > 0
    }

    /// Nobody waits any longer.
    pub(crate) fn give_up(&self) {
        self.0.count.store(0, Ordering::Release);
        drop(std::mem::take(&mut *self.lock()));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiter>> {
        // Nothing foreign runs under this lock.
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Next {
    /// The event; `None` when there will be none.
    pub(crate) async fn event(mut self) -> Option<Event> {
        (&mut self.receiver).await.ok()
    }
}

impl Drop for Next {
    fn drop(&mut self) {
        let mut waiting = self.all.lock();
        waiting.retain(|waiter| waiter.number != self.number);
        self.all.0.count.store(waiting.len(), Ordering::Release);
    }
}
