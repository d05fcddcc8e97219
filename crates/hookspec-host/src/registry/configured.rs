//! What the host configures: read when the registry is built, checked before anything is set up
//! (CONFIG-7, CONFIG-8), and asked again for every plugin that comes later.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{Linked, Manifest, PluginName, RuntimeName};
use hookspec_spec::configuration::{
    Configured, Given, HostConfiguration, configure, idle_variables, shared_variables,
};
use hookspec_spec::{Diagnostic, Diagnostics, DispatchClass};
use serde_json::Value;

use super::RegistryBuilder;
use super::folder::Searched;
use super::shared::{Settings, Shared};
use crate::error::{RegistrationError, StartError};
use crate::panic::contain_text;

/// What a builder was told about configuration.
#[derive(Default)]
pub(super) struct Configuring {
    source: Source,
    /// Plugins that the application's code disables.
    disabled: BTreeSet<PluginName>,
    /// Plugins that the application's code runs as shadows.
    pub(super) shadows: BTreeSet<PluginName>,
    /// The names of all variables; `None` where they cannot be listed.
    names: Option<Box<dyn Fn() -> Vec<String> + Send + Sync>>,
}

#[derive(Default)]
enum Source {
    #[default]
    Nowhere,
    Read(HostConfiguration),
    File {
        path: PathBuf,
        needed: bool,
    },
}

/// A configuration as far as it can be read, and its mistakes.
pub(super) struct Reading {
    pub(super) file: Option<HostConfiguration>,
    pub(super) disabled: BTreeSet<PluginName>,
    pub(super) shadows: BTreeSet<PluginName>,
    pub(super) checks: Checks,
}

/// What has to be told before anything is set up.
#[derive(Default)]
pub(super) struct Checks {
    mistakes: Vec<Diagnostic>,
    /// The variables that are set, where they can be listed.
    set: Vec<String>,
    /// Whether the file is whole; a section that could not be read has no name.
    whole: bool,
}

impl Configuring {
    pub(super) fn of_process() -> Self {
        // `vars` would panic at a variable that is no text.
        let names =
            || std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        Self { names: Some(Box::new(names)), ..Self::default() }
    }

    /// The environment is another one, whose variables nobody can list.
    pub(super) fn forget_names(&mut self) {
        self.names = None;
    }

    pub(super) fn read(&self) -> Reading {
        let (file, mistakes) = match &self.source {
            Source::Nowhere => (None, Vec::new()),
            Source::Read(configuration) => (Some(configuration.clone()), Vec::new()),
            Source::File { path, needed: false } if !path.exists() => (None, Vec::new()),
            Source::File { path, .. } => {
                let partial = HostConfiguration::read_partly(path);
                (partial.configuration, partial.mistakes)
            }
        };
        let (mut disabled, mut shadows) = (self.disabled.clone(), self.shadows.clone());
        for name in file.iter().flat_map(HostConfiguration::plugins) {
            let own = file.as_ref().and_then(|file| file.overrides(name.as_str()));
            let decided = own.map(|own| (own.disabled, own.shadow)).unwrap_or_default();
            decide(&mut disabled, name, decided.0);
            decide(&mut shadows, name, decided.1);
        }
        let set = self.names.as_ref().map(|names| names()).unwrap_or_default();
        let whole = file.is_some() || mistakes.is_empty();
        Reading { file, disabled, shadows, checks: Checks { mistakes, set, whole } }
    }
}

/// The file has the last word, if it says one.
fn decide(all: &mut BTreeSet<PluginName>, name: &PluginName, decided: Option<bool>) {
    match decided {
        Some(true) => drop(all.insert(name.clone())),
        Some(false) => drop(all.remove(name)),
        None => {}
    }
}

/// The plugins that a builder knows without opening anything.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct KnownPlugins {
    /// Their manifests, by name; each plugin once.
    pub manifests: Vec<Manifest>,
    /// Whether there can be others: a library may hold plugins that no manifest names, and a
    /// manifest that cannot be read has no name.
    pub more: bool,
}

impl RegistryBuilder {
    /// What the host decides about plugins, and what they are configured with. Replaces what
    /// [`configuration_file`](Self::configuration_file) names.
    #[must_use]
    pub fn configuration(mut self, configuration: HostConfiguration) -> Self {
        self.configuring.source = Source::Read(configuration);
        self
    }

