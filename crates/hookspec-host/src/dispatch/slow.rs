//! Says who made a dispatch slow: one warning, and nothing at all where it was not.
//!
//! - SLOW-1 a dispatch that took longer than `Limits::slow_dispatch`, or in which a call ran into the
//!   deadline, is logged once, with the plugin that took longest, its time and its share.
//!
//! A call that waited is timed by its dispatch. What answered at once is not timed one by one, which
//! would cost every call: where nobody waited, it is whoever ever took longest.

use std::time::Duration;

use tokio::time::Instant;

use super::invoke::Frame;
use super::verdict::Outcome;
use crate::outcome::{Cause, Failure};
use crate::registry::Link;

/// Whether a call ran into the deadline of its dispatch. One that ran into its own limit before that
/// left the others time enough.
pub(super) fn is_cut_off(
    frame: &Frame<'_>,
    outcome: &Outcome,
    now: impl FnOnce() -> Instant,
) -> bool {
    outcome.as_ref().is_err_and(|failure| is_late(frame, failure, now))
}

fn is_late(frame: &Frame<'_>, failure: &Failure, now: impl FnOnce() -> Instant) -> bool {
    matches!(failure.cause, Cause::TimedOut) && now() >= frame.deadline
}

/// Who took longest so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Slowest<'a> {
    longest: Option<(&'a Link, Duration)>,
    timed_out: bool,
}

impl<'a> Slowest<'a> {
    /// A call that waited has ended.
    pub(super) fn note(&mut self, link: &'a Link, took: Duration, timed_out: bool) {
        // Whoever ran into the deadline first is to blame, not who was cut off after it.
        let longer = self.longest.is_none_or(|(_, longest)| took > longest);
        if longer && !(self.timed_out && timed_out) {
            self.longest = Some((link, took));
        }
        self.timed_out |= timed_out;
    }

    /// A call failed at once: it is timed only where it used up the time, and not where none was left.
    #[cold]
    pub(super) fn ended(
        &mut self,
        frame: &Frame<'_>,
        link: &'a Link,
        failure: &Failure,
        now: Instant,
    ) {
        if !failure.elapsed.is_zero() && is_late(frame, failure, || now) {
            self.note(link, failure.elapsed, true);
        }
    }

    /// The dispatch has ended, at about this time.
    #[inline]
    pub(super) fn report(self, frame: &Frame<'a>, now: Instant) {
        let total = now.saturating_duration_since(frame.started);
        if total > frame.plan.slow || (self.timed_out && now >= frame.deadline) {
            self.warn(frame, total);
        }
    }

    #[cold]
    fn warn(self, frame: &Frame<'a>, total: Duration) {
        if frame.plan.slow == Duration::MAX {
            return;
        }
        let ever = || {
            let links = frame.plan.links.iter().map(|link| (link, link.entry().stats.longest()));
            links.max_by_key(|(_, longest)| *longest)
        };
        let Some((link, took)) = self.longest.or_else(ever) else { return };
        let share = 100.0 * took.as_secs_f64() / total.as_secs_f64().max(f64::MIN_POSITIVE);
        tracing::warn!(
            kind = %frame.plan.kind.name,
            hook = %frame.plan.hook.name,
            plugin = %link.entry().name,
            ?took,
            share = %format_args!("{:.0}%", share.min(100.0)),
            ?total,
            "a dispatch was slow, and this plugin took longest"
        );
    }
}
