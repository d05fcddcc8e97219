//! From an event to the queues of those who want it (EVENT-7, EVENT-9).

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use futures::future::join_all;
use hookspec_plugin::{Event, Receipt};
use tokio::time::{Instant, timeout_at};

use super::hub::Hub;
use super::live::Live;
use super::parcel::{Parcel, Queued};
use super::queue::Pushed;
use super::request::Request;
use super::tap::Fate;
use crate::settings::later;

impl Hub {
    /// Gives an event to everybody who wants it; waits for room where somebody asks for that.
    pub(crate) async fn deliver(&self, event: Event, request: Option<&Arc<Request>>) -> Receipt {
        let (mut receipt, full) = self.route(event, request);
        if !full.is_empty() {
            // Boxed: that somebody has to wait is rare.
            receipt.dropped += Box::pin(self.push_later(full)).await;
        }
        receipt
    }

    /// As [`deliver`](Self::deliver), without waiting: what would have to is dropped.
    pub(crate) fn deliver_now(&self, event: Event) -> Receipt {
        let (mut receipt, full) = self.route(event, None);
        for (live, queued) in full {
            live.queue.lost();
            self.dropped(&live, &queued.parcel.event);
            receipt.dropped += 1;
        }
        receipt
    }

    fn route(
        &self,
        event: Event,
        request: Option<&Arc<Request>>,
    ) -> (Receipt, Vec<(Arc<Live>, Queued)>) {
        self.counts.published.fetch_add(1, Relaxed);
        self.waiters.tell(&event);
        self.tell_tap(|tap| tap.published(&event));
        let routes = self.routes.load();
        let found = routes.matching(event.event_type.as_str());
        let id = event.id.clone();
        let parcel = Parcel::new(event, request.cloned(), &self.outstanding);
        let mut places = parcel.places(found.len());
        let (mut matched, mut dropped, mut full) = (0, 0, Vec::new());
        for number in found {
            let live = &routes.lives[number as usize];
            let mut key = None;
            if !routes.takes_all[number as usize] {
                if let Err(unwanted) = live.accepts(&parcel, self.permitting()) {
                    self.note(&parcel.event, live, || Fate::Unwanted(unwanted.as_str()));
                    continue;
                }
                key = live.key(&parcel);
            }
            // As many were counted as were found.
            let Some(queued) = places.take(key) else { break };
            matched += 1;
            self.note(&parcel.event, live, || Fate::Waiting);
            match self.offer(live, queued) {
                Offered::Waits => {}
                Offered::Dropped => {
                    dropped += 1;
                    self.dropped(live, &parcel.event);
                }
                Offered::Full(queued) => full.push((Arc::clone(live), queued)),
            }
        }
        (Receipt { id, matched, dropped }, full)
    }

    /// Puts an event into the queue of a subscription, and counts what gives way to it.
    pub(super) fn offer(&self, live: &Live, queued: Queued) -> Offered {
        match live.queue.push(queued) {
            Pushed::Taken => Offered::Waits,
            Pushed::Replaced(before) => {
                live.counts.replaced.fetch_add(1, Relaxed);
                self.note(&before.parcel.event, live, || Fate::Replaced);
                Offered::Waits
            }
            Pushed::DroppedOldest(before) => {
                self.dropped(live, &before.parcel.event);
                Offered::Waits
            }
            Pushed::Dropped | Pushed::Closed => Offered::Dropped,
            Pushed::Full(queued) => Offered::Full(queued),
        }
    }

    /// Waits for room, with all of them at once; answers how many found none in time.
    async fn push_later(&self, full: Vec<(Arc<Live>, Queued)>) -> usize {
        let until = later(Instant::now(), self.options.publish_timeout);
        let pushing = full.into_iter().map(|(live, queued)| async move {
            let mut waiting = Waiting { hub: self, live, queued: Some(queued) };
            let pushed = timeout_at(until, waiting.push()).await;
            matches!(pushed, Ok(true))
        });
        let pushed = join_all(pushing).await;
        pushed.into_iter().filter(|pushed| !pushed).count()
    }

    fn dropped(&self, live: &Live, event: &Event) {
        tracing::debug!(subscriber = %live.owner, ?event, "an event was dropped");
        self.note(event, live, || Fate::Dropped);
        if let Some(dropped) = live.counts.drop_one() {
            let bound = live.wants.queue;
            tracing::warn!(
                subscriber = %live.owner,
                dropped,
                bound,
                "a subscriber is too slow: events were dropped"
            );
        }
    }
}

/// What became of an event that was offered to one subscription.
pub(super) enum Offered {
    Waits,
    Dropped,
    /// There is no room, and whoever publishes is to wait for some.
    Full(Queued),
}

/// An event that waits for room with one subscription. Lost if it is dropped before it found some.
struct Waiting<'a> {
    hub: &'a Hub,
    live: Arc<Live>,
    queued: Option<Queued>,
}

impl Waiting<'_> {
    async fn push(&mut self) -> bool {
        let live = Arc::clone(&self.live);
        loop {
            let mut room = pin!(live.queue.room.notified());
            room.as_mut().enable();
            let Some(queued) = self.queued.take() else { return true };
            let event = queued.parcel.event.clone();
            match self.hub.offer(&live, queued) {
                Offered::Full(queued) => self.queued = Some(queued),
                Offered::Dropped => {
                    self.hub.dropped(&live, &event);
                    return false;
                }
                Offered::Waits => return true,
            }
            room.await;
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(queued) = self.queued.take() {
            self.live.queue.lost();
            self.hub.dropped(&self.live, &queued.parcel.event);
        }
    }
}
