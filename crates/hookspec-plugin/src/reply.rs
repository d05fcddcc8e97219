//! What comes back from a hook: [`Reply`] at the seam, [`Flow`] for authors of chains.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::fault::Fault;
use crate::payload::Payload;

/// What a hook answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A value.
    Value(Payload),
    /// Chain only: the value that came in goes on as it is.
    Unchanged,
    /// Chain only: the value that came in is the result; nobody after this plugin is called.
    Stop,
}

impl Reply {
    /// Answers with a value.
    pub fn value<T: serde::Serialize + Send + Sync + 'static>(value: T) -> Self {
        Self::Value(Payload::of(value))
    }
}

/// What a chain link does with the value it received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow<T> {
    /// Hands on a value.
    Next(T),
    /// Hands on the value it received.
    Unchanged,
    /// Ends the chain; the result is the value it received.
    Stop,
}

impl<T: serde::Serialize + Send + Sync + 'static> From<Flow<T>> for Reply {
    fn from(flow: Flow<T>) -> Self {
        match flow {
            Flow::Next(value) => Self::value(value),
            Flow::Unchanged => Self::Unchanged,
            Flow::Stop => Self::Stop,
        }
    }
}

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The answer of a hook: there already, or to be awaited.
pub enum HookFuture<'a> {
    /// The answer is there: nothing was allocated, nothing will be polled.
    Ready(Result<Reply, Fault>),
    /// The answer comes later.
    Boxed(BoxFuture<'a, Result<Reply, Fault>>),
}

impl<'a> HookFuture<'a> {
    /// Boxes a future.
    pub fn boxed(future: impl Future<Output = Result<Reply, Fault>> + Send + 'a) -> Self {
        Self::Boxed(Box::pin(future))
    }

    /// The future, whether or not the answer is there already.
    pub fn into_future(self) -> impl Future<Output = Result<Reply, Fault>> + Send + 'a {
        match self {
            Self::Ready(answer) => Either::Ready(ready(answer)),
            Self::Boxed(future) => Either::Boxed(future),
        }
    }
}

impl fmt::Debug for HookFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready(_) => "HookFuture::Ready(..)",
            Self::Boxed(_) => "HookFuture::Boxed(..)",
        })
    }
}

enum Either<'a> {
    Ready(Ready<Result<Reply, Fault>>),
    Boxed(BoxFuture<'a, Result<Reply, Fault>>),
}

impl Future for Either<'_> {
    type Output = Result<Reply, Fault>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Ready(answer) => Pin::new(answer).poll(cx),
            Self::Boxed(future) => future.as_mut().poll(cx),
        }
    }
}
