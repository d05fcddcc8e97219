//! The executors that are not `inline`: a task or a thread of its own for each call (ISO-1).
//!
//! A call handed over can no longer be stopped by dropping a future. When nobody awaits it any
//! more it is *abandoned*: asked to stop by its token, counted in its own gauge, and forgotten by
//! the dispatch.

mod workers;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use hookspec_plugin::{BoxFuture, CancellationToken, Isolation};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;

pub(crate) use self::workers::Workers;
use crate::registry::Entry;

/// A call that runs on a task or a thread. Dropping it before it ended abandons it.
pub(crate) struct Job<T> {
    ticket: Arc<Ticket>,
    answer: oneshot::Receiver<(T, Instant)>,
    abort: Option<AbortHandle>,
    token: CancellationToken,
}

impl<T: Send + 'static> Job<T> {
    /// Hands a call over to its plugin's executor.
    ///
    /// # Errors
    /// Which bound was reached.
    pub(crate) fn submit(
        entry: &Arc<Entry>,
        runtime: &Handle,
        work: BoxFuture<'static, T>,
        token: CancellationToken,
    ) -> Result<Self, String> {
        let ticket = Arc::new(Ticket::new(Arc::clone(entry)));
        let (sender, answer) = oneshot::channel();
        let end = End(Arc::clone(&ticket));
        let reporting = async move {
            let result = work.await;
            let ended = Instant::now();
            // Before the answer is seen, so that whoever saw it finds nothing running.
            drop(end);
            // Nobody is there to hear of a call that was abandoned.
            let _ = sender.send((result, ended));
        };
        let abort = match entry.executor {
            Isolation::Thread => {
                entry.workers().submit(runtime, Box::pin(reporting), Arc::clone(&ticket))?;
                None
            }
            Isolation::Task | Isolation::Inline => Some(runtime.spawn(reporting).abort_handle()),
        };
        Ok(Self { ticket, answer, abort, token })
    }

    /// The answer and when it was there; `None`: whatever ran the call ended without one.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<(T, Instant)>> {
        Pin::new(&mut self.answer).poll(cx).map(Result::ok)
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        if self.ticket.abandon() {
            self.token.cancel();
            if let Some(abort) = &self.abort {
                abort.abort();
            }
        }
    }
}

const AWAITED: u8 = 0b00;
const ABANDONED: u8 = 0b01;
const ENDED: u8 = 0b10;

/// Whether somebody still awaits a call.
pub(crate) struct Ticket {
    entry: Arc<Entry>,
    phase: AtomicU8,
}

impl Ticket {
    fn new(entry: Arc<Entry>) -> Self {
        Self { entry, phase: AtomicU8::new(AWAITED) }
    }

    /// Whether everybody stopped waiting before the call ended.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.phase.load(Ordering::Acquire) & ABANDONED != 0
    }

    /// Nobody awaits the call any more; says whether it was still running.
    fn abandon(&self) -> bool {
        if self.phase.load(Ordering::Acquire) == ENDED {
            return false;
        }
        // Counted before it can be seen, so that the gauge never goes below zero.
        self.entry.stats.abandoned.fetch_add(1, Ordering::AcqRel);
        let exchanged =
            self.phase.compare_exchange(AWAITED, ABANDONED, Ordering::AcqRel, Ordering::Acquire);
        if exchanged.is_err() {
            self.entry.no_longer_abandoned();
        }
        exchanged.is_ok()
    }
}

/// Ends a ticket when the call's future is gone, however it went.
struct End(Arc<Ticket>);

impl Drop for End {
    fn drop(&mut self) {
        if self.0.phase.fetch_or(ENDED, Ordering::AcqRel) == ABANDONED {
            self.0.entry.no_longer_abandoned();
        }
    }
}
