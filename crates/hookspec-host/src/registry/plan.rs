//! [`HookPlan`]: everything a dispatch of one hook needs, computed when plugins change, not when
//! hooks are called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use hookspec_plugin::{EVENT, Payload, PluginName};
use hookspec_spec::{DispatchClass, Hook, Kind};
use tokio::sync::Notify;

use super::capability::CapabilityIndex;
use super::entry::{Entry, Lease};
use super::policy::RoutingPolicy;
use super::wraps::Wraps;
use crate::accepts::Accepts;

/// Everything a dispatch of one hook needs. Immutable: a dispatch sees one (invariant 8).
pub(crate) struct HookPlan {
    pub(crate) kind: Arc<Kind>,
    pub(crate) hook: Arc<Hook>,
    pub(crate) rules: Arc<Rules>,
    /// Who is called, in dispatch order (ORDER-1).
    pub(crate) links: Vec<Link>,
    /// One of them runs as a shadow (SHADOW-1).
    pub(crate) shadowed: bool,
    /// The middleware around its dispatches, if there is any (WRAP-1).
    pub(crate) wraps: Option<Arc<Wraps>>,
    /// Filled for class `capability` only.
    pub(crate) index: CapabilityIndex,
    pub(crate) timeout: Duration,
    /// A dispatch that takes longer is logged (SLOW-1).
    pub(crate) slow: Duration,
    pub(crate) input_bytes: usize,
    pub(crate) policy: Option<RoutingPolicy>,
    /// The plugin that the environment names for this kind, and the variable.
    pub(crate) active: Option<(String, PluginName)>,
    /// The variable that would name one.
    pub(crate) variable: String,
    /// Told when a plugin of this plan is revoked: its pending calls end as `cancelled`.
    pub(crate) revoked: Notify,
}

/// What goes in and out of one hook. Made once for each hook of a registry; its counters go on when
/// plugins change.
pub(crate) struct Rules {
    pub(crate) input: Accepts,
    pub(crate) output: Accepts,
    crossings: AtomicU64,
}

impl Rules {
    pub(crate) fn new(hook: &Hook) -> Self {
        let (input, output) = (Accepts::new(&hook.input), Accepts::new(&hook.output));
        Self { input, output, crossings: AtomicU64::new(0) }
    }

    /// Counts how often an input was asked for as another Rust type than it keeps.
    #[inline]
    pub(crate) fn crossed(&self, input: &Payload) {
        let crossings = input.crossings();
        if crossings > 0 {
            self.crossings.fetch_add(crossings.into(), Relaxed);
        }
    }

    pub(crate) fn crossings(&self) -> u64 {
        self.crossings.load(Relaxed)
    }
}

/// One plugin's place in a plan.
#[derive(Clone)]
pub(crate) struct Link(pub(crate) Arc<Lease>);

impl Link {
    #[inline]
    pub(crate) fn entry(&self) -> &Arc<Entry> {
        self.0.entry()
    }
}

impl HookPlan {
    /// The plan of the hook `$event` for plugins of a kind. It has no links: whom to call is known
    /// when an event is there.
    pub(crate) fn of_event(kind: &Arc<Kind>, timeout: Duration, input_bytes: usize) -> Self {
        let hook = Hook::reserved(EVENT, DispatchClass::Singleton);
        Self {
            kind: Arc::clone(kind),
            rules: Arc::new(Rules::new(&hook)),
            hook: Arc::new(hook),
            links: Vec::new(),
            shadowed: false,
            wraps: None,
            index: CapabilityIndex::default(),
            timeout,
            slow: Duration::MAX,
            input_bytes,
            policy: None,
            active: None,
            variable: String::new(),
            revoked: Notify::new(),
        }
    }

    /// The plan of the same hook with other plugins and the same middleware.
    pub(crate) fn with_links(&self, links: Vec<Link>) -> Self {
        self.with(links, self.wraps.clone())
    }

    /// The plan of the same hook with other plugins and other middleware.
    pub(crate) fn with(&self, links: Vec<Link>, wraps: Option<Arc<Wraps>>) -> Self {
        let index = match self.hook.dispatch {
            DispatchClass::Capability => CapabilityIndex::new(&links),
            _ => CapabilityIndex::default(),
        };
        Self {
            kind: Arc::clone(&self.kind),
            hook: Arc::clone(&self.hook),
            rules: Arc::clone(&self.rules),
            shadowed: links.iter().any(|link| link.entry().shadow),
            links,
            wraps,
            index,
            timeout: self.timeout,
            slow: self.slow,
            input_bytes: self.input_bytes,
            policy: self.policy.clone(),
            active: self.active.clone(),
            variable: self.variable.clone(),
            revoked: Notify::new(),
        }
    }

    /// Tells the dispatches of this plan that a plugin of it was revoked.
    pub(crate) fn tell_revoked(&self) {
        self.revoked.notify_waiters();
        if let Some(wraps) = &self.wraps {
            wraps.before.revoked.notify_waiters();
            wraps.after.revoked.notify_waiters();
        }
    }

    /// The name in messages: `kind.hook`.
    pub(crate) fn names(&self) -> (String, String) {
        (self.kind.name.to_string(), self.hook.name.to_string())
    }
}
