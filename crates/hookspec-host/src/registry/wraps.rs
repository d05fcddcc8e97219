//! [`Wraps`]: the middleware around one hook, found when plugins change, not when hooks are called
//! (WRAP-8).

use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{AFTER, BEFORE, ChainWrap};
use hookspec_spec::{DispatchClass, ErrorPolicy, Hook, Schema};
use tokio::sync::Notify;

use super::capability::CapabilityIndex;
use super::entry::Entry;
use super::plan::{HookPlan, Link, Rules};

/// The middleware around one hook, and what its two calls have to satisfy.
pub(crate) struct Wraps {
    /// In dispatch order (ORDER-1).
    pub(crate) links: Vec<Wrap>,
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
    pub(crate) fn new(plan: &HookPlan, links: Vec<Link>) -> Option<Arc<Self>> {
        if links.is_empty() {
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
            before: of(plan, before),
            after: of(plan, after),
        }))
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

/// Whether a plugin is middleware at all.
pub(crate) fn is_middleware(entry: &Entry) -> bool {
    entry.manifest.chain_wrap.is_some()
        && (entry.hooks.contains(&BEFORE) || entry.hooks.contains(&AFTER))
}

/// Whether a plugin wraps a hook.
pub(crate) fn wraps(entry: &Entry, plan: &HookPlan) -> bool {
    is_middleware(entry) && matches(entry, plan)
}

/// Whether a plugin's `chain_wrap` matches a hook: its kind and its name are listed, or `*`, or
/// nothing is.
pub(crate) fn matches(entry: &Entry, plan: &HookPlan) -> bool {
    let listed = |list: &[String], name: &str| {
        list.is_empty() || list.iter().any(|own| own == "*" || own == name)
    };
    entry.manifest.chain_wrap.as_ref().is_some_and(|ChainWrap { kinds, hooks }| {
        listed(kinds, plan.kind.name.as_str()) && listed(hooks, plan.hook.name.as_str())
    })
}
