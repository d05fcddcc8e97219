//! The pump of a subscription: takes what waits, hands it over, and draws the consequences.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use hookspec_plugin::{Cause, EventDraft, Handled};
use tokio::runtime::Handle;
use tokio::task::coop::consume_budget;
use tokio::time::sleep;

use super::cause::within;
use super::hub::Hub;
use super::live::Live;
use super::parcel::Queued;
use super::stamp::Author;
use super::tap::Fate;
use super::target::{Target, Unhandled};

/// Hands events over for as long as their subscription lives.
///
/// It holds no bus: when the last handle of one is gone, so is everything in it.
pub(crate) async fn pump(hub: Weak<Hub>, live: Arc<Live>, runtime: Handle) {
    if live.wants.concurrency > 1 {
        // Boxed: most have no need of it.
        return Box::pin(pump_several(hub, live, runtime)).await;
    }
    while let Some((queued, lagged)) = poll_fn(|cx| live.queue.poll_take(cx)).await {
        let Some(hub) = hub.upgrade() else { return };
        handle(hub, &live, queued, lagged, &runtime).await;
        // A queue that never gets empty, and a handler that is always ready, would keep this thread from
        // everybody else's work.
        consume_budget().await;
    }
}

/// As `pump`, with several in hands at once.
async fn pump_several(hub: Weak<Hub>, live: Arc<Live>, runtime: Handle) {
    let mut running = FuturesUnordered::new();
    let mut open = true;
    loop {
        // As many at once as it asked for, the next one only while there is a place.
        let next = poll_fn(|cx| {
            if open && running.len() < live.wants.concurrency {
                match live.queue.poll_take(cx) {
                    Poll::Ready(Some(taken)) => return Poll::Ready(Some(taken)),
                    Poll::Ready(None) => open = false,
                    Poll::Pending => {}
                }
            }
            match running.poll_next_unpin(cx) {
                Poll::Ready(Some(())) => Poll::Ready(None),
                Poll::Ready(None) if !open => Poll::Ready(None),
                Poll::Ready(None) | Poll::Pending => Poll::Pending,
            }
        });
        match next.await {
            Some((queued, lagged)) => {
                let Some(hub) = hub.upgrade() else { return };
                running.push(handle(hub, &live, queued, lagged, &runtime));
                consume_budget().await;
            }
            None if !open && running.is_empty() => return,
            None => {}
        }
    }
}

/// Has one event handled, however many attempts that takes.
async fn handle(mut hub: Arc<Hub>, live: &Live, mut queued: Queued, lagged: u64, runtime: &Handle) {
    live.counts.in_hands.fetch_add(1, Relaxed);
    loop {
        queued.attempts += 1;
        let attempt = queued.attempts;
        match attempt_once(live, &queued, lagged, runtime).await {
            Ok((handled, cause)) => {
                live.counts.delivered.fetch_add(1, Relaxed);
                hub.consequences(live, &queued, handled, &cause);
                break;
            }
            Err(Unhandled::Away) => {
                queued.attempts -= 1;
                let own = Arc::downgrade(&hub);
                drop(hub);
                let there = live.wait_until_there().await;
                match own.upgrade() {
                    Some(again) => hub = again,
                    None => return,
                }
                if !there {
                    hub.bury(live, &queued, "its subscriber is gone".into());
                    break;
                }
            }
            Err(Unhandled::Failed(error)) => {
                hub.failed(live, &queued, &error);
                if attempt > live.wants.retries.attempts || !pause(&hub, live, attempt).await {
                    hub.bury(live, &queued, error);
                    break;
                }
                live.counts.retried.fetch_add(1, Relaxed);
            }
        }
    }
    live.counts.in_hands.fetch_sub(1, Relaxed);
    let key = queued.key.clone();
    drop(queued);
    live.queue.done(key.as_ref());
}

async fn attempt_once(
    live: &Live,
    queued: &Queued,
    lagged: u64,
    runtime: &Handle,
) -> Result<(Handled, Cause), Unhandled> {
    let cause = live.cause(&queued.parcel.event, lagged, queued.attempts);
    let limit = Duration::from_millis(live.wants.timeout_ms);
    let handing = live.target.hand_over(&queued.parcel, &cause, limit, runtime);
    let handled = within(&cause, handing).await?;
    Ok((handled, cause))
}

