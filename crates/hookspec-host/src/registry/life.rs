//! The life of a [`Registry`]: every change of it goes on to its end, and one waits for the other.

use std::future::Future;
use std::sync::Arc;

use hookspec_plugin::{Plugin, Reconfigured};
use hookspec_spec::Found;
use serde_json::Value;
use tokio::runtime::Handle;
use tracing::Instrument;

use super::Registry;
use super::health;
use super::reload::ReloadStep;
use super::shared::Shared;
use crate::error::{RegistrationError, ReloadError, RemoveError, StartError, TeardownErrors};

impl Registry {
    /// Sets every plugin up, in the order that their dependencies ask for.
    ///
    /// A plugin whose setup fails, or that lacks something, becomes `unavailable`, and so does
    /// what depends on it; the others start.
    ///
    /// Like every change of a registry (`stop`, `add`, `open`, `remove`, `reload`, `disable`, `enable`,
    /// `reconfigure`) it goes on to its end even if this future is dropped, and one waits for the
    /// other: a plugin must not await a change of its own registry in what a change asks of it, such
    /// as `setup`, `quiesce`, `on_config_change` and `teardown`.
    ///
    /// # Errors
    /// [`StartError::DependencyCycle`], [`StartError::AmbiguousPlugin`]: nothing was set up; mend
    /// it and start again. [`StartError::AlreadyStarted`]: a registry starts once.
    /// [`StartError::Runtime`]: call it inside an async runtime. [`StartError::Stopped`]: `stop` was
    /// called meanwhile; await that, it tears down what was set up.
    pub async fn start(&self) -> Result<(), StartError> {
        to_its_end(&self.0, |shared| async move {
            shared.start().await?;
            if let Some(runtime) = shared.runtime() {
                health::keep_asking(&shared, runtime);
            }
            Ok(())
        })
        .await
    }

    /// Drains and tears every plugin down, in exact reverse of the order they were set up in.
    /// Dispatches from here on are
    /// [`DispatchError::ShuttingDown`](crate::DispatchError::ShuttingDown). Stopping what never
    /// started, or has stopped, does nothing; stopping what starts ends that first: setups that run
    /// are given up.
    ///
    /// # Errors
    /// Every plugin whose teardown failed or did not end in time; the others were torn down.
    pub async fn stop(&self) -> Result<(), TeardownErrors> {
        self.0.stopping.cancel();
        // A handler of an event that stops the registry is not waited for by itself.
        let own = self.0.bus.in_own_hands();
        to_its_end(&self.0, |shared| async move { shared.stop(own).await }).await
    }

    /// Adds a plugin; in a registry that runs, sets it up. Dispatches that began see it not.
    ///
    /// A failed setup is not an error: the plugin is then `unavailable`, with a reason.
    ///
    /// # Errors
    /// Why the plugin was refused; the registry is as it was.
    pub async fn add(&self, plugin: Arc<dyn Plugin>) -> Result<(), RegistrationError> {
        to_its_end(&self.0, |shared| async move { shared.add(plugin).await }).await
    }

    /// Opens what a manifest describes and adds it, as a plugin folder does when the registry starts.
    /// What its file holds beside the plugin is added too; where that is refused it is logged.
    ///
    /// # Errors
    /// Why the plugin was not opened, or refused; the registry is as it was. Mend what it says, and
    /// open it again.
    pub async fn open(&self, found: Found) -> Result<(), RegistrationError> {
        to_its_end(&self.0, |shared| async move { shared.open(found).await }).await
    }

    /// Removes a plugin: waits for its calls, bounded by its teardown timeout, and tears it down.
    /// Calls that have not ended by then end as `cancelled`. No dispatch sees half of it.
    ///
    /// # Errors
    /// [`RemoveError::UnknownPlugin`], [`RemoveError::Needed`]: the registry is as it was.
    pub async fn remove(&self, plugin: &str) -> Result<(), RemoveError> {
        let plugin = plugin.to_owned();
        to_its_end(&self.0, |shared| async move { shared.remove(&plugin).await }).await
    }

