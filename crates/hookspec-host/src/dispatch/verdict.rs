//! What one call comes to: its answer is checked, counted, recorded in its span, and named.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hookspec_plugin::{BEFORE, Isolation, Payload, Reply, Violations};
use hookspec_spec::DispatchClass;
use tokio::time::Instant;
use tracing::field::{Empty, debug};
use tracing::span::{Entered, Span};

use super::invoke::{Answer, Frame};
use super::pending::InFlight;
use super::writable;
use crate::outcome::{Cause, Failure};
use crate::registry::{Entry, HookPlan};
use hookspec_plugin::size;

/// How one call ended.
pub(crate) type Outcome = Result<Answered, Box<Failure>>;

/// An answer that the hook allows. Two words, like the whole outcome: it is handed up and moved
/// several times for each call.
pub(crate) enum Answered {
    InTime(Reply),
    /// It came after the deadline of a dispatch that could not be interrupted.
    Late(Box<Reply>),
}

impl Answered {
    #[inline]
    fn new(reply: Reply, late: bool) -> Self {
        if late { Self::Late(Box::new(reply)) } else { Self::InTime(reply) }
    }

    #[inline]
    pub(crate) fn is_late(&self) -> bool {
        matches!(self, Self::Late(_))
    }

    #[inline]
    pub(crate) fn into_reply(self) -> Reply {
        match self {
            Self::InTime(reply) => reply,
            Self::Late(reply) => *reply,
        }
    }
}

/// Watches one call from its start to its verdict.
pub(crate) struct Meter<'a> {
    entry: &'a Arc<Entry>,
    plan: &'a HookPlan,
    input: &'a Payload,
    started: Instant,
    deadline: Instant,
    sync: bool,
    /// It was pending at least once, so its duration is not that of a poll.
    waited: bool,
    span: Span,
}

impl<'a> Meter<'a> {
    #[inline(always)]
    pub(crate) fn new(
        entry: &'a Arc<Entry>,
        frame: &Frame<'a>,
        input: &'a Payload,
        started: Instant,
        deadline: Instant,
    ) -> Self {
        let (plan, sync) = (frame.plan, frame.sync);
        let span = tracing::info_span!(
            target: "hookspec::call",
            "plugin_call",
            plugin = entry.name.as_str(),
            kind = plan.kind.name.as_str(),
            hook = plan.hook.name.as_str(),
            outcome = Empty,
            elapsed = Empty,
        );
        Self { entry, plan, input, started, deadline, sync, waited: false, span }
    }

