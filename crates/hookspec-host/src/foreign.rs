//! Runs a plugin's `setup`, `teardown`, `health` and their like: contained, bounded in time, on its own executor.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{Either, select};
use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{BoxFuture, CancellationToken, Fault, Isolation};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::executor::Job;
use crate::panic::contain;
use crate::registry::Entry;

/// A method of a plugin that is not a hook.
pub(crate) type Method<T> =
    Box<dyn for<'a> FnOnce(&'a Entry) -> BoxFuture<'a, Result<T, Fault>> + Send>;

/// Why a method did not end well.
pub(crate) struct Trouble {
    /// For people.
    pub(crate) reason: String,
    /// It did not end at all, in the time it had.
    pub(crate) timed_out: bool,
}

/// Runs a method of a plugin.
///
/// # Errors
/// Why it did not end well.
pub(crate) async fn run<T: Send + 'static>(
    entry: &Arc<Entry>,
    runtime: &Handle,
    limit: Duration,
    what: &str,
    method: Method<T>,
) -> Result<T, Trouble> {
    // What the plugin logs meanwhile says which plugin it is, and that it is not called yet.
    let (name, kind, version) = (&entry.name, &entry.kind.name, entry.services.version());
    let span = tracing::info_span!("plugin_life", plugin = %name, %kind, version, step = what);
    let failed = |reason| Trouble { reason, timed_out: false };
    let bounded = match entry.executor {
        Isolation::Inline => timeout(limit, Contained::new(entry, method, span)).await,
        Isolation::Task | Isolation::Thread => {
            let (own, token) = (Arc::clone(entry), CancellationToken::new());
            let abandoned = token.cancelled();
            let work = Box::pin(async move {
                // On a thread nothing else would end it: see `Job`.
                match select(Contained::new(&own, method, span), abandoned).await {
                    Either::Left((result, _)) => result,
                    Either::Right(_) => Err("nobody awaits it any more".into()),
                }
            });
            let mut job = Job::submit(entry, runtime, work, token)
                .map_err(|reason| failed(format!("{what} could not run: {reason}")))?;
            let answer = timeout(limit, poll_fn(|cx| job.poll(cx))).await;
            answer.map(|sent| {
                sent.map_or_else(|| Err("what ran it ended".into()), |(result, _)| result)
            })
        }
    };
    match bounded {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(reason)) => Err(failed(format!("{what} failed: {reason}"))),
        Err(_) => {
            Err(Trouble { reason: format!("{what} did not end within {limit:?}"), timed_out: true })
        }
    }
}

/// A method's future: started, polled and dropped under care.
struct Contained<'a, T> {
    entry: &'a Entry,
    method: Option<Method<T>>,
    span: tracing::Span,
    future: Option<Guarded<BoxFuture<'a, Result<T, Fault>>>>,
}

impl<'a, T> Contained<'a, T> {
    fn new(entry: &'a Entry, method: Method<T>, span: tracing::Span) -> Self {
        Self { entry, method: Some(method), span, future: None }
    }
}

impl<T> Future for Contained<'_, T> {
    type Output = Result<T, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // Cheap beside what it surrounds; left again before the thread does anything else.
        let span = this.span.clone();
        let _inside = span.enter();
        if let Some(method) = this.method.take() {
            let entry = this.entry;
            match contain(|| method(entry)) {
                Ok(future) => this.future = Some(Guarded::new(future)),
                Err(cause) => return Poll::Ready(Err(cause.to_string())),
            }
        }
        let Some(future) = this.future.as_mut().and_then(Guarded::get_mut) else {
            return Poll::Pending;
        };
        let polled = match contain(|| future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result.map_err(|fault| fault.to_string()),
            Err(cause) => Err(cause.to_string()),
        };
        let _ = contain(|| drop(this.future.take()));
        Poll::Ready(polled)
    }
}
