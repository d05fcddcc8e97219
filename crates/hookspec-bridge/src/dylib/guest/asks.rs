//! [`Asks`]: what this instance asked of the host's resources, and was not answered yet.

use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use hookspec_plugin::{BoxFuture, Fault, RemoteResource};
use serde_json::Value;

use super::link::Link;
use super::trace;
use crate::dylib::abi::{
    HOOKSPEC_GONE, HOOKSPEC_OK, HOOKSPEC_TOO_MUCH, HOOKSPEC_UNSUPPORTED, HOOKSPEC_VALUE,
};

/// What this instance asked, by the number of the request.
#[derive(Debug, Default)]
pub(super) struct Asks {
    next: AtomicU64,
    open: Mutex<HashMap<u64, Slot>>,
}

#[derive(Debug)]
enum Slot {
    Waiting(Option<Waker>),
    Answered(Result<Value, Fault>),
}

impl Asks {
    /// Takes what the host answered. One that nobody waits for any more is forgotten.
    pub(super) fn answered(&self, number: u64, status: i32, answer: Option<&[u8]>) {
        let answer = read(status, answer);
        let before = match self.lock().get_mut(&number) {
            Some(slot) => std::mem::replace(slot, Slot::Answered(answer)),
            None => return,
        };
        // Outside the lock: wakers of the plugin run.
        if let Slot::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }

    fn begin(self: &Arc<Self>) -> Open {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, Slot::Waiting(None));
        Open { asks: Arc::clone(self), number }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Slot>> {
        // The lock guards a plain map: a panic elsewhere cannot leave it half-written.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that is asked; forgotten when it is dropped.
struct Open {
    asks: Arc<Asks>,
    number: u64,
}

impl Open {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<Value, Fault>> {
        let mut open = self.asks.lock();
        let before = match open.get_mut(&self.number) {
            Some(slot @ Slot::Waiting(_)) => {
                std::mem::replace(slot, Slot::Waiting(Some(cx.waker().clone())))
            }
            Some(Slot::Answered(_)) | None => {
                let answered = open.remove(&self.number);
                drop(open);
                return match answered {
                    Some(Slot::Answered(answer)) => Poll::Ready(answer),
                    Some(Slot::Waiting(_)) | None => Poll::Pending,
                };
            }
        };
        drop(open);
        drop(before);
        Poll::Pending
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let before = self.asks.lock().remove(&self.number);
        drop(before);
    }
}

/// A resource of the host, or what else of it is asked likewise.
pub(super) struct Asking {
    pub(super) link: Link,
    pub(super) asks: Arc<Asks>,
    pub(super) name: String,
}

impl RemoteResource for Asking {
    fn ask<'a>(&'a self, request: &'a Value) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move { self.ask_in(trace::call_of(self.link), request).await })
    }
}

impl Asking {
    /// Asks in a call, once it is awaited.
    pub(super) async fn ask_in(&self, call: u64, request: &Value) -> Result<Value, Fault> {
        self.begin(call, request).await
    }

    /// Asks in a call: the host has the request when this returns.
    pub(super) fn begin(
        &self,
        call: u64,
        request: &Value,
    ) -> impl Future<Output = Result<Value, Fault>> + Send + use<> {
        let open = self.open(call, request);
        async move {
            let open = open?;
            poll_fn(|cx| open.poll(cx)).await
        }
    }

    fn open(&self, call: u64, request: &Value) -> Result<Open, Fault> {
        let what = serde_json::to_vec(request)?;
        let open = self.asks.begin();
        match self.link.ask(call, open.number, &self.name, &what) {
            HOOKSPEC_OK => Ok(open),
            refused => Err(self.refused(call, refused)),
        }
    }

    fn refused(&self, call: u64, code: i32) -> Fault {
        let (code, why) = match code {
            HOOKSPEC_GONE if call == 0 => {
                ("no_call", "this is awaited while a call is answered, not beside it")
            }
            HOOKSPEC_GONE => ("cancelled", "the call that asks has ended"),
            HOOKSPEC_TOO_MUCH => {
                ("resource_busy", "the request, or all that are open, is too much")
            }
            HOOKSPEC_UNSUPPORTED => ("unsupported", "the host is too old to be asked"),
            _ => ("resource_request", "the host cannot read the request"),
        };
        Fault::new(code, format!("`{}`: {why}", self.name))
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What an answer of the host says.
///
/// # Errors
/// The host's own, or `abi`: it cannot be read.
pub(super) fn read(status: i32, answer: Option<&[u8]>) -> Result<Value, Fault> {
    let unreadable = || Fault::new("abi", "the host's answer cannot be read");
    let answer = answer.ok_or_else(unreadable)?;
    match status {
        HOOKSPEC_VALUE if answer.is_empty() => Ok(Value::Null),
        HOOKSPEC_VALUE => Ok(serde_json::from_slice(answer)?),
        _ => Err(serde_json::from_slice(answer).unwrap_or_else(|_| unreadable())),
    }
}
