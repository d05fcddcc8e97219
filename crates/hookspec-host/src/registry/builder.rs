//! [`RegistryBuilder`]: hookspecs, plugins and what the application lends to them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use hookspec_plugin::{Isolation, KindName, Manifest, Plugin, PluginName, Resource};
use hookspec_spec::{Catalog, CoreVersion};
use serde_json::Value;

use super::Registry;
use super::blocking::BlockingRegistry;
use super::linked::Wanted;
use super::policy::RoutingPolicy;
use super::register::admit;
use super::shared::{Settings, Shared, variable};
use crate::error::{RegistrationError, StartError};
use crate::settings::Limits;

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Collects what a [`Registry`] is made of. Nothing is read or run before `build` or `start`.
pub struct RegistryBuilder {
    roots: Vec<PathBuf>,
    catalogs: Vec<Catalog>,
    plugins: Vec<Arc<dyn Plugin>>,
    linked: Wanted,
    core_version: String,
    limits: Limits,
    config: HashMap<PluginName, Value>,
    resources: BTreeMap<String, Resource>,
    isolation: HashMap<PluginName, Isolation>,
    isolation_for_all: Option<Isolation>,
    policies: HashMap<KindName, RoutingPolicy>,
    environment: Box<Lookup>,
}

impl RegistryBuilder {
    pub(crate) fn new() -> Self {
        Self {
            roots: Vec::new(),
            catalogs: Vec::new(),
            plugins: Vec::new(),
            linked: Wanted::default(),
            core_version: env!("CARGO_PKG_VERSION").into(),
            limits: Limits::default(),
            config: HashMap::new(),
            resources: BTreeMap::new(),
            isolation: HashMap::new(),
            isolation_for_all: None,
            policies: HashMap::new(),
            environment: Box::new(|name| std::env::var(name).ok()),
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

    /// The configuration of one plugin, reached through its context.
    #[must_use]
    pub fn config(mut self, plugin: impl Into<PluginName>, config: Value) -> Self {
        self.config.insert(plugin.into(), config);
        self
    }

    /// Lends an object to the plugins that declare its name. Replaces one of the same name.
    #[must_use]
    pub fn resource<T>(mut self, name: impl Into<String>, value: Arc<T>) -> Self
    where
        T: ?Sized + Send + Sync + 'static,
    {
        self.resources.insert(name.into(), Resource::new(value));
        self
    }

    /// The application's version, which manifests' `core_version` is checked against. Without it,
    /// the version of this crate.
    #[must_use]
    pub fn core_version(mut self, version: impl Into<String>) -> Self {
        self.core_version = version.into();
        self
    }

    /// The executor of one plugin, whatever its manifest says (ISO-1).
    #[must_use]
    pub fn isolation(mut self, plugin: impl Into<PluginName>, isolation: Isolation) -> Self {
        self.isolation.insert(plugin.into(), isolation);
        self
    }

    /// The executor of every plugin that [`isolation`](Self::isolation) does not name.
    #[must_use]
    pub fn isolation_for_all(mut self, isolation: Isolation) -> Self {
        self.isolation_for_all = Some(isolation);
        self
    }

    /// The application's own rule for a kind's `singleton` hooks (SINGLETON-2).
    #[must_use]
    pub fn routing_policy(mut self, kind: impl Into<KindName>, policy: RoutingPolicy) -> Self {
        self.policies.insert(kind.into(), policy);
        self
    }

    /// How environment variables are looked up, instead of in the process's environment. Asked
    /// once for each kind, by [`build`](Self::build).
    #[must_use]
    pub fn environment<F>(mut self, lookup: F) -> Self
    where
        F: Fn(&str) -> Option<String> + Send + Sync + 'static,
    {
        self.environment = Box::new(lookup);
        self
    }

    /// The bounds of the registry.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads the hookspecs and registers the plugins; sets nothing up.
    ///
    /// # Errors
    /// [`StartError::Hookspecs`], [`StartError::Registration`]: all mistakes at once, each with
    /// its place or its plugin. [`StartError::CoreVersion`].
    pub fn build(self) -> Result<Registry, StartError> {
        let core_version = CoreVersion::parse(&self.core_version).map_err(|reason| {
            StartError::CoreVersion { reason: format!("`{}`: {reason}", self.core_version) }
        })?;
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
        let shared = Shared::new(
            catalog,
            Settings {
                core_version,
                core_version_text: self.core_version,
                limits: self.limits,
                config: self.config,
                resources: self.resources,
                isolation: self.isolation,
                isolation_for_all: self.isolation_for_all,
                policies: self.policies,
                active,
            },
        );
        let (linked, refused) = self.linked.make();
        let plugins = self.plugins.into_iter().chain(linked);
        register(&shared, plugins, refused)?;
        Ok(Registry(Arc::new(shared)))
    }

    /// [`build`](Self::build)s and [`start`](Registry::start)s.
    ///
    /// # Errors
    /// As those two.
    pub async fn start(self) -> Result<Registry, StartError> {
        let registry = self.build()?;
        registry.start().await?;
        Ok(registry)
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

fn register(
    shared: &Shared,
    plugins: impl Iterator<Item = Arc<dyn Plugin>>,
    mut errors: Vec<RegistrationError>,
) -> Result<(), StartError> {
    let mut entries = BTreeMap::new();
    for plugin in plugins {
        match admit(shared, plugin) {
            Ok(entry) => {
                if let Some(first) = entries.insert(entry.name.clone(), entry) {
                    errors.push(RegistrationError::ManifestInvalid {
                        plugin: first.name.clone(),
                        field: "name",
                        reason: "name: already registered by another plugin; names are unique"
                            .into(),
                    });
                }
            }
            Err(error) => errors.push(error),
        }
    }
    let settings = &shared.settings;
    for name in settings.config.keys().filter(|name| !entries.contains_key(*name)) {
        tracing::warn!(plugin = %name, "there is configuration for a plugin that is not registered");
    }
    for name in settings.isolation.keys().filter(|name| !entries.contains_key(*name)) {
        tracing::warn!(plugin = %name, "there is an isolation for a plugin that is not registered");
    }
    for kind in settings.policies.keys() {
        if shared.catalog().majors(kind.as_str()).is_empty() {
            tracing::warn!(%kind, "there is a routing policy for a kind that no hookspec declares");
        }
    }
    if !errors.is_empty() {
        return Err(StartError::Registration { errors });
    }
    shared.enter_all(entries.into_values());
    Ok(())
}

impl fmt::Debug for RegistryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryBuilder")
            .field("roots", &self.roots)
            .field("plugins", &self.plugins.len())
            .finish()
    }
}
