//! Middleware: `$before` and `$after` around a dispatch of any class.
//!
//! - WRAP-1 who: every ready plugin of any kind, with a priority of 1000 or more, whose `chain_wrap`
//!   matches the hook and that has `$before` or `$after`. Once per dispatch; never around middleware.
//! - WRAP-2 when: `$before` in dispatch order, `$after` in reverse, of those that were passed.
//! - WRAP-3 `$before` answers the input, changed or not. A changed one is validated, and whoever
//!   chooses a plugin sees it. `Stop` is invalid.
//! - WRAP-4 a fault refuses: `Err(Refused)`, nobody is called. WRAP-5 any other failure of a
//!   `$before` is `Err(PluginFailed)`, and nobody is called either: it may stand for a permission.
//! - WRAP-6 `$after` is told every end and changes none; its failure is recorded and logged.
//! - WRAP-7 `$before` has the deadline of the dispatch. `$after` has what is left of it, and never
//!   less than 100 ms, so that it hears of timeouts; the caller's cancellation does not end it.
//! - WRAP-8 who wraps what is found when plugins change, not when hooks are called.
//! - WRAP-9 nobody to call in notify, collect, chain: no middleware either. In `dispatch_sync` it has
//!   to be `inline`, and a `$before` ready at once, else `NotInline`.
//! - WRAP-10 while one whose `chain_wrap` says `required` is not ready, and neither disabled nor
//!   removed, nobody is called whom it would wrap: `Err(Refused)`.

use std::time::Duration;

use hookspec_plugin::{
    BoxFuture, CancellationToken, Concluded, Conclusion, Ended, Failed, Fault, Intercepted,
    Payload, PluginName, Replied, Reply, SharedValue,
};
use tokio::time::Instant;

use super::chain::step;
use super::invoke::Frame;
use super::{validate, wanted};
use crate::error::{DispatchError, Partial};
use crate::outcome::{Cause, Failure};
use crate::registry::{Link, Wraps};
use crate::state::State;

/// What every `$after` has at least (WRAP-7).
const GRACE: Duration = Duration::from_millis(100);

