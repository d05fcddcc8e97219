//! `chain`: each plugin receives what the one before it handed on.
//!
//! - CHAIN-1 who: every plugin with the hook. CHAIN-2 when: one after another, in dispatch order.
//! - CHAIN-3 the caller gets [`Chained`]: the last value, who ran, who changed it, who stopped it.
//! - CHAIN-4 every link's value is validated. CHAIN-5 a link changes only what is `writable`.
//! - CHAIN-6 `Flow::Stop` makes the value the link *received* the result.
//! - CHAIN-7 `fail_fast`: a failure is `Err(PluginFailed)` with the value before it.
//!   CHAIN-8 `best_effort`: the link is skipped and recorded.
//! - CHAIN-9 after the deadline a chain ends `TimedOut`, whatever its policy.
//! - CHAIN-10 nobody there: the input. `null` is a value like any other.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::task::Poll;

use hookspec_plugin::{
    Caller, Conclusion, IntoPayload, Payload, PluginName, Reply, SharedValue, Violations, check,
};
use hookspec_spec::ErrorPolicy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::fanout::await_one;
use super::invoke::{Begun, Frame, begin};
use super::shadow::{Kept, Shadows};
use super::slow::{Slowest, is_cut_off};
use super::verdict::Outcome;
use super::wrap::{around, failed, replied};
use super::{Target, admit, all_inline, at_once, wanted};
use crate::error::{DispatchError, Partial};
use crate::outcome::{Cause, Chained, Failure, Output, Shadowed};
use crate::registry::{HookPlan, Link};

/// Passes a value through every plugin of a hook. Cheap to clone.
pub struct Chain<T = Value> {
    target: Target,
    types: PhantomData<fn(T) -> T>,
}

impl<T> Chain<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    pub(crate) fn new(target: Target) -> Self {
        Self { target, types: PhantomData }
    }

    /// Whether anybody would be called.
    pub fn has_plugins(&self) -> bool {
        self.target.has_plugins()
    }

    /// Passes a value through every plugin, one after another.
    ///
    /// # Errors
    /// [`DispatchError::InvalidInput`]: nobody was called; mend the input.
    /// [`DispatchError::PluginFailed`]: the hook is `fail_fast` and a link failed, or the deadline
    /// passed; the value before it is in `partial`. [`DispatchError::ShuttingDown`].
    pub async fn dispatch(&self, caller: &Caller, value: T) -> Result<Chained<T>, DispatchError> {
        let plan = self.target.plan_or_empty()?;
        if plan.links.is_empty() {
            return Progress::new(Payload::of(value)).finish(&plan);
        }
        let value = admit(&plan, Payload::of(value))?;
        run(&self.target.frame(&plan, caller, false), value).await
    }

    /// As [`dispatch`](Self::dispatch), without an async runtime: every plugin is called at once.
    ///
    /// # Errors
    /// As `dispatch`, and [`DispatchError::NotInline`] where a plugin cannot answer at once.
    pub fn dispatch_sync(&self, caller: &Caller, value: T) -> Result<Chained<T>, DispatchError> {
        let plan = self.target.plan_or_empty()?;
        if plan.links.is_empty() {
            return Progress::new(Payload::of(value)).finish(&plan);
        }
        all_inline(&plan)?;
        let value = admit(&plan, Payload::of(value))?;
        at_once(run(&self.target.frame(&plan, caller, true), value))
    }

    /// As [`dispatch`](Self::dispatch), from a value of a generated type, a reference to one, or a
    /// [`Payload`] that was made before: no JSON is made where the type knows its schema.
    ///
    /// # Errors
    /// As `dispatch`.
    pub async fn dispatch_payload(
        &self,
        caller: &Caller,
        value: impl IntoPayload<T>,
    ) -> Result<Chained<T>, DispatchError> {
        let (plan, value) = (self.target.plan_or_empty()?, value.into_payload());
        if plan.links.is_empty() {
            return Progress::new(value).finish(&plan);
        }
        let value = admit(&plan, value)?;
        run(&self.target.frame(&plan, caller, false), value).await
    }

    /// As [`dispatch_payload`](Self::dispatch_payload), without an async runtime.
    ///
    /// # Errors
    /// As `dispatch_sync`.
    pub fn dispatch_payload_sync(
        &self,
        caller: &Caller,
        value: impl IntoPayload<T>,
    ) -> Result<Chained<T>, DispatchError> {
        let (plan, value) = (self.target.plan_or_empty()?, value.into_payload());
        if plan.links.is_empty() {
            return Progress::new(value).finish(&plan);
        }
        all_inline(&plan)?;
        let value = admit(&plan, value)?;
        at_once(run(&self.target.frame(&plan, caller, true), value))
    }
}

/// What a chain has come to so far.
struct Progress {
    value: Payload,
    ran: Vec<PluginName>,
    changed: Vec<PluginName>,
    stopped_by: Option<PluginName>,
    failures: Vec<Failure>,
    late: Vec<PluginName>,
    shadowed: Vec<Shadowed>,
}

impl Progress {
    fn new(value: Payload) -> Self {
        let (ran, changed, failures, late) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let shadowed = Vec::new();
        Self { value, ran, changed, stopped_by: None, failures, late, shadowed }
    }

