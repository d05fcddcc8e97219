//! [`RegistryBuilder`]: hookspecs, plugins and what the application lends to them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::{Either, select};
use hookspec_plugin::{
    CancellationToken, Isolation, KindName, Manifest, Plugin, PluginName, Runtime, RuntimeName,
};
use hookspec_spec::{Catalog, CoreVersion, PluginFolder};
use serde_json::Value;

use super::Registry;
use super::blocking::BlockingRegistry;
use super::configured::{self, Configuring};
use super::events::Listening;
use super::folder::Searched;
use super::lending::Lending;
use super::linked::Wanted;
use super::load::Loading;
use super::overrides::TimeLimits;
use super::policy::RoutingPolicy;
use super::shared::{Settings, Shared, variable};
use super::sources::Sources;
use crate::bus::{Bus, BusOptions};
use crate::error::StartError;
use crate::settings::Limits;

pub(crate) type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Collects what a [`Registry`] is made of. Nothing is read or run before `build` or `start`.
pub struct RegistryBuilder {
    roots: Vec<PathBuf>,
    catalogs: Vec<Catalog>,
    pub(super) plugins: Vec<Arc<dyn Plugin>>,
    pub(super) linked: Wanted,
    pub(super) folders: Vec<PluginFolder>,
    runtimes: HashMap<RuntimeName, Arc<dyn Runtime>>,
    pinned: BTreeMap<PluginName, String>,
    core_version: String,
    limits: Limits,
    pub(super) config: HashMap<PluginName, Value>,
    pub(super) configuring: Configuring,
    pub(super) lending: Lending,
    stop_on: Option<CancellationToken>,
    pub(super) isolation: HashMap<PluginName, Isolation>,
    pub(super) isolation_for_all: Option<Isolation>,
    pub(super) time_limits: TimeLimits,
    pub(super) bus: BusOptions,
    pub(super) listening: Vec<Box<Listening>>,
    policies: HashMap<KindName, RoutingPolicy>,
    pub(super) environment: Arc<Lookup>,
}

impl RegistryBuilder {
    pub(crate) fn new() -> Self {
        Self {
            roots: Vec::new(),
            catalogs: Vec::new(),
            plugins: Vec::new(),
            linked: Wanted::default(),
            folders: Vec::new(),
            runtimes: HashMap::new(),
            pinned: BTreeMap::new(),
            core_version: env!("CARGO_PKG_VERSION").into(),
            limits: Limits::default(),
            config: HashMap::new(),
            configuring: Configuring::of_process(),
            lending: Lending::default(),
            stop_on: None,
            isolation: HashMap::new(),
            isolation_for_all: None,
            time_limits: TimeLimits::default(),
            bus: BusOptions::default(),
            listening: Vec::new(),
            policies: HashMap::new(),
            environment: Arc::new(|name| std::env::var(name).ok()),
        }
    }

    /// Adds a folder of hookspecs: every `v<major>.yaml` below it.
    #[must_use]
    pub fn hookspecs(mut self, root: impl Into<PathBuf>) -> Self {
        self.roots.push(root.into());
        self
    }

    /// Adds kinds that were read already.
    #[must_use]
    pub fn catalog(mut self, catalog: Catalog) -> Self {
        self.catalogs.push(catalog);
        self
    }

    /// Adds a plugin.
    #[must_use]
    pub fn plugin(self, plugin: impl Plugin) -> Self {
        self.plugins([Arc::new(plugin) as Arc<dyn Plugin>])
    }

    /// Adds plugins.
    #[must_use]
    pub fn plugins(mut self, plugins: impl IntoIterator<Item = Arc<dyn Plugin>>) -> Self {
        self.plugins.extend(plugins);
        self
    }

    /// Adds every plugin that a linked crate registers with `#[plugin]`, with its own manifest.
    ///
    /// A crate that the application depends on and never names is not linked:
    /// `use the_crate as _;` names it.
    #[must_use]
    pub fn linked_plugins(mut self) -> Self {
        self.linked.all = true;
        self
    }

