//! [`Pending`]: a call that was begun, or waits for its turn, and has not ended.

use std::task::{Context, Poll};

use hookspec_plugin::{Payload, PluginName};
use tokio::time::Instant;

use super::gated::{let_through, settle_pass};
use super::invoke::{Answer, Answering, Begun, Frame, advance};
use super::verdict::{Meter, Outcome};
use crate::executor::Job;
use crate::gate::{Gate, Let, Queued};
use crate::outcome::Cause;
use crate::registry::{Entry, Link};

/// A call that waits for something. Dropping it cancels it.
pub(crate) struct Pending<'a> {
    /// Absent once the call has its outcome.
    running: Option<Running<'a>>,
    meter: Meter<'a>,
    /// What a plugin with gates let it in with; given back when the call is gone.
    pub(super) held: Let,
    // Last, so that whoever sees the count at zero finds the call recorded.
    _flight: InFlight<'a>,
}

pub(super) enum Running<'a> {
    Inline(Answering<'a>),
    Elsewhere(Job<Answer>),
    /// It waits for its turn; nothing of the plugin was called.
    Queued(Box<Queue<'a>>),
}

/// A call in the queue of a bulkhead, with what it needs to be begun.
pub(super) struct Queue<'a> {
    pub(super) queued: Queued,
    pub(super) frame: Frame<'a>,
    pub(super) link: &'a Link,
    pub(super) input: &'a Payload,
}

impl<'a> Pending<'a> {
    pub(super) fn new(running: Running<'a>, meter: Meter<'a>) -> Self {
        let flight = meter.in_flight();
        Self { running: Some(running), meter, held: Let::default(), _flight: flight }
    }

    pub(crate) fn deadline(&self) -> Instant {
        match &self.running {
            Some(Running::Queued(call)) => self.meter.deadline().min(call.queued.until),
            _ => self.meter.deadline(),
        }
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
            Some(Running::Queued(_)) => return self.poll_queued(cx, clock),
            // Polled after it ended: nothing in this crate does so.
            None => return Poll::Pending,
        };
        self.running = None;
        let outcome = self.meter.judge(answer, ended);
        self.let_go(&outcome);
        Poll::Ready(outcome)
    }

    /// Gives back what the call was let in with.
    #[inline]
    fn let_go(&mut self, outcome: &Outcome) {
        if self.held.pass.is_some() | self.held.permit.is_some() {
            let Let { pass, permit } = std::mem::take(&mut self.held);
            drop(permit);
            settle_pass(pass, outcome);
        }
    }

    /// Begins the call when its turn has come.
    #[inline(never)]
    fn poll_queued(&mut self, cx: &mut Context<'_>, clock: &mut Instant) -> Poll<Outcome> {
        let Some(Running::Queued(call)) = &mut self.running else { return Poll::Pending };
        let Poll::Ready(permit) = call.queued.poll(cx) else { return Poll::Pending };
        let Some(Running::Queued(call)) = self.running.take() else { return Poll::Pending };
        let Queue { frame, link, input, queued } = *call;
        drop(queued);
        let entry = link.entry();
        *clock = Instant::now();
        if *clock >= self.meter.deadline() {
            return Poll::Ready(self.meter.not_begun(Cause::TimedOut, *clock));
        }
        let own = match entry.gates.as_ref().map(|gates| gates.admit(permit, *clock)) {
            Some(Gate::Open(own)) => own,
            Some(Gate::Closed(cause)) => return Poll::Ready(self.meter.not_begun(cause, *clock)),
            Some(Gate::Busy(_)) | None => {
                return Poll::Ready(self.meter.not_begun(Cause::Gone, *clock));
            }
        };
        let meter = self.meter.again(*clock);
        match let_through(&frame, link, input, meter, cx, clock, own) {
            Begun::Ended(outcome) => Poll::Ready(outcome),
            Begun::Pending(mut call) => {
                // From here on it is that call; this one's own count of being in flight stays.
                self.running = call.running.take();
                self.held = std::mem::take(&mut call.held);
                std::mem::swap(&mut self.meter, &mut call.meter);
                match self.running {
                    // Nobody has asked it yet, so it would wake nobody.
                    Some(Running::Elsewhere(_)) => self.poll(cx, clock),
                    _ => Poll::Pending,
                }
            }
        }
    }

    /// Ends the call without an answer.
    pub(crate) fn give_up(mut self, cause: Cause, now: Instant) -> Outcome {
        // The plugin's future goes first: what it does while it is dropped belongs to the call.
        let running = self.running.take();
        if let Some(Running::Queued(call)) = running {
            return self.not_its_turn(&call, cause, now);
        }
        drop(running);
        let outcome = self.meter.fail(cause, now);
        self.let_go(&outcome);
        outcome
    }

    /// The end of a call whose turn did not come: time for waiting is up before its deadline is
    /// (BULKHEAD-2), or something else ended it.
    #[cold]
    fn not_its_turn(&self, call: &Queue<'_>, cause: Cause, now: Instant) -> Outcome {
        let waited = matches!(cause, Cause::TimedOut) && now < self.meter.deadline();
        let cause = match &call.link.entry().gates {
            Some(gates) if waited => gates.waited(),
            _ => cause,
        };
        self.meter.not_begun(cause, now)
    }
}

impl Drop for Pending<'_> {
    /// A dispatch that is dropped leaves every call of it with an outcome.
    fn drop(&mut self) {
        let Some(running) = self.running.take() else { return };
        let queued = matches!(running, Running::Queued(_));
        drop(running);
        let now = Instant::now();
        let _ = match queued {
            true => self.meter.not_begun(Cause::Cancelled, now),
            false => self.meter.fail(Cause::Cancelled, now),
        };
    }
}

/// Counts a call as in flight while it exists.
pub(crate) struct InFlight<'a>(pub(crate) &'a Entry);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.stats.in_flight.fetch_sub(1, std::sync::atomic::Ordering::AcqRel);
    }
}
