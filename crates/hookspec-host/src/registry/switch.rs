//! Turning a plugin off and on again while the registry runs.
//!
//! - STATE-5: a `disabled` plugin is not opened, not set up, not called, and competes for no place.
//! - STATE-6: what waits for a plugin is set up as soon as that is ready.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hookspec_plugin::PluginName;
use tokio::runtime::Handle;

use super::configured;
use super::entry::Entry;
use super::lifecycle::TURNED_OFF;
use super::shared::{Phase, Shared};
use crate::error::{ReloadError, RemoveError};
use crate::order;
use crate::state::State;

impl Shared {
    /// Tears a plugin down and keeps it in the registry.
    pub(crate) async fn disable(&self, name: &str) -> Result<(), RemoveError> {
        let mut phase = self.changes.lock().await;
        let entry = self.free(name)?;
        self.set_disabled(&entry.name, true);
        let ran = match &mut *phase {
            Phase::Running(started) => {
                let place = started.iter().position(|own| *own == entry.name);
                place.map(|place| started.remove(place)).is_some()
            }
            Phase::Built | Phase::Stopped => false,
        };
        if ran {
            self.retire(&entry, "it is disabled").await;
        }
        // One that left something behind is not just turned off, and cannot be turned on again.
        if !matches!(entry.status.state(), State::Leaked | State::RequiresRestart) {
            entry.status.set(State::Disabled, TURNED_OFF);
        }
        // Whom it kept from being called may be called now.
        self.publish(std::slice::from_ref(&entry));
        tracing::info!(plugin = %entry.name, "plugin is disabled");
        Ok(())
    }

    /// Lets a disabled plugin be set up: now, or, in a registry that does not run, with the others.
    pub(crate) async fn enable(self: &Arc<Self>, name: &str) -> Result<(), ReloadError> {
        let mut phase = self.changes.lock().await;
        let Some(entry) = self.snapshot().plugins.get(name).cloned() else {
            return Err(ReloadError::UnknownPlugin { plugin: name.into() });
        };
        if !self.is_disabled(&entry.name) {
            return Ok(());
        }
        let state = entry.status.state();
        if matches!(state, State::Leaked | State::RequiresRestart) {
            return Err(ReloadError::NeedsRestart { plugin: entry.name.clone(), state });
        }
        self.set_disabled(&entry.name, false);
        let enabled = match &mut *phase {
            Phase::Built => {
                entry.status.set(State::Registered, "");
                Ok(())
            }
            Phase::Running(_) if entry.begun.load(Ordering::Acquire) || entry.refused.is_some() => {
                self.renew(&mut phase, &entry, &|_| {}).await
            }
            Phase::Running(started) => match self.runtime().cloned() {
                Some(runtime) => self.admit_late(&runtime, started, &entry).await,
                None => Ok(()),
            },
            Phase::Stopped => Err(ReloadError::NotRunning { plugin: entry.name.clone() }),
        };
        if enabled.is_err() {
            self.set_disabled(&entry.name, true);
            entry.status.set(State::Disabled, TURNED_OFF);
        }
        enabled
    }

    /// Sets up one that never was.
    async fn admit_late(
        &self,
        runtime: &Handle,
        started: &mut Vec<PluginName>,
        entry: &Arc<Entry>,
    ) -> Result<(), ReloadError> {
        self.undisputed(entry)?;
        // While it was disabled, a wrong configuration was none.
        let config = configured::required(self, &entry.manifest).map_err(|error| {
            ReloadError::Refused { plugin: entry.name.clone(), error: Box::new(error) }
        })?;
        entry.reconfigured(config);
        let ready = self.set_up(runtime, &[entry]).await;
        if ready.is_empty() {
            let (plugin, reason) = (entry.name.clone(), entry.status.get().reason);
            return Err(ReloadError::NotReady { plugin, reason });
        }
        started.extend(ready);
        self.revive(runtime, started).await;
        Ok(())
    }

    /// Sets up what waited for another plugin and now has it, and what waited for that.
    pub(super) async fn revive(&self, runtime: &Handle, started: &mut Vec<PluginName>) {
        let plugins = self.snapshot().plugins.clone();
        // A cycle would have failed the start or the change before this.
        let Ok(plan) = order::plan(plugins.values().map(|entry| &entry.manifest)) else { return };
        for name in &plan.order {
            let entry = &plugins[name];
            let ready = |need: &PluginName| {
                plugins.get(need).is_some_and(|other| other.status.state().is_callable())
            };
            let waits = entry.blocked.load(Ordering::Acquire)
                && entry.status.state() == State::Unavailable
                && !entry.begun.load(Ordering::Acquire);
            if waits && entry.manifest.depends_on.iter().all(ready) {
                started.extend(self.set_up(runtime, &[entry]).await);
            }
        }
    }
}