/// Calls the middleware of a hook around a dispatch of it.
pub(super) async fn around<T>(
    frame: &Frame<'_>,
    wraps: &Wraps,
    input: &Payload,
    dispatch: impl for<'f> FnOnce(&'f Frame<'f>, &'f Payload) -> BoxFuture<'f, Result<T, DispatchError>>,
    conclude: impl Fn(&T, &Payload) -> Conclusion,
) -> Result<T, DispatchError> {
    let mut input = input.clone();
    let mut passed = Vec::new();
    let mut refused = None;
    // Nobody was asked yet, so nobody has to be told.
    if let Some(missing) = &wraps.barred {
        return Err(barred(missing));
    }
    for wrap in &wraps.links {
        if !wanted(&wrap.link, &input) {
            continue;
        }
        if wrap.before {
            match before(frame, wraps, &wrap.link, &input).await {
                Ok(None) => {}
                Ok(Some(changed)) => input = changed,
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        if wrap.after {
            passed.push(&wrap.link);
        }
    }
    let result = match refused {
        Some(error) => Err(error),
        None => {
            // What the middleware took of the time is gone (DEADLINE-2).
            let inner = Frame { wraps: None, started: Instant::now(), ..*frame };
            dispatch(&inner, &input).await
        }
    };
    if !passed.is_empty() {
        let outcome = match &result {
            Ok(value) => conclude(value, &input),
            Err(error) => ended(error),
        };
        after(frame, wraps, &passed, outcome).await;
    }
    result
}

/// What has to be there is not (WRAP-10).
fn barred((plugin, state): &(PluginName, State)) -> DispatchError {
    let fault = Fault::new(
        "middleware_missing",
        format!(
            "middleware `{plugin}` has to be asked first, and is {state}; `explain` says why. Mend it, or disable it"
        ),
    );
    DispatchError::Refused { plugin: plugin.clone(), fault: fault.retryable() }
}

/// Asks one middleware; `None`: the input stays.
async fn before(
    frame: &Frame<'_>,
    wraps: &Wraps,
    link: &Link,
    input: &Payload,
) -> Result<Option<Payload>, DispatchError> {
    let (plan, started) = (frame.plan, Instant::now());
    let seen = Payload::of(Intercepted {
        kind: plan.kind.name.clone(),
        hook: plan.hook.name.clone(),
        class: plan.hook.dispatch.to_string(),
        input: input.clone(),
    });
    let inner = Frame { plan: &wraps.before, wraps: None, started, ..*frame };
    let outcome = step(&inner, link, &seen, &mut { started }).await?;
    let failed = |cause, late| DispatchError::PluginFailed {
        failure: Box::new(Failure {
            plugin: link.entry().name.clone(),
            hook: wraps.before.hook.name.clone(),
            cause,
            elapsed: started.elapsed(),
            late,
        }),
        partial: Partial::None,
    };
    match outcome.map(|answered| (answered.is_late(), answered.into_reply())) {
        // The output bound was the plugin's own; the input has one, too.
        Ok((late, Reply::Value(changed))) => match validate(plan, &changed) {
            Ok(()) => Ok(Some(changed)),
            Err(DispatchError::InvalidInput { violations, .. }) => {
                Err(failed(Cause::InvalidOutput(violations), late))
            }
            Err(error) => Err(error),
        },
        Ok((_, Reply::Unchanged | Reply::Stop)) => Ok(None),
        Err(failure) => Err(match *failure {
            Failure { plugin, cause: Cause::Faulted(fault), .. } => {
                DispatchError::Refused { plugin, fault }
            }
            failure => {
                DispatchError::PluginFailed { failure: Box::new(failure), partial: Partial::None }
            }
        }),
    }
}

/// Tells those that were passed, the last one first (WRAP-2).
async fn after(frame: &Frame<'_>, wraps: &Wraps, passed: &[&Link], outcome: Conclusion) {
    let plan = frame.plan;
    let ended = Payload::of(Concluded {
        kind: plan.kind.name.clone(),
        hook: plan.hook.name.clone(),
        class: plan.hook.dispatch.to_string(),
        elapsed_ms: millis(frame.started.elapsed()),
        outcome,
    });
    // Whoever cancelled the dispatch did not cancel its audit.
    let caller = frame.caller.clone().with_cancellation(CancellationToken::new());
    for link in passed.iter().rev() {
        let started = Instant::now();
        let deadline = frame.deadline.max(started + GRACE);
        let inner =
            Frame { plan: &wraps.after, wraps: None, caller: &caller, started, deadline, ..*frame };
        let failure = match step(&inner, link, &ended, &mut { started }).await {
            Ok(Ok(_)) => continue,
            Ok(Err(failure)) => failure.cause.to_string(),
            // It would have to wait, and nobody does; it was recorded as cancelled.
            Err(error) => error.to_string(),
        };
        tracing::warn!(
            plugin = %link.entry().name,
            error = %failure,
            kind = %plan.kind.name,
            hook = %plan.hook.name,
            "a middleware failed after a dispatch, which is as it was"
        );
    }
}

fn ended(error: &DispatchError) -> Conclusion {
    let mut conclusion = Conclusion {
        error: Some(Ended { code: error.code().into(), message: error.to_string() }),
        ..Conclusion::default()
    };
    if let DispatchError::PluginFailed { failure, partial } = error {
        conclusion.failures.push(failed(failure));
        match partial {
            Partial::None => {}
            Partial::Value(value) => conclusion.value = Some(SharedValue(value.clone())),
            Partial::Replies(replies) => {
                let replies = replies.iter().map(|(plugin, value)| replied(plugin, Some(value)));
                conclusion.answered = replies.collect();
            }
        }
    }
    conclusion
}

pub(super) fn replied(plugin: &PluginName, value: Option<&Payload>) -> Replied {
    Replied { plugin: plugin.clone(), value: value.cloned().map(SharedValue) }
}

pub(super) fn failed(failure: &Failure) -> Failed {
    Failed {
        plugin: failure.plugin.clone(),
        hook: failure.hook.clone(),
        cause: failure.cause.name().into(),
        message: failure.cause.to_string(),
        elapsed_ms: millis(failure.elapsed),
    }
}

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
