//! The only place where a plugin is called (invariant 4).
//!
//! A call is begun (polled once, at once), then driven, and ends in exactly one [`Outcome`]:
//! contained panic, deadline, cancellation, span, counters and output validation all happen here.
//! Who is called, in which order, and what a failure means to the others is not known here.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hookspec_plugin::{
    BoxFuture, Call, CallContext, Caller, CancellationToken, Fault, HookFuture, Isolation, Payload,
    Reply,
};
use hookspec_spec::Hook;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::gated::through_gates;
use super::pending::{Pending, Running};
use super::verdict::{Meter, Outcome};
use crate::bus::cause;
use crate::executor::Job;
use crate::gate::Permit;
use crate::outcome::Cause;
use crate::panic::contain;
use crate::registry::{Entry, HookPlan, Link, Wraps};
use crate::settings::later;

/// One dispatch, as seen by each of its calls.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) plan: &'a HookPlan,
    /// The middleware that is still to be called around it (WRAP-1).
    pub(crate) wraps: Option<&'a Wraps>,
    pub(crate) caller: &'a Caller,
    /// What spawned calls and timers run on; absent only where nothing may be pending.
    pub(crate) runtime: Option<&'a Handle>,
    pub(crate) started: Instant,
    pub(crate) deadline: Instant,
    /// Nothing may be pending, and an answer after the deadline is kept (`dispatch_sync`).
    pub(crate) sync: bool,
    /// A plugin's call led to this dispatch.
    pub(crate) nested: bool,
}

impl Frame<'_> {
    /// Whether the caller wants no result any more.
    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.caller.cancellation().is_some_and(CancellationToken::is_cancelled)
    }
}

/// A call that was begun.
pub(crate) enum Begun<'a> {
    /// It has ended already: no timer, no queue, nothing to drive.
    Ended(Outcome),
    /// It waits for something.
    Pending(Pending<'a>),
}

/// Calls one plugin: polls it once where it runs inline, hands it over where it does not.
///
/// `clock` is the time this call starts; it is set to the time it came back, so that the next call
/// needs no reading of its own.
#[inline]
pub(crate) fn begin<'a>(
    frame: &Frame<'a>,
    link: &'a Link,
    input: &'a Payload,
    cx: &mut Context<'_>,
    clock: &mut Instant,
) -> Begun<'a> {
    let entry = link.entry();
    let deadline = entry.timeout.map_or(frame.deadline, |own| frame.deadline.min(*clock + own));
    let meter = Meter::new(entry, frame, input, *clock, deadline);
    // Queueing counts (DEADLINE-2): a call whose time is up is not begun.
    if *clock >= deadline {
        return Begun::Ended(meter.not_begun(Cause::TimedOut, *clock));
    }
    if frame.is_cancelled() || entry.is_revoked() {
        return Begun::Ended(meter.not_begun(Cause::Cancelled, *clock));
    }
    // One look at what most calls have not.
    if frame.nested | entry.gates.is_some() {
        return through_gates(frame, link, input, meter, cx, clock);
    }
    if entry.executor != Isolation::Inline {
        return hand_over(frame, link, input, meter, *clock, None);
    }
    begin_inline(frame, link, input, meter, cx, clock)
}

/// Polls a call once, at once.
#[inline(always)]
pub(super) fn begin_inline<'a>(
    frame: &Frame<'a>,
    link: &'a Link,
    input: &'a Payload,
    meter: Meter<'a>,
    cx: &mut Context<'_>,
    clock: &mut Instant,
) -> Begun<'a> {
    let (entry, hook) = (link.entry(), &frame.plan.hook);
    let context = CallContext::new(&entry.context, frame.caller, &hook.name)
        .with_deadline(meter.deadline().into_std());
    let mut future = None;
    let polled = {
        let _entered = meter.enter();
        start(entry, Call { context, input }, &mut future, cx)
    };
    let began = std::mem::replace(clock, Instant::now());
    match polled {
        Poll::Ready(answer) => Begun::Ended(meter.judge(answer, *clock)),
        Poll::Pending => wait(meter, future, *clock, clock.saturating_duration_since(began)),
    }
}

/// A call that was pending when it was polled first.
#[inline(never)]
fn wait<'a>(
    mut meter: Meter<'a>,
    future: Option<Answering<'a>>,
    now: Instant,
    polled: Duration,
) -> Begun<'a> {
    // Only a future can be pending.
    let Some(future) = future else { return Begun::Ended(meter.fail(Cause::Gone, now)) };
    meter.waits(polled);
    Begun::Pending(Pending::new(Running::Inline(future), meter))
}

