//! `broadcast_collect`: everybody is asked, every answer comes back with a name on it.
//!
//! - COLLECT-1 who: every plugin with the hook. COLLECT-2 when: concurrently.
//! - COLLECT-3 the caller gets [`Collected`]: every reply with its plugin's name, in dispatch order.
//! - COLLECT-4 an answer is validated; `Unchanged` and `Stop` are invalid.
//! - COLLECT-5 `fail_fast`: the first failure ends the dispatch as `Err(PluginFailed)` with the
//!   replies so far; what runs is cancelled, what comes later in order is not begun.
//! - COLLECT-6 `best_effort`: failures are recorded, the others' replies stand.
//! - COLLECT-7 nobody there: empty. `null` is a reply like any other.

use std::fmt;
use std::marker::PhantomData;

use hookspec_plugin::{Caller, Conclusion, IntoPayload, Payload, Reply, Violations};
use hookspec_spec::ErrorPolicy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fanout::fan_out;
use super::invoke::Frame;
use super::wrap::{around, failed, replied};
use super::{Target, admit, all_inline, at_once};
use crate::error::{DispatchError, Partial};
use crate::outcome::{Answer, Cause, Collected, Failure, Output};

/// Asks every plugin of a hook. Cheap to clone.
pub struct BroadcastCollect<I = Value, O = Value> {
    target: Target,
    types: PhantomData<fn(I) -> O>,
}

impl<I, O> BroadcastCollect<I, O>
where
    I: Serialize + Send + Sync + 'static,
    O: DeserializeOwned + Send + Sync + 'static,
{
    pub(crate) fn new(target: Target) -> Self {
        Self { target, types: PhantomData }
    }

    /// Whether anybody would be asked: saves building a payload for nobody.
    pub fn has_plugins(&self) -> bool {
        self.target.has_plugins()
    }

    /// Asks every plugin and waits until all have ended or the deadline has passed.
    ///
    /// # Errors
    /// [`DispatchError::InvalidInput`]: nobody was asked; mend the input.
    /// [`DispatchError::PluginFailed`]: the hook is `fail_fast` and a plugin failed; the replies
    /// so far are in `partial` (COLLECT-5). [`DispatchError::ShuttingDown`].
    pub async fn dispatch(&self, caller: &Caller, input: I) -> Result<Collected<O>, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(empty()) };
        let input = admit(&plan, Payload::of(input))?;
        run(&self.target.frame(&plan, caller, false), &input).await
    }

    /// As [`dispatch`](Self::dispatch), without an async runtime: every plugin is called at once.
    /// An answer that came after the deadline is kept and marked [`late`](Answer::late).
    ///
    /// # Errors
    /// As `dispatch`, and [`DispatchError::NotInline`] where a plugin cannot answer at once.
    pub fn dispatch_sync(&self, caller: &Caller, input: I) -> Result<Collected<O>, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(empty()) };
        all_inline(&plan)?;
        let input = admit(&plan, Payload::of(input))?;
        at_once(run(&self.target.frame(&plan, caller, true), &input))
    }

    /// As [`dispatch`](Self::dispatch), from a value of a generated type, a reference to one, or a
    /// [`Payload`] that was made before: no JSON is made where the type knows its schema. Nothing is
    /// made or cloned where nobody is there.
    ///
    /// # Errors
    /// As `dispatch`.
    pub async fn dispatch_payload(
        &self,
        caller: &Caller,
        input: impl IntoPayload<I>,
    ) -> Result<Collected<O>, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(empty()) };
        let input = admit(&plan, input.into_payload())?;
        run(&self.target.frame(&plan, caller, false), &input).await
    }

    /// As [`dispatch_payload`](Self::dispatch_payload), without an async runtime.
    ///
    /// # Errors
    /// As `dispatch_sync`.
    pub fn dispatch_payload_sync(
        &self,
        caller: &Caller,
        input: impl IntoPayload<I>,
    ) -> Result<Collected<O>, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(empty()) };
        all_inline(&plan)?;
        let input = admit(&plan, input.into_payload())?;
        at_once(run(&self.target.frame(&plan, caller, true), &input))
    }
}

#[inline]
async fn run<O>(frame: &Frame<'_>, input: &Payload) -> Result<Collected<O>, DispatchError>
where
    O: DeserializeOwned + Send + Sync + 'static,
{
    match frame.wraps {
        None => everybody(frame, input).await,
        Some(wraps) => {
            let around = around(
                frame,
                wraps,
                input,
                |inner, input| Box::pin(everybody(inner, input)),
                |collected, _| conclude(collected),
            );
            Box::pin(around).await
        }
    }
}

async fn everybody<O>(frame: &Frame<'_>, input: &Payload) -> Result<Collected<O>, DispatchError>
where
    O: DeserializeOwned + Send + Sync + 'static,
{
    let fail_fast = frame.plan.hook.error_policy == ErrorPolicy::FailFast;
    let outcomes = fan_out(frame, input, fail_fast).await?;
    let mut replies: Vec<Answer<O>> = Vec::with_capacity(outcomes.len());
    let mut failures = Vec::new();
    for (link, outcome) in frame.plan.links.iter().zip(outcomes) {
        let plugin = || link.entry().name.clone();
        match outcome {
            Some(Ok(answered)) => {
                let late = answered.is_late();
                // Anything but a value was refused by the verdict (COLLECT-4).
                let Reply::Value(payload) = answered.into_reply() else { continue };
                match Output::read(payload) {
                    Ok(value) => replies.push(Answer { plugin: plugin(), value, late }),
                    Err(fault) => failures.push(Failure {
                        plugin: plugin(),
                        hook: frame.plan.hook.name.clone(),
                        cause: Cause::InvalidOutput(Violations::whole(fault.message())),
                        elapsed: frame.started.elapsed(),
                        late,
                    }),
                }
            }
            Some(Err(failure)) => failures.push(*failure),
            None => {}
        }
    }
    if fail_fast && !failures.is_empty() {
        let failure = Box::new(failures.swap_remove(0));
        let partial = replies.into_iter().map(|own| (own.plugin, own.value.into_payload()));
        let partial = partial.collect();
        return Err(DispatchError::PluginFailed { failure, partial: Partial::Replies(partial) });
    }
    Ok(Collected { replies, failures })
}

fn conclude<O>(collected: &Collected<O>) -> Conclusion {
    let replied = |own: &Answer<O>| replied(&own.plugin, Some(own.value.payload()));
    Conclusion {
        answered: collected.replies.iter().map(replied).collect(),
        failures: collected.failures.iter().map(failed).collect(),
        ..Conclusion::default()
    }
}

fn empty<O>() -> Collected<O> {
    Collected { replies: Vec::new(), failures: Vec::new() }
}

impl<I, O> Clone for BroadcastCollect<I, O> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), types: PhantomData }
    }
}

impl<I, O> fmt::Debug for BroadcastCollect<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BroadcastCollect({:?})", self.target)
    }
}