    /// Replaces a plugin by a new instance of itself, while dispatches run.
    ///
    /// The manifest is read anew, a new instance is opened, checked and set up beside the old one,
    /// and takes its place at once: every dispatch sees one of the two. Then the old one's calls
    /// are awaited, bounded by its teardown timeout, and it is torn down. What only one instance can
    /// hold, such as a port, the old one lets go of before the new one is set up, by its method
    /// [`quiesce`](Plugin::quiesce); if that setup fails it takes it back.
    ///
    /// A plugin that is `unavailable` can be reloaded, too; what waited for it is set up then. Of a
    /// library that holds several plugins, one is reloaded at a time.
    ///
    /// # Errors
    /// Why not; the old instance runs on. Mend what it says, and reload again.
    pub async fn reload(&self, plugin: &str) -> Result<(), ReloadError> {
        self.reload_observed(plugin, |_| {}).await
    }

    /// As [`reload`](Self::reload), telling of every step as it is done.
    ///
    /// # Errors
    /// As `reload`; the step after the last one that was told is the one that failed.
    pub async fn reload_observed<F>(&self, plugin: &str, observer: F) -> Result<(), ReloadError>
    where
        F: Fn(ReloadStep) + Send + Sync + 'static,
    {
        let plugin = plugin.to_owned();
        to_its_end(&self.0, |shared| async move { shared.reload(&plugin, &observer).await }).await
    }

    /// Turns a plugin off: waits for its calls, tears it down, and keeps it as `disabled`. In a
    /// registry that does not run yet it is not set up by `start`.
    ///
    /// # Errors
    /// [`RemoveError::UnknownPlugin`], [`RemoveError::Needed`]: disable those first. Nothing changed.
    pub async fn disable(&self, plugin: &str) -> Result<(), RemoveError> {
        let plugin = plugin.to_owned();
        to_its_end(&self.0, |shared| async move { shared.disable(&plugin).await }).await
    }

    /// Turns a disabled plugin on again, with a new instance where it had one, and whatever waited
    /// for it. One that is not disabled is left as it is.
    ///
    /// # Errors
    /// As [`reload`](Self::reload), and [`ReloadError::NeedsRestart`]; it stays disabled.
    pub async fn enable(&self, plugin: &str) -> Result<(), ReloadError> {
        let plugin = plugin.to_owned();
        to_its_end(&self.0, |shared| async move { shared.enable(&plugin).await }).await
    }

    /// Gives a plugin another configuration: it takes it
    /// ([`on_config_change`](Plugin::on_config_change)), or a new instance does, as it does where the
    /// plugin is `unavailable`.
    ///
    /// # Errors
    /// As [`reload`](Self::reload): the configuration is refused by the manifest's `config_schema`,
    /// by the plugin, or by the setup of the new instance. The one before holds.
    pub async fn reconfigure(
        &self,
        plugin: &str,
        config: Value,
    ) -> Result<Reconfigured, ReloadError> {
        let plugin = plugin.to_owned();
        to_its_end(&self.0, |shared| async move { shared.reconfigure(&plugin, config).await }).await
    }

    /// Asks every plugin how it is, now, and draws the same conclusions as the periodic question.
    pub async fn check_health(&self) {
        to_its_end(&self.0, |shared| async move { shared.ask_health().await }).await;
    }
}

/// Runs a change of the registry on a task of its own, so that nobody who stops waiting for it
/// leaves it half-applied.
async fn to_its_end<F>(shared: &Arc<Shared>, change: impl FnOnce(Arc<Shared>) -> F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let change = change(Arc::clone(shared)).in_current_span();
    let Ok(runtime) = Handle::try_current() else { return change.await };
    match runtime.spawn(change).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime that polls this future is the one that ended the task.
            Err(_) => std::future::pending().await,
        },
    }
}