    /// As [`configuration`](Self::configuration), from a file that is read when the registry is
    /// built; that it is not there is a mistake.
    #[must_use]
    pub fn configuration_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.configuring.source = Source::File { path: path.into(), needed: true };
        self
    }

    /// As [`configuration_file`](Self::configuration_file); where the file is not there, nothing is
    /// configured.
    #[must_use]
    pub fn configuration_file_if_present(mut self, path: impl Into<PathBuf>) -> Self {
        self.configuring.source = Source::File { path: path.into(), needed: false };
        self
    }

    /// The configuration file, if one was named.
    pub fn configuration_path(&self) -> Option<&Path> {
        match &self.configuring.source {
            Source::Nowhere => None,
            Source::Read(configuration) => Some(configuration.path()),
            Source::File { path, .. } => Some(path),
        }
    }

    /// Disables a plugin: it is registered, and neither set up nor called. The configuration file
    /// may say `disabled = false`.
    #[must_use]
    pub fn disable(mut self, plugin: impl Into<PluginName>) -> Self {
        self.configuring.disabled.insert(plugin.into());
        self
    }

    /// The names of all variables of the environment that [`environment`](Self::environment) looks
    /// up, for warnings about those that configure nothing (CONFIG-6). Call it after that one.
    #[must_use]
    pub fn environment_names<F>(mut self, names: F) -> Self
    where
        F: Fn() -> Vec<String> + Send + Sync + 'static,
    {
        self.configuring.names = Some(Box::new(names));
        self
    }

    /// What a plugin would be configured with, and where each value comes from.
    ///
    /// # Errors
    /// Every mistake in the configuration file, or else in this plugin's configuration.
    pub fn configuration_of(&self, manifest: &Manifest) -> Result<Configured, Diagnostics> {
        let reading = self.configuring.read();
        Diagnostics::split(reading.checks.mistakes)?;
        let code = self.config.get(&manifest.name);
        let environment = |name: &str| (self.environment)(name);
        configure(manifest, Given { code, file: reading.file.as_ref(), environment: &environment })
    }

    /// The plugins that this builder knows without opening anything. Folders that cannot be
    /// searched are left out.
    pub fn known_plugins(&self) -> KnownPlugins {
        let mut known = KnownPlugins::default();
        let given = self.plugins.iter();
        let mut manifests: Vec<Manifest> =
            given.filter_map(|plugin| contain_text(|| plugin.manifest().clone()).ok()).collect();
        manifests.extend(self.linked.manifests.iter().cloned());
        for folder in &self.folders {
            let Ok(discovery) = folder.discover() else { continue };
            known.more |= !discovery.problems.is_empty();
            manifests.extend(discovery.found.into_iter().map(|found| found.manifest));
        }
        known.more |= manifests.iter().any(|own| own.runtime != RuntimeName::InProcess);
        let linked = Linked::all().into_iter().filter(|_| self.linked.all);
        manifests.extend(linked.filter_map(|own| contain_text(|| own.manifest()).ok()));
        // The first of a name is the one that counts.
        let mut names = BTreeSet::new();
        manifests.retain(|own| names.insert(own.name.clone()));
        manifests.sort_by(|one, other| one.name.cmp(&other.name));
        known.manifests = manifests;
        known
    }

    /// Checks the configuration of all plugins as [`start`](Self::start) does; makes, opens and sets
    /// up nothing. Answers with warnings.
    ///
    /// # Errors
    /// [`StartError::Configuration`]: every mistake. [`StartError::Hookspecs`] and
    /// [`StartError::CoreVersion`], as `start`.
    pub fn check_configuration(self) -> Result<Vec<Diagnostic>, StartError> {
        let known = self.known_plugins();
        let (shared, sources) = self.prepare()?;
        // Plugins are foreign code, also when they are dropped.
        let (checks, _plugins) = (sources.checks, Guarded::new(sources.plugins));
        check(&shared, &known.manifests, !known.more, checks)
    }
}

/// Every mistake of a configuration, before anything is set up; `all`: there are no other plugins.
pub(super) fn check(
    shared: &Shared,
    manifests: &[Manifest],
    all: bool,
    checks: Checks,
) -> Result<Vec<Diagnostic>, StartError> {
    let settings = &shared.settings;
    let mut found = checks.mistakes;
    if let Some(file) = settings.file.as_ref().filter(|_| all && checks.whole) {
        found.extend(file.strangers(manifests.iter().map(|own| own.name.as_str())));
    }
    for manifest in manifests.iter().filter(|own| !settings.disabled.contains(&own.name)) {
        // What is wrong with a schema is the manifest's mistake, and told when that is admitted.
        let told = |each: &Diagnostic| !is_of_schema(each);
        found.extend(configure_one(settings, manifest).err().into_iter().flatten().filter(told));
        found.extend(out_of_chain(shared, manifest));
    }
    found.extend(shared_variables(manifests));
    found.extend(idle_variables(manifests, checks.set));
    found.sort_by(|one, other| (&one.path, one.position).cmp(&(&other.path, other.position)));
    Diagnostics::split(found).map_err(|diagnostics| StartError::Configuration { diagnostics })
}

