//! [`Lending`]: what the application lends to plugins, and how each gets its part of it.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    CheckpointStore, KindName, Manifest, PluginName, ProgressSink, Resource, Tenant,
};
use serde_json::{Map, Value};

use super::builder::RegistryBuilder;
use super::peers::Home;
use crate::bus::{Hub, PluginBus, Rights};
use crate::checkpoints::ScopedCheckpoints;
use crate::error::StartError;
use crate::metrics::MetricStore;
use crate::panic::contain_text;
use crate::resources::{PluginTmpDir, TMPDIR, standard};
use crate::services::{Changing, ContainedTenant, HostServices, Lent};
use crate::sinks::{ContainedProgress, MakeProgress};

/// What the application lends to plugins.
#[derive(Default)]
pub(crate) struct Lending {
    // All of it is the application's code, and may panic when it is dropped.
    pub(super) resources: BTreeMap<String, Guarded<Resource>>,
    /// Names that were registered again, without being replaced on purpose.
    twice: BTreeSet<String>,
    decorators: Vec<Decorator>,
    standard: bool,
    metadata: Map<String, Value>,
    progress: Option<Guarded<Box<MakeProgress>>>,
    checkpoints: Option<Guarded<Arc<dyn CheckpointStore>>>,
    tenant: Option<Guarded<Arc<dyn Tenant>>>,
    pub(crate) metrics: MetricStore,
}

/// Whom a resource is decorated for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Borrower {
    /// The plugin.
    pub plugin: PluginName,
    /// Its kind.
    pub kind: KindName,
    /// What the application said with [`RegistryBuilder::context_metadata`].
    pub metadata: Map<String, Value>,
}

struct Decorator {
    name: String,
    type_name: &'static str,
    fits: fn(&Resource) -> bool,
    wrap: Guarded<Box<Wrap>>,
}

/// `None`: the resource is not of the decorator's type.
type Wrap = dyn Fn(&Resource, &Borrower) -> Option<Resource> + Send + Sync;

impl RegistryBuilder {
    /// Lends an object to the plugins that declare its name. A name is given once: to give
    /// another, [`replace_resource`](Self::replace_resource).
    #[must_use]
    pub fn resource<T>(mut self, name: impl Into<String>, value: Arc<T>) -> Self
    where
        T: ?Sized + Send + Sync + 'static,
    {
        let name = name.into();
        if self.lending.resources.contains_key(&name) {
            self.lending.twice.insert(name);
            return self;
        }
        self.replace_resource(name, value)
    }

    /// As [`resource`](Self::resource), in the place of one that may have been given before.
    #[must_use]
    pub fn replace_resource<T>(mut self, name: impl Into<String>, value: Arc<T>) -> Self
    where
        T: ?Sized + Send + Sync + 'static,
    {
        let (name, resource) = (name.into(), Guarded::new(Resource::new(value)));
        // Whoever replaces it has decided which of them it is.
        self.lending.twice.remove(&name);
        self.lending.resources.insert(name, resource);
        self
    }

    /// Lends what plugins may expect anywhere: `clock`, `rng`, `blob_store` (in memory) and
    /// `tmpdir` (a folder for each plugin). What has another resource under one of these names
    /// keeps it, whichever was given first.
    #[must_use]
    pub fn standard_resources(mut self) -> Self {
        self.lending.standard = true;
        self
    }

    /// Wraps a resource for each plugin that sees it. `T` is the type it was registered as, such
    /// as `dyn Clock`; several decorators of a name are applied in the order they were given.
    ///
    /// A decorator that panics makes the plugin `unavailable`.
    #[must_use]
    pub fn decorate<T>(
        mut self,
        name: impl Into<String>,
        decorator: impl Fn(Arc<T>, &Borrower) -> Arc<T> + Send + Sync + 'static,
    ) -> Self
    where
        T: ?Sized + Send + Sync + 'static,
    {
        let wrap = move |resource: &Resource, borrower: &Borrower| {
            Some(Resource::new::<T>(decorator(resource.get::<T>()?, borrower)))
        };
        self.lending.decorators.push(Decorator {
            name: name.into(),
            type_name: type_name::<T>(),
            fits: |resource| resource.get::<T>().is_some(),
            wrap: Guarded::new(Box::new(wrap)),
        });
        self
    }

    /// What decorators are told of the context they decorate for, such as `tenant_id`. One call's
    /// metadata are its caller's.
    #[must_use]
    pub fn context_metadata(mut self, key: impl Into<String>, value: Value) -> Self {
        self.lending.metadata.insert(key.into(), value);
        self
    }

    /// Where the progress of a plugin goes: asked once for each instance.
    #[must_use]
    pub fn progress<F>(mut self, sink: F) -> Self
    where
        F: Fn(&PluginName) -> Arc<dyn ProgressSink> + Send + Sync + 'static,
    {
        self.lending.progress = Some(Guarded::new(Box::new(sink)));
        self
    }

    /// Where the states of plugins are kept; each plugin sees its own.
    #[must_use]
    pub fn checkpoints(mut self, store: Arc<dyn CheckpointStore>) -> Self {
        self.lending.checkpoints = Some(Guarded::new(store));
        self
    }

