//! Who takes a call of class `singleton` or `capability`, and asking that one plugin.

use std::future::poll_fn;
use std::task::Poll;

use hookspec_plugin::{
    Call, CallContext, Caller, Conclusion, Payload, PluginName, Reply, Violations,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::fanout::await_one;
use super::invoke::{Begun, Frame, begin};
use super::slow::{Slowest, is_cut_off};
use super::wrap::{around, replied};
use super::{Target, admit, at_once, inline_around, not_inline, wanted};
use crate::error::{Ambiguity, DispatchError, Partial};
use crate::order;
use crate::outcome::{Answer, Cause, Failure, Output};
use crate::panic::contain_text;
use crate::registry::{Candidate, Choice, Link, Selection, Wants, Wraps};

/// How a class settles on one plugin.
pub(super) type Rule =
    for<'a> fn(&Frame<'a>, &Payload, Option<&Choice>) -> Result<&'a Link, DispatchError>;

/// Asks the plugin that a rule settles on.
pub(super) async fn ask<O>(
    target: &Target,
    caller: &Caller,
    input: Payload,
    choice: Option<&Choice>,
    rule: Rule,
) -> Result<Answer<O>, DispatchError>
where
    O: DeserializeOwned + Send + Sync + 'static,
{
    let plan = target.plan_or_empty()?;
    let input = admit(&plan, input)?;
    let frame = target.frame(&plan, caller, false);
    if let Some(wraps) = frame.wraps {
        return Box::pin(ask_around(&frame, wraps, &input, choice, rule)).await;
    }
    let link = rule(&frame, &input, choice)?;
    answer(&frame, link, &input).await
}

/// As [`ask`], without an async runtime.
pub(super) fn ask_sync<O>(
    target: &Target,
    caller: &Caller,
    input: Payload,
    choice: Option<&Choice>,
    rule: Rule,
) -> Result<Answer<O>, DispatchError>
where
    O: DeserializeOwned + Send + Sync + 'static,
{
    let plan = target.plan_or_empty()?;
    let input = admit(&plan, input)?;
    let frame = target.frame(&plan, caller, true);
    if let Some(wraps) = frame.wraps {
        inline_around(&plan)?;
        return at_once(Box::pin(ask_around(&frame, wraps, &input, choice, rule)));
    }
    let link = rule(&frame, &input, choice)?;
    not_inline([link])?;
    at_once(answer(&frame, link, &input))
}

/// As [`ask`], with middleware around it: the choice sees the input that it leaves (WRAP-3).
async fn ask_around<O>(
    frame: &Frame<'_>,
    wraps: &Wraps,
    input: &Payload,
    choice: Option<&Choice>,
    rule: Rule,
) -> Result<Answer<O>, DispatchError>
where
    O: DeserializeOwned + Send + Sync + 'static,
{
    let choice = choice.cloned();
    around(
        frame,
        wraps,
        input,
        |inner, input| {
            Box::pin(async move {
                let link = rule(inner, input, choice.as_ref())?;
                if inner.sync {
                    not_inline([link])?;
                }
                answer(inner, link, input).await
            })
        },
        |own: &Answer<O>, _| Conclusion {
            answered: vec![replied(&own.plugin, Some(own.value.payload()))],
            ..Conclusion::default()
        },
    )
    .await
}

async fn answer<O>(
    frame: &Frame<'_>,
    link: &Link,
    input: &Payload,
) -> Result<Answer<O>, DispatchError>
where
    O: DeserializeOwned + Send + Sync + 'static,
{
    let mut clock = frame.started;
    let begun = poll_fn(|cx| Poll::Ready(begin(frame, link, input, cx, &mut clock))).await;
    let mut slowest = Slowest::default();
    let outcome = match begun {
        Begun::Ended(outcome) => {
            if let Err(failure) = &outcome {
                slowest.ended(frame, link, failure, clock);
            }
            outcome
        }
        Begun::Pending(call) => {
            let outcome = await_one(frame, call).await?;
            clock = Instant::now();
            let took = clock.saturating_duration_since(frame.started);
            slowest.note(link, took, is_cut_off(frame, &outcome, || clock));
            outcome
        }
    };
    slowest.report(frame, clock);
    frame.plan.rules.crossed(input);
    let answered = outcome.map_err(|failure| {
        let partial = Partial::None;
        DispatchError::PluginFailed { failure, partial }
    })?;
    let (plugin, late) = (link.entry().name.clone(), answered.is_late());
    let payload = match answered.into_reply() {
        Reply::Value(payload) => payload,
        // Anything but a value was refused by the verdict.
        Reply::Unchanged | Reply::Stop => Payload::from_json(Value::Null),
    };
    match Output::read(payload) {
        Ok(value) => Ok(Answer { plugin, value, late }),
        Err(fault) => {
            let failure = Box::new(Failure {
                plugin,
                hook: frame.plan.hook.name.clone(),
                cause: Cause::InvalidOutput(Violations::whole(fault.message())),
                elapsed: frame.started.elapsed(),
                late,
            });
            Err(DispatchError::PluginFailed { failure, partial: Partial::None })
        }
    }
}