    pub(crate) fn entry(&self) -> &'a Entry {
        self.entry
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Enters the span for one poll; costs nothing where nobody listens.
    #[inline]
    pub(crate) fn enter(&self) -> Option<Entered<'_>> {
        if self.span.is_disabled() { None } else { Some(self.span.enter()) }
    }

    pub(crate) fn in_flight(&self) -> InFlight<'a> {
        self.entry.stats.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(self.entry)
    }

    /// The call is pending: its polls are timed one by one from here on.
    pub(crate) fn waits(&mut self, polled: Duration) {
        self.waited = true;
        self.entry.held_thread_for(polled);
    }

    /// The same call, from here on: it waited for its turn, and that was not the plugin's doing.
    pub(crate) fn again(&self, now: Instant) -> Self {
        Self { started: now, waited: false, span: self.span.clone(), ..*self }
    }

    /// Reads the clock after a poll; records one that held its thread too long (ISO-1).
    pub(crate) fn polled(&self, clock: &mut Instant) {
        let now = Instant::now();
        self.entry.held_thread_for(now.saturating_duration_since(*clock));
        *clock = now;
    }

    /// The verdict on what the plugin answered.
    // Always: handing a verdict through memory costs as much as reaching it.
    #[inline(always)]
    pub(crate) fn judge(&self, answer: Answer, now: Instant) -> Outcome {
        let late = now > self.deadline;
        if late && !self.sync {
            return self.too_late(answer, now);
        }
        match answer {
            Err(cause) => self.record_failure(*cause, now, late, true),
            Ok(reply) => match self.check(reply) {
                Ok(reply) => {
                    self.record_success(now);
                    Ok(Answered::new(reply, late))
                }
                Err(violations) => {
                    self.record_failure(Cause::InvalidOutput(violations), now, late, true)
                }
            },
        }
    }

    #[cold]
    fn too_late(&self, answer: Answer, now: Instant) -> Outcome {
        if let Ok(Reply::Value(payload)) = answer {
            size::dismantle(payload);
        }
        self.record_failure(Cause::TimedOut, now, true, true)
    }

    /// The verdict on a call that has no answer.
    pub(crate) fn fail(&self, cause: Cause, now: Instant) -> Outcome {
        self.record_failure(cause, now, false, true)
    }

    /// The verdict on a call that never reached its plugin, which is not to blame for it.
    pub(crate) fn not_begun(&self, cause: Cause, now: Instant) -> Outcome {
        self.record_failure(cause, now, false, false)
    }

    /// What a hook may answer: CHAIN-4, COLLECT-4, SINGLETON-6, CAPABILITY-6, SIZE-2.
    #[inline(always)]
    fn check(&self, reply: Reply) -> Result<Reply, Violations> {
        let hook = &self.plan.hook;
        let payload = match reply {
            // What a notification answers is dropped unread; but see `dismantle`.
            Reply::Value(payload) if hook.dispatch == DispatchClass::BroadcastNotify => {
                if size::check(&payload, self.entry.output_bytes).is_err() {
                    size::dismantle(payload);
                }
                return Ok(Reply::Unchanged);
            }
            _ if hook.dispatch == DispatchClass::BroadcastNotify => return Ok(Reply::Unchanged),
            Reply::Value(payload) => payload,
            Reply::Stop if hook.name == BEFORE => return Err(stopped()),
            Reply::Unchanged | Reply::Stop if hook.dispatch == DispatchClass::Chain => {
                return Ok(reply);
            }
            Reply::Unchanged => return Err(flow("Unchanged", hook.dispatch)),
            Reply::Stop => return Err(flow("Stop", hook.dispatch)),
        };
        let limit = self.entry.output_bytes;
        let checked = self.plan.rules.output.check(&payload, limit);
        let checked = checked.and_then(|()| match &hook.writable {
            Some(writable) => writable::check(writable, self.input, &payload),
            None => Ok(()),
        });
        // Where a value crosses into another runtime this shows by itself; before, while developing.
        #[cfg(debug_assertions)]
        let checked = checked.and_then(|()| match hook.dispatch {
            DispatchClass::Chain => payload.survives_json(),
            _ => Ok(()),
        });
        match checked {
            Ok(()) => Ok(Reply::Value(payload)),
            Err(violations) => {
                size::dismantle(payload);
                Err(violations)
            }
        }
    }

    #[inline]
    fn record_success(&self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.started);
        if self.entry.stats.succeeded(elapsed) {
            self.entry.recovered();
        }
        self.close("ok", elapsed);
    }

    #[cold]
    fn record_failure(&self, cause: Cause, now: Instant, late: bool, begun: bool) -> Outcome {
        let failure = Failure {
            plugin: self.entry.name.clone(),
            hook: self.plan.hook.name.clone(),
            cause,
            elapsed: now.saturating_duration_since(self.started),
            late,
        };
        self.close(failure.cause.name(), failure.elapsed);
        self.entry.services.bus.hub.tell_failure(&failure, &self.plan.kind.name);
        if let Some(in_a_row) = self.entry.stats.failed(&failure, begun) {
            self.entry.failing(in_a_row, &failure);
        }
        Err(Box::new(failure))
    }

    #[inline]
    fn close(&self, outcome: &'static str, elapsed: Duration) {
        if !self.waited && self.entry.executor == Isolation::Inline {
            self.entry.held_thread_for(elapsed);
        }
        if !self.span.is_disabled() {
            self.span.record("outcome", outcome);
            self.span.record("elapsed", debug(elapsed));
        }
    }
}

fn stopped() -> Violations {
    Violations::whole("answered `Stop`; a middleware answers an input or refuses with a fault")
}

fn flow(what: &str, class: DispatchClass) -> Violations {
    Violations::whole(format!(
        "answered `{what}`, which only a chain knows; a {class} hook answers a value"
    ))
}