/// Sections of plugins that are not there, once all are known.
pub(super) fn check_strangers(shared: &Shared) -> Result<(), StartError> {
    let Some(file) = &shared.settings.file else { return Ok(()) };
    let current = shared.snapshot().plugins.clone();
    let skipped = shared.skipped.get().map_or(&[][..], Vec::as_slice);
    let known = current.keys().map(PluginName::as_str);
    let known = known.chain(skipped.iter().filter_map(|skipped| skipped.plugin.as_deref()));
    let strangers = file.strangers(known);
    if skipped.iter().any(|skipped| skipped.plugin.is_none()) {
        // One plugin's mistake never fails the start, and this may be its section.
        for each in &strangers {
            tracing::warn!("{each}");
        }
        return Ok(());
    }
    let split = Diagnostics::split(strangers);
    split.map(drop).map_err(|diagnostics| StartError::Configuration { diagnostics })
}

/// What a plugin is configured with; nothing, where it is disabled and its configuration is wrong.
pub(super) fn value(shared: &Shared, manifest: &Manifest) -> Result<Value, RegistrationError> {
    match required(shared, manifest) {
        Err(RegistrationError::ConfigurationInvalid { .. })
            if shared.is_disabled(&manifest.name) =>
        {
            Ok(Value::Null)
        }
        other => other,
    }
}

/// What a plugin is configured with once it is set up.
pub(super) fn required(shared: &Shared, manifest: &Manifest) -> Result<Value, RegistrationError> {
    let plugin = || manifest.name.clone();
    let configured = match shared.changed_config(&manifest.name) {
        // It was checked against the schema of another instance, which may have had another one.
        Some(changed) => accept(&shared.settings, manifest, &changed),
        None => configure_one(&shared.settings, manifest).map(|configured| configured.value),
    };
    match configured {
        Ok(value) => {
            if let Some(diagnostic) = out_of_chain(shared, manifest) {
                let diagnostics = diagnostic.into();
                return Err(RegistrationError::ConfigurationInvalid {
                    plugin: plugin(),
                    diagnostics,
                });
            }
            Ok(value)
        }
        Err(diagnostics) if diagnostics.iter().any(is_of_schema) => {
            Err(RegistrationError::ManifestInvalid {
                plugin: plugin(),
                field: "config_schema",
                reason: format!("config_schema: {diagnostics}"),
            })
        }
        Err(diagnostics) => {
            Err(RegistrationError::ConfigurationInvalid { plugin: plugin(), diagnostics })
        }
    }
}

/// Checks another configuration for a plugin that is registered: what the schema says is filled in,
/// and the environment has the last word.
///
/// # Errors
/// Every mistake in it.
pub(crate) fn accept(
    settings: &Settings,
    manifest: &Manifest,
    config: &Value,
) -> Result<Value, Diagnostics> {
    let environment = |name: &str| (settings.environment)(name);
    let given = Given { code: Some(config), file: None, environment: &environment };
    configure(manifest, given).map(|configured| configured.value)
}

/// A manifest as the host wants it (CONFIG-7).
pub(super) fn apply(settings: &Settings, manifest: &mut Manifest) {
    let file = settings.file.as_ref();
    if let Some(own) = file.and_then(|file| file.overrides(manifest.name.as_str())) {
        own.apply(manifest);
    }
}

impl Searched {
    /// What was found, as the host wants it.
    pub(super) fn overridden(mut self, settings: &Settings) -> Self {
        for found in self.found_mut() {
            apply(settings, &mut found.manifest);
        }
        self
    }
}

fn configure_one(settings: &Settings, manifest: &Manifest) -> Result<Configured, Diagnostics> {
    let environment = |name: &str| (settings.environment)(name);
    let (code, file) = (settings.config.get(&manifest.name), settings.file.as_ref());
    configure(manifest, Given { code, file, environment: &environment })
}

fn is_of_schema(diagnostic: &Diagnostic) -> bool {
    diagnostic.pointer.starts_with("/config_schema")
}

/// That a plugin that is to be in shadow is in no chain; an unknown kind is told elsewhere.
fn out_of_chain(shared: &Shared, manifest: &Manifest) -> Option<Diagnostic> {
    let file = shared.settings.file.as_ref()?;
    let in_file = file.overrides(manifest.name.as_str())?.shadow == Some(true);
    let kind = shared.catalog().kind(manifest.kind.as_str(), manifest.kind_major()?)?;
    let chains = kind.hooks.iter().any(|hook| hook.dispatch == DispatchClass::Chain);
    (in_file && !chains).then(|| file.no_shadow(manifest.name.as_str(), manifest.kind.as_str()))
}