/// Calls a plugin on a task or a thread of its own.
#[inline(never)]
pub(super) fn hand_over<'a>(
    frame: &Frame<'a>,
    link: &'a Link,
    input: &Payload,
    meter: Meter<'a>,
    now: Instant,
    permit: Option<Permit>,
) -> Begun<'a> {
    let entry = link.entry();
    let Some(runtime) = frame.runtime else {
        let reason = "there is no async runtime to run it on".to_owned();
        return Begun::Ended(meter.not_begun(Cause::Rejected { reason }, now));
    };
    let token =
        frame.caller.cancellation().map_or_else(CancellationToken::new, CancellationToken::child);
    let owned = Owned {
        entry: Arc::clone(entry),
        hook: Arc::clone(&frame.plan.hook),
        caller: frame.caller.clone(),
        input: input.clone(),
        token: token.clone(),
        deadline: meter.deadline(),
        span: meter.span().clone(),
        _permit: permit,
    };
    match Job::submit(entry, runtime, Box::pin(owned.run()), token) {
        Ok(job) => Begun::Pending(Pending::new(Running::Elsewhere(job), meter)),
        Err(reason) => Begun::Ended(meter.not_begun(Cause::Rejected { reason }, now)),
    }
}

/// A call that owns what it needs, so that it can move to another task or thread.
struct Owned {
    entry: Arc<Entry>,
    hook: Arc<Hook>,
    caller: Caller,
    input: Payload,
    token: CancellationToken,
    deadline: Instant,
    span: tracing::Span,
    // Until the call has ended, whoever still awaits it (BULKHEAD-1).
    _permit: Option<Permit>,
}

impl Owned {
    async fn run(self) -> Answer {
        let context = CallContext::new(&self.entry.context, &self.caller, &self.hook.name)
            .with_deadline(self.deadline.into_std())
            .with_cancellation(&self.token);
        let call = Call { context, input: &self.input };
        let mut future = None;
        let mut abandoned = self.token.cancelled();
        poll_fn(|cx| {
            // Nobody awaits it any more: its future is dropped here, not left pending for ever.
            if Pin::new(&mut abandoned).poll(cx).is_ready() {
                return Poll::Ready(Err(Box::new(Cause::Cancelled)));
            }
            let _entered = self.span.enter();
            let _handling = self.caller.cause().map(cause::enter);
            let before = Instant::now();
            let polled = match &mut future {
                None => start(&self.entry, call, &mut future, cx),
                Some(future) => advance(future, cx),
            };
            // A thread may be held: that is what it is for. A task holds the runtime's.
            if self.entry.executor == Isolation::Task {
                self.entry.held_thread_for(before.elapsed());
            }
            polled
        })
        .await
    }
}

/// Small on purpose: it is moved several times per call, and a cause is rare.
pub(crate) type Answer = Result<Reply, Box<Cause>>;

/// A plugin's future. It may panic while it is dropped, so it is dropped under care, wherever that
/// happens: at its end, when its dispatch is dropped, when a runtime aborts its task.
pub(super) struct Answering<'a>(Option<BoxFuture<'a, Result<Reply, Fault>>>);

impl Drop for Answering<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(future) = self.0.take() {
            let _ = contain(|| drop(future));
        }
    }
}

/// Calls the plugin and polls it once. Its future stays in `slot`, outside what is contained, so
/// that it is never dropped while a panic of its own unwinds.
#[inline(always)]
fn start<'a>(
    entry: &'a Entry,
    call: Call<'a>,
    slot: &mut Option<Answering<'a>>,
    cx: &mut Context<'_>,
) -> Poll<Answer> {
    let polled = contain(|| match entry.plugin().call(call) {
        HookFuture::Ready(answer) => Poll::Ready(answer),
        HookFuture::Boxed(future) => slot
            .insert(Answering(Some(future)))
            .0
            .as_mut()
            .map_or(Poll::Pending, |f| f.as_mut().poll(cx)),
    });
    settle(slot.as_mut(), polled)
}

#[inline]
pub(super) fn advance(future: &mut Answering<'_>, cx: &mut Context<'_>) -> Poll<Answer> {
    let Some(inner) = &mut future.0 else {
        // Polled after it ended: nothing in this crate does so.
        return Poll::Ready(Err(Box::new(Cause::Gone)));
    };
    let polled = contain(|| inner.as_mut().poll(cx));
    settle(Some(future), polled)
}

/// What a poll came to. An ended future is dropped at once; its answer stands whatever its drop
/// does.
#[inline(always)]
fn settle(
    future: Option<&mut Answering<'_>>,
    polled: Result<Poll<Result<Reply, Fault>>, Box<Cause>>,
) -> Poll<Answer> {
    if !matches!(polled, Ok(Poll::Pending))
        && let Some(ended) = future.and_then(|future| future.0.take())
    {
        let _ = contain(|| drop(ended));
    }
    match polled {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(answer)) => Poll::Ready(answer.map_err(faulted)),
        Err(cause) => Poll::Ready(Err(cause)),
    }
}

#[cold]
fn faulted(fault: Fault) -> Box<Cause> {
    Box::new(Cause::Faulted(fault))
}

/// The deadline of a dispatch: the earlier of the hook's limit and the caller's (DEADLINE-1).
pub(crate) fn deadline(plan: &HookPlan, caller: &Caller, started: Instant) -> Instant {
    let own = later(started, plan.timeout);
    caller.deadline().map_or(own, |theirs| own.min(Instant::from_std(theirs)))
}
