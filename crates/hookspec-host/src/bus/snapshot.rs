//! What an operator asks a bus: what became of its events, and who would receive one.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use hookspec_plugin::{Event, Subscription};
use serde::Serialize;

use super::hub::Hub;
use super::live::{Live, Owner};
use super::parcel::Parcel;
use super::target::Target;

/// What became of the events of a bus.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct BusSnapshot {
    /// Events that were published or dispatched.
    pub published: u64,
    /// Drafts that were refused.
    pub refused: u64,
    /// Of these, those that too many events had led to.
    pub too_deep: u64,
    /// Times a subscriber failed.
    pub errors: u64,
    /// Events that wait or are in somebody's hands.
    pub outstanding: usize,
    /// Dead letters that are kept.
    pub dead_letters: usize,
    /// Dead letters that gave way to younger ones.
    pub dead_letters_lost: u64,
    /// Events about the host itself that were not published, because too many came at once.
    pub news_lost: u64,
    /// Who is subscribed, in the order of a dispatch.
    pub subscriptions: Vec<SubscriptionSnapshot>,
}

/// One subscription.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SubscriptionSnapshot {
    /// Its id.
    pub id: u64,
    /// The plugin, or the name that the application gave.
    pub subscriber: String,
    /// Whether a plugin is subscribed.
    pub is_plugin: bool,
    /// What it asked for.
    pub wants: Subscription,
    /// Events that wait.
    pub waiting: usize,
    /// Events in its hands.
    pub in_hands: usize,
    /// Events that it handled.
    pub delivered: u64,
    /// Times it failed.
    pub failed: u64,
    /// Attempts beyond the first.
    pub retried: u64,
    /// Events that found no room, or gave way.
    pub dropped: u64,
    /// Events whose place a younger one with their key took.
    pub replaced: u64,
    /// Events that became dead letters.
    pub dead: u64,
}

/// Whether one subscription would receive an event of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reception {
    /// The subscription's id.
    pub id: u64,
    /// The plugin, or the name that the application gave.
    pub subscriber: String,
    /// Its patterns.
    pub patterns: Vec<String>,
    /// Its priority in a dispatch.
    pub priority: i32,
    /// Whether it would.
    pub receives: bool,
    /// Why not; or on which conditions it would.
    pub why: Vec<String>,
}

pub(super) fn take(hub: &Hub) -> BusSnapshot {
    BusSnapshot {
        published: hub.counts.published.load(Relaxed),
        refused: hub.counts.refused.load(Relaxed),
        too_deep: hub.counts.too_deep.load(Relaxed),
        errors: hub.counts.errors.load(Relaxed),
        outstanding: hub.outstanding.count(),
        dead_letters: hub.dead.len(),
        dead_letters_lost: hub.dead.lost.load(Relaxed),
        news_lost: hub.desk.lost.load(Relaxed),
        subscriptions: match hub.drained.get() {
            Some(ended) => ended.subscriptions.clone(),
            None => subscriptions(hub),
        },
    }
}

pub(super) fn subscriptions(hub: &Hub) -> Vec<SubscriptionSnapshot> {
    hub.routes().lives.iter().map(|live| subscription(live)).collect()
}

fn subscription(live: &Live) -> SubscriptionSnapshot {
    let counts = &live.counts;
    SubscriptionSnapshot {
        id: live.id,
        subscriber: live.owner.to_string(),
        is_plugin: matches!(live.owner, Owner::Plugin(_)),
        wants: live.wants.clone(),
        waiting: live.queue.waiting(),
        in_hands: counts.in_hands.load(Relaxed),
        delivered: counts.delivered.load(Relaxed),
        failed: counts.failed.load(Relaxed),
        retried: counts.retried.load(Relaxed),
        dropped: counts.dropped.load(Relaxed),
        replaced: counts.replaced.load(Relaxed),
        dead: counts.dead.load(Relaxed),
    }
}

pub(super) fn explain(hub: &Hub, event_type: &str) -> Vec<Reception> {
    hub.routes().lives.iter().map(|live| reception(live, event_type)).collect()
}

pub(super) fn explain_event(hub: &Hub, event: Event) -> Vec<Reception> {
    let event_type = event.event_type.to_string();
    let parcel = Parcel::new(event, None, &hub.outstanding);
    let of = |live: &Arc<Live>| {
        let mut reception = reception(live, &event_type);
        if reception.receives
            && let Err(unwanted) = live.accepts(&parcel, hub.permitting())
        {
            reception.receives = false;
            reception.why = vec![unwanted.as_str().into()];
        }
        reception
    };
    hub.routes().lives.iter().map(of).collect()
}

fn reception(live: &Live, event_type: &str) -> Reception {
    let wants = &live.wants;
    let matches = live.patterns.iter().any(|pattern| pattern.matches(event_type));
    let away = matches!(&live.target, Target::Plugin(plugin) if plugin.instance().is_none());
    let mut why = Vec::new();
    if !matches {
        why.push("no pattern matches".into());
    }
    if away {
        why.push("the plugin is not to be called as of now: what comes waits for it".into());
    }
    if matches {
        if !wants.sources.is_empty() {
            why.push(format!("only from {}", wants.sources.join(", ")));
        }
        why.extend(wants.tenant.iter().map(|tenant| format!("only on behalf of `{tenant}`")));
        let permission = wants.permission.iter();
        why.extend(permission.map(|own| format!("only from who holds `{own}`")));
        if wants.filter.is_some() || live.filter.is_some() {
            why.push("only if its filter holds".into());
        }
    }
    Reception {
        id: live.id,
        subscriber: live.owner.to_string(),
        patterns: wants.patterns.iter().map(ToString::to_string).collect(),
        priority: wants.priority,
        receives: matches,
        why,
    }
}
