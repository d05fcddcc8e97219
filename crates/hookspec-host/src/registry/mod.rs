//! [`Registry`]: the plugins of one application, and the dispatchers that reach them.

mod blocking;
mod builder;
mod capability;
mod circles;
mod configured;
mod entry;
mod events;
mod explain;
mod folder;
mod health;
mod lending;
mod life;
mod lifecycle;
mod linked;
mod load;
mod overrides;
mod peers;
mod plan;
mod policy;
mod reconfigure;
mod register;
mod reload;
mod remote;
mod shadow;
mod shared;
mod snapshot;
mod sources;
mod switch;
mod wraps;

use std::sync::Arc;

use hookspec_spec::{Catalog, DispatchClass};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::blocking::BlockingRegistry;
pub use self::builder::RegistryBuilder;
pub(crate) use self::capability::Wants;
pub use self::configured::KnownPlugins;
pub(crate) use self::entry::{Entry, Lease};
pub use self::explain::{Explanation, MiddlewarePlace, PluginPlace};
pub use self::folder::SkippedPlugin;
pub use self::lending::Borrower;
pub(crate) use self::peers::Home;
pub(crate) use self::plan::{HookPlan, Link};
pub use self::policy::{Candidate, CandidateFilter, Choice, RoutingPolicy, Selection};
pub use self::reload::ReloadStep;
pub(crate) use self::shared::Shared;
pub use self::snapshot::{HookSnapshot, KindSnapshot, PluginSnapshot, RegistrySnapshot};
pub(crate) use self::wraps::Wraps;
use crate::bus::Bus;
use crate::changes::StateChanges;
use crate::dispatch::{BroadcastCollect, BroadcastNotify, Capability, Chain, Singleton, Target};
use crate::error::DispatchError;

/// The plugins of one application. Cheap to clone; every clone is the same registry.
///
/// What a dispatch sees of it is one immutable snapshot: plugins may come and go meanwhile.
#[derive(Clone)]
pub struct Registry(Arc<Shared>);

impl Registry {
    /// The registry is complete: its plugins may find it.
    fn of(shared: Shared) -> Self {
        let shared = Arc::new(shared);
        shared.home.is(&shared);
        Self(shared)
    }

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

    /// The changes of plugins' states from now on (STATE-3).
    pub fn state_changes(&self) -> StateChanges {
        self.0.changes_told.listen()
    }

    /// The events of this registry: of the application, of the host, and of its plugins.
    pub fn bus(&self) -> Bus {
        Bus(Arc::clone(&self.0.bus))
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

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let snapshot = self.0.snapshot();
        f.debug_struct("Registry")
            .field("plugins", &snapshot.plugins.len())
            .field("closed", &snapshot.closed)
            .finish()
    }
}
