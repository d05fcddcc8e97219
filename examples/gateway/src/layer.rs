//! [`Lifecycle`]: a `tower` layer that tells plugins about every request.
//!
//! What is told goes out detached (NOTIFY-5): no listener delays an answer, however slow it is, and
//! what is outstanding is bounded. Beyond that bound nobody is told, and that is counted.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use hookspec::kinds::lifecycle_listener::{
    LifecycleListenerCalls, RequestEvent, RequestFailedEvent,
};
use hookspec::{DispatchError, Registry};
use tower::{Layer, Service};

use crate::asked::{Asked, REQUEST_ID, STATUS};
use crate::traffic::Traffic;

/// Tells `lifecycle_listener` plugins when a request starts, is answered, or ends without an answer.
///
/// Plugins see the request's id and path in the event, and in the caller's metadata its method, its
/// trace and, at the end, the status. Services behind it find an [`Asked`] among the extensions of
/// the request.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    calls: LifecycleListenerCalls,
    traffic: Traffic,
}

impl Lifecycle {
    /// A layer over the plugins of a registry, which counts what it sees.
    ///
    /// # Errors
    /// The registry does not know the kind `lifecycle_listener`: give it its hookspec.
    pub fn new(registry: &Registry, traffic: Traffic) -> Result<Self, DispatchError> {
        Ok(Self { calls: LifecycleListenerCalls::new(registry)?, traffic })
    }

    fn started(&self, asked: &Asked, path: &str) {
        if self.calls.has_on_request_started() {
            let event = RequestEvent {
                request_id: asked.id().into(),
                path: Some(path.into()),
                actor: None,
                duration_ms: None,
            };
            self.keep(self.calls.on_request_started_detached(asked.caller(), event));
        }
    }

    fn finished(&self, asked: &Asked, path: String, status: StatusCode) {
        if self.calls.has_on_request_finished() {
            let caller = asked.caller().clone().with_metadata(STATUS, status.as_u16());
            let event = RequestEvent {
                request_id: asked.id().into(),
                path: Some(path),
                actor: None,
                duration_ms: Some(asked.elapsed().as_secs_f64() * 1e3),
            };
            self.keep(self.calls.on_request_finished_detached(&caller, event));
        }
    }

    fn failed(&self, asked: &Asked, code: &str) {
        if self.calls.has_on_request_failed() {
            let event = RequestFailedEvent { request_id: asked.id().into(), code: code.into() };
            self.keep(self.calls.on_request_failed_detached(asked.caller(), event));
        }
    }

    /// An event that cannot be told is no reason to treat the request otherwise.
    fn keep(&self, told: Result<(), DispatchError>) {
        if let Err(error) = told
            && self.traffic.kept_quiet()
        {
            tracing::warn!(%error, "listeners are not told of a request; further ones are counted");
        }
    }
}

impl<S> Layer<S> for Lifecycle {
    type Service = Told<S>;

    fn layer(&self, inner: S) -> Told<S> {
        Told { inner, lifecycle: self.clone() }
    }
}

/// A service whose requests plugins are told of. Made by [`Lifecycle`].
#[derive(Clone, Debug)]
pub struct Told<S> {
    inner: S,
    lifecycle: Lifecycle,
}

impl<S, B, C> Service<Request<B>> for Told<S>
where
    S: Service<Request<B>, Response = Response<C>>,
    S::Future: Send + 'static,
{
    type Response = Response<C>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<C>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let asked = Asked::read(request.method(), request.headers());
        let path = request.uri().path().to_owned();
        self.lifecycle.traffic.began();
        self.lifecycle.started(&asked, &path);
        request.extensions_mut().insert(asked.clone());
        // From here on it ends as failed unless it is answered, even if nobody ever polls it.
        let mut open = Open { lifecycle: self.lifecycle.clone(), asked, path: Some(path) };
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut answer = answer.await?;
            if let Ok(id) = HeaderValue::from_str(open.asked.id()) {
                answer.headers_mut().insert(HeaderName::from_static(REQUEST_ID), id);
            }
            open.answered(answer.status());
            Ok(answer)
        })
    }
}

/// A request without an answer.
struct Open {
    lifecycle: Lifecycle,
    asked: Asked,
    /// `None` once it is answered.
    path: Option<String>,
}

impl Open {
    fn answered(&mut self, status: StatusCode) {
        if let Some(path) = self.path.take() {
            self.lifecycle.finished(&self.asked, path, status);
            self.lifecycle.traffic.ended(true);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.path.take().is_some() {
            // Nobody awaits it any more, unless what is behind the layer panicked or failed.
            let code = if std::thread::panicking() { "panicked" } else { "unanswered" };
            self.lifecycle.failed(&self.asked, code);
            self.lifecycle.traffic.ended(false);
        }
    }
}
