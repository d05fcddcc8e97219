//! Another configuration for a plugin that runs.
//!
//! - CONFIG-9: a configuration that its schema refuses changes nothing.
//! - CONFIG-10: the plugin is asked first (`on_config_change`); where it does not take it, a new
//!   instance does. Where neither works, everything is as it was.

use std::sync::Arc;

use hookspec_plugin::Reconfigured;
use serde_json::Value;

use super::configured::accept;
use super::shared::{Phase, Shared};
use crate::bus::News;
use crate::error::{RegistrationError, ReloadError};
use crate::foreign;

impl Shared {
    /// Changes a plugin's configuration; says how it came to hold.
    pub(crate) async fn reconfigure(
        self: &Arc<Self>,
        name: &str,
        config: Value,
    ) -> Result<Reconfigured, ReloadError> {
        let mut phase = self.changes.lock().await;
        let Some(entry) = self.snapshot().plugins.get(name).cloned() else {
            return Err(ReloadError::UnknownPlugin { plugin: name.into() });
        };
        if self.is_disabled(&entry.name) {
            return Err(ReloadError::Disabled { plugin: entry.name.clone() });
        }
        let (Phase::Running(started), Some(runtime)) = (&*phase, self.runtime().cloned()) else {
            return Err(ReloadError::NotRunning { plugin: entry.name.clone() });
        };
        let runs = started.contains(&entry.name);
        let accepted = accept(&self.settings, &entry.manifest, &config).map_err(|diagnostics| {
            let plugin = entry.name.clone();
            let error = RegistrationError::ConfigurationInvalid { plugin, diagnostics };
            ReloadError::Refused { plugin: entry.name.clone(), error: Box::new(error) }
        })?;
        let offered = accepted.clone();
        let ask: foreign::Method<Reconfigured> = Box::new(move |entry| {
            Box::pin(async move { entry.plugin().on_config_change(&offered).await })
        });
        let limit = entry.startup_timeout();
        let not_ready = |reason| ReloadError::NotReady { plugin: entry.name.clone(), reason };
        let took = match runs {
            true => foreign::run(&entry, &runtime, limit, "on_config_change", ask).await,
            // Nobody is there to be asked: a new instance may come up with it.
            false => Ok(Reconfigured::NeedsReload),
        };
        match took.map_err(|trouble| not_ready(trouble.reason))? {
            Reconfigured::Applied => {
                self.bus.tell(News::Configured(entry.name.clone()));
                self.set_config(&entry.name, Some(config));
                entry.reconfigured(accepted);
                tracing::info!(plugin = %entry.name, "plugin took another configuration");
                Ok(Reconfigured::Applied)
            }
            Reconfigured::NeedsReload => {
                let before = self.set_config(&entry.name, Some(config));
                let renewed = self.renew(&mut phase, &entry, &|_| {}).await;
                match &renewed {
                    Ok(()) => self.bus.tell(News::Configured(entry.name.clone())),
                    Err(_) => {
                        self.set_config(&entry.name, before);
                    }
                }
                renewed.map(|()| Reconfigured::NeedsReload)
            }
        }
    }
}
