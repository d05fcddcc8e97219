//! Calls that something stands before: a circle, a circuit breaker, a bulkhead. Most have nothing
//! there, and never come here.
//!
//! - CYCLE-1 a call that would lead to itself is not begun. The laws of the other two stand in
//!   `gate/breaker.rs` and `gate/bulkhead.rs`.

use std::task::{Context, Poll};

use hookspec_plugin::{Fault, Isolation, Payload};
use tokio::time::Instant;

use super::invoke::{Begun, Frame, begin_inline, hand_over};
use super::pending::{Pending, Queue, Running};
use super::verdict::{Meter, Outcome};
use crate::gate::{Gate, Let, Pass};
use crate::outcome::Cause;
use crate::registry::Link;

/// A call that something stands before: a circle, a circuit breaker, a bulkhead.
#[inline(never)]
pub(super) fn through_gates<'a>(
    frame: &Frame<'a>,
    link: &'a Link,
    input: &'a Payload,
    meter: Meter<'a>,
    cx: &mut Context<'_>,
    clock: &mut Instant,
) -> Begun<'a> {
    let entry = link.entry();
    if frame.nested
        && let Some(way) = frame.caller.cycle(&entry.name, &frame.plan.hook.name)
    {
        return Begun::Ended(meter.not_begun(circle(&way), *clock));
    }
    let gate = match &entry.gates {
        Some(gates) => gates.enter(*clock, !frame.sync),
        None => Gate::Open(Let::default()),
    };
    match gate {
        Gate::Closed(cause) => Begun::Ended(meter.not_begun(cause, *clock)),
        Gate::Open(own) => let_through(frame, link, input, meter, cx, clock, own),
        Gate::Busy(queued) => {
            let mut call = Queue { queued, frame: *frame, link, input };
            // It has to be polled to have its place.
            match call.queued.poll(cx) {
                Poll::Pending => Begun::Pending(Pending::new(Running::Queued(call.into()), meter)),
                Poll::Ready(permit) => {
                    match link.entry().gates.as_ref().map(|gates| gates.admit(permit, *clock)) {
                        Some(Gate::Open(own)) => {
                            let_through(frame, link, input, meter, cx, clock, own)
                        }
                        Some(Gate::Closed(cause)) => Begun::Ended(meter.not_begun(cause, *clock)),
                        Some(Gate::Busy(_)) | None => {
                            Begun::Ended(meter.not_begun(Cause::Gone, *clock))
                        }
                    }
                }
            }
        }
    }
}

/// A call that was let through: begun as any other, with what it holds until it has ended.
pub(super) fn let_through<'a>(
    frame: &Frame<'a>,
    link: &'a Link,
    input: &'a Payload,
    meter: Meter<'a>,
    cx: &mut Context<'_>,
    clock: &mut Instant,
    held: Let,
) -> Begun<'a> {
    let (entry, Let { pass, mut permit }) = (link.entry(), held);
    let begun = if entry.executor == Isolation::Inline {
        begin_inline(frame, link, input, meter, cx, clock)
    } else {
        hand_over(frame, link, input, meter, *clock, permit.take())
    };
    match begun {
        Begun::Ended(outcome) => {
            drop(permit);
            settle_pass(pass, &outcome);
            Begun::Ended(outcome)
        }
        Begun::Pending(mut call) => {
            call.held = Let { pass, permit };
            Begun::Pending(call)
        }
    }
}

/// Tells a circuit breaker what became of a call.
pub(super) fn settle_pass(pass: Option<Pass>, outcome: &Outcome) {
    let Some(pass) = pass else { return };
    pass.settle(match outcome {
        Ok(_) => Some(true),
        Err(failure) => failure.cause.class().blames_plugin().then_some(false),
    });
}

/// A plugin that its own call leads to is not called again (CYCLE-1).
#[cold]
fn circle(way: &[String]) -> Cause {
    let message = format!(
        "the call leads to itself: {}; one of them must not call the next",
        way.join(" -> ")
    );
    Cause::Faulted(Fault::new("call_cycle", message))
}
