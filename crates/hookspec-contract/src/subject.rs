//! [`Subject`]: a plugin that the suite looks at, in one runtime.

use std::fmt;
use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use hookspec_host::RegistryBuilder;
use hookspec_plugin::{
    BoxFuture, HookName, Linked, LoadEnv, Manifest, Plugin, Runtime, RuntimeName,
};
use hookspec_spec::{Catalog, Found, Kind};
use serde_json::Value;

type Open = dyn Fn() -> BoxFuture<'static, Result<Arc<dyn Plugin>, String>> + Send + Sync;
type Prepare = dyn Fn(RegistryBuilder) -> RegistryBuilder + Send + Sync;

/// A plugin that the suite looks at, in one runtime.
///
/// The same plugin in two runtimes is two subjects: every check and every case is run with each.
#[derive(Clone)]
pub struct Subject {
    manifest: Manifest,
    /// Filled when the plugin was opened, or by whoever knows.
    hooks: Arc<OnceLock<Vec<HookName>>>,
    open: Arc<Open>,
    prepare: Arc<Prepare>,
    config: Value,
    misbehaves: bool,
    path: Option<PathBuf>,
    companions: Vec<Arc<Subject>>,
}

impl Subject {
    /// A plugin that is linked in; `open` makes a new instance each time.
    pub fn in_process(open: impl Fn() -> Arc<dyn Plugin> + Send + Sync + 'static) -> Self {
        let plugin = open();
        let (manifest, hooks) = (plugin.manifest().clone(), plugin.hooks().to_vec());
        Self::new(manifest, hooks, move || Ok(open()))
    }

