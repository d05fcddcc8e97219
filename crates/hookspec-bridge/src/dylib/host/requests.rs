//! [`Requests`]: what an instance asks of the host's resources.
//!
//! A request belongs to something that the host asked and that has not ended; whoever awaits that
//! drives it. So it has a deadline, and ends with the call. How many there may be at once, and how
//! large together, is bounded here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use hookspec_plugin::guard::{Guarded, catch};
use hookspec_plugin::{BoxFuture, Fault, Payload, size};
use serde_json::Value;

use super::calls::Calls;
use crate::dylib::abi::{HOOKSPEC_FAULT, HOOKSPEC_VALUE};

/// Requests that one instance may have open.
const MOST: usize = 256;

/// What those may be together, in bytes of JSON. One may be as large as the input of a call.
const MOST_BYTES: usize = 32 << 20;

/// What a resource may answer, in bytes of JSON.
const LARGEST_ANSWER: usize = 16 << 20;

/// What answers a request.
pub(super) type Answer = BoxFuture<'static, Result<Value, Fault>>;

/// What an instance asked and was not answered yet.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// By the number of what they belong to; nobody has begun them.
    waiting: Mutex<HashMap<u64, Vec<Request>>>,
    load: Arc<Load>,
}

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    /// What the plugin knows it by.
    pub(super) number: u64,
    future: Guarded<Answer>,
    _permit: Permit,
}

#[derive(Debug, Default)]
struct Load {
    open: AtomicUsize,
    bytes: AtomicUsize,
}

/// Room for one request, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    load: Arc<Load>,
    bytes: usize,
}

impl Requests {
    /// Room for one more of so many bytes, if there is.
    pub(super) fn permit(&self, bytes: usize) -> Option<Permit> {
        if bytes > MOST_BYTES {
            return None;
        }
        let open = self.load.open.fetch_add(1, Relaxed);
        let held = self.load.bytes.fetch_add(bytes, Relaxed);
        let permit = Permit { load: Arc::clone(&self.load), bytes };
        (open < MOST && held <= MOST_BYTES - bytes).then_some(permit)
    }

    /// Takes a request for what has a number; `false` where that does not wait any more.
    pub(super) fn push(&self, calls: &Calls, id: u64, request: Request) -> bool {
        let mut waiting = self.lock();
        // Under the lock: whoever ends the call looks here afterwards, and finds this one.
        let refused = if calls.waits(id) {
            waiting.entry(id).or_default().push(request);
            None
        } else {
            Some(request)
        };
        drop(waiting);
        if refused.is_some() {
            return false;
        }
        calls.wake(id);
        true
    }

    /// What was asked for a number and not begun.
    pub(super) fn take(&self, id: u64) -> Vec<Request> {
        self.lock().remove(&id).unwrap_or_default()
    }

    /// Whether there are any, of all numbers.
    pub(super) fn any(&self) -> bool {
        self.load.open.load(Relaxed) > 0
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Vec<Request>>> {
        // A map of plain values: a panic elsewhere cannot leave it half-written.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Request {
    /// A request, and what answers it.
    pub(super) fn new(number: u64, answer: Answer, permit: Permit) -> Self {
        Self { number, future: Guarded::new(answer), _permit: permit }
    }

    /// What came of it, as it is handed over.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(i32, Vec<u8>)> {
        let Some(future) = self.future.get_mut() else { return Poll::Pending };
        match catch(|| future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(answer)) => Poll::Ready(written(answer)),
            Err(message) => {
                let message = format!("the resource panicked: {message}");
                let fault = Fault::new("resource_panicked", message);
                Poll::Ready((HOOKSPEC_FAULT, faulted(&fault)))
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.load.open.fetch_sub(1, Relaxed);
        self.load.bytes.fetch_sub(self.bytes, Relaxed);
    }
}

/// A fault as it is handed over. Data that cannot cross stays behind.
pub(super) fn faulted(fault: &Fault) -> Vec<u8> {
    let whole = size::measure(fault.data(), LARGEST_ANSWER).map(|_| serde_json::to_vec(fault));
    let without = || serde_json::to_vec(&Fault::new(fault.code(), fault.message()));
    whole.unwrap_or_else(|_| without()).unwrap_or_default()
}

fn written(answer: Result<Value, Fault>) -> (i32, Vec<u8>) {
    let payload = match answer {
        Ok(value) => Payload::from_json(value),
        Err(fault) => return (HOOKSPEC_FAULT, faulted(&fault)),
    };
    let bytes = match size::check(&payload, LARGEST_ANSWER) {
        Ok(()) => payload.bytes().map(|bytes| bytes.to_vec()),
        Err(violations) => {
            // One that is nested too deeply would overflow the stack where it is dropped.
            size::dismantle(payload);
            let message = format!("what the resource answered does not cross: {violations}");
            Err(Fault::new("resource_answer", message))
        }
    };
    match bytes {
        Ok(bytes) => (HOOKSPEC_VALUE, bytes),
        Err(fault) => (HOOKSPEC_FAULT, faulted(&fault)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_more_are_open_than_may_be() {
        let requests = Requests::default();
        let all: Vec<_> = (0..MOST).map_while(|_| requests.permit(1)).collect();
        assert_eq!(all.len(), MOST);
        assert!(requests.permit(1).is_none(), "one too many");
        drop(all);
        assert!(!requests.any(), "what was refused takes no room");
        let large = requests.permit(MOST_BYTES - 1).unwrap();
        assert!(requests.permit(2).is_none(), "too large together");
        assert!(requests.permit(1).is_some() && requests.permit(usize::MAX).is_none());
        drop(large);
        assert!(!requests.any() && requests.permit(MOST_BYTES).is_some());
    }

    #[test]
    fn what_is_too_large_or_too_deep_does_not_cross() {
        let deep = (0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
        for answer in [json!("x".repeat(LARGEST_ANSWER)), deep] {
            let (status, told) = written(Ok(answer));
            let told: Value = serde_json::from_slice(&told).unwrap();
            assert_eq!((status, told["code"].as_str()), (HOOKSPEC_FAULT, Some("resource_answer")));
        }
        assert_eq!(written(Ok(json!([1]))), (HOOKSPEC_VALUE, b"[1]".to_vec()));
    }

    #[test]
    fn nothing_is_taken_for_a_call_that_has_ended() {
        let (requests, calls) = (Requests::default(), Calls::default());
        let request = || {
            let none = std::future::ready(Err(Fault::new("none", "none")));
            Request::new(7, Box::pin(none), requests.permit(1).unwrap())
        };
        let id = calls.begin(None);
        assert!(requests.push(&calls, id, request()));
        assert!(calls.abandon(id));
        assert!(!requests.push(&calls, id, request()));
        assert_eq!(requests.take(id).len(), 1);
        assert!(!requests.any());
    }
}
