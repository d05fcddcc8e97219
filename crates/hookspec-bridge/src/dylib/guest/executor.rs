//! Where a future goes that is not ready at once: threads of the library's own.
//!
//! A host has an async runtime, and this library does not see it: futures, wakers and thread-local
//! state do not cross.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use futures::executor::ThreadPool;
use hookspec_plugin::BoxFuture;

use super::panic::{Panicked, contain};

/// Shared by all instances of the library. A future that blocks when it goes on holds one of them:
/// `docs/dylib-abi.md` says where such work belongs.
const THREADS: usize = 4;

/// Drives a future to its end.
///
/// # Errors
/// There are no threads: the system has none left. The future is given back.
pub(super) fn spawn(future: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let pool = POOL.get_or_init(|| {
        ThreadPool::builder().pool_size(THREADS).name_prefix("hookspec-plugin-").create().ok()
    });
    match pool {
        Some(pool) => {
            pool.spawn_ok(future);
            Ok(())
        }
        None => Err(future),
    }
}

/// A future of the plugin: polled and dropped under care.
pub(super) struct Contained<T>(Option<BoxFuture<'static, T>>);

impl<T> Contained<T> {
    pub(super) fn new(future: BoxFuture<'static, T>) -> Self {
        Self(Some(future))
    }
}

impl<T> Future for Contained<T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        let polled = match contain(|| future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => Ok(value),
            Err(panicked) => Err(panicked),
        };
        let _ = contain(|| drop(self.0.take()));
        Poll::Ready(polled)
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        if let Some(future) = self.0.take() {
            let _ = contain(|| drop(future));
        }
    }
}
