//! Shadows: plugins that run in a chain to be watched, and change nothing.
//!
//! - SHADOW-1 a plugin that the application names as a shadow is called in its place, on the value as
//!   it is there, within its limits; its answer is validated and counted as any other.
//! - SHADOW-2 nothing of it is applied. What it would have done is in `Chained::shadowed`.
//! - SHADOW-3 its failure ends nothing, also under `fail_fast`. One that waits does not hold the links
//!   after it up: it is awaited when they have ended, and no longer than the deadline.
//! - SHADOW-4 only a plugin whose hooks are all of class `chain` can be one: else it is refused.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::task::Poll;

use hookspec_plugin::{Payload, Reply};
use tokio::time::Instant;

use super::chain::equal;
use super::fanout::drive;
use super::invoke::{Begun, Frame, begin};
use super::pending::Pending;
use super::verdict::Outcome;
use crate::outcome::{Cause, Shadowed, Would};
use crate::registry::{HookPlan, Link};

/// The value that each shadow of a chain was called with. Empty where there is none.
pub(super) struct Kept(Vec<OnceLock<Payload>>);

impl Kept {
    pub(super) fn new(plan: &HookPlan) -> Self {
        let places = if plan.shadowed { plan.links.len() } else { 0 };
        Self((0..places).map(|_| OnceLock::new()).collect())
    }
}

/// The shadows of one chain.
#[derive(Default)]
pub(super) struct Shadows<'a> {
    waiting: Vec<(usize, Pending<'a>)>,
    told: Vec<(usize, Shadowed)>,
}

impl<'a> Shadows<'a> {
    /// Calls a shadow, and does not wait for it.
    pub(super) async fn begin(
        &mut self,
        frame: &Frame<'a>,
        (place, link): (usize, &'a Link),
        value: &Payload,
        kept: &'a Kept,
        clock: &mut Instant,
    ) {
        let Some(slot) = kept.0.get(place) else { return };
        let value = slot.get_or_init(|| value.clone());
        let begun = std::future::poll_fn(|cx| Poll::Ready(begin(frame, link, value, cx, clock)));
        match begun.await {
            Begun::Ended(outcome) => self.tell(place, link, value, outcome),
            Begun::Pending(call) if frame.sync => {
                let outcome = call.give_up(Cause::Cancelled, *clock);
                self.tell(place, link, value, outcome);
            }
            Begun::Pending(call) => self.waiting.push((place, call)),
        }
    }

    /// Awaits those that have not ended; answers what all of them would have done, in order.
    pub(super) async fn end(mut self, frame: &Frame<'a>, kept: &'a Kept) -> Vec<Shadowed> {
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            let report = |place: usize, outcome| {
                if let Some(value) = kept.0.get(place).and_then(OnceLock::get) {
                    self.tell(place, &frame.plan.links[place], value, outcome);
                }
                ControlFlow::Continue(())
            };
            drive(frame, waiting, report, &mut Vec::new()).await;
        }
        self.told.sort_by_key(|(place, _)| *place);
        self.told.into_iter().map(|(_, shadowed)| shadowed).collect()
    }

    fn tell(&mut self, place: usize, link: &Link, value: &Payload, outcome: Outcome) {
        let would = match outcome.map(super::verdict::Answered::into_reply) {
            Ok(Reply::Unchanged) => Would::Leave,
            Ok(Reply::Stop) => Would::Stop,
            Ok(Reply::Value(next)) if equal(&next, value) => Would::Leave,
            Ok(Reply::Value(next)) => Would::Change(next),
            Err(failure) => Would::Fail(*failure),
        };
        self.told.push((place, Shadowed { plugin: link.entry().name.clone(), would }));
    }
}
