//! [`Subject`]: a plugin that cases are run against, in one runtime.

use std::fmt;
use std::sync::Arc;

use hookspec_host::RegistryBuilder;
use hookspec_plugin::{HookName, Manifest, Plugin, RuntimeName};
use serde_json::Value;

type Enrol = dyn Fn(RegistryBuilder) -> Result<RegistryBuilder, String> + Send + Sync;

/// A plugin that cases are run against, in one runtime.
///
/// The same plugin in two runtimes is two subjects: every case is run with each of them.
pub struct Subject {
    manifest: Manifest,
    hooks: Vec<HookName>,
    enrol: Box<Enrol>,
    config: Value,
    misbehaves: bool,
}

impl Subject {
    /// A plugin that is linked in; `open` makes a new instance for each case.
    pub fn in_process(open: impl Fn() -> Arc<dyn Plugin> + Send + Sync + 'static) -> Self {
        let plugin = open();
        let (manifest, hooks) = (plugin.manifest().clone(), plugin.hooks().to_vec());
        Self::new(manifest, hooks, move |builder| Ok(builder.plugins([open()])))
    }

    /// A plugin of any runtime: what it says of itself, and how it joins a registry that is being
    /// built. `enrol` is called once for each case, outside of any async runtime; it gives a new
    /// instance each time, or says why it cannot. What it needs to stay (a folder, a built library)
    /// it owns.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use contract_tests::cases::Subject;
    /// # use hookspec::{HookName, Manifest, Plugin, testing::Puppet};
    /// # fn open(manifest: &Manifest) -> Result<Arc<dyn Plugin>, String> {
    /// #     Ok(Arc::new(Puppet::new(manifest.clone())))
    /// # }
    /// let manifest = Manifest::new("metrics", "lifecycle_listener");
    /// let hooks = [HookName::from_static("on_request_started")];
    /// let subject = Subject::new(manifest.clone(), hooks, move |builder| {
    ///     Ok(builder.plugins([open(&manifest)?]))
    /// });
    /// assert_eq!(subject.name(), "metrics");
    /// ```
    pub fn new(
        manifest: Manifest,
        hooks: impl IntoIterator<Item = HookName>,
        enrol: impl Fn(RegistryBuilder) -> Result<RegistryBuilder, String> + Send + Sync + 'static,
    ) -> Self {
        let hooks = hooks.into_iter().collect();
        Self { manifest, hooks, enrol: Box::new(enrol), config: Value::Null, misbehaves: false }
    }

    /// The same plugin loaded in another way: what it says of itself differs in that, and all that
    /// cases know of it stays. `open` makes a new instance for each case.
    #[must_use]
    pub fn elsewhere(
        &self,
        manifest: Manifest,
        open: impl Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync + 'static,
    ) -> Self {
        let enrol = move |builder: RegistryBuilder| Ok(builder.plugins([open()?]));
        let other = Self::new(manifest, self.hooks.clone(), enrol);
        Self { config: self.config.clone(), misbehaves: self.misbehaves, ..other }
    }

    /// The configuration for cases that give none; it may hold `${folder}`.
    #[must_use]
    pub fn configured(mut self, config: Value) -> Self {
        self.config = config;
        self
    }

    /// Breaks the rules of its kind on purpose: `plugin: any` does not mean it.
    #[must_use]
    pub fn misbehaving(mut self) -> Self {
        self.misbehaves = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.manifest.name.as_str()
    }

    /// How it is loaded.
    pub fn runtime(&self) -> RuntimeName {
        self.manifest.runtime
    }

    /// What it says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn manifest_value(&self) -> Value {
        // Every field is text, a number, or made of them under texts: that serialises.
        serde_json::to_value(&self.manifest).unwrap_or_default()
    }

    pub(super) fn hooks(&self) -> &[HookName] {
        &self.hooks
    }

    pub(super) fn misbehaves(&self) -> bool {
        self.misbehaves
    }

    pub(super) fn config(&self) -> &Value {
        &self.config
    }

    pub(super) fn enrol(&self, builder: RegistryBuilder) -> Result<RegistryBuilder, String> {
        (self.enrol)(builder)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({} in {})", self.name(), self.runtime())
    }
}
