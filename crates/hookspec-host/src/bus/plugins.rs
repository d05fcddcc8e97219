//! Plugins as subscribers: their subscriptions come, follow and go with them (EVENT-13).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    BoxFuture, EVENT, Fault, Handled, Overflow, Pattern, PluginName, Subscription,
};
use hookspec_spec::Kind;

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
        let (id, counts) = (self.next_number(), Counts::default());
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
        let key = |reason| Err(SubscribeError::Key { subscriber: subscriber.into(), reason });
        match &wants.key {
            None if wants.overflow == Overflow::Coalesce => {
                return key("`coalesce` needs the `key` by which events take one another's place");
            }
            Some(pointer) if !(pointer.is_empty() || pointer.starts_with('/')) => {
                return key("`key` is no JSON pointer: it starts with `/`, as in `/data/id`");
            }
            _ => {}
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
        let (mut fresh, mut left) = (Vec::new(), Vec::new());
        for entry in changed.iter().filter(|entry| entry.hooks.contains(&EVENT)) {
            match leases.get(&entry.name) {
                Some(lease) if Arc::ptr_eq(lease.entry(), entry) => {
                    fresh.extend(self.adopt(entry, lease, &mut left));
                }
                // Another instance has its place.
                Some(_) => {}
                None if entry.status.state() == State::Unavailable => {}
                None => self.forget(&entry.name, &mut left),
            }
        }
        if !fresh.is_empty() {
            self.enter(fresh);
        }
        left
    }

    /// Gives the subscriptions of a plugin to an instance; answers those that are new.
    fn adopt(
        &self,
        entry: &Arc<Entry>,
        lease: &Arc<Lease>,
        left: &mut Vec<Queued>,
    ) -> Vec<Arc<Live>> {
        let mut wanted = entry.wants.clone();
        let routes = self.routes();
        let is_own = |live: &&Arc<Live>| live.owner == Owner::Plugin(entry.name.clone());
        for live in routes.lives.iter().filter(is_own) {
            let same = wanted.iter().position(|wants| *wants == live.wants);
            match (same, &live.target) {
                (Some(same), Target::Plugin(plugin)) => {
                    wanted.remove(same);
                    plugin.retarget(lease);
                }
                // The new instance does not want it any more.
                _ => left.extend(self.leave(live.id).into_iter().flatten()),
            }
        }
        let events = entry.manifest.events.as_ref();
        let fresh = wanted.into_iter().filter_map(|wants| {
            let plan = plan(&entry.kind, &wants, self.options.data_bytes);
            let cancels = events.map(|events| events.cancel.clone()).unwrap_or_default();
            let target = Target::Plugin(Box::new(PluginTarget::new(plan, cancels, lease)));
            let owner = Owner::Plugin(entry.name.clone());
            self.subscription(owner, wants, None, target)
                // It was checked when the plugin was registered.
                .inspect_err(|error| tracing::warn!(plugin = %entry.name, %error, "not subscribed"))
                .ok()
        });
        fresh.collect()
    }

    /// A plugin is gone: nothing is delivered to it any more.
    fn forget(&self, plugin: &PluginName, left: &mut Vec<Queued>) {
        let owner = Owner::Plugin(plugin.clone());
        let ids: Vec<u64> =
            self.routes().lives.iter().filter(|l| l.owner == owner).map(|l| l.id).collect();
        let before = left.len();
        left.extend(ids.into_iter().filter_map(|id| self.leave(id)).flatten());
        let lost = left.len() - before;
        if lost > 0 {
            tracing::warn!(%plugin, lost, "events were dropped: the plugin is gone");
        }
    }
}

/// What a call with an event has to satisfy.
fn plan(kind: &Arc<Kind>, wants: &Subscription, bytes: usize) -> HookPlan {
    HookPlan::of_event(kind, Duration::from_millis(wants.timeout_ms), bytes)
}
