//! Plugins as subscribers: their subscriptions come, follow and go with them (EVENT-13).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{BoxFuture, EVENT, Fault, Handled, Pattern, PluginName, Subscription};
use hookspec_spec::{Kind, manifest};
use serde_json::Value;

use super::error::SubscribeError;
use super::hub::Hub;
use super::live::{Counts, Filter, Live, Owner};
use super::parcel::Queued;
use super::queue::Queue;
use super::target::{Delivery, Handler, PluginTarget, Target};
use crate::registry::{Entry, HookPlan, Lease};
use crate::state::State;

impl Hub {
    /// A subscription, checked.
    pub(crate) fn subscription(
        &self,
        owner: Owner,
        mut wants: Subscription,
        filter: Option<Guarded<Arc<Filter>>>,
        target: Target,
    ) -> Result<Arc<Live>, SubscribeError> {
        let patterns = self.check(owner.name(), &wants)?;
        wants.queue = wants.queue.max(1);
        wants.concurrency = wants.concurrency.max(1);
        let queue = Queue::new(wants.queue, wants.overflow);
        let (id, counts) = (Self::next_number(), Counts::default());
        let confined = match &target {
            Target::Plugin(plugin) => plugin.rights().tenant.clone(),
            Target::Code { .. } => None,
        };
        Ok(Arc::new(Live { id, owner, wants, patterns, confined, filter, target, queue, counts }))
    }

    /// Subscribes the host itself, for as long as there is a bus.
    pub(crate) fn subscribe_host(
        self: &Arc<Self>,
        name: &str,
        wants: Subscription,
        handler: impl Fn(Delivery) -> BoxFuture<'static, Result<Handled, Fault>> + Send + Sync + 'static,
    ) -> Result<(), SubscribeError> {
        let handler = Guarded::new(Arc::new(handler) as Arc<Handler>);
        let target = Target::Code { handler, may_cancel: false, sums_up: None };
        let live = self.subscription(Owner::Application(name.into()), wants, None, target)?;
        self.enter(vec![live]);
        Ok(())
    }

    /// Reads the patterns of a subscription, and refuses one that could never receive anything.
    pub(crate) fn check(
        &self,
        subscriber: &str,
        wants: &Subscription,
    ) -> Result<Vec<Pattern>, SubscribeError> {
        if wants.patterns.is_empty() {
            return Err(SubscribeError::NoPattern { subscriber: subscriber.into() });
        }
        // The rules of a manifest, for what is written in Rust too.
        if let Ok(Value::Object(fields)) = serde_json::to_value(wants) {
            manifest::check_subscription(&fields, false).map_err(|mistakes| {
                SubscribeError::Invalid { subscriber: subscriber.into(), mistakes }
            })?;
        }
        let mut patterns = Vec::with_capacity(wants.patterns.len());
        for own in &wants.patterns {
            let pattern = self.pattern(own.as_str())?;
            if !self.may_match(&pattern) {
                return Err(SubscribeError::NothingMatches {
                    subscriber: subscriber.into(),
                    near: self.catalog.nearest(own.as_str()).map(Into::into),
                    pattern: own.to_string(),
                });
            }
            patterns.push(pattern);
        }
        Ok(patterns)
    }

    /// Plugins came, changed or went: so do their subscriptions. Gives back what waited for those that
    /// went, to be dropped where no lock is held.
    pub(crate) fn follow(
        self: &Arc<Self>,
        changed: &[Arc<Entry>],
        leases: &BTreeMap<PluginName, Arc<Lease>>,
    ) -> Vec<Queued> {
        let mut left = Vec::new();
        for entry in changed {
            match leases.get(&entry.name) {
                Some(lease) if !lease.entry().hooks.contains(&EVENT) => {
                    self.forget(&entry.name, &mut left);
                }
                Some(lease) if Arc::ptr_eq(lease.entry(), entry) => {
                    self.adopt(entry, lease, &mut left);
                }
                // Another instance has its place.
                Some(_) => {}
                None if entry.status.state() == State::Unavailable => {}
                None => self.forget(&entry.name, &mut left),
            }
        }
        left
    }

    /// Gives the subscriptions of a plugin to an instance, with what waits for them (EVENT-13).
    fn adopt(self: &Arc<Self>, entry: &Arc<Entry>, lease: &Arc<Lease>, left: &mut Vec<Queued>) {
        let mut wanted = entry.wants.clone();
        let mut before = self.of_plugin(&entry.name);
        before.retain(|live| {
            match (wanted.iter().position(|own| *own == live.wants), &live.target) {
                (Some(same), Target::Plugin(plugin)) => {
                    wanted.remove(same);
                    plugin.retarget(lease);
                    false
                }
                _ => true,
            }
        });
        if wanted.is_empty() && before.is_empty() {
            return;
        }
        let fresh: Vec<_> =
            wanted.into_iter().filter_map(|wants| self.of_instance(entry, lease, wants)).collect();
        // No event comes between: it is for the one before or for the one after.
        self.replace(|lives| {
            lives.retain(|live| before.iter().all(|own| own.id != live.id));
            lives.extend(fresh.iter().cloned());
        });
        for old in before {
            let waiting = old.end();
            match fresh.iter().find(|new| continues(&old.wants, &new.wants)) {
                Some(new) => new.queue.put_before(waiting),
                None => {
                    if !waiting.is_empty() {
                        let lost = waiting.len();
                        tracing::warn!(
                            plugin = %entry.name,
                            lost,
                            "events were dropped: the new instance is not subscribed to them"
                        );
                    }
                    left.extend(waiting);
                }
            }
        }
        self.have_taken(fresh);
    }

    /// A subscription of a plugin, for one instance of it.
    fn of_instance(
        &self,
        entry: &Arc<Entry>,
        lease: &Arc<Lease>,
        wants: Subscription,
    ) -> Option<Arc<Live>> {
        let plan = plan(&entry.kind, &wants, self.options.data_bytes);
        let events = entry.manifest.events.as_ref();
        let cancels = events.map(|events| events.cancel.clone()).unwrap_or_default();
        let target = Target::Plugin(Box::new(PluginTarget::new(plan, cancels, lease)));
        let owner = Owner::Plugin(entry.name.clone());
        self.subscription(owner, wants, None, target)
            // It was checked when the plugin was registered.
            .inspect_err(|error| tracing::warn!(plugin = %entry.name, %error, "not subscribed"))
            .ok()
    }

    fn of_plugin(&self, plugin: &PluginName) -> Vec<Arc<Live>> {
        let owner = Owner::Plugin(plugin.clone());
        self.routes().lives.iter().filter(|live| live.owner == owner).cloned().collect()
    }

    /// A plugin is gone: nothing is delivered to it any more.
    fn forget(&self, plugin: &PluginName, left: &mut Vec<Queued>) {
        let before = left.len();
        let own = self.of_plugin(plugin).into_iter();
        left.extend(own.filter_map(|live| self.leave(live.id)).flatten());
        let lost = left.len() - before;
        if lost > 0 {
            tracing::warn!(%plugin, lost, "events were dropped: the plugin is gone");
        }
    }
}

/// Whether a subscription takes the place of another, delivered in another way: it has the name, or
/// without one the patterns.
fn continues(old: &Subscription, new: &Subscription) -> bool {
    match (&old.name, &new.name) {
        (Some(old), Some(new)) => old == new,
        _ => old.patterns == new.patterns,
    }
}

/// What a call with an event has to satisfy.
fn plan(kind: &Arc<Kind>, wants: &Subscription, bytes: usize) -> HookPlan {
    HookPlan::of_event(kind, Duration::from_millis(wants.timeout_ms), bytes)
}
