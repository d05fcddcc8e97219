//! `dispatch`: an event that one subscriber after another handles, while its publisher waits
//! (EVENT-8).

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use hookspec_plugin::{CancelledBy, Dispatched, EventDraft, HandlerOutcome};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::cause::within;
use super::error::PublishError;
use super::hub::Hub;
use super::live::Live;
use super::parcel::{Held, Parcel, Queued};
use super::stamp::Author;
use super::tap::Fate;
use super::target::Unhandled;

impl Hub {
    /// Has an event handled by everybody who wants it, by priority, one after another.
    pub(crate) async fn dispatch(
        &self,
        draft: EventDraft,
        author: Author<'_>,
        until: Option<Instant>,
    ) -> Result<Dispatched, PublishError> {
        // A stop waits for the whole dispatch, and not only for those who are being asked.
        let mut held = Some(Held::new(&self.outstanding));
        let event = self.stamp(draft, author)?;
        self.counts.published.fetch_add(1, Relaxed);
        self.waiters.tell(&event);
        self.tell_tap(|tap| tap.published(&event));
        let routes = self.routes();
        let id = event.id.clone();
        let parcel = Parcel::new(event, None, &self.outstanding);
        let mut dispatched = Dispatched { id, outcomes: Vec::new(), cancelled: None };
        for number in routes.matching(parcel.event.event_type.as_str()) {
            let live = &routes.lives[number as usize];
            // Who has left meanwhile is not asked.
            if live.queue.is_closed() {
                continue;
            }
            let passed_over = dispatched.cancelled.is_some() && !live.wants.observe;
            if passed_over {
                self.note(&parcel.event, live, || {
                    Fate::Unwanted("somebody before it cancelled it")
                });
                continue;
            }
            if let Err(unwanted) = live.accepts(&parcel, self.permitting()) {
                self.note(&parcel.event, live, || Fate::Unwanted(unwanted.as_str()));
                continue;
            }
            let mut queued = Queued::new(&parcel, None);
            drop(held.take());
            let (outcome, cancel) = self.ask(live, &mut queued, until).await;
            held = Some(Held::new(&self.outstanding));
            drop(queued);
            if let (None, Some(reason)) = (&dispatched.cancelled, cancel) {
                let subscriber = live.owner.to_string();
                dispatched.cancelled = Some(CancelledBy { subscriber, reason });
            }
            dispatched.outcomes.push(outcome);
        }
        Ok(dispatched)
    }

    /// Has one subscriber handle it; answers how that went, and why it cancels the event, if it does.
    async fn ask(
        &self,
        live: &Arc<Live>,
        queued: &mut Queued,
        until: Option<Instant>,
    ) -> (HandlerOutcome, Option<String>) {
        let started = Instant::now();
        let parcel = Arc::clone(&queued.parcel);
        let event_type = parcel.event.event_type.as_str();
        queued.attempts = 1;
        let cause = live.cause(&parcel.event, 0, 1);
        let own = Duration::from_millis(live.wants.timeout_ms);
        let limit = until.map_or(own, |until| own.min(until.saturating_duration_since(started)));
        let handled = match self.runtime.get().cloned().or_else(|| Handle::try_current().ok()) {
            Some(runtime) => {
                let handing = live.target.hand_over(&parcel, &cause, limit, &runtime);
                within(&cause, handing).await
            }
            None => Err(Unhandled::Failed("there is no async runtime to run it on".into())),
        };
        let (mut error, mut cancel) = (None, None);
        match handled {
            Ok(mut handled) => {
                live.counts.delivered.fetch_add(1, Relaxed);
                cancel = handled.cancel.take();
                if cancel.is_some() && (live.wants.observe || !live.target.may_cancel(event_type)) {
                    cancel = None;
                    error = Some(format!(
                        "it may not cancel `{event_type}`, and did not: a plugin's manifest has to list \
                         it under `events.cancel`, code of the application has to subscribe with \
                         `may_cancel`, and who only observes never may"
                    ));
                }
                self.consequences(live, queued, handled, &cause);
            }
            Err(Unhandled::Away) => error = Some("it is not to be called as of now".into()),
            Err(Unhandled::Failed(why)) => {
                self.failed(live, queued, &why);
                error = Some(why);
            }
        }
        let outcome = HandlerOutcome {
            subscriber: live.owner.to_string(),
            pattern: live.pattern_of(event_type).into(),
            error,
            elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        (outcome, cancel)
    }
}
