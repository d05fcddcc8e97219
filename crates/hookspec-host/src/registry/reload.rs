//! Reload: a new instance beside the old one, swapped in when it is ready.
//!
//! - RELOAD-1 open, check, set up, swap, drain, tear down. RELOAD-2 a dispatch sees one of the two,
//!   and RELOAD-3 none that was torn down. RELOAD-4 what fails before the swap changes nothing.
//! - RELOAD-5 what only one can hold is handed over.

use std::sync::Arc;

use hookspec_plugin::{Plugin, PluginName};
use hookspec_spec::manifest;
use tokio::runtime::Handle;

use super::entry::Entry;
use super::linked;
use super::load::{Origin, open, pick};
use super::register::{ambiguity, readmit};
use super::shared::{Phase, Shared};
use crate::error::{RegistrationError, ReloadError};
use crate::foreign;
use crate::order;
use crate::panic::contain_text;
use crate::state::State;

/// How far a reload has come; each step follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadStep {
    /// There is a new instance.
    Opened,
    /// It may take the old one's place.
    Checked,
    /// The old one let go of what only one can hold.
    Quiesced,
    /// Its setup ended well.
    SetUp,
    /// Dispatches that begin now see it and not the old one.
    Swapped,
    /// The old one's calls have ended, or their time has.
    Drained,
    /// The old one was torn down.
    TornDown,
}

impl ReloadStep {
    /// The step in one or two words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Checked => "checked",
            Self::Quiesced => "quiesced",
            Self::SetUp => "set up",
            Self::Swapped => "swapped",
            Self::Drained => "drained",
            Self::TornDown => "torn down",
        }
    }
}

impl std::fmt::Display for ReloadStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Told of every step.
pub(crate) type Observer = dyn Fn(ReloadStep) + Send + Sync;

impl Shared {
    pub(crate) async fn reload(
        self: &Arc<Self>,
        name: &str,
        observer: &Observer,
    ) -> Result<(), ReloadError> {
        let mut phase = self.changes.lock().await;
        let Some(old) = self.snapshot().plugins.get(name).cloned() else {
            return Err(ReloadError::UnknownPlugin { plugin: name.into() });
        };
        if self.is_disabled(&old.name) {
            return Err(ReloadError::Disabled { plugin: old.name.clone() });
        }
        self.renew(&mut phase, &old, observer).await
    }

    /// Puts a new instance in the place of an old one.
    ///
    /// # Errors
    /// Why not; the old one is as it was.
    pub(super) async fn renew(
        &self,
        phase: &mut Phase,
        old: &Arc<Entry>,
        observer: &Observer,
    ) -> Result<(), ReloadError> {
        // The application's code: it must not leave the registry half changed.
        let tell = |step| drop(contain_text(|| observer(step)));
        let plugins = self.snapshot().plugins.clone();
        let plugin = || old.name.clone();
        let (Phase::Running(started), Some(runtime)) = (phase, self.runtime().cloned()) else {
            return Err(ReloadError::NotRunning { plugin: plugin() });
        };
        let instance = self.again(old).await?;
        tell(ReloadStep::Opened);
        let refused = |error| ReloadError::Refused { plugin: plugin(), error: Box::new(error) };
        let new = readmit(self, instance, old.origin.clone()).map_err(refused)?;
        // Until it takes the old one's place, that one's states are the plugin's.
        new.status.mute();
        let order = self.undisputed(&new)?;
        tell(ReloadStep::Checked);
        let ran = started.contains(&old.name);
        if ran {
            self.quiesce(&runtime, old).await?;
            tell(ReloadStep::Quiesced);
        }
        if let Err(lacks) = self.ready(&runtime, &new, &plugins).await {
            new.close_workers();
            new.services.take_back().await;
            if ran {
                self.resume(&runtime, old).await;
            }
            return Err(ReloadError::NotReady { plugin: plugin(), reason: lacks.reason });
        }
        new.status.set(State::Ready, "it was reloaded");
        tell(ReloadStep::SetUp);
        let before = new.status.succeed(&old.status);
        if ran {
            old.status.set(State::Stopping, "it is reloaded");
        } else {
            started.push(new.name.clone());
        }
        // It may need now what started after it, and stops before that.
        let place = |name: &PluginName| order.iter().position(|own| own == name);
        let needs = |name: &PluginName| new.manifest.depends_on.contains(name);
        if started.iter().skip_while(|name| **name != new.name).any(needs) {
            started.sort_by_key(place);
        }
        self.swap(old, &new);
        self.warn_of_circles_through(&new.name);
        new.status.speak(before);
        tell(ReloadStep::Swapped);
        tracing::info!(plugin = %new.name, "plugin is reloaded");
        if ran {
            self.drain(old).await;
            tell(ReloadStep::Drained);
            // Its state is seen nowhere any more; the log tells.
            let _ = self.tear_down(&runtime, old).await;
            tell(ReloadStep::TornDown);
        }
        self.revive(&runtime, started).await;
        Ok(())
    }