    /// On whose behalf the plugins run.
    #[must_use]
    pub fn tenant(mut self, tenant: Arc<dyn Tenant>) -> Self {
        self.lending.tenant = Some(Guarded::new(tenant));
        self
    }
}

impl Lending {
    /// Completes and checks what was given (LEND-2, LEND-3).
    ///
    /// # Errors
    /// A name was given twice; a decorator is of another type than its resource.
    pub(crate) fn settle(&mut self) -> Result<(), StartError> {
        if let Some(resource) = self.twice.pop_first() {
            return Err(StartError::ResourceTwice { resource });
        }
        if self.standard {
            for (name, resource) in standard() {
                self.resources.entry(name.to_owned()).or_insert_with(|| Guarded::new(resource));
            }
        }
        for decorator in &self.decorators {
            let resource = match self.resources.get(&decorator.name).and_then(Guarded::get) {
                Some(resource) => resource.clone(),
                None if self.makes(&decorator.name) => PluginTmpDir::sample(),
                None => {
                    let resource = decorator.name.as_str();
                    tracing::warn!(resource, "a resource is decorated that nobody registered");
                    continue;
                }
            };
            if !(decorator.fits)(&resource) {
                return Err(StartError::ResourceType {
                    resource: decorator.name.clone(),
                    registered: resource.type_name(),
                    decorated: decorator.type_name,
                });
            }
        }
        Ok(())
    }

    /// The services of one plugin, without resources: those come with [`lend`](Self::lend).
    pub(crate) fn services(
        &self,
        manifest: &Manifest,
        kind: &KindName,
        config: Value,
        home: Home,
        hub: &Arc<Hub>,
    ) -> HostServices {
        let plugin = &manifest.name;
        let progress = self.progress.as_ref().and_then(Guarded::get);
        let checkpoints = self.checkpoints.as_ref().and_then(Guarded::get);
        let tenant = self.tenant.as_ref().and_then(Guarded::get);
        let tenant = tenant.map(|tenant| ContainedTenant(Guarded::new(Arc::clone(tenant))));
        let own = tenant.as_ref().and_then(Tenant::id).map(str::to_owned);
        let rights = Arc::new(Rights::new(manifest, &hub.options, own));
        HostServices {
            plugin: plugin.clone(),
            kind: kind.clone(),
            version: manifest.version.clone(),
            config: Changing::new(config),
            home,
            in_flight: Arc::default(),
            metrics: self.metrics.of(plugin),
            progress: progress.and_then(|make| ContainedProgress::make(plugin, &**make)),
            checkpoints: checkpoints.map(|store| ScopedCheckpoints::new(plugin, Arc::clone(store))),
            tenant,
            bus: PluginBus { hub: Arc::clone(hub), rights },
            lent: OnceLock::new(),
        }
    }

    /// Gives a plugin the resources it declares (LEND-1).
    ///
    /// # Errors
    /// What it requires and the host has not, or what went wrong while it was made.
    pub(crate) fn lend(&self, manifest: &Manifest, services: &HostServices) -> Result<(), String> {
        let needs = &manifest.resources;
        let missing = |name: &&String| !self.resources.contains_key(*name) && !self.makes(name);
        if let Some(name) = needs.required.iter().find(missing) {
            let own = self.makes(TMPDIR).then_some(TMPDIR);
            let known: Vec<&str> = self.resources.keys().map(String::as_str).chain(own).collect();
            let known = known.join(", ");
            return Err(format!(
                "it requires resource `{name}`, and the host registered: [{known}]; add it with \
                 `RegistryBuilder::resource`, or make it optional in the manifest"
            ));
        }
        let borrower = Borrower {
            plugin: services.plugin.clone(),
            kind: services.kind.clone(),
            metadata: self.metadata.clone(),
        };
        let mut lent = Lent::default();
        for name in needs.required.iter().chain(&needs.optional) {
            let resource = match self.resources.get(name).and_then(Guarded::get) {
                Some(resource) => resource.clone(),
                None if self.makes(name) && lent.tmpdir.is_none() => {
                    let folder = Arc::new(PluginTmpDir::make(&services.plugin)?);
                    lent.tmpdir = Some(Arc::clone(&folder));
                    PluginTmpDir::lent(folder)
                }
                None => continue,
            };
            let decorated = self.decorated(name, Guarded::new(resource), &borrower)?;
            lent.resources.insert(name.clone(), decorated);
        }
        // A plugin instance is set up once; a second time changes nothing.
        let _ = services.lent.set(lent);
        Ok(())
    }

    fn decorated(
        &self,
        name: &str,
        mut resource: Guarded<Resource>,
        borrower: &Borrower,
    ) -> Result<Guarded<Resource>, String> {
        for decorator in self.decorators.iter().filter(|decorator| decorator.name == name) {
            let (Some(wrap), Some(inner)) = (decorator.wrap.get(), resource.get()) else {
                continue;
            };
            let wrapped = contain_text(|| wrap(inner, borrower))
                .map_err(|message| format!("the decorator of `{name}` panicked: {message}"))?;
            // The types were compared when the registry was built.
            if let Some(wrapped) = wrapped {
                resource = Guarded::new(wrapped);
            }
        }
        Ok(resource)
    }

    /// Whether the host makes the resource for each plugin.
    fn makes(&self, name: &str) -> bool {
        self.standard && name == TMPDIR
    }
}
