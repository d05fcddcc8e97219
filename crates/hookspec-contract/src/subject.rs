//! [`Subject`]: a plugin that is looked at, in one runtime.

use std::fmt;
use std::sync::Arc;

use hookspec_plugin::{HookName, Manifest, Plugin, RuntimeName};
use serde_json::Value;

type Open = dyn Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync;

/// A plugin that is looked at, in one runtime: what it says of itself, and how an instance is made.
///
/// The same plugin in two runtimes is two subjects: each of them is looked at by itself.
pub struct Subject {
    manifest: Manifest,
    hooks: Vec<HookName>,
    open: Box<Open>,
    config: Value,
    misbehaves: bool,
}

impl Subject {
    /// A plugin that is linked in; `open` makes a new instance each time.
    pub fn in_process(open: impl Fn() -> Arc<dyn Plugin> + Send + Sync + 'static) -> Self {
        let plugin = open();
        let (manifest, hooks) = (plugin.manifest().clone(), plugin.hooks().to_vec());
        Self::new(manifest, hooks, move || Ok(open()))
    }

    /// A plugin of any runtime: what it says of itself, and how an instance is made. `open` is
    /// called outside of any async runtime; it gives a new instance each time, or says why it
    /// cannot. What it needs to stay (a folder, a built library) it owns.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use hookspec_contract::Subject;
    /// # use hookspec_host::testing::Puppet;
    /// # use hookspec_plugin::{HookName, Manifest, Plugin};
    /// # fn load(manifest: &Manifest) -> Result<Arc<dyn Plugin>, String> {
    /// #     Ok(Arc::new(Puppet::new(manifest.clone())))
    /// # }
    /// let manifest = Manifest::new("metrics", "lifecycle_listener");
    /// let hooks = [HookName::from_static("on_request_started")];
    /// let subject = Subject::new(manifest.clone(), hooks, move || load(&manifest));
    /// assert_eq!(subject.name(), "metrics");
    /// ```
    pub fn new(
        manifest: Manifest,
        hooks: impl IntoIterator<Item = HookName>,
        open: impl Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync + 'static,
    ) -> Self {
        let hooks = hooks.into_iter().collect();
        Self { manifest, hooks, open: Box::new(open), config: Value::Null, misbehaves: false }
    }

    /// The same plugin loaded in another way: what it says of itself differs in that, and all else
    /// that is known of it stays. `open` makes a new instance each time.
    #[must_use]
    pub fn elsewhere(
        &self,
        manifest: Manifest,
        open: impl Fn() -> Result<Arc<dyn Plugin>, String> + Send + Sync + 'static,
    ) -> Self {
        let other = Self::new(manifest, self.hooks.clone(), open);
        Self { config: self.config.clone(), misbehaves: self.misbehaves, ..other }
    }

    /// The configuration where a case gives none; it may hold `${folder}`.
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

    /// A new instance, which was not set up yet.
    ///
    /// # Errors
    /// Why there can be none: its file is not there, it is refused by its runtime.
    pub fn open(&self) -> Result<Arc<dyn Plugin>, String> {
        (self.open)()
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

    /// The hooks that it says it has.
    pub fn hooks(&self) -> &[HookName] {
        &self.hooks
    }

    /// Its configuration; `null` where it needs none.
    pub fn config(&self) -> &Value {
        &self.config
    }

    pub(crate) fn manifest_value(&self) -> Value {
        // Every field is text, a number, or made of them under texts: that serialises.
        serde_json::to_value(&self.manifest).unwrap_or_default()
    }

    pub(crate) fn misbehaves(&self) -> bool {
        self.misbehaves
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({} in {})", self.name(), self.runtime())
    }
}