    fn finish<T>(self, plan: &HookPlan) -> Result<Chained<T>, DispatchError>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let Self { value, ran, changed, stopped_by, failures, late, shadowed } = self;
        let value = Output::read(value).map_err(|fault| {
            // The value satisfies the schema, so it is `T` that does not fit the schema.
            let (kind, hook) = plan.names();
            let (what, why) = (std::any::type_name::<T>(), fault.message());
            let violations = Violations::whole(format!("the result is not a {what}: {why}"));
            DispatchError::InvalidInput { kind, hook, violations }
        })?;
        Ok(Chained { value, ran, changed, stopped_by, failures, late, shadowed })
    }
}

#[inline]
async fn run<T>(frame: &Frame<'_>, value: Payload) -> Result<Chained<T>, DispatchError>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    match frame.wraps {
        None => links(frame, value).await,
        Some(wraps) => {
            let around = around(
                frame,
                wraps,
                &value,
                |inner, value| Box::pin(links(inner, value.clone())),
                |chained, _| conclude(chained),
            );
            Box::pin(around).await
        }
    }
}

async fn links<T>(frame: &Frame<'_>, value: Payload) -> Result<Chained<T>, DispatchError>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let best_effort = frame.plan.hook.error_policy == ErrorPolicy::BestEffort;
    let mut progress = Progress::new(value);
    let mut clock = frame.started;
    let mut slowest = Slowest::default();
    let (kept, mut shadows) = (Kept::new(frame.plan), Shadows::default());
    for (place, link) in frame.plan.links.iter().enumerate() {
        if !wanted(link, &progress.value) {
            continue;
        }
        if link.entry().shadow {
            shadows.begin(frame, (place, link), &progress.value, &kept, &mut clock).await;
            continue;
        }
        let name = || link.entry().name.clone();
        let outcome = timed(frame, link, &progress.value, &mut clock, &mut slowest).await?;
        frame.plan.rules.crossed(&progress.value);
        match outcome {
            Ok(answered) => {
                progress.ran.push(name());
                if answered.is_late() {
                    progress.late.push(name());
                }
                match answered.into_reply() {
                    Reply::Unchanged => {}
                    Reply::Stop => {
                        progress.stopped_by = Some(name());
                        break;
                    }
                    Reply::Value(next) if equal(&next, &progress.value) => {}
                    Reply::Value(next) => {
                        progress.changed.push(name());
                        progress.value = next;
                    }
                }
            }
            Err(failure) if best_effort && !ends(frame, &failure) => {
                progress.failures.push(*failure);
            }
            Err(failure) => {
                slowest.report(frame, clock);
                let partial = Partial::Value(progress.value);
                return Err(DispatchError::PluginFailed { failure, partial });
            }
        }
    }
    slowest.report(frame, clock);
    if frame.plan.shadowed {
        progress.shadowed = shadows.end(frame, &kept).await;
    }
    progress.finish(frame.plan)
}

fn conclude<T>(chained: &Chained<T>) -> Conclusion
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    Conclusion {
        answered: chained.ran.iter().map(|plugin| replied(plugin, None)).collect(),
        value: Some(SharedValue(chained.value.payload().clone())),
        failures: chained.failures.iter().map(failed).collect(),
        error: None,
    }
}

/// Calls one plugin and waits for it.
pub(super) async fn step(
    frame: &Frame<'_>,
    link: &Link,
    value: &Payload,
    clock: &mut Instant,
) -> Result<Outcome, DispatchError> {
    timed(frame, link, value, clock, &mut Slowest::default()).await
}

async fn timed<'a>(
    frame: &Frame<'_>,
    link: &'a Link,
    value: &Payload,
    clock: &mut Instant,
    slowest: &mut Slowest<'a>,
) -> Result<Outcome, DispatchError> {
    let began = *clock;
    let begun = poll_fn(|cx| Poll::Ready(begin(frame, link, value, cx, clock))).await;
    match begun {
        Begun::Ended(outcome) => {
            if let Err(failure) = &outcome {
                slowest.ended(frame, link, failure, *clock);
            }
            Ok(outcome)
        }
        Begun::Pending(call) => {
            let outcome = await_one(frame, call).await;
            *clock = Instant::now();
            let cut_off = |outcome| is_cut_off(frame, outcome, || *clock);
            let cut_off = outcome.as_ref().is_ok_and(cut_off);
            slowest.note(link, clock.saturating_duration_since(began), cut_off);
            outcome
        }
    }
}

/// Whether a failure ends the chain whatever its policy: the time of the whole dispatch is up
/// (CHAIN-9), or nobody wants its result any more.
fn ends(frame: &Frame<'_>, failure: &Failure) -> bool {
    match failure.cause {
        Cause::TimedOut => Instant::now() >= frame.deadline,
        // A link that is being removed is cancelled alone: the chain goes on without it.
        Cause::Cancelled => frame.is_cancelled(),
        _ => false,
    }
}

pub(super) fn equal(next: &Payload, before: &Payload) -> bool {
    if next.same(before) {
        return true;
    }
    // Typed values of one type are compared as they are: that makes no JSON.
    next.typed_eq(before).unwrap_or_else(|| {
        matches!((next.json(), before.json()), (Ok(next), Ok(before)) if equal_values(next, before))
    })
}

/// Equality as JSON Schema has it (`1` is `1.0`), without hashing the keys of objects that have them in the same order, as most have: a link
/// hands on what it received, changed in one place.
fn equal_values(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.values().zip(other.values()).all(|(one, other)| equal_values(one, other))
        }
        _ => check::equal(one, other),
    }
}

impl<T> Clone for Chain<T> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), types: PhantomData }
    }
}

impl<T> fmt::Debug for Chain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chain({:?})", self.target)
    }
}
