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
    PluginName, Reply,
};
use hookspec_spec::Hook;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::verdict::{Meter, Outcome};
use crate::executor::Job;
use crate::outcome::Cause;
use crate::panic::contain;
use crate::registry::{Entry, HookPlan, Link, Wraps};

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
    let (entry, hook) = (link.entry(), &frame.plan.hook);
    let deadline = entry.timeout.map_or(frame.deadline, |own| frame.deadline.min(*clock + own));
    let meter = Meter::new(entry, frame, input, *clock, deadline);
    // Queueing counts (DEADLINE-2): a call whose time is up is not begun.
    if *clock >= deadline {
        return Begun::Ended(meter.not_begun(Cause::TimedOut, *clock));
    }
    if frame.is_cancelled() || entry.is_revoked() {
        return Begun::Ended(meter.not_begun(Cause::Cancelled, *clock));
    }
    if frame.nested
        && let Some(way) = frame.caller.cycle(&entry.name, &hook.name)
    {
        return Begun::Ended(meter.not_begun(circle(&way), *clock));
    }
    if entry.executor != Isolation::Inline {
        return hand_over(frame, link, input, meter, *clock);
    }
    let context = CallContext::new(&entry.context, frame.caller, &hook.name)
        .with_deadline(deadline.into_std());
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

/// A plugin that its own call leads to is not called again (CYCLE-1).
#[cold]
fn circle(way: &[String]) -> Cause {
    let message = format!("the call leads to itself: {}", way.join(" -> "));
    Cause::Faulted(Fault::new("call_cycle", message))
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
fn hand_over<'a>(
    frame: &Frame<'a>,
    link: &'a Link,
    input: &Payload,
    meter: Meter<'a>,
    now: Instant,
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
    };
    match Job::submit(entry, runtime, Box::pin(owned.run()), token) {
        Ok(job) => Begun::Pending(Pending::new(Running::Elsewhere(job), meter)),
        Err(reason) => Begun::Ended(meter.not_begun(Cause::Rejected { reason }, now)),
    }
}

/// A call that waits for something. Dropping it cancels it.
pub(crate) struct Pending<'a> {
    /// Absent once the call has its outcome.
    running: Option<Running<'a>>,
    meter: Meter<'a>,
    // Last, so that whoever sees the count at zero finds the call recorded.
    _flight: InFlight<'a>,
}

enum Running<'a> {
    Inline(Answering<'a>),
    Elsewhere(Job<Answer>),
}

impl<'a> Pending<'a> {
    fn new(running: Running<'a>, meter: Meter<'a>) -> Self {
        let flight = meter.in_flight();
        Self { running: Some(running), meter, _flight: flight }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.meter.deadline()
    }

    pub(crate) fn plugin(&self) -> &'a PluginName {
        &self.meter.entry().name
    }

    /// Whether the plugin is being removed and the registry waits no longer for its calls.
    pub(crate) fn is_revoked(&self) -> bool {
        self.meter.entry().is_revoked()
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, clock: &mut Instant) -> Poll<Outcome> {
        let (answer, ended) = match &mut self.running {
            Some(Running::Inline(future)) => {
                let polled = {
                    let _entered = self.meter.enter();
                    advance(future, cx)
                };
                self.meter.polled(clock);
                match polled {
                    Poll::Ready(answer) => (answer, *clock),
                    Poll::Pending => return Poll::Pending,
                }
            }
            // It ended when it did, not when this dispatch came to look; `clock` measures polls.
            Some(Running::Elsewhere(job)) => match job.poll(cx) {
                Poll::Ready(Some((answer, ended))) => (answer, ended),
                Poll::Ready(None) => (Err(Box::new(Cause::Gone)), *clock),
                Poll::Pending => return Poll::Pending,
            },
            // Polled after it ended: nothing in this crate does so.
            None => return Poll::Pending,
        };
        self.running = None;
        Poll::Ready(self.meter.judge(answer, ended))
    }

    /// Ends the call without an answer.
    pub(crate) fn give_up(mut self, cause: Cause, now: Instant) -> Outcome {
        // The plugin's future goes first: what it does while it is dropped belongs to the call.
        drop(self.running.take());
        self.meter.fail(cause, now)
    }
}

impl Drop for Pending<'_> {
    /// A dispatch that is dropped leaves every call of it with an outcome.
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running);
            let _ = self.meter.fail(Cause::Cancelled, Instant::now());
        }
    }
}

/// Counts a call as in flight while it exists.
pub(crate) struct InFlight<'a>(pub(crate) &'a Entry);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.stats.in_flight.fetch_sub(1, std::sync::atomic::Ordering::AcqRel);
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
struct Answering<'a>(Option<BoxFuture<'a, Result<Reply, Fault>>>);

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
fn advance(future: &mut Answering<'_>, cx: &mut Context<'_>) -> Poll<Answer> {
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
    // A limit beyond what the clock can express is as good as a year.
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let own = started.checked_add(plan.timeout).unwrap_or(started + YEAR);
    caller.deadline().map_or(own, |theirs| own.min(Instant::from_std(theirs)))
}