    /// A plugin of any runtime: what it says of itself, and how a new instance is made. What it
    /// needs to stay (a folder, a built library) `open` owns.
    ///
    /// ```
    /// # use std::sync::{Arc, OnceLock};
    /// use hookspec_contract::Subject;
    /// use hookspec_host::testing::Puppet;
    /// use hookspec_plugin::{HookName, Manifest, Plugin};
    ///
    /// let manifest = Manifest::new("metrics", "lifecycle_listener");
    /// let hooks = [HookName::from_static("on_request_started")];
    /// let subject = Subject::new(manifest.clone(), hooks, move || {
    ///     Ok(Arc::new(Puppet::new(manifest.clone())) as Arc<dyn Plugin>)
    /// });
    /// assert_eq!(subject.name(), "metrics");
    /// ```
    pub fn new(
        manifest: Manifest,
        hooks: impl IntoIterator<Item = HookName>,
        open: impl Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            manifest,
            hooks: Arc::new(OnceLock::from(hooks.into_iter().collect::<Vec<_>>())),
            open: Arc::new(move || Box::pin(ready(open()))),
            prepare: Arc::new(|builder| builder),
            config: Value::Null,
            misbehaves: false,
            path: None,
            companions: Vec::new(),
        }
    }

    /// As [`new`](Self::new), of a plugin whose hooks are known once an instance was opened.
    pub fn unopened(
        manifest: Manifest,
        open: impl Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync + 'static,
    ) -> Self {
        Self { hooks: Arc::default(), ..Self::new(manifest, [], open) }
    }

    /// A plugin that `#[plugin]` registered in this program.
    pub fn linked(linked: &'static Linked) -> Self {
        let manifest = linked.manifest();
        let hooks = linked.hooks().into_iter().map(|(hook, _)| HookName::from(hook));
        let constructor = linked.constructor();
        let own = manifest.clone();
        Self::new(manifest, hooks, move || {
            constructor(own.clone()).map_err(|error| error.to_string())
        })
    }

    /// A plugin that was found in a folder, loaded by the runtime that its manifest names. Nothing of
    /// it is opened before somebody asks for an instance: it may be a stranger's.
    pub fn found(found: &Found, runtime: Arc<dyn Runtime>, env: Arc<LoadEnv>) -> Self {
        let (manifest, folder) = (found.manifest.clone(), found.folder().to_path_buf());
        let open = move || -> BoxFuture<'static, Result<Arc<dyn Plugin>, String>> {
            let (runtime, env) = (Arc::clone(&runtime), Arc::clone(&env));
            let (manifest, folder) = (manifest.clone(), folder.clone());
            Box::pin(async move {
                let opened = runtime.open(&manifest, &folder, &env).await;
                let mut opened = opened.map_err(|error| error.to_string())?;
                // One manifest describes one plugin.
                match opened.is_empty() {
                    true => Err("its runtime found no plugin in it".into()),
                    false => Ok(opened.swap_remove(0)),
                }
            })
        };
        let subject = Self::new(found.manifest.clone(), [], || Err(String::new()));
        Self {
            open: Arc::new(open),
            hooks: Arc::default(),
            path: Some(found.path.clone()),
            ..subject
        }
    }

    /// The same plugin loaded in another way: what it says of itself differs in that, and all that
    /// the suite knows of it stays. `open` makes a new instance each time.
    #[must_use]
    pub fn elsewhere(
        &self,
        manifest: Manifest,
        open: impl Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync + 'static,
    ) -> Self {
        let other = Self::new(manifest, self.hooks().to_vec(), open);
        Self { open: other.open, manifest: other.manifest, ..self.clone() }
    }

    /// Its configuration; in cases it may hold `${folder}`.
    #[must_use]
    pub fn configured(mut self, config: Value) -> Self {
        self.config = config;
        self
    }

    /// Breaks the rules of its kind on purpose: cases for `plugin: any` do not mean it.
    #[must_use]
    pub fn misbehaving(mut self) -> Self {
        self.misbehaves = true;
        self
    }

    /// What its host must have: resources, limits, routing.
    #[must_use]
    pub fn hosted(
        mut self,
        prepare: impl Fn(RegistryBuilder) -> RegistryBuilder + Send + Sync + 'static,
    ) -> Self {
        self.prepare = Arc::new(prepare);
        self
    }

    /// Plugins that stand beside it in every registry, because it depends on them.
    #[must_use]
    pub fn beside(mut self, companions: Vec<Arc<Self>>) -> Self {
        self.companions = companions;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.manifest.name.as_str()
    }

    /// `name@runtime`: what a subject is called where a plugin may be there twice.
    pub fn key(&self) -> String {
        format!("{}@{}", self.name(), self.runtime())
    }

    /// How it is loaded.
    pub fn runtime(&self) -> RuntimeName {
        self.manifest.runtime
    }

    /// Its kind, if the catalog has it in the major version that the manifest names.
    pub fn kind(&self, catalog: &Catalog) -> Option<Arc<Kind>> {
        catalog.kind(self.manifest.kind.as_str(), self.manifest.kind_major()?).cloned()
    }

    /// What it says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The hooks that it says it has; of one that comes from a folder, once an instance was opened.
    pub fn hooks(&self) -> &[HookName] {
        self.hooks.get().map_or(&[], Vec::as_slice)
    }

    /// Says which hooks it has, where somebody else has opened it.
    pub(crate) fn has_hooks(&self, hooks: Vec<HookName>) {
        // Whoever said it first has seen the same plugin.
        let _ = self.hooks.set(hooks);
    }

    /// Its configuration; `null` where it has none.
    pub fn config(&self) -> &Value {
        &self.config
    }

    /// The file that it came from, if it came from one: its manifest.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// A new instance.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open(&self) -> Result<Arc<dyn Plugin>, String> {
        let opened = (self.open)().await?;
        self.hooks.get_or_init(|| opened.hooks().to_vec());
        Ok(opened)
    }

    /// The host that it needs.
    pub(crate) fn host(&self, builder: RegistryBuilder) -> RegistryBuilder {
        (self.prepare)(builder)
    }

    pub(crate) fn companions(&self) -> &[Arc<Self>] {
        &self.companions
    }

    pub(crate) fn misbehaves(&self) -> bool {
        self.misbehaves
    }

    pub(crate) fn manifest_value(&self) -> Value {
        // Every field is text, a number, or made of them under texts: that serialises.
        serde_json::to_value(&self.manifest).unwrap_or_default()
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({} in {})", self.name(), self.runtime())
    }
}
