//! Calls many plugins at once and waits for them: the mechanics under notify and collect.
//!
//! Every plugin is polled once, in dispatch order, by whoever dispatches. Whoever is ready costs
//! no task and no timer. Up to thirty that are pending are polled together; more go to a
//! `FuturesUnordered`, which polls only those that were woken. One timer serves the dispatch.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures::stream::{FuturesUnordered, StreamExt};
use hookspec_plugin::{CancellationToken, Cancelled, Payload};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::{Instant, Sleep, sleep_until};

use super::invoke::{Begun, Frame, begin};
use super::pending::Pending;
use super::slow::{Slowest, is_cut_off};
use super::verdict::Outcome;
use crate::error::DispatchError;
use crate::outcome::Cause;

/// Up to here, polling all costs less than finding out who was woken.
const JOINED: usize = 30;

/// Calls every plugin of the plan with one input.
///
/// The answer has a place for every plugin, in dispatch order; `None` where it was not called: its
/// `when` did not hold, or `fail_fast` and a plugin failed. Under `fail_fast`, what runs when a
/// plugin fails is cancelled, and what comes later in order is not begun.
pub(crate) async fn fan_out(
    frame: &Frame<'_>,
    input: &Payload,
    fail_fast: bool,
) -> Result<Vec<Option<Outcome>>, DispatchError> {
    let links = &frame.plan.links;
    let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(links.len());
    let mut pending: Vec<(usize, Pending<'_>)> = Vec::new();
    let mut clock = frame.started;
    let (mut failed, mut slowest) = (false, Slowest::default());
    poll_fn(|cx| {
        for (index, link) in links.iter().enumerate() {
            if !super::wanted(link, input) {
                outcomes.push(None);
                continue;
            }
            match begin(frame, link, input, cx, &mut clock) {
                Begun::Ended(outcome) => {
                    if let Err(failure) = &outcome {
                        failed = true;
                        slowest.ended(frame, link, failure, clock);
                    }
                    outcomes.push(Some(outcome));
                }
                Begun::Pending(call) => {
                    if pending.is_empty() {
                        // Growing step by step would move every call several times.
                        pending.reserve_exact(links.len() - index);
                    }
                    pending.push((index, call));
                    outcomes.push(None);
                }
            }
            if failed && fail_fast {
                break;
            }
        }
        Poll::Ready(())
    })
    .await;
    if let Some((_, call)) = pending.first().filter(|_| frame.sync) {
        let plugin = call.plugin().clone();
        return Err(DispatchError::NotInline { plugin });
    }
    if pending.is_empty() {
        slowest.report(frame, clock);
        frame.plan.rules.crossed(input);
        return Ok(outcomes);
    }
    if failed && fail_fast {
        slowest.report(frame, clock);
        cancel(pending, clock, &mut outcomes);
        frame.plan.rules.crossed(input);
        return Ok(outcomes);
    }
    let (mut rest, mut last, mut late) = (Vec::new(), None, None);
    drive(
        frame,
        pending,
        |index, outcome| {
            let end = fail_fast && outcome.is_err();
            last = Some(index);
            if late.is_none() && is_cut_off(frame, &outcome, Instant::now) {
                late = last;
            }
            outcomes[index] = Some(outcome);
            if end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
        &mut rest,
    )
    .await;
    let now = Instant::now();
    // They ran at once: whoever ended last took longest, and began at the start.
    if let Some(index) = late.or(last) {
        let took = now.saturating_duration_since(frame.started);
        slowest.note(&links[index], took, late.is_some());
    }
    slowest.report(frame, now);
    cancel(rest, now, &mut outcomes);
    frame.plan.rules.crossed(input);
    Ok(outcomes)
}

/// Waits for one call.
pub(crate) async fn await_one(
    frame: &Frame<'_>,
    call: Pending<'_>,
) -> Result<Outcome, DispatchError> {
    if frame.sync {
        return Err(DispatchError::NotInline { plugin: call.plugin().clone() });
    }
    let mut answer = None;
    drive(
        frame,
        vec![(0, call)],
        |_, outcome| {
            answer = Some(outcome);
            ControlFlow::Break(())
        },
        &mut Vec::new(),
    )
    .await;
    match answer {
        Some(outcome) => Ok(outcome),
        None => unreachable!("`drive` leaves no call unreported unless `report` says so"),
    }
}

/// Ends calls that `fail_fast` makes pointless. They are counted as cancelled, and not reported:
/// the failure that ended the dispatch is.
fn cancel(pending: Vec<(usize, Pending<'_>)>, now: Instant, outcomes: &mut [Option<Outcome>]) {
    for (index, call) in pending {
        let _ = call.give_up(Cause::Cancelled, now);
        outcomes[index] = None;
    }
}

/// Drives calls until all have ended or `report` says to stop; those left over go to `rest`.
pub(super) async fn drive<'a>(
    frame: &Frame<'_>,
    mut pending: Vec<(usize, Pending<'a>)>,
    mut report: impl FnMut(usize, Outcome) -> ControlFlow<()>,
    rest: &mut Vec<(usize, Pending<'a>)>,
) {
    if pending.is_empty() {
        return;
    }
    let earliest = earliest(pending.iter().map(|(_, call)| call.deadline()), frame.deadline);
    // A timer needs a runtime; where the caller has none, it runs on the registry's.
    let entered = match tokio::runtime::Handle::try_current() {
        Ok(_) => None,
        Err(_) => frame.runtime.map(tokio::runtime::Handle::enter),
    };
    let timer = sleep_until(earliest);
    drop(entered);
    let mut interrupts = Interrupts {
        timer: pin!(timer),
        caller: frame.caller.cancellation().map(CancellationToken::cancelled),
        revoked: pin!(frame.plan.revoked.notified()),
        // One that was revoked before `notified` was made would never be told of.
        overdue: pending.iter().any(|(_, call)| call.is_revoked()),
    };
    let mut many: FuturesUnordered<Indexed<'a>> = FuturesUnordered::new();
    if pending.len() > JOINED {
        many.extend(pending.drain(..).map(Indexed::new));
    }
    poll_fn(|cx| {
        let mut clock = Instant::now();
        let ended = if pending.is_empty() {
            poll_many(&mut many, cx, &mut report)
        } else {
            poll_joined(&mut pending, cx, &mut clock, &mut report)
        };
        if ended.is_break() || (pending.is_empty() && many.is_empty()) {
            return Poll::Ready(());
        }
        loop {
            let Some(reason) = interrupts.poll(cx) else { return Poll::Pending };
            let was_set = !many.is_empty();
            pending.extend(std::mem::take(&mut many).into_iter().filter_map(|call| call.0));
            // In dispatch order, whatever order the set gave them back in.
            pending.sort_unstable_by_key(|(index, _)| *index);
            let now = Instant::now();
            let (over, alive): (Vec<_>, Vec<_>) =
                pending.drain(..).partition(|(_, call)| reason.ends(call, now));
            pending = alive;
            let mut over = over.into_iter();
            while let Some((index, call)) = over.next() {
                if report(index, call.give_up(reason.cause(), now)).is_break() {
                    pending.extend(over);
                    return Poll::Ready(());
                }
            }
            if pending.is_empty() {
                return Poll::Ready(());
            }
            interrupts.rearm(&reason, earliest_of(&pending, frame.deadline), &frame.plan.revoked);
            if was_set {
                if pending.len() > JOINED {
                    many.extend(pending.drain(..).map(Indexed::new));
                }
                // They would wake a set that is gone: polled once, they wake this dispatch.
                cx.waker().wake_by_ref();
            }
        }
    })
    .await;
    pending.extend(many.into_iter().filter_map(|call| call.0));
    rest.append(&mut pending);
}

fn poll_joined(
    pending: &mut Vec<(usize, Pending<'_>)>,
    cx: &mut Context<'_>,
    clock: &mut Instant,
    report: &mut impl FnMut(usize, Outcome) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut flow = ControlFlow::Continue(());
    pending.retain_mut(|(index, call)| {
        if flow.is_break() {
            return true;
        }
        match call.poll(cx, clock) {
            Poll::Ready(outcome) => {
                flow = report(*index, outcome);
                false
            }
            Poll::Pending => true,
        }
    });
    flow
}

fn poll_many(
    many: &mut FuturesUnordered<Indexed<'_>>,
    cx: &mut Context<'_>,
    report: &mut impl FnMut(usize, Outcome) -> ControlFlow<()>,
) -> ControlFlow<()> {
    while let Poll::Ready(Some((index, outcome))) = many.poll_next_unpin(cx) {
        report(index, outcome)?;
    }
    ControlFlow::Continue(())
}

/// A pending call in a set; empty once it has ended.
struct Indexed<'a>(Option<(usize, Pending<'a>)>);

impl<'a> Indexed<'a> {
    fn new(call: (usize, Pending<'a>)) -> Self {
        Self(Some(call))
    }
}

impl Future for Indexed<'_> {
    type Output = (usize, Outcome);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some((index, call)) = &mut self.0 else { return Poll::Pending };
        let mut clock = Instant::now();
        let Poll::Ready(outcome) = call.poll(cx, &mut clock) else { return Poll::Pending };
        let index = *index;
        self.0 = None;
        Poll::Ready((index, outcome))
    }
}

/// What can end calls from outside: time, the caller, the registry.
struct Interrupts<'t, 'p> {
    timer: Pin<&'t mut Sleep>,
    caller: Option<Cancelled>,
    revoked: Pin<&'t mut Notified<'p>>,
    overdue: bool,
}

enum Interrupt {
    Time,
    Caller,
    Revoked,
}

impl<'p> Interrupts<'_, 'p> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Option<Interrupt> {
        let cancelled =
            self.caller.as_mut().is_some_and(|token| Pin::new(token).poll(cx).is_ready());
        if cancelled {
            return Some(Interrupt::Caller);
        }
        if std::mem::take(&mut self.overdue) || self.revoked.as_mut().poll(cx).is_ready() {
            return Some(Interrupt::Revoked);
        }
        self.timer.as_mut().poll(cx).is_ready().then_some(Interrupt::Time)
    }

    fn rearm(&mut self, reason: &Interrupt, deadline: Instant, revoked: &'p Notify) {
        match reason {
            Interrupt::Time => self.timer.as_mut().reset(deadline),
            Interrupt::Revoked => self.revoked.set(revoked.notified()),
            Interrupt::Caller => self.caller = None,
        }
    }
}

impl Interrupt {
    fn ends(&self, call: &Pending<'_>, now: Instant) -> bool {
        match self {
            Self::Time => call.deadline() <= now,
            Self::Caller => true,
            Self::Revoked => call.is_revoked(),
        }
    }

    fn cause(&self) -> Cause {
        match self {
            Self::Time => Cause::TimedOut,
            Self::Caller | Self::Revoked => Cause::Cancelled,
        }
    }
}

fn earliest(deadlines: impl Iterator<Item = Instant>, bound: Instant) -> Instant {
    deadlines.fold(bound, Instant::min)
}

fn earliest_of(pending: &[(usize, Pending<'_>)], bound: Instant) -> Instant {
    earliest(pending.iter().map(|(_, call)| call.deadline()), bound)
}
