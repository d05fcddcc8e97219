//! The orderly end of a bus: nothing that it took is lost, and what is lost is told (EVENT-14).

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::Flush;
use super::cause;
use super::hub::Hub;
use super::live::{Live, Owner};
use super::snapshot::{self, SubscriptionSnapshot};
use super::target::Target;
use crate::settings::later;

/// How a bus ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drained {
    /// Events that were not handled in time, per subscriber.
    pub dropped: Vec<(String, usize)>,
    /// Events that subscribers had in hands, and have not handled in time.
    pub unfinished: usize,
}

/// A bus that ended, and who was subscribed until then.
pub(crate) struct Ended {
    pub(crate) drained: Drained,
    pub(crate) subscriptions: Vec<SubscriptionSnapshot>,
}

impl Drained {
    /// Whether nothing was lost.
    pub fn is_complete(&self) -> bool {
        self.dropped.is_empty() && self.unfinished == 0
    }
}

impl Hub {
    /// Takes nothing more, waits until what was taken is handled, and closes.
    pub(crate) async fn drain(&self, limit: Duration) -> Drained {
        self.drain_beside(limit, self.in_own_hands()).await
    }

    /// The end of a bus whose registry stops, with so many events in the hands of who stops it.
    pub(crate) async fn stop(&self, own: usize) {
        if self.runtime.get().is_none() {
            // Nothing ever ran: nobody has anything in hands, and nobody could wait.
            return self.shut();
        }
        self.tell_the_end().await;
        self.drain_beside(self.options.drain_timeout, own).await;
    }

    /// How many events of this bus the running code handles. Whoever stops the bus meanwhile is not
    /// waited for: that would be for ever.
    pub(crate) fn in_own_hands(&self) -> usize {
        let routes = self.routes();
        cause::count(|subscription| routes.lives.iter().any(|live| live.id == subscription))
    }

    /// As `drain`, with so many events in the hands of who waits for this.
    pub(crate) async fn drain_beside(&self, limit: Duration, own: usize) -> Drained {
        let until = later(Instant::now(), limit);
        self.drain_only();
        let mut drained = Drained { dropped: self.let_go_of_the_absent(), unfinished: 0 };
        loop {
            let before = self.counts.published.load(Relaxed);
            self.flush();
            let quiet = timeout_at(until, self.outstanding.at_most(own)).await.is_ok();
            // What was handled meanwhile may have filled a window again.
            self.flush();
            let still = self.outstanding.count() <= own;
            if !quiet || (still && self.counts.published.load(Relaxed) == before) {
                break;
            }
        }
        let mut left = Vec::new();
        let subscriptions = snapshot::subscriptions(self);
        self.replace(|lives| left = std::mem::take(lives));
        self.shut();
        for live in left {
            let waiting = let_go(&live, "the bus stops");
            if waiting > 0 {
                drained.dropped.push((live.owner.to_string(), waiting));
            }
        }
        drained.unfinished = self.outstanding.count().saturating_sub(own);
        // Of several who stop it, the first one finds something.
        let _ = self.drained.set(Ended { drained: drained.clone(), subscriptions });
        drained
    }

    /// What waits for plugins that cannot be called would hold everybody up until the deadline.
    fn let_go_of_the_absent(&self) -> Vec<(String, usize)> {
        let mut dropped = Vec::new();
        for live in &self.routes().lives {
            let Target::Plugin(plugin) = &live.target else { continue };
            if plugin.instance().is_some() {
                continue;
            }
            let waiting = let_go(live, "their subscriber is not there, and the bus stops");
            if waiting > 0 {
                dropped.push((live.owner.to_string(), waiting));
            }
        }
        dropped
    }

    /// Waits until nothing waits for a plugin any more and it has nothing in hands; what comes from
    /// here on is not for it.
    pub(crate) async fn settle(&self, plugin: &str, limit: Duration) {
        let until = later(Instant::now(), limit);
        let mut own = Vec::new();
        self.replace(|lives| {
            let is_own = |live: &Arc<Live>| match &live.owner {
                Owner::Plugin(name) => name == plugin,
                Owner::Application(_) => false,
            };
            own = lives.extract_if(.., |live| is_own(live)).collect();
        });
        for live in own {
            live.queue.close();
            if let Target::Plugin(plugin) = &live.target {
                plugin.look_again();
            }
            let _ = timeout_at(until, live.queue.emptied()).await;
            let_go(&live, "the plugin stops");
        }
    }

    /// Has everything published that was collected to be published later.
    fn flush(&self) {
        let collecting: Vec<_> = self.lock_flushers().iter().filter_map(Weak::upgrade).collect();
        collecting.iter().for_each(|own| own.flush());
    }

    /// Remembers who collects events, for as long as they live.
    pub(crate) fn collects(&self, own: Weak<dyn Flush>) {
        let mut flushers = self.lock_flushers();
        flushers.retain(|own| own.strong_count() > 0);
        flushers.push(own);
    }

    fn lock_flushers(&self) -> MutexGuard<'_, Vec<Weak<dyn Flush>>> {
        // Nothing foreign runs under this lock.
        self.flushers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a subscription; says, and answers, how many events it leaves.
fn let_go(live: &Live, why: &str) -> usize {
    let waiting = live.end().len();
    if waiting > 0 {
        tracing::warn!(subscriber = %live.owner, waiting, "events were dropped: {why}");
    }
    waiting
}
