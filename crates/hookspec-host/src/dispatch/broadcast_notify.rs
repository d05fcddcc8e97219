//! `broadcast_notify`: everybody is told, nobody is asked.
//!
//! - NOTIFY-1 who: every plugin with the hook. NOTIFY-2 when: concurrently.
//! - NOTIFY-3 the caller gets [`Notified`], after all have ended or the deadline has passed.
//! - NOTIFY-4 a plugin fails: recorded, and logged as `plugin=<name> error=<message>`; never `Err`.
//! - NOTIFY-5 `notify_detached` returns at once; what is outstanding is bounded, survives the
//!   caller, and is drained when the registry stops.
//! - NOTIFY-6 nobody there: fine.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use hookspec_plugin::{Caller, Conclusion, IntoPayload, Payload};
use serde::Serialize;
use serde_json::Value;

use super::fanout::fan_out;
use super::invoke::Frame;
use super::wrap::{around, failed, replied};
use super::{Target, admit, all_inline, at_once, wanted};
use crate::error::DispatchError;
use crate::outcome::Notified;
use crate::registry::{HookPlan, Link};

/// Tells every plugin of a hook. Cheap to clone.
pub struct BroadcastNotify<I = Value> {
    target: Target,
    types: PhantomData<fn(I)>,
}

impl<I: Serialize + Send + Sync + 'static> BroadcastNotify<I> {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, types: PhantomData }
    }

    /// Whether a notification would reach anybody: saves building a payload for nobody.
    pub fn has_plugins(&self) -> bool {
        self.target.has_plugins()
    }

    /// Tells every plugin and waits until all have ended or the deadline has passed.
    ///
    /// # Errors
    /// [`DispatchError::InvalidInput`]: nobody was told; mend the input.
    /// [`DispatchError::ShuttingDown`]: the registry is stopping.
    /// A plugin that fails is not an error: it is in [`Notified::failures`] (NOTIFY-4).
    pub async fn dispatch(&self, caller: &Caller, input: I) -> Result<Notified, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(Notified::default()) };
        let input = admit(&plan, Payload::of(input))?;
        run(&self.target.frame(&plan, caller, false), &input).await
    }

    /// As [`dispatch`](Self::dispatch), without an async runtime: every plugin is called at once.
    ///
    /// # Errors
    /// As `dispatch`, and [`DispatchError::NotInline`] where a plugin cannot answer at once.
    pub fn dispatch_sync(&self, caller: &Caller, input: I) -> Result<Notified, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(Notified::default()) };
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
    ) -> Result<Notified, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(Notified::default()) };
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
    ) -> Result<Notified, DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(Notified::default()) };
        all_inline(&plan)?;
        let input = admit(&plan, input.into_payload())?;
        at_once(run(&self.target.frame(&plan, caller, true), &input))
    }

    /// Tells every plugin, and returns at once. Failures are logged.
    ///
    /// # Errors
    /// [`DispatchError::Rejected`]: too many are outstanding, nobody was told; try again later.
    /// Otherwise as [`dispatch`](Self::dispatch).
    pub fn notify_detached(&self, caller: &Caller, input: I) -> Result<(), DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(()) };
        self.detach(plan, caller, Payload::of(input))
    }

    /// As [`notify_detached`](Self::notify_detached), from what
    /// [`dispatch_payload`](Self::dispatch_payload) takes.
    ///
    /// # Errors
    /// As `notify_detached`.
    pub fn notify_detached_payload(
        &self,
        caller: &Caller,
        input: impl IntoPayload<I>,
    ) -> Result<(), DispatchError> {
        let Some(plan) = self.target.plan()? else { return Ok(()) };
        self.detach(plan, caller, input.into_payload())
    }

    fn detach(
        &self,
        plan: Arc<HookPlan>,
        caller: &Caller,
        input: Payload,
    ) -> Result<(), DispatchError> {
        let input = admit(&plan, input)?;
        // Somebody is called only after `start`, which sets it.
        let Some(runtime) = self.target.shared.runtime() else { return Ok(()) };
        let place = self.target.shared.detached().enter()?;
        let (target, caller) = (self.target.clone(), caller.clone());
        runtime.spawn(async move {
            // Failures were logged, and the input was valid: what is left is middleware's doing.
            if let Err(error) = run(&target.frame(&plan, &caller, false), &input).await {
                tracing::warn!(kind = %plan.kind.name, hook = %plan.hook.name, %error,
                    "a detached notification reached nobody");
            }
            drop(plan);
            drop(place);
        });
        Ok(())
    }
}

#[inline]
async fn run(frame: &Frame<'_>, input: &Payload) -> Result<Notified, DispatchError> {
    match frame.wraps {
        None => everybody(frame, input).await,
        Some(wraps) => {
            let around = around(
                frame,
                wraps,
                input,
                |inner, input| Box::pin(everybody(inner, input)),
                |notified, input| conclude(frame, notified, input),
            );
            Box::pin(around).await
        }
    }
}

async fn everybody(frame: &Frame<'_>, input: &Payload) -> Result<Notified, DispatchError> {
    let mut notified = Notified::default();
    let outcomes = fan_out(frame, input, false).await?;
    for (link, outcome) in frame.plan.links.iter().zip(outcomes) {
        match outcome {
            None => {}
            Some(Ok(answered)) => {
                notified.delivered += 1;
                if answered.is_late() {
                    notified.late.push(link.entry().name.clone());
                }
            }
            Some(Err(failure)) => {
                tracing::warn!(
                    plugin = %failure.plugin,
                    error = %failure.cause,
                    kind = %frame.plan.kind.name,
                    hook = %failure.hook,
                    "a plugin failed to take a notification"
                );
                notified.failures.push(*failure);
            }
        }
    }
    Ok(notified)
}

fn conclude(frame: &Frame<'_>, notified: &Notified, input: &Payload) -> Conclusion {
    let failed_in = |link: &&Link| notified.failures.iter().any(|f| f.plugin == link.entry().name);
    let told = frame.plan.links.iter().filter(|link| wanted(link, input) && !failed_in(link));
    Conclusion {
        answered: told.map(|link| replied(&link.entry().name, None)).collect(),
        failures: notified.failures.iter().map(failed).collect(),
        ..Conclusion::default()
    }
}

impl<I> Clone for BroadcastNotify<I> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), types: PhantomData }
    }
}

impl<I> fmt::Debug for BroadcastNotify<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BroadcastNotify({:?})", self.target)
    }
}
