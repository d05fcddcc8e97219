//! Notifications that nobody awaits: bounded, and drained when the registry stops (NOTIFY-5).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::error::DispatchError;

/// Counts what is outstanding.
#[derive(Debug)]
pub(crate) struct Detached {
    bound: usize,
    state: Arc<Outstanding>,
}

#[derive(Debug, Default)]
struct Outstanding {
    count: AtomicUsize,
    empty: Notify,
}

/// A place among the outstanding ones; leaves when it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Outstanding>);

impl Detached {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, state: Arc::default() }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`DispatchError::Rejected`]: all are taken.
    pub(crate) fn enter(&self) -> Result<Place, DispatchError> {
        let count = &self.state.count;
        let entered = count.fetch_update(Ordering::AcqRel, Ordering::Acquire, |outstanding| {
            (outstanding < self.bound).then_some(outstanding + 1)
        });
        match entered {
            Ok(_) => Ok(Place(Arc::clone(&self.state))),
            Err(outstanding) => Err(DispatchError::Rejected { outstanding }),
        }
    }

    pub(crate) fn outstanding(&self) -> usize {
        self.state.count.load(Ordering::Acquire)
    }

    /// Waits until none is outstanding.
    pub(crate) async fn drained(&self) {
        loop {
            let empty = self.state.empty.notified();
            if self.outstanding() == 0 {
                return;
            }
            empty.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.empty.notify_waiters();
        }
    }
}
