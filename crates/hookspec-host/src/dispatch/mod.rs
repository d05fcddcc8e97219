//! The five dispatchers, one file per class.
//!
//! `caller -> dispatcher -> validate the input once -> the class chooses and orders ->`
//! `invoke.rs calls each plugin and validates its answer -> outcome`. No file here knows how a
//! plugin was loaded.
//!
//! A dispatcher is obtained once from the [`Registry`](crate::Registry), which is where an unknown
//! kind, an unknown hook or another class is an error, and then used any number of times.

mod broadcast_collect;
mod broadcast_notify;
mod capability;
mod chain;
mod choose;
pub(crate) mod event;
mod fanout;
mod gated;
pub(crate) mod invoke;
mod pending;
mod shadow;
mod singleton;
mod slow;
pub(crate) mod verdict;
mod wrap;
mod writable;

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use hookspec_plugin::{Caller, Isolation, Payload};
use tokio::time::Instant;

pub use self::broadcast_collect::BroadcastCollect;
pub use self::broadcast_notify::BroadcastNotify;
pub use self::capability::Capability;
pub use self::chain::Chain;
use self::invoke::Frame;
pub use self::singleton::Singleton;
use crate::error::DispatchError;
use crate::registry::{HookPlan, Link, Shared};
use hookspec_plugin::size;

/// One hook of one registry: what every dispatcher is made of.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) shared: Arc<Shared>,
    pub(crate) hook: usize,
}

impl Target {
    /// The plan of the hook as of now; `None` where nobody would be called.
    #[inline]
    fn plan(&self) -> Result<Option<Arc<HookPlan>>, DispatchError> {
        if !self.shared.is_occupied(self.hook) {
            return Ok(None);
        }
        // The guard ends here: it is never held across an await.
        let snapshot = self.shared.snapshot();
        if snapshot.closed {
            return Err(DispatchError::ShuttingDown);
        }
        let plan = &snapshot.plans[self.hook];
        Ok((!plan.links.is_empty()).then(|| Arc::clone(plan)))
    }

    /// The plan, also where nobody would be called: for classes in which that is an error.
    fn plan_or_empty(&self) -> Result<Arc<HookPlan>, DispatchError> {
        let snapshot = self.shared.snapshot();
        match snapshot.closed {
            true => Err(DispatchError::ShuttingDown),
            false => Ok(Arc::clone(&snapshot.plans[self.hook])),
        }
    }

    fn has_plugins(&self) -> bool {
        self.shared.is_occupied(self.hook)
            && !self.shared.snapshot().plans[self.hook].links.is_empty()
    }

    fn frame<'a>(&'a self, plan: &'a HookPlan, caller: &'a Caller, sync: bool) -> Frame<'a> {
        let started = Instant::now();
        let deadline = invoke::deadline(plan, caller, started);
        let runtime = if sync { None } else { self.shared.runtime() };
        let wraps = plan.wraps.as_deref();
        let nested = caller.is_nested();
        Frame { plan, wraps, caller, runtime, started, deadline, sync, nested }
    }
}

/// Checks the input of a dispatch, once for all its calls (SIZE-1).
#[inline]
fn validate(plan: &HookPlan, input: &Payload) -> Result<(), DispatchError> {
    let checked = plan.rules.input.check(input, plan.input_bytes);
    checked.map_err(|violations| {
        let (kind, hook) = plan.names();
        DispatchError::InvalidInput { kind, hook, violations }
    })
}

/// [`validate`], for an input that nobody else holds yet.
#[inline]
fn admit(plan: &HookPlan, input: Payload) -> Result<Payload, DispatchError> {
    match validate(plan, &input) {
        Ok(()) => Ok(input),
        Err(error) => {
            // It may be nested so deeply that an ordinary drop would overflow the stack.
            size::dismantle(input);
            Err(error)
        }
    }
}

/// Whether a plugin wants this input: its manifest's `when`.
#[inline]
fn wanted(link: &Link, input: &Payload) -> bool {
    match &link.entry().manifest.when {
        None => true,
        // Without JSON there is nothing to look at; the plugin then sees the same difficulty.
        Some(when) => input.json().map_or(true, |json| when.holds(json)),
    }
}

/// As [`not_inline`], for everybody that a dispatch of a plan may call.
fn all_inline(plan: &HookPlan) -> Result<(), DispatchError> {
    inline_around(plan)?;
    not_inline(plan.links.iter().filter(|link| !link.entry().shadow))
}

/// As [`not_inline`], for the middleware of a plan.
fn inline_around(plan: &HookPlan) -> Result<(), DispatchError> {
    match &plan.wraps {
        None => Ok(()),
        Some(wraps) => not_inline(wraps.links.iter().map(|wrap| &wrap.link)),
    }
}

/// A plugin that a synchronous dispatch would call and that is not `inline`.
fn not_inline<'a>(links: impl IntoIterator<Item = &'a Link>) -> Result<(), DispatchError> {
    match links.into_iter().find(|link| link.entry().executor != Isolation::Inline) {
        Some(link) => Err(DispatchError::NotInline { plugin: link.entry().name.clone() }),
        None => Ok(()),
    }
}

/// Runs a dispatch whose frame is `sync`: such a frame reports `NotInline` instead of waiting.
fn at_once<T>(
    dispatch: impl Future<Output = Result<T, DispatchError>>,
) -> Result<T, DispatchError> {
    match pin!(dispatch).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("a sync frame never waits"),
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let snapshot = self.shared.snapshot();
        let plan = &snapshot.plans[self.hook];
        write!(f, "{}.{}", plan.kind.name, plan.hook.name)
    }
}