    /// Whether a plugin may have its place beside the others; answers the order they start in.
    pub(super) fn undisputed(&self, new: &Arc<Entry>) -> Result<Vec<PluginName>, ReloadError> {
        let plugins = self.snapshot().plugins.clone();
        let plugin = || new.name.clone();
        let others = plugins.values().filter(|other| other.name != new.name);
        let plan = order::plan(others.clone().map(|other| &other.manifest).chain([&new.manifest]))
            .map_err(|cycle| ReloadError::DependencyCycle { plugin: plugin(), cycle })?;
        let same_kind: Vec<&Arc<Entry>> =
            others.chain([new]).filter(|other| Arc::ptr_eq(&other.kind, &new.kind)).collect();
        match ambiguity(self, &new.kind, &same_kind) {
            None => Ok(plan.order),
            Some(ambiguity) => {
                let error = RegistrationError::AmbiguousPlugin { plugin: plugin(), ambiguity };
                Err(ReloadError::Refused { plugin: plugin(), error: Box::new(error) })
            }
        }
    }

    /// Asks the old instance to let go of what the new one cannot have beside it (RELOAD-5).
    async fn quiesce(&self, runtime: &Handle, old: &Arc<Entry>) -> Result<(), ReloadError> {
        let quiesce: foreign::Method<()> = Box::new(|entry| entry.plugin().quiesce());
        let asked = foreign::run(old, runtime, old.teardown_timeout(), "quiesce", quiesce).await;
        let Err(trouble) = asked else { return Ok(()) };
        self.resume(runtime, old).await;
        let reason = format!("the old instance was not ready for it: {}", trouble.reason);
        Err(ReloadError::NotReady { plugin: old.name.clone(), reason })
    }

    /// Lets the old instance take back what it let go of.
    async fn resume(&self, runtime: &Handle, old: &Arc<Entry>) {
        let resume: foreign::Method<()> = Box::new(|entry| entry.plugin().resume());
        let resumed = foreign::run(old, runtime, old.startup_timeout(), "resume", resume).await;
        if let Err(trouble) = resumed {
            tracing::warn!(plugin = %old.name, error = %trouble.reason, "plugin is degraded");
            old.status.change(State::Ready, State::Degraded, trouble.reason);
        }
    }

    /// Makes a further instance of a plugin.
    async fn again(&self, old: &Entry) -> Result<Arc<dyn Plugin>, ReloadError> {
        let refused =
            |error| ReloadError::Refused { plugin: old.name.clone(), error: Box::new(error) };
        match &old.origin {
            Origin::Value => Err(ReloadError::NotReloadable { plugin: old.name.clone() }),
            Origin::Linked { entry_point } => {
                linked::own(entry_point, &old.name, &old.manifest.kind).map_err(refused)
            }
            Origin::Manifest(given) => linked::one((**given).clone()).map_err(refused),
            Origin::File { path, main } => {
                let read = manifest::found(path).map_err(|diagnostics| {
                    refused(RegistrationError::ManifestMistakes {
                        plugin: old.name.clone(),
                        diagnostics,
                    })
                })?;
                if read.manifest.name != *main {
                    return Err(refused(renamed(&old.name, main, &read.manifest.name)));
                }
                let folder = path.parent().unwrap_or(path);
                let opened = open(self, &read.manifest, folder).await.map_err(refused)?;
                pick(opened, &old.name).ok_or_else(|| {
                    refused(RegistrationError::NotOpened {
                        plugin: old.name.clone(),
                        runtime: read.manifest.runtime,
                        reason: format!("`{}` was opened, and holds it no longer", path.display()),
                    })
                })
            }
        }
    }
}

fn renamed(plugin: &PluginName, before: &PluginName, now: &PluginName) -> RegistrationError {
    RegistrationError::ManifestInvalid {
        plugin: plugin.clone(),
        field: "name",
        reason: format!(
            "name: it was `{before}` and is now `{now}`; a reload keeps the name. Remove the \
             plugin and add the other, or write the old name"
        ),
    }
}
