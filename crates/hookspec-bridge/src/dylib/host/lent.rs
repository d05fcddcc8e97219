//! [`Lent`]: what an instance was lent of its host, while it lives.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock, PoisonError};

use hookspec_plugin::Context;
use hookspec_plugin::guard::{Guarded, catch};

use super::remote;
use crate::dylib::abi::{HOOKSPEC_GONE, HOOKSPEC_INVALID, HOOKSPEC_OK};

/// What an instance was lent. The functions of the host reach it from any thread, also when the
/// instance has ended: then it is not there any more.
#[derive(Debug, Default)]
pub(super) struct Lent {
    context: Mutex<Option<Context>>,
    /// Every configuration it was given, as JSON. They are lent while the process lives.
    configs: Mutex<Vec<Vec<u8>>>,
    /// What is there to be asked, as JSON.
    lends: OnceLock<Vec<u8>>,
    refused: AtomicU64,
}

impl Lent {
    /// Lends; once, before the instance is made.
    pub(super) fn give(&self, context: &Context) {
        self.reconfigure(serde_json::to_vec(context.config()).unwrap_or_default());
        let lends = catch(|| remote::lends(context)).map(|lends| lends.to_string().into_bytes());
        // Nobody else sets it.
        let _ = self.lends.set(lends.unwrap_or_else(|_| b"{}".to_vec()));
        *self.context.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.clone());
    }

    /// Lends nothing any more.
    pub(super) fn take_back(&self) {
        let before = self.context.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Outside the lock: what the host lends may run code where it is dropped.
        drop(Guarded::new(before));
    }

    /// Another configuration holds.
    pub(super) fn reconfigure(&self, config: Vec<u8>) {
        self.configs.lock().unwrap_or_else(PoisonError::into_inner).push(config);
    }

    /// The configuration as it is now: where it lies, and how long it is. It stays there.
    pub(super) fn config(&self) -> Option<(*const u8, usize)> {
        let configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        configs.last().map(|config| (config.as_ptr(), config.len()))
    }

    /// What is there to be asked.
    pub(super) fn lends(&self) -> &[u8] {
        self.lends.get().map_or(b"{}", Vec::as_slice)
    }

    /// What was asked of the host and not done: unreadable, too much, too late.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Does something with what is lent, and says how it went. What the host lends may panic.
    pub(super) fn with(&self, work: impl FnOnce(&Context) -> Result<(), i32>) -> i32 {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let context = Guarded::new(context);
        let done = match context.get().and_then(Option::as_ref) {
            Some(context) => catch(|| work(context)).unwrap_or_else(|message| {
                tracing::debug!(message, "what the host lends panicked");
                Err(HOOKSPEC_INVALID)
            }),
            None => Err(HOOKSPEC_GONE),
        };
        done.map_or_else(
            |code| {
                self.refused.fetch_add(1, Relaxed);
                code
            },
            |()| HOOKSPEC_OK,
        )
    }
}
