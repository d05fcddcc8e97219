//! From an event to the queues of those who want it (EVENT-7, EVENT-9).

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use hookspec_plugin::{Event, Receipt};
use tokio::time::{Instant, timeout_at};

use super::hub::Hub;
use super::live::Live;
use super::parcel::{Parcel, Queued};
use super::queue::Pushed;
use super::request::Request;
use super::tap::Fate;

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
            match live.queue.push(queued) {
                Pushed::Taken => {}
                Pushed::Replaced(before) => {
                    live.counts.replaced.fetch_add(1, Relaxed);
                    self.note(&before.parcel.event, live, || Fate::Replaced);
                }
                Pushed::DroppedOldest(before) => self.dropped(live, &before.parcel.event),
                Pushed::Dropped | Pushed::Closed => {
                    dropped += 1;
                    self.dropped(live, &parcel.event);
                }
                Pushed::Full(queued) => full.push((Arc::clone(live), queued)),
            }
        }
        (Receipt { id, matched, dropped }, full)
    }

    /// Waits for room; answers how many found none in time.
    async fn push_later(&self, full: Vec<(Arc<Live>, Queued)>) -> usize {
        let until = Instant::now() + self.options.publish_timeout;
        let mut dropped = 0;
        for (live, queued) in full {
            let event = queued.parcel.event.clone();
            let mut held = Some(queued);
            let pushing = async {
                while let Some(queued) = held.take() {
                    let mut room = std::pin::pin!(live.queue.room.notified());
                    room.as_mut().enable();
                    match live.queue.push(queued) {
                        Pushed::Full(queued) => held = Some(queued),
                        Pushed::Closed => return false,
                        _ => return true,
                    }
                    room.await;
                }
                true
            };
            if !matches!(timeout_at(until, pushing).await, Ok(true)) {
                dropped += 1;
                live.queue.lost();
                self.dropped(&live, &event);
            }
        }
        dropped
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
