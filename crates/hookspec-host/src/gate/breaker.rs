//! [`Breaker`]: calls a plugin that keeps failing no more for a while (`circuit_breaker`).
//!
//! - BREAKER-1 closed: calls pass. `fail_threshold` failures in a row, for which the plugin is to
//!   blame, open it; a success starts the count anew.
//! - BREAKER-2 open: calls are `Rejected` at once, with the time until it is tried again.
//! - BREAKER-3 after `open_seconds` one call passes as a probe, the others are `Rejected`. Its success
//!   closes the circuit, its failure opens it again; one that ends without a verdict (cancelled,
//!   not begun) leaves its place to the next.
//! - BREAKER-4 what was begun before the circuit opened has no say in what happens after.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookspec_plugin::{CircuitBreaker, PluginName};
use serde::Serialize;
use tokio::time::Instant;

/// Where a circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CircuitState {
    /// Calls pass.
    Closed,
    /// Calls are rejected.
    Open,
    /// One call may pass, to try.
    HalfOpen,
}

/// A plugin's circuit breaker, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CircuitSnapshot {
    /// Where it is.
    pub state: CircuitState,
    /// Failures in a row while it was closed.
    pub failures: u32,
    /// How long it stays open.
    pub retry_in: Option<Duration>,
    /// How often it opened.
    pub opened: u64,
}

/// A plugin's circuit breaker.
pub(crate) struct Breaker(Arc<Inner>);

struct Inner {
    plugin: PluginName,
    threshold: u32,
    open: Duration,
    circuit: Mutex<Circuit>,
}

struct Circuit {
    phase: Phase,
    failures: u32,
    /// Changes whenever the phase does, so that what is older can be told.
    round: u64,
    opened: u64,
}

#[derive(Clone, Copy)]
enum Phase {
    Closed,
    Open {
        until: Instant,
    },
    /// With a probe under way, or waiting for one.
    HalfOpen {
        probing: bool,
    },
}

/// A call that was let through; it owes a verdict, and gives the place of a probe back without one.
pub(crate) struct Pass {
    breaker: Arc<Inner>,
    round: u64,
    settled: bool,
}

impl Breaker {
    pub(crate) fn new(plugin: &PluginName, asked: CircuitBreaker) -> Self {
        // Beyond what the clock can express, a year is as good.
        let open = Duration::from_secs(asked.open_seconds.min(365 * 24 * 60 * 60));
        let circuit = Circuit { phase: Phase::Closed, failures: 0, round: 0, opened: 0 };
        Self(Arc::new(Inner {
            plugin: plugin.clone(),
            threshold: asked.fail_threshold.max(1),
            open,
            circuit: Mutex::new(circuit),
        }))
    }

    /// Lets a call through.
    ///
    /// # Errors
    /// Why not, and when it is tried again.
    pub(crate) fn admit(&self, now: Instant) -> Result<Pass, String> {
        let mut circuit = self.0.lock();
        circuit.refuses(now).map_or(Ok(()), Err)?;
        match circuit.phase {
            Phase::Closed => {}
            Phase::Open { .. } | Phase::HalfOpen { .. } => {
                circuit.turn(Phase::HalfOpen { probing: true });
            }
        }
        Ok(Pass { breaker: Arc::clone(&self.0), round: circuit.round, settled: false })
    }

    /// As [`admit`](Self::admit), of a call that is not to be begun yet.
    ///
    /// # Errors
    /// As `admit`.
    pub(crate) fn look(&self, now: Instant) -> Result<(), String> {
        self.0.lock().refuses(now).map_or(Ok(()), Err)
    }

    pub(crate) fn snapshot(&self, now: Instant) -> CircuitSnapshot {
        let circuit = self.0.lock();
        let (state, retry_in) = match circuit.phase {
            Phase::Closed => (CircuitState::Closed, None),
            Phase::Open { until } if until > now => (CircuitState::Open, Some(until - now)),
            Phase::Open { .. } | Phase::HalfOpen { .. } => (CircuitState::HalfOpen, None),
        };
        CircuitSnapshot { state, failures: circuit.failures, retry_in, opened: circuit.opened }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Circuit> {
        // Nothing foreign runs under the lock.
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Circuit {
    fn refuses(&self, now: Instant) -> Option<String> {
        match self.phase {
            Phase::Open { until } if now < until => {
                let left = until - now;
                Some(format!("circuit_breaker: the circuit is open; it is tried again in {left:?}"))
            }
            Phase::HalfOpen { probing: true } => {
                Some("circuit_breaker: the circuit is half-open, and a probe is under way".into())
            }
            Phase::Closed | Phase::Open { .. } | Phase::HalfOpen { probing: false } => None,
        }
    }

    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        self.round += 1;
    }
}

impl Pass {
    /// How the call ended: well, badly, or (`None`) without a verdict on the plugin.
    pub(crate) fn settle(mut self, verdict: Option<bool>) {
        let Some(well) = verdict else { return };
        self.settled = true;
        let own = &self.breaker;
        let mut circuit = own.lock();
        if circuit.round != self.round {
            return;
        }
        match (circuit.phase, well) {
            (Phase::Closed, true) => circuit.failures = 0,
            (Phase::Closed, false) => {
                circuit.failures = circuit.failures.saturating_add(1);
                if circuit.failures >= own.threshold {
                    own.open(circuit);
                }
            }
            (_, true) => {
                circuit.failures = 0;
                circuit.turn(Phase::Closed);
                drop(circuit);
                tracing::info!(plugin = %own.plugin, "its circuit is closed again");
            }
            (_, false) => own.open(circuit),
        }
    }
}

impl Inner {
    fn open(&self, mut circuit: MutexGuard<'_, Circuit>) {
        circuit.opened += 1;
        circuit.turn(Phase::Open { until: Instant::now() + self.open });
        let (failures, open) = (circuit.failures, self.open);
        drop(circuit);
        tracing::warn!(plugin = %self.plugin, failures, ?open, "its circuit is open");
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let mut circuit = self.breaker.lock();
        if circuit.round == self.round && matches!(circuit.phase, Phase::HalfOpen { .. }) {
            circuit.turn(Phase::HalfOpen { probing: false });
        }
    }
}