    /// Adds the plugin that a manifest's `entry_point` and `kind` name among those that linked
    /// crates register. It replaces one of the same name that
    /// [`linked_plugins`](Self::linked_plugins) would add.
    #[must_use]
    pub fn register_manifest(mut self, manifest: Manifest) -> Self {
        self.linked.manifests.push(manifest);
        self
    }

    /// Adds the plugins below a folder: they are found and opened by [`start`](Self::start).
    ///
    /// A plugin that cannot be opened, or that is refused, is in the registry as `unavailable`
    /// with the reason. A manifest that cannot be read, and a name that is registered already, are
    /// logged and told by [`RegistrySnapshot::skipped`](super::RegistrySnapshot::skipped). A
    /// manifest of runtime `in_process` is taken as by [`register_manifest`](Self::register_manifest).
    #[must_use]
    pub fn plugin_folder(mut self, folder: impl Into<PluginFolder>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Adds a way to load plugins from folders. Replaces one of the same name; one of the name
    /// `in_process` takes the place of the plugins that linked crates register.
    #[must_use]
    pub fn runtime(mut self, runtime: impl Runtime) -> Self {
        self.runtimes.insert(runtime.name(), Arc::new(runtime));
        self
    }

    /// The SHA-256, in hexadecimal, that the file of a plugin must have, beyond what its manifest
    /// says: another file is not opened.
    #[must_use]
    pub fn pin(mut self, plugin: impl Into<PluginName>, sha256: impl Into<String>) -> Self {
        self.pinned.insert(plugin.into(), sha256.into());
        self
    }

    /// The configuration of one plugin, reached through its context. A configuration file and the
    /// environment come before it (CONFIG-1).
    #[must_use]
    pub fn config(mut self, plugin: impl Into<PluginName>, config: Value) -> Self {
        self.config.insert(plugin.into(), config);
        self
    }

    /// The application's version, which manifests' `core_version` is checked against. Without it,
    /// the version of this crate.
    #[must_use]
    pub fn core_version(mut self, version: impl Into<String>) -> Self {
        self.core_version = version.into();
        self
    }

    /// Ends [`start`](Self::start) when the token is cancelled before that is done, as a signal may
    /// ask: what was set up is torn down, and the error is [`StartError::Stopped`].
    #[must_use]
    pub fn stop_on(mut self, token: CancellationToken) -> Self {
        self.stop_on = Some(token);
        self
    }

    /// The application's own rule for a kind's `singleton` hooks (SINGLETON-2).
    #[must_use]
    pub fn routing_policy(mut self, kind: impl Into<KindName>, policy: RoutingPolicy) -> Self {
        self.policies.insert(kind.into(), policy);
        self
    }

    /// How environment variables are looked up, instead of in the process's environment. Asked
    /// once for each kind, by [`build`](Self::build), and for the properties of each plugin's
    /// configuration when it is registered (CONFIG-2).
    #[must_use]
    pub fn environment<F>(mut self, lookup: F) -> Self
    where
        F: Fn(&str) -> Option<String> + Send + Sync + 'static,
    {
        self.environment = Arc::new(lookup);
        self.configuring.forget_names();
        self
    }

    /// The bounds of the registry.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The runtime of a name, if this builder has one: for what opens plugins without a registry.
    pub fn runtime_named(&self, name: RuntimeName) -> Option<Arc<dyn Runtime>> {
        self.runtimes.get(&name).cloned()
    }

    /// Reads the hookspecs and registers the plugins; sets nothing up.
    ///
    /// # Errors
    /// [`StartError::Hookspecs`], [`StartError::Configuration`], [`StartError::Registration`]: all
    /// mistakes at once, each with its place or its plugin. [`StartError::CoreVersion`]. [`StartError::NeedsStart`]: with a
    /// plugin folder, call [`start`](Self::start).
    pub fn build(self) -> Result<Registry, StartError> {
        if !self.folders.is_empty() {
            return Err(StartError::NeedsStart);
        }
        let (shared, sources) = self.prepare()?;
        sources.register(&shared, &Searched::default())?;
        Ok(Registry::of(shared))
    }

    /// Reads the hookspecs; touches no plugin.
    pub(super) fn prepare(mut self) -> Result<(Shared, Sources), StartError> {
        let core_version = CoreVersion::parse(&self.core_version).map_err(|reason| {
            StartError::CoreVersion { reason: format!("`{}`: {reason}", self.core_version) }
        })?;
        self.lending.settle()?;
        let mut catalog = Catalog::load(&self.roots)?;
        for own in &self.catalogs {
            catalog = catalog.merge(own)?;
        }
        for warning in catalog.warnings() {
            tracing::warn!("{warning}");
        }
        let mut active = HashMap::new();
        for kind in catalog.kinds() {
            let named = ["HOOKSPEC", "DAGSTACK"].into_iter().find_map(|prefix| {
                let variable = variable(prefix, &kind.name);
                let value = (self.environment)(&variable).filter(|value| !value.is_empty())?;
                Some((variable, PluginName::from(value)))
            });
            active.extend(named.map(|named| (kind.name.clone(), named)));
        }
        let reading = self.configuring.read();
        let loading = Loading::new(self.runtimes, self.pinned, &catalog);
        let shared = Shared::new(
            catalog,
            Settings {
                core_version,
                core_version_text: self.core_version,
                limits: self.limits,
                config: self.config,
                file: reading.file,
                disabled: reading.disabled,
                environment: self.environment,
                lending: self.lending,
                isolation: self.isolation,
                isolation_for_all: self.isolation_for_all,
                shadows: reading.shadows,
                time_limits: self.time_limits,
                bus: self.bus,
                policies: self.policies,
                active,
            },
            loading,
        );
        let bus = Bus(Arc::clone(&shared.bus));
        self.listening.into_iter().for_each(|listen| listen(&bus));
        let Self { plugins, linked, folders, .. } = self;
        let sources = Sources { plugins, linked, folders, checks: reading.checks };
        Ok((shared, sources))
    }

    /// [`build`](Self::build)s, opens what the [plugin folders](Self::plugin_folder) hold, and
    /// [`start`](Registry::start)s.
    ///
    /// # Errors
    /// As those two, and [`StartError::PluginFolder`]: a folder that cannot be searched, a name
    /// that is in it twice, a dependency cycle. Nothing was opened; mend it and start again.
    pub async fn start(self) -> Result<Registry, StartError> {
        let asked_to_stop = self.stop_on.clone().unwrap_or_default();
        let (shared, sources) = self.prepare()?;
        let taken = sources.names();
        let searched = Searched::search(&sources.folders, taken)?.overridden(&shared.settings);
        sources.register(&shared, &searched)?;
        match select(Box::pin(searched.open(&shared)), asked_to_stop.cancelled()).await {
            Either::Left((opened, _)) => opened?,
            Either::Right(_) => return Err(StartError::Stopped),
        }
        configured::check_strangers(&shared)?;
        let registry = Registry::of(shared);
        let starting = registry.clone();
        let starting = Box::pin(async move { starting.start().await });
        match select(starting, asked_to_stop.cancelled()).await {
            Either::Left((started, _)) => started.map(|()| registry),
            Either::Right(_) => {
                // What could not be torn down was logged, plugin by plugin.
                let _ = registry.stop().await;
                Err(StartError::Stopped)
            }
        }
    }

    /// Starts without an async runtime: the registry owns one, on its own threads.
    ///
    /// # Errors
    /// As [`start`](Self::start), and [`StartError::Runtime`] inside a runtime, where blocking
    /// would stop that runtime's work.
    pub fn start_blocking(self) -> Result<BlockingRegistry, StartError> {
        BlockingRegistry::start(self)
    }
}

impl fmt::Debug for RegistryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryBuilder")
            .field("roots", &self.roots)
            .field("plugins", &self.plugins.len())
            .finish()
    }
}
