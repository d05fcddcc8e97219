//! [`Registry`]: the plugins of one application, and the dispatchers that reach them.

mod blocking;
mod builder;
mod capability;
mod entry;
mod explain;
mod folder;
mod lending;
mod lifecycle;
mod linked;
mod load;
mod plan;
mod policy;
mod register;
mod reload;
mod shared;
mod snapshot;

use std::future::Future;
use std::sync::Arc;

use hookspec_plugin::Plugin;
use hookspec_spec::{Catalog, DispatchClass, Found};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tracing::Instrument;

pub use self::blocking::BlockingRegistry;
pub use self::builder::RegistryBuilder;
pub(crate) use self::capability::Wants;
pub(crate) use self::entry::Entry;
pub use self::explain::{Explanation, PluginPlace};
pub use self::folder::SkippedPlugin;
pub use self::lending::Borrower;
pub(crate) use self::plan::{HookPlan, Link};
pub use self::policy::{Candidate, CandidateFilter, Choice, RoutingPolicy, Selection};
pub use self::reload::ReloadStep;
pub(crate) use self::shared::Shared;
pub use self::snapshot::{HookSnapshot, KindSnapshot, PluginSnapshot, RegistrySnapshot};
use crate::dispatch::{BroadcastCollect, BroadcastNotify, Capability, Chain, Singleton, Target};
use crate::error::{
    DispatchError, RegistrationError, ReloadError, RemoveError, StartError, TeardownErrors,
};

/// The plugins of one application. Cheap to clone; every clone is the same registry.
///
/// What a dispatch sees of it is one immutable snapshot: plugins may come and go meanwhile.
#[derive(Clone)]
pub struct Registry(Arc<Shared>);

impl Registry {
    /// Starts with nothing: add hookspecs and plugins, then `start`.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::new()
    }

    /// A dispatcher of class `broadcast_notify`.
    ///
    /// `kind` is the name of a kind, which means its newest major, or `name@major`; here and in
    /// the four methods below.
    ///
    /// # Errors
    /// [`DispatchError::UnknownKind`], [`DispatchError::UnknownHook`],
    /// [`DispatchError::DispatchMismatch`]: mend the call, they do not pass by waiting.
    pub fn broadcast_notify<I>(
        &self,
        kind: &str,
        hook: &str,
    ) -> Result<BroadcastNotify<I>, DispatchError>
    where
        I: Serialize + Send + Sync + 'static,
    {
        self.target(kind, hook, DispatchClass::BroadcastNotify).map(BroadcastNotify::new)
    }

    /// A dispatcher of class `broadcast_collect`.
    ///
    /// # Errors
    /// As [`Registry::broadcast_notify`].
    pub fn broadcast_collect<I, O>(
        &self,
        kind: &str,
        hook: &str,
    ) -> Result<BroadcastCollect<I, O>, DispatchError>
    where
        I: Serialize + Send + Sync + 'static,
        O: DeserializeOwned + Send + Sync + 'static,
    {
        self.target(kind, hook, DispatchClass::BroadcastCollect).map(BroadcastCollect::new)
    }

    /// A dispatcher of class `chain`.
    ///
    /// # Errors
    /// As [`Registry::broadcast_notify`].
    pub fn chain<T>(&self, kind: &str, hook: &str) -> Result<Chain<T>, DispatchError>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.target(kind, hook, DispatchClass::Chain).map(Chain::new)
    }

    /// A dispatcher of class `singleton`.
    ///
    /// # Errors
    /// As [`Registry::broadcast_notify`].
    pub fn singleton<I, O>(&self, kind: &str, hook: &str) -> Result<Singleton<I, O>, DispatchError>
    where
        I: Serialize + Send + Sync + 'static,
        O: DeserializeOwned + Send + Sync + 'static,
    {
        self.target(kind, hook, DispatchClass::Singleton).map(Singleton::new)
    }

    /// A dispatcher of class `capability`.
    ///
    /// # Errors
    /// As [`Registry::broadcast_notify`].
    pub fn capability<I, O>(
        &self,
        kind: &str,
        hook: &str,
    ) -> Result<Capability<I, O>, DispatchError>
    where
        I: Serialize + Send + Sync + 'static,
        O: DeserializeOwned + Send + Sync + 'static,
    {
        self.target(kind, hook, DispatchClass::Capability).map(Capability::new)
    }

    /// The class that a hook is declared with.
    ///
    /// # Errors
    /// [`DispatchError::UnknownKind`], [`DispatchError::UnknownHook`].
    pub fn dispatch_class(&self, kind: &str, hook: &str) -> Result<DispatchClass, DispatchError> {
        self.0.find(kind, hook).map(|(_, hook)| hook.dispatch)
    }

    /// Sets every plugin up, in the order that their dependencies ask for.
    ///
    /// A plugin whose setup fails, or that lacks something, becomes `unavailable`, and so does
    /// what depends on it; the others start.
    ///
    /// Like every change of a registry (`stop`, `add`, `remove`, `reload`) it goes on to its end even if this
    /// future is dropped, and one waits for the other: a plugin must not await a change of its own
    /// registry in `setup` or `teardown`.
    ///
    /// # Errors
    /// [`StartError::DependencyCycle`], [`StartError::AmbiguousPlugin`]: nothing was set up; mend
    /// it and start again. [`StartError::AlreadyStarted`]: a registry starts once.
    /// [`StartError::Runtime`]: call it inside an async runtime.
    pub async fn start(&self) -> Result<(), StartError> {
        to_its_end(&self.0, |shared| async move { shared.start().await }).await
    }

    /// Drains and tears every plugin down, in exact reverse of the order they were set up in.
    /// Dispatches from here on are [`DispatchError::ShuttingDown`]. Stopping what never started,
    /// or has stopped, does nothing.
    ///
    /// # Errors
    /// Every plugin whose teardown failed or did not end in time; the others were torn down.
    pub async fn stop(&self) -> Result<(), TeardownErrors> {
        to_its_end(&self.0, |shared| async move { shared.stop().await }).await
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
    /// are awaited, bounded by its teardown timeout, and it is torn down. A new instance may find
    /// what the old one still holds, such as a port.
    ///
    /// A plugin that is `unavailable` can be reloaded, too; what depends on it is not started by
    /// that: reload it next. Of a library that holds several plugins, one is reloaded at a time.
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

    /// The registry as plain data: for tables, dashboards and tests.
    pub fn snapshot(&self) -> RegistrySnapshot {
        snapshot::take(&self.0)
    }

    /// Who would be called for a hook, in which order, and why others would not.
    ///
    /// # Errors
    /// [`DispatchError::UnknownKind`], [`DispatchError::UnknownHook`].
    pub fn explain(&self, kind: &str, hook: &str) -> Result<Explanation, DispatchError> {
        explain::explain(&self.0, kind, hook)
    }

    /// The kinds that this registry knows.
    pub fn catalog(&self) -> &Catalog {
        self.0.catalog()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    fn target(
        &self,
        kind: &str,
        hook: &str,
        asked: DispatchClass,
    ) -> Result<Target, DispatchError> {
        let (index, found) = self.0.find(kind, hook)?;
        if found.dispatch != asked {
            return Err(DispatchError::DispatchMismatch {
                kind: kind.into(),
                hook: hook.into(),
                declared: found.dispatch,
                asked,
            });
        }
        Ok(Target { shared: Arc::clone(&self.0), hook: index })
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

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let snapshot = self.0.snapshot();
        f.debug_struct("Registry")
            .field("plugins", &snapshot.plugins.len())
            .field("closed", &snapshot.closed)
            .finish()
    }
}
