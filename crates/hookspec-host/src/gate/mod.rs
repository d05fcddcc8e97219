//! What stands between a dispatch and a plugin that asked for it: a bulkhead, a circuit breaker.
//!
//! A plugin without them has no [`Gates`] at all, and a call of it costs one look to find that out.

mod breaker;
mod bulkhead;

use hookspec_plugin::Manifest;
use tokio::time::Instant;

pub(crate) use self::breaker::{Breaker, Pass};
pub use self::breaker::{CircuitSnapshot, CircuitState};
pub(crate) use self::bulkhead::{Bulkhead, Permit, Queued};
use crate::outcome::Cause;
use crate::settings::Limits;

/// What stands before one plugin.
pub(crate) struct Gates {
    pub(crate) bulkhead: Option<Bulkhead>,
    pub(crate) breaker: Option<Breaker>,
}

/// What a call holds that was let through: for as long as it runs in the plugin.
#[derive(Default)]
pub(crate) struct Let {
    pub(crate) pass: Option<Pass>,
    pub(crate) permit: Option<Permit>,
}

/// What a call meets.
pub(crate) enum Gate {
    Open(Let),
    /// It has to wait for its turn.
    Busy(Queued),
    Closed(Cause),
}

impl Gates {
    pub(crate) fn new(manifest: &Manifest, limits: &Limits) -> Option<Box<Self>> {
        let bulkhead = manifest.max_concurrency.map(|bound| Bulkhead::new(bound, limits));
        let breaker = manifest.circuit_breaker.map(|own| Breaker::new(&manifest.name, own));
        let needed = bulkhead.is_some() || breaker.is_some();
        needed.then(|| Box::new(Self { bulkhead, breaker }))
    }

    /// Lets a call through, or into the queue. Who would be refused anyhow does not wait for that.
    pub(crate) fn enter(&self, now: Instant, may_wait: bool) -> Gate {
        let Some(bulkhead) = &self.bulkhead else { return self.admit(None, now) };
        if let Some(permit) = bulkhead.try_enter() {
            return self.admit(Some(permit), now);
        }
        if let Some(Err(reason)) = self.breaker.as_ref().map(|breaker| breaker.look(now)) {
            return Gate::Closed(Cause::Rejected { reason });
        }
        match bulkhead.queue(now, may_wait) {
            Ok(queued) => Gate::Busy(queued),
            Err(reason) => Gate::Closed(Cause::Rejected { reason }),
        }
    }

    /// Lets a call through that has its place in the bulkhead, if it needs one.
    pub(crate) fn admit(&self, permit: Option<Permit>, now: Instant) -> Gate {
        match self.breaker.as_ref().map(|breaker| breaker.admit(now)) {
            None => Gate::Open(Let { pass: None, permit }),
            Some(Ok(pass)) => Gate::Open(Let { pass: Some(pass), permit }),
            Some(Err(reason)) => Gate::Closed(Cause::Rejected { reason }),
        }
    }

    /// What is told to a call that has waited for its turn too long.
    pub(crate) fn waited(&self) -> Cause {
        let reason = self.bulkhead.as_ref().map(Bulkhead::waited).unwrap_or_default();
        Cause::Rejected { reason }
    }
}
