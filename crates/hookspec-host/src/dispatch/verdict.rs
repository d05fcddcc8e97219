//! What one call comes to: its answer is checked, counted, recorded in its span, and named.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hookspec_plugin::{Fault, Payload, Reply, Violations};
use hookspec_spec::DispatchClass;
use tokio::time::Instant;
use tracing::Span;
use tracing::field::{Empty, debug};

use super::invoke::{Frame, InFlight};
use super::writable;
use crate::outcome::{Cause, Failure};
use crate::registry::{Entry, HookPlan};
use crate::size;

/// How one call ended.
pub(crate) type Outcome = Result<Answered, Box<Failure>>;

/// An answer that the hook allows.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    /// It came after the deadline of a dispatch that could not be interrupted.
    pub(crate) late: bool,
}

/// Watches one call from its start to its verdict.
pub(crate) struct Meter<'a> {
    entry: &'a Arc<Entry>,
    plan: &'a HookPlan,
    input: &'a Payload,
    started: Instant,
    deadline: Instant,
    sync: bool,
    span: Span,
}

impl<'a> Meter<'a> {
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
        Self { entry, plan, input, started, deadline, sync, span }
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

    pub(crate) fn in_flight(&self) -> InFlight<'a> {
        self.entry.stats.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(self.entry)
    }

    /// Reads the clock after a poll; records one that held its thread too long (ISO-1).
    pub(crate) fn polled(&self, clock: &mut Instant) {
        let now = Instant::now();
        self.entry.held_thread_for(now.saturating_duration_since(*clock));
        *clock = now;
    }

    /// The verdict on what the plugin answered.
    pub(crate) fn judge(
        &self,
        answer: Result<Result<Reply, Fault>, Cause>,
        now: Instant,
    ) -> Outcome {
        let late = now > self.deadline;
        if late && !self.sync {
            if let Ok(Ok(Reply::Value(payload))) = answer {
                size::dismantle(payload);
            }
            return self.record_failure(Cause::TimedOut, now, true);
        }
        match answer {
            Err(cause) => self.record_failure(cause, now, late),
            Ok(Err(fault)) => self.record_failure(Cause::Faulted(fault), now, late),
            Ok(Ok(reply)) => match self.check(reply) {
                Ok(reply) => {
                    self.record_success(now);
                    Ok(Answered { reply, late })
                }
                Err(violations) => self.record_failure(Cause::InvalidOutput(violations), now, late),
            },
        }
    }

    /// The verdict on a call that has no answer.
    pub(crate) fn fail(&self, cause: Cause, now: Instant) -> Outcome {
        self.record_failure(cause, now, false)
    }

    /// What a hook may answer: CHAIN-4, COLLECT-4, SINGLETON-4, CAPABILITY-4, SIZE-2.
    fn check(&self, reply: Reply) -> Result<Reply, Violations> {
        let hook = &self.plan.hook;
        let payload = match reply {
            // What a notification answers is dropped unread.
            _ if hook.dispatch == DispatchClass::BroadcastNotify => return Ok(Reply::Unchanged),
            Reply::Value(payload) => payload,
            Reply::Unchanged | Reply::Stop if hook.dispatch == DispatchClass::Chain => {
                return Ok(reply);
            }
            Reply::Unchanged => return Err(flow("Unchanged", hook.dispatch)),
            Reply::Stop => return Err(flow("Stop", hook.dispatch)),
        };
        let limit = self.entry.output_bytes;
        let checked = size::check(&payload, limit).and_then(|()| {
            if hook.output.accepts_anything() {
                return Ok(());
            }
            let fresh = !payload.has_json();
            let json = payload.json().map_err(|fault| Violations::whole(fault.message()))?;
            if fresh {
                size::check(&payload, limit)?;
            }
            if hook.output.is_valid(json) { Ok(()) } else { hook.output.validate(json) }
        });
        let checked = checked.and_then(|()| match &hook.writable {
            Some(writable) => writable::check(writable, self.input, &payload),
            None => Ok(()),
        });
        match checked {
            Ok(()) => Ok(Reply::Value(payload)),
            Err(violations) => {
                size::dismantle(payload);
                Err(violations)
            }
        }
    }

    fn record_success(&self, now: Instant) {
        if self.entry.stats.succeeded(now.saturating_duration_since(self.started)) {
            self.entry.recovered();
        }
        self.close("ok", now);
    }

    fn record_failure(&self, cause: Cause, now: Instant, late: bool) -> Outcome {
        let failure = Failure {
            plugin: self.entry.name.clone(),
            hook: self.plan.hook.name.clone(),
            cause,
            elapsed: now.saturating_duration_since(self.started),
            late,
        };
        self.close(failure.cause.name(), now);
        let in_a_row = self.entry.stats.failed(&failure);
        self.entry.failing(in_a_row, &failure);
        Err(Box::new(failure))
    }

    fn close(&self, outcome: &'static str, now: Instant) {
        if !self.span.is_disabled() {
            self.span.record("outcome", outcome);
            self.span.record("elapsed", debug(now.saturating_duration_since(self.started)));
        }
    }
}

fn flow(what: &str, class: DispatchClass) -> Violations {
    Violations::whole(format!(
        "answered `{what}`, which only a chain knows; a {class} hook answers a value"
    ))
}
