//! Reload: a new instance beside the old one, swapped in when it is ready.

use std::sync::Arc;

use hookspec_plugin::{Plugin, PluginName};
use hookspec_spec::manifest;

use super::entry::Entry;
use super::linked;
use super::load::{Origin, open, pick};
use super::register::{ambiguity, readmit};
use super::shared::{Phase, Shared};
use crate::error::{RegistrationError, ReloadError};
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
    pub(crate) async fn reload(&self, name: &str, observer: &Observer) -> Result<(), ReloadError> {
        // The application's code: it must not leave the registry half changed.
        let tell = |step| drop(contain_text(|| observer(step)));
        let mut phase = self.changes.lock().await;
        let plugins = self.snapshot().plugins.clone();
        let Some(old) = plugins.get(name) else {
            return Err(ReloadError::UnknownPlugin { plugin: name.into() });
        };
        let plugin = || old.name.clone();
        let (Phase::Running(started), Some(runtime)) = (&mut *phase, self.runtime().cloned())
        else {
            return Err(ReloadError::NotRunning { plugin: plugin() });
        };
        let refused = |error| ReloadError::Refused { plugin: plugin(), error: Box::new(error) };
        let instance = self.again(old).await?;
        tell(ReloadStep::Opened);
        let new = readmit(self, instance, old.origin.clone()).map_err(refused)?;
        let others = plugins.values().filter(|other| other.name != new.name);
        let plan = order::plan(others.clone().map(|other| &other.manifest).chain([&new.manifest]))
            .map_err(|cycle| ReloadError::DependencyCycle { plugin: plugin(), cycle })?;
        let same_kind: Vec<&Arc<Entry>> =
            others.chain([&new]).filter(|other| Arc::ptr_eq(&other.kind, &new.kind)).collect();
        if let Some(ambiguity) = ambiguity(self, &new.kind, &same_kind) {
            return Err(refused(RegistrationError::AmbiguousPlugin {
                plugin: plugin(),
                ambiguity,
            }));
        }
        tell(ReloadStep::Checked);
        if let Err(reason) = self.ready(&runtime, &new, &plugins).await {
            new.close_workers();
            return Err(ReloadError::NotReady { plugin: plugin(), reason });
        }
        new.status.set(State::Ready, "");
        tell(ReloadStep::SetUp);
        let ran = started.contains(&old.name);
        if ran {
            old.status.set(State::Stopping, "it is reloaded");
        } else {
            started.push(new.name.clone());
        }
        // It may need now what started after it, and stops before that.
        let place = |name: &PluginName| plan.order.iter().position(|own| own == name);
        let needs = |name: &PluginName| new.manifest.depends_on.contains(name);
        if started.iter().skip_while(|name| **name != new.name).any(needs) {
            started.sort_by_key(place);
        }
        self.swap(old, &new);
        tell(ReloadStep::Swapped);
        tracing::info!(plugin = %new.name, "plugin is reloaded");
        if ran {
            self.drain(old).await;
            tell(ReloadStep::Drained);
            // Its state is seen nowhere any more; the log tells.
            let _ = self.tear_down(&runtime, old).await;
            tell(ReloadStep::TornDown);
        }
        Ok(())
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