/// SINGLETON-1 to SINGLETON-5.
pub(super) fn one_of<'a>(
    frame: &Frame<'a>,
    input: &Payload,
    choice: Option<&Choice>,
) -> Result<&'a Link, DispatchError> {
    let plan = frame.plan;
    let mut ordered = plan.links.iter().filter(|link| wanted(link, input));
    match choice {
        Some(Choice::Name(name)) => return named(frame, ordered, name, "the call"),
        Some(Choice::Filter(_)) => {
            // The order of a filter is a choice: nothing is left to be ambiguous.
            let first = filtered(frame, input, choice)?.first().map(|place| &plan.links[*place]);
            return first.ok_or_else(|| none(frame, None, "the filter left nobody"));
        }
        None => {}
    }
    if let Some(policy) = &plan.policy {
        let selection = Selection { caller: frame.caller, input };
        let chosen = contain_text(|| (policy.0)(selection, &candidates(frame, input)))
            .map_err(|message| panicked(frame, "routing policy", message))?;
        if let Some(name) = chosen {
            return named(frame, ordered, &name, "the routing policy");
        }
    }
    if let Some((variable, name)) = &plan.active {
        return named(frame, ordered, name, variable);
    }
    let Some(first) = ordered.next() else {
        let reason = match plan.links.len() {
            0 => "no ready plugin implements it".to_owned(),
            skipped => format!("the manifest of each of {skipped} excludes this input by `when`"),
        };
        return Err(none(frame, None, &reason));
    };
    let tied = |link: &&Link| order::tied(&first.entry().manifest, &link.entry().manifest);
    let others: Vec<PluginName> =
        ordered.take_while(tied).map(|link| link.entry().name.clone()).collect();
    if others.is_empty() {
        return Ok(first);
    }
    let candidates = std::iter::once(first.entry().name.clone()).chain(others).collect();
    let ambiguity = Ambiguity {
        kind: plan.kind.name.to_string(),
        candidates,
        variable: Some(plan.variable.clone()),
    };
    Err(DispatchError::AmbiguousPlugin { ambiguity })
}

/// CAPABILITY-1 to CAPABILITY-5.
pub(super) fn able<'a>(
    frame: &Frame<'a>,
    input: &Payload,
    choice: Option<&Choice>,
) -> Result<&'a Link, DispatchError> {
    let plan = frame.plan;
    let allowed = match choice {
        Some(_) => Some(filtered(frame, input, choice)?),
        None => None,
    };
    let wants = Wants::of(input);
    let ranked = plan.index.candidates(&plan.links, &wants);
    let fits = |place: &usize| {
        let link = &plan.links[*place];
        wanted(link, input) && matches(frame, link, input)
    };
    let chosen = match &allowed {
        None => ranked.map(|(_, place)| place).find(fits),
        Some(allowed) => {
            let order = |place| allowed.iter().position(|left| *left == place);
            let mut left: Vec<_> =
                ranked.filter_map(|(fit, place)| Some((fit, order(place)?, place))).collect();
            left.sort_unstable();
            left.into_iter().map(|(_, _, place)| place).find(fits)
        }
    };
    chosen.map(|place| &plan.links[place]).ok_or_else(|| {
        let considered = allowed.map_or(plan.links.len(), |allowed| allowed.len());
        let reason = format!("{considered} considered, and none of them takes this input");
        none(frame, None, &reason)
    })
}

/// A plugin's own `matches`: foreign code, and a panic in it is no match (CAPABILITY-3).
fn matches(frame: &Frame<'_>, link: &Link, input: &Payload) -> bool {
    let entry = link.entry();
    let context = CallContext::new(&entry.context, frame.caller, &frame.plan.hook.name);
    contain_text(|| entry.plugin().matches(&Call { context, input })).unwrap_or_else(|message| {
        tracing::warn!(
            plugin = %entry.name,
            error = %message,
            hook = %frame.plan.hook.name,
            "`matches` panicked and is treated as no match"
        );
        false
    })
}

/// The positions that a choice leaves, in its order.
fn filtered(
    frame: &Frame<'_>,
    input: &Payload,
    choice: Option<&Choice>,
) -> Result<Vec<usize>, DispatchError> {
    let all = candidates(frame, input);
    let left = match choice {
        Some(Choice::Filter(filter)) => {
            let selection = Selection { caller: frame.caller, input };
            contain_text(|| (filter.0)(selection, all))
                .map_err(|message| panicked(frame, "filter", message))?
        }
        Some(Choice::Name(name)) => all.into_iter().filter(|c| c.plugin == name).collect(),
        None => all,
    };
    Ok(left.into_iter().map(|candidate| candidate.position).collect())
}

fn candidates<'a>(frame: &Frame<'a>, input: &Payload) -> Vec<Candidate<'a>> {
    let links = frame.plan.links.iter().enumerate().filter(|(_, link)| wanted(link, input));
    links
        .map(|(position, link)| {
            let entry = link.entry();
            Candidate { plugin: &entry.name, manifest: &entry.manifest, position }
        })
        .collect()
}

fn named<'a>(
    frame: &Frame<'a>,
    mut links: impl Iterator<Item = &'a Link>,
    name: &PluginName,
    by: &str,
) -> Result<&'a Link, DispatchError> {
    links.find(|link| link.entry().name == *name).ok_or_else(|| {
        let there = frame.plan.links.iter().any(|link| link.entry().name == *name);
        let why = match there {
            true => "whose manifest excludes this input by `when`",
            false => "that is not ready or lacks the hook",
        };
        none(frame, Some(name), &format!("{by} names a plugin {why}"))
    })
}

fn none(frame: &Frame<'_>, wanted: Option<&PluginName>, reason: &str) -> DispatchError {
    let (kind, hook) = frame.plan.names();
    DispatchError::NoCapableHandler { kind, hook, wanted: wanted.cloned(), reason: reason.into() }
}

fn panicked(frame: &Frame<'_>, role: &'static str, message: String) -> DispatchError {
    let (kind, hook) = frame.plan.names();
    DispatchError::ChoicePanicked { kind, hook, role, message }
}
