//! Asks plugins how they are, now and then, and draws the conclusions.
//!
//! - HEALTH-1: every plugin that is called, and every one that is `unavailable` for its health, is
//!   asked every [`Limits::health_interval`](crate::Limits::health_interval), and has
//!   [`Limits::health_timeout`](crate::Limits::health_timeout) to answer; nobody waits for another.
//! - HEALTH-2: what is not `Ok`, a panic and silence among it, makes it `degraded`, with the reason.
//! - HEALTH-3: `Failed` so many times in a row makes it `unavailable`: it is called no more.
//! - HEALTH-4: `Ok` makes it `ready` again; what depends on it was not touched, and what waited for
//!   it is set up (STATE-6).

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::{Either, join_all, select};
use hookspec_plugin::Health;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tracing::Instrument;

use super::entry::Entry;
use super::shared::{Phase, Shared};
use crate::foreign;
use crate::state::State;

/// What a plugin's health came to.
#[derive(Default)]
pub(crate) struct Illness {
    /// It was not `Ok` when it was asked last.
    ill: bool,
    /// How often in a row it was `Failed`.
    failed: u32,
    /// It is `unavailable` for that.
    out: bool,
}

impl Illness {
    pub(crate) fn is_ill(&self) -> bool {
        self.ill
    }
}

/// Asks until the registry stops, or is gone.
pub(crate) fn keep_asking(shared: &Arc<Shared>, runtime: &Handle) {
    let Some(interval) = shared.settings.limits.health_interval else { return };
    let (registry, stopping) = (Arc::downgrade(shared), shared.stopping.clone());
    runtime.spawn(async move {
        let mut stopped = stopping.cancelled();
        // An interval of nothing would ask without end.
        let interval = interval.max(Duration::from_millis(1));
        loop {
            match select(Box::pin(sleep(interval)), stopped).await {
                Either::Left(((), still)) => stopped = still,
                Either::Right(_) => return,
            }
            let Some(shared) = registry.upgrade() else { return };
            // Not awaited: the next round does not depend on the answers of this one.
            shared.ask(false);
        }
    });
}

impl Shared {
    /// Asks every plugin once, and draws the conclusions.
    pub(crate) async fn ask_health(self: &Arc<Self>) {
        join_all(self.ask(true)).await;
    }

    /// Asks every plugin, each on a task of its own: whatever one does, it holds no other up. Who
    /// has not answered yet is asked once more only where somebody wants to know it now.
    fn ask(self: &Arc<Self>, now: bool) -> Vec<JoinHandle<()>> {
        let Some(runtime) = self.runtime().cloned() else { return Vec::new() };
        let entries: Vec<Arc<Entry>> = self.snapshot().plugins.values().cloned().collect();
        let entries = entries.into_iter().filter(|entry| entry.is_set_up());
        let questions = entries.filter_map(|entry| {
            let asked = Asked::begin(&entry);
            (now || asked.alone).then(|| {
                let (shared, own) = (Arc::clone(self), runtime.clone());
                let question = async move {
                    let question = pin!(shared.question(&own, &asked.entry));
                    // What stops is not asked: it is torn down.
                    select(question, shared.stopping.cancelled()).await;
                };
                runtime.spawn(question.in_current_span())
            })
        });
        questions.collect()
    }

    async fn question(&self, runtime: &Handle, entry: &Arc<Entry>) {
        let limit = self.settings.limits.health_timeout;
        let method: foreign::Method<Health> =
            Box::new(|entry| Box::pin(async { Ok(entry.plugin().health().await) }));
        let health = foreign::run(entry, runtime, limit, "health", method).await;
        let health = health.unwrap_or_else(|trouble| Health::Failed(trouble.reason));
        self.diagnose(entry, health).await;
    }

    async fn diagnose(&self, entry: &Arc<Entry>, health: Health) {
        let was_out = entry.ill().out;
        match health {
            Health::Ok if was_out => self.change_place(entry, State::Ready, "healthy again").await,
            Health::Ok => entry.healthy(),
            Health::Degraded(reason) if was_out => {
                self.change_place(entry, State::Degraded, &format!("health: {reason}")).await;
            }
            Health::Degraded(reason) => {
                entry.unwell(&reason, false);
            }
            Health::Failed(reason) => {
                let failed = entry.unwell(&reason, true);
                if !was_out && failed >= self.settings.limits.unhealthy_after {
                    let reason = format!("its health failed {failed} times in a row: {reason}");
                    self.change_place(entry, State::Unavailable, &reason).await;
                }
            }
        }
    }

    /// Takes a plugin out of what is called, or back into it.
    async fn change_place(&self, entry: &Arc<Entry>, to: State, reason: &str) {
        // Between other changes: it may be stopped, or be another instance by now.
        let mut phase = self.changes.lock().await;
        let current = self.snapshot().plugins.get(&entry.name).cloned();
        let current = current.is_some_and(|current| Arc::ptr_eq(&current, entry));
        let Phase::Running(started) = &mut *phase else { return };
        if !current || !entry.is_set_up() {
            return;
        }
        {
            let mut illness = entry.ill();
            illness.out = to == State::Unavailable;
            illness.ill = to != State::Ready;
            if to != State::Unavailable {
                illness.failed = 0;
            }
        }
        // The level of an event is part of the program text.
        match to {
            State::Ready => tracing::info!(plugin = %entry.name, reason, "plugin is {to}"),
            _ => tracing::warn!(plugin = %entry.name, reason, "plugin is {to}"),
        }
        entry.status.set(to, reason);
        self.publish(std::slice::from_ref(entry));
        if let (true, Some(runtime)) = (to.is_callable(), self.runtime().cloned()) {
            self.revive(&runtime, started).await;
        }
    }
}

/// One question that has no conclusion yet.
struct Asked {
    entry: Arc<Entry>,
    /// There was no other when it began.
    alone: bool,
}

impl Asked {
    fn begin(entry: &Arc<Entry>) -> Self {
        let before = entry.questions.fetch_add(1, Ordering::AcqRel);
        Self { entry: Arc::clone(entry), alone: before == 0 }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.entry.questions.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Entry {
    /// Whether it is called, or is out for its health alone. It needs what it depends on; it is asked
    /// how it is, and the answer counts (HEALTH-1).
    pub(super) fn is_set_up(&self) -> bool {
        let state = self.status.state();
        state.is_callable() || (state == State::Unavailable && self.ill().out)
    }

    /// It says that it is well: what its calls came to decides alone.
    fn healthy(&self) {
        let was_ill = std::mem::take(&mut *self.ill()).ill;
        if was_ill && self.stats.consecutive() < self.degraded_after() {
            self.status.change(State::Degraded, State::Ready, "healthy again");
        }
    }

    /// It says that it is not well; answers how often in a row it has failed.
    fn unwell(&self, reason: &str, failed: bool) -> u32 {
        let in_a_row = {
            let mut illness = self.ill();
            illness.ill = true;
            illness.failed = if failed { illness.failed.saturating_add(1) } else { 0 };
            illness.failed
        };
        let reason = format!("health: {reason}");
        let changed = self.status.change(State::Ready, State::Degraded, reason.as_str());
        if changed {
            tracing::warn!(plugin = %self.name, reason, "plugin is degraded");
        }
        in_a_row
    }
}
