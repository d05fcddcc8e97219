//! [`Wraps`]: the middleware around one hook, found when plugins change, not when hooks are called
//! (WRAP-8).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{AFTER, BEFORE, ChainWrap, PluginName};
use hookspec_spec::{DispatchClass, ErrorPolicy, Hook, Schema};
use tokio::sync::Notify;

use super::capability::CapabilityIndex;
use super::entry::{Entry, Lease};
use super::plan::{HookPlan, Link, Rules};
use crate::order;
use crate::state::State;

/// The middleware around one hook, and what its two calls have to satisfy.
pub(crate) struct Wraps {
    /// In dispatch order (ORDER-1).
    pub(crate) links: Vec<Wrap>,
    /// One that has to be there and is not ready: nobody is called (WRAP-10).
    pub(crate) barred: Option<(PluginName, State)>,
    /// The rules of `$before`: a plan without plugins of its own.
    pub(crate) before: HookPlan,
    /// The rules of `$after`.
    pub(crate) after: HookPlan,
}

/// One middleware around one hook.
pub(crate) struct Wrap {
    pub(crate) link: Link,
    pub(crate) before: bool,
    pub(crate) after: bool,
}

impl Wraps {
    /// The middleware of a hook; `None` where there is none.
    pub(crate) fn new(
        plan: &HookPlan,
        links: Vec<Link>,
        barred: Option<(PluginName, State)>,
    ) -> Option<Arc<Self>> {
        if links.is_empty() && barred.is_none() {
            return None;
        }
        let wrap = |link: Link| {
            let hooks = &link.entry().hooks;
            let (before, after) = (hooks.contains(&BEFORE), hooks.contains(&AFTER));
            Wrap { link, before, after }
        };
        // As a link of a chain over the input: it may leave it unchanged.
        let before = Hook {
            name: BEFORE,
            dispatch: DispatchClass::Chain,
            output: plan.hook.input.clone(),
            ..bare(&plan.hook)
        };
        let after =
            Hook { name: AFTER, dispatch: DispatchClass::BroadcastNotify, ..bare(&plan.hook) };
        Some(Arc::new(Self {
            links: links.into_iter().map(wrap).collect(),
            barred,
            before: of(plan, before),
            after: of(plan, after),
        }))
    }
}

/// Makes anew the plans of every hook that one of these plugins wraps, whatever its kind (WRAP-8),
/// and those of their own hooks.
pub(super) fn rewrap(
    plans: &mut [Arc<HookPlan>],
    changed: &[Arc<Entry>],
    leases: &BTreeMap<PluginName, Arc<Lease>>,
    plugins: &BTreeMap<PluginName, Arc<Entry>>,
) {
    let all: Vec<&Arc<Entry>> = plugins.values().filter(|entry| is_middleware(entry)).collect();
    if all.is_empty() && !changed.iter().any(|entry| is_middleware(entry)) {
        return;
    }
    let touches = |plan: &Arc<HookPlan>| {
        changed.iter().any(|entry| entry.kind.name == plan.kind.name || wraps(entry, plan))
    };
    for plan in plans.iter_mut().filter(|plan| touches(plan)) {
        let mut around: Vec<_> =
            leases.values().filter(|lease| wraps(lease.entry(), plan)).collect();
        around.sort_by(|one, other| {
            order::rank(&one.entry().manifest).cmp(&order::rank(&other.entry().manifest))
        });
        let around = around.into_iter().map(|lease| Link(Arc::clone(lease))).collect();
        let barred = all.iter().find(|entry| bars(entry, plan));
        let barred = barred.map(|entry| (entry.name.clone(), entry.status.state()));
        *plan = Arc::new(plan.with(plan.links.clone(), Wraps::new(plan, around, barred)));
    }
}

fn bare(hook: &Hook) -> Hook {
    Hook {
        input: Schema::anything(),
        output: Schema::anything(),
        error_policy: ErrorPolicy::FailFast,
        writable: None,
        examples: Vec::new(),
        ..hook.clone()
    }
}

fn of(plan: &HookPlan, hook: Hook) -> HookPlan {
    HookPlan {
        kind: Arc::clone(&plan.kind),
        rules: Arc::new(Rules::new(&hook)),
        hook: Arc::new(hook),
        links: Vec::new(),
        shadowed: false,
        wraps: None,
        index: CapabilityIndex::default(),
        timeout: plan.timeout,
        slow: Duration::MAX,
        input_bytes: plan.input_bytes,
        policy: None,
        active: None,
        variable: String::new(),
        revoked: Notify::new(),
    }
}

/// Whether a plugin is middleware at all. One that could not be opened shows no hooks, and may be.
pub(super) fn is_middleware(entry: &Entry) -> bool {
    let listed = || entry.hooks.contains(&BEFORE) || entry.hooks.contains(&AFTER);
    entry.manifest.chain_wrap.is_some() && (entry.refused.is_some() || listed())
}

/// Whether nobody is called whom a plugin would wrap (WRAP-10): it has to be there, and is not
/// ready yet or any more. Turned off or removed by whoever runs the host, it does not have to be.
fn bars(entry: &Entry, plan: &HookPlan) -> bool {
    let waits = [State::Registered, State::Starting, State::Unavailable];
    entry.manifest.chain_wrap.as_ref().is_some_and(|own| own.required)
        && waits.contains(&entry.status.state())
        && wraps(entry, plan)
}

/// Whether a plugin wraps a hook.
fn wraps(entry: &Entry, plan: &HookPlan) -> bool {
    is_middleware(entry) && matches(entry, plan)
}

/// Whether a plugin's `chain_wrap` matches a hook: its kind and its name are listed, or `*`, or
/// nothing is.
pub(crate) fn matches(entry: &Entry, plan: &HookPlan) -> bool {
    let listed = |list: &[String], name: &str| {
        list.is_empty() || list.iter().any(|own| own == "*" || own == name)
    };
    entry.manifest.chain_wrap.as_ref().is_some_and(|ChainWrap { kinds, hooks, .. }| {
        listed(kinds, plan.kind.name.as_str()) && listed(hooks, plan.hook.name.as_str())
    })
}
