//! Waiting without an async runtime: [`Wait`] for a time, [`yields`] for others.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hookspec_plugin::Fault;

/// A time that passes; dropped before, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Wait {
    shared: Arc<(Mutex<Clock>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Clock {
    over: bool,
    given_up: bool,
    waker: Option<Waker>,
}

impl Wait {
    /// Waits from now on, on a thread of its own.
    ///
    /// # Errors
    /// There is no thread left.
    pub(crate) fn begin(time: Duration) -> Result<Self, Fault> {
        let shared = Arc::<(Mutex<Clock>, Condvar)>::default();
        let own = Arc::clone(&shared);
        let until = Instant::now() + time;
        let thread = thread::Builder::new().name("zoo-waits".into()).spawn(move || {
            if let Some(waker) = pass(&own, until) {
                waker.wake();
            }
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }
}

fn pass((clock, given_up): &(Mutex<Clock>, Condvar), until: Instant) -> Option<Waker> {
    let mut clock = lock(clock);
    while !clock.given_up {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            clock.over = true;
            return clock.waker.take();
        }
        clock = given_up.wait_timeout(clock, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    None
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut clock = lock(&self.shared.0);
        if clock.over {
            return Poll::Ready(());
        }
        clock.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        lock(&self.shared.0).given_up = true;
        self.shared.1.notify_one();
        if let Some(thread) =
            self.thread.take().filter(|t| t.thread().id() != thread::current().id())
        {
            // It was just woken, and panics nowhere.
            let _ = thread.join();
        }
    }
}

fn lock(clock: &Mutex<Clock>) -> MutexGuard<'_, Clock> {
    // Plain fields: a panic elsewhere cannot leave them half-written.
    clock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets others go first, that many times.
pub(crate) async fn yields(mut times: usize) {
    poll_fn(move |cx| {
        if times == 0 {
            return Poll::Ready(());
        }
        times -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
