//! Requests: an event whose publisher awaits a reply (EVENT-12).

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use hookspec_plugin::{Event, EventDraft, Fault, Payload};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::error::{RequestError, SubscribeError};
use super::hub::Hub;
use super::parcel::Held;
use super::stamp::Author;
use super::waiters::Next;

/// The reply that somebody awaits. It was there before the request went out.
pub(crate) struct Request(Mutex<Awaited>);

struct Awaited {
    reply: Option<oneshot::Sender<Option<Result<Payload, Fault>>>>,
    /// How many received it; known once it is published.
    received: Option<usize>,
    through: usize,
    error: Option<String>,
}

impl Request {
    fn new() -> (Arc<Self>, oneshot::Receiver<Option<Result<Payload, Fault>>>) {
        let (sender, receiver) = oneshot::channel();
        let awaited = Awaited { reply: Some(sender), received: None, through: 0, error: None };
        (Arc::new(Self(Mutex::new(awaited))), receiver)
    }

    /// Somebody replies; the first one counts.
    pub(crate) fn reply(&self, reply: Result<Payload, Fault>) {
        if let Some(sender) = self.lock().reply.take() {
            // Nobody waits any more: then nobody is told.
            let _ = sender.send(Some(reply));
        }
    }

    /// Somebody failed, and is not asked again.
    pub(crate) fn failed(&self, error: &str) {
        self.lock().error = Some(error.into());
    }

    /// One of those who received it has nothing more to do with it.
    pub(crate) fn one_is_through(&self) {
        let mut awaited = self.lock();
        awaited.through += 1;
        awaited.settle();
    }

    fn received_by(&self, subscribers: usize) {
        let mut awaited = self.lock();
        awaited.received = Some(subscribers);
        awaited.settle();
    }

    fn lock(&self) -> MutexGuard<'_, Awaited> {
        // Nothing foreign runs under this lock, and nothing in it can be half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Awaited {
    /// Everybody is through with it: nobody will reply.
    fn settle(&mut self) {
        if self.received.is_some_and(|received| self.through >= received)
            && let Some(sender) = self.reply.take()
        {
            let _ = sender.send(None);
        }
    }
}

impl Hub {
    /// Publishes, and awaits the first reply.
    pub(crate) async fn request(
        &self,
        draft: EventDraft,
        author: Author<'_>,
        limit: Duration,
    ) -> Result<Payload, RequestError> {
        let held = Held::new(&self.outstanding);
        let event = self.stamp(draft, author)?;
        let (request, reply) = Request::new();
        let event_type = event.event_type.clone();
        // Whoever has it already may reply while others are waited for.
        let delivering = pin!(async {
            // Until those who want it have it; who replies counts by itself.
            let _held = held;
            let receipt = self.deliver(event, Some(&request)).await;
            request.received_by(receipt.matched);
            receipt.matched
        });
        let replied = async {
            match select(reply, delivering).await {
                Either::Left((replied, _)) => Ok(replied),
                Either::Right((0, _)) => {
                    Err(RequestError::Unheard { event_type: event_type.clone() })
                }
                Either::Right((_, reply)) => Ok(reply.await),
            }
        };
        let replied = match timeout(limit, replied).await {
            Ok(Ok(replied)) => Ok(replied),
            Ok(Err(unheard)) => return Err(unheard),
            Err(elapsed) => Err(elapsed),
        };
        match replied {
            Ok(Ok(Some(Ok(reply)))) => Ok(reply),
            Ok(Ok(Some(Err(fault)))) => Err(RequestError::Refused { fault }),
            Ok(Ok(None) | Err(_)) => {
                let error = request.lock().error.take();
                Err(RequestError::Unanswered { event_type, error })
            }
            Err(_) => {
                let awaited = event_type.to_string();
                Err(RequestError::TimedOut { awaited, timeout: limit })
            }
        }
    }

    /// Awaits the next event of a pattern.
    pub(crate) fn wait_for(
        &self,
        pattern: &str,
        tenant: Option<String>,
        limit: Duration,
    ) -> impl Future<Output = Result<Event, RequestError>> + Send + use<> {
        let awaited = pattern.to_owned();
        let next = self.pattern(pattern).map(|pattern| self.waiters.add(pattern, tenant));
        let next = match next {
            Ok(_) if self.is_closed() => Err(SubscribeError::Closed),
            other => other,
        };
        async move { wait(next.map_err(RequestError::Pattern)?, awaited, limit).await }
    }
}

/// Waits for the event that somebody is registered for.
async fn wait(next: Next, awaited: String, limit: Duration) -> Result<Event, RequestError> {
    match timeout(limit, next.event()).await {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err(RequestError::Pattern(SubscribeError::Closed)),
        Err(_) => Err(RequestError::TimedOut { awaited, timeout: limit }),
    }
}