/// Waits before another attempt; `false`: the bus stops meanwhile.
async fn pause(hub: &Hub, live: &Live, attempt: u32) -> bool {
    // Before anything is looked at: a stop that comes from here on ends the pause.
    let closing = hub.closing.notified();
    if hub.is_closed() || live.queue.is_closed() {
        return false;
    }
    let backoff = live.wants.retries.backoff_ms.saturating_mul(1 << (attempt - 1).min(16));
    let (slept, closing) = (pin!(sleep(Duration::from_millis(backoff))), pin!(closing));
    matches!(select(slept, closing).await, Either::Left(_))
}

impl Live {
    /// What the handling of an event is part of.
    pub(crate) fn cause(&self, event: &hookspec_plugin::Event, lagged: u64, attempt: u32) -> Cause {
        let (event, name) = (event.clone(), self.wants.name.clone());
        Cause { event, subscription: self.id, name, lagged, attempt }
    }

    /// Waits until there is somebody to hand events to; `false`: there will be nobody. Holds no bus
    /// meanwhile: one that nobody holds ends its subscriptions.
    async fn wait_until_there(&self) -> bool {
        match &self.target {
            Target::Plugin(plugin) => plugin.there(|| self.queue.is_closed()).await,
            Target::Code { .. } => false,
        }
    }

    /// Takes nothing more, and gives back what waits, to be dropped where no lock is held.
    pub(crate) fn end(&self) -> VecDeque<Queued> {
        let waiting = self.queue.discard();
        match &self.target {
            Target::Plugin(plugin) => plugin.look_again(),
            Target::Code { sums_up: Some(collecting), .. } => collecting.end(),
            Target::Code { .. } => {}
        }
        waiting
    }
}

impl Hub {
    /// What comes of an event that was handled: a reply, other events.
    pub(crate) fn consequences(
        &self,
        live: &Live,
        queued: &Queued,
        handled: Handled,
        cause: &Cause,
    ) {
        self.note(&queued.parcel.event, live, || Fate::Handled);
        if let (Some(request), Some(reply)) = (&queued.parcel.request, handled.reply) {
            request.reply(reply);
        }
        self.publish_all(live, handled.emit, cause);
    }

    /// Publishes what a subscriber answered, as if it had emitted that (EVENT-4).
    pub(crate) fn publish_all(&self, live: &Live, drafts: Vec<EventDraft>, cause: &Cause) {
        for draft in drafts {
            let event_type = draft.event_type.clone();
            let (caller, cause) = (None, Some(cause));
            let published = match &live.target {
                Target::Plugin(plugin) => {
                    let rights = &*plugin.rights();
                    self.publish_as(draft, Author::Plugin { rights, caller, cause })
                }
                Target::Code { .. } => {
                    self.publish_as(draft, Author::Application { caller, cause })
                }
            };
            if let Err(error) = published {
                self.counts.errors.fetch_add(1, Relaxed);
                tracing::warn!(
                    subscriber = %live.owner,
                    event = event_type,
                    %error,
                    "an event that a subscriber answered was not published"
                );
            }
        }
    }

    /// Counts and tells a failure.
    pub(crate) fn failed(&self, live: &Live, queued: &Queued, error: &str) {
        live.counts.failed.fetch_add(1, Relaxed);
        self.counts.errors.fetch_add(1, Relaxed);
        self.note(&queued.parcel.event, live, || Fate::Failed(error.to_owned()));
        if let Some(request) = &queued.parcel.request {
            request.failed(error);
        }
        tracing::warn!(
            subscriber = %live.owner,
            event = %queued.parcel.event.event_type,
            id = %queued.parcel.event.id,
            attempt = queued.attempts,
            error,
            "a subscriber failed"
        );
    }

    fn bury(&self, live: &Live, queued: &Queued, error: String) {
        live.counts.dead.fetch_add(1, Relaxed);
        self.dead.add(live, queued, error);
    }
}
