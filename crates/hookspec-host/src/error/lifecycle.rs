//! Why a plugin was refused or not removed, and why a registry did not start or stop cleanly.

use std::path::PathBuf;

use hookspec_plugin::{PluginName, RuntimeName};
use hookspec_spec::Diagnostics;
use thiserror::Error;

use super::dispatch::Ambiguity;
use super::{arrow, lines, list};

/// Why a plugin was refused. The registry is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// Its manifest contradicts itself, its kind or the registry.
    #[error("[{}] ManifestInvalid: plugin `{plugin}`: {reason}", self.code())]
    ManifestInvalid {
        /// The plugin.
        plugin: PluginName,
        /// The field at fault.
        field: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Its manifest has mistakes of its own.
    #[error("[{}] ManifestInvalid: plugin `{plugin}`:\n{diagnostics}", self.code())]
    ManifestMistakes {
        /// The plugin.
        plugin: PluginName,
        /// All of them.
        diagnostics: Diagnostics,
    },
    /// No hookspec declares its kind.
    #[error("[{}] plugin `{plugin}` is of kind `{kind}`, which no hookspec declares; declared are: {}", self.code(), list(known))]
    UnknownKind {
        /// The plugin.
        plugin: PluginName,
        /// Its kind.
        kind: String,
        /// The kinds there are.
        known: Vec<String>,
    },
    /// It was written for another version of its kind or of the host.
    #[error("[{}] plugin `{plugin}` was built for {what} {required}, and this host has {offered}; update the plugin or the host", self.code())]
    VersionIncompatible {
        /// The plugin.
        plugin: PluginName,
        /// `host version` or the kind.
        what: String,
        /// What the plugin asks for.
        required: String,
        /// What there is.
        offered: String,
    },
    /// It implements hooks that its kind does not have.
    #[error("[{}] plugin `{plugin}` implements {}, which kind `{kind}` does not have; it has: {}", self.code(), list(hooks), list(known))]
    UnknownHook {
        /// The plugin.
        plugin: PluginName,
        /// The hooks.
        hooks: Vec<String>,
        /// Its kind.
        kind: String,
        /// The hooks there are.
        known: Vec<String>,
    },
    /// It lacks hooks that its kind requires.
    #[error("[{}] plugin `{plugin}` does not implement {}, which kind `{kind}` requires", self.code(), list(hooks))]
    MissingHook {
        /// The plugin.
        plugin: PluginName,
        /// The hooks.
        hooks: Vec<String>,
        /// Its kind.
        kind: String,
    },
    /// With it, a choice among the plugins of its kind would be open.
    #[error("[{}] plugin `{plugin}` cannot be added: {ambiguity}", self.code())]
    AmbiguousPlugin {
        /// The plugin.
        plugin: PluginName,
        /// Who, and how to settle it.
        ambiguity: Ambiguity,
    },
    /// With it, plugins would depend on each other in a circle.
    #[error("[{}] plugin `{plugin}` cannot be added: dependency cycle: {}; cut it in a `depends_on`", self.code(), arrow(cycle))]
    DependencyCycle {
        /// The plugin.
        plugin: PluginName,
        /// The path; it ends where it began.
        cycle: Vec<PluginName>,
    },
    /// No linked crate registers what its manifest names.
    #[error("[{}] plugin `{plugin}`: no linked crate registers `{entry_point}` for kind `{kind}`; if crate `{the_crate}` has it, write `use {the_crate} as _;` in the application, so that it is linked; registered are: {}", self.code(), list(known))]
    NotLinked {
        /// The plugin.
        plugin: PluginName,
        /// Its kind.
        kind: String,
        /// What its manifest names.
        entry_point: String,
        /// The crate that should hold it.
        the_crate: String,
        /// The entry points there are, each with its kind.
        known: Vec<String>,
    },
    /// It is linked, and no instance of it could be made.
    #[error("[{}] plugin `{plugin}` could not be made: {reason}", self.code())]
    NotConstructed {
        /// The plugin.
        plugin: PluginName,
        /// Why, and what to do.
        reason: String,
    },
    /// No runtime of the name in its manifest was added to the builder.
    #[error("[{}] RuntimeNotSupported: plugin `{plugin}` has runtime {runtime}, and this host has: {}; add it with `RegistryBuilder::runtime`", self.code(), list(known))]
    RuntimeNotSupported {
        /// The plugin.
        plugin: PluginName,
        /// What its manifest says.
        runtime: RuntimeName,
        /// The runtimes there are.
        known: Vec<RuntimeName>,
    },
    /// Its runtime could not open it.
    #[error("[{}] plugin `{plugin}` could not be opened (runtime {runtime}): {reason}", self.code())]
    NotOpened {
        /// The plugin.
        plugin: PluginName,
        /// How it was to be loaded.
        runtime: RuntimeName,
        /// Why, and what to do.
        reason: String,
    },
    /// What it is configured with is not what its `config_schema` accepts, or the host decides
    /// about it what cannot be.
    #[error("[{}] plugin `{plugin}` is configured wrongly:\n{diagnostics}", self.code())]
    ConfigurationInvalid {
        /// The plugin.
        plugin: PluginName,
        /// All mistakes.
        diagnostics: Diagnostics,
    },
    /// The registry is stopping or has stopped.
    #[error("[{}] plugin `{plugin}` came too late: the registry is shutting down", self.code())]
    ShuttingDown {
        /// The plugin.
        plugin: PluginName,
    },
}

impl RegistrationError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ManifestInvalid { .. } | Self::ManifestMistakes { .. } => "HS-R001",
            Self::UnknownKind { .. } => "HS-R002",
            Self::VersionIncompatible { .. } => "HS-R003",
            Self::UnknownHook { .. } => "HS-R004",
            Self::MissingHook { .. } => "HS-R005",
            Self::AmbiguousPlugin { .. } => "HS-R006",
            Self::ShuttingDown { .. } => "HS-R007",
            Self::NotLinked { .. } => "HS-R008",
            Self::NotConstructed { .. } => "HS-R009",
            Self::RuntimeNotSupported { .. } => "HS-R018",
            Self::NotOpened { .. } => "HS-R019",
            Self::ConfigurationInvalid { .. } => "HS-R024",
            Self::DependencyCycle { .. } => "HS-R025",
        }
    }

    /// The plugin that was refused.
    pub const fn plugin(&self) -> &PluginName {
        match self {
            Self::ManifestInvalid { plugin, .. }
            | Self::ManifestMistakes { plugin, .. }
            | Self::UnknownKind { plugin, .. }
            | Self::VersionIncompatible { plugin, .. }
            | Self::UnknownHook { plugin, .. }
            | Self::MissingHook { plugin, .. }
            | Self::AmbiguousPlugin { plugin, .. }
            | Self::NotLinked { plugin, .. }
            | Self::NotConstructed { plugin, .. }
            | Self::RuntimeNotSupported { plugin, .. }
            | Self::NotOpened { plugin, .. }
            | Self::ConfigurationInvalid { plugin, .. }
            | Self::DependencyCycle { plugin, .. }
            | Self::ShuttingDown { plugin } => plugin,
        }
    }
}

/// Why there is no registry, or it did not start. Nothing was set up, or all of it was torn down.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The hookspecs have mistakes.
    #[error("[{}] the hookspecs have mistakes:\n{diagnostics}", self.code())]
    Hookspecs {
        /// All of them.
        #[from]
        diagnostics: Diagnostics,
    },
    /// The configuration file, or what plugins are configured with, has mistakes.
    #[error("[{}] the configuration has mistakes:\n{diagnostics}", self.code())]
    Configuration {
        /// All of them, of all plugins.
        diagnostics: Diagnostics,
    },
    /// Plugins were refused; all of them are listed.
    #[error("[{}] {} of the plugins were refused:\n{}", self.code(), errors.len(), lines(errors))]
    Registration {
        /// One for each plugin.
        errors: Vec<RegistrationError>,
    },
    /// A plugin folder cannot be searched, or what it holds cannot be registered as a whole: a name
    /// that is there twice, a dependency cycle. Nothing of it was registered.
    #[error("[{}] plugin folder {}:\n{diagnostics}", self.code(), folder.display())]
    PluginFolder {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        diagnostics: Diagnostics,
    },
    /// Plugins from folders are opened by `start`, not by `build`.
    #[error("[{}] plugins from a folder are opened while the registry starts: call `RegistryBuilder::start` instead of `build`, or leave `plugin_folder` out", self.code())]
    NeedsStart,
    /// The host's own version is not one.
    #[error("[{}] the core version given to the builder is invalid: {reason}", self.code())]
    CoreVersion {
        /// What is wrong with it.
        reason: String,
    },
    /// Plugins depend on each other in a circle.
    #[error("[{}] dependency cycle: {}", self.code(), arrow(cycle))]
    DependencyCycle {
        /// The path; it ends where it began.
        cycle: Vec<PluginName>,
    },
    /// Several plugins qualify for one place.
    #[error("[{}] {ambiguity}", self.code())]
    AmbiguousPlugin {
        /// Who, and how to settle it.
        ambiguity: Ambiguity,
    },
    /// There is no async runtime (`start`), or there is one already (`start_blocking`).
    #[error("[{}] {reason}", self.code())]
    Runtime {
        /// What to do instead.
        reason: String,
    },
    /// A resource was given twice under one name.
    #[error("[{}] resource `{resource}` is already registered; give it once, or use `RegistryBuilder::replace_resource`", self.code())]
    ResourceTwice {
        /// Its name.
        resource: String,
    },
    /// A resource is decorated as another type than it was registered as.
    #[error("[{}] resource `{resource}` is a `{registered}`, and a decorator takes it for a `{decorated}`; name the type it was registered as: `decorate::<{registered}>`", self.code())]
    ResourceType {
        /// Its name.
        resource: String,
        /// The type it was registered as.
        registered: &'static str,
        /// The type of the decorator.
        decorated: &'static str,
    },
    /// It was started before.
    #[error("[{}] the registry was started before; build a new one", self.code())]
    AlreadyStarted,
    /// It was asked to stop before it had started.
    #[error("[{}] the registry was asked to stop while it started; what was set up was torn down", self.code())]
    Stopped,
}

impl StartError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Hookspecs { .. } => "HS-R010",
            Self::Registration { .. } => "HS-R011",
            Self::CoreVersion { .. } => "HS-R012",
            Self::DependencyCycle { .. } => "HS-R013",
            Self::AmbiguousPlugin { .. } => "HS-R014",
            Self::Runtime { .. } => "HS-R015",
            Self::AlreadyStarted => "HS-R016",
            Self::Stopped => "HS-R026",
            Self::NeedsStart => "HS-R017",
            Self::PluginFolder { .. } => "HS-R022",
            Self::Configuration { .. } => "HS-R023",
            Self::ResourceTwice { .. } => "HS-R060",
            Self::ResourceType { .. } => "HS-R061",
        }
    }
}

/// Why a plugin was not removed. It is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// Nobody of that name is registered.
    #[error("[{}] no plugin `{plugin}` is registered", self.code())]
    UnknownPlugin {
        /// What was asked for.
        plugin: String,
    },
    /// Others depend on it.
    #[error("[{}] plugin `{plugin}` is needed by {}; remove them first", self.code(), list(dependents))]
    Needed {
        /// The plugin.
        plugin: PluginName,
        /// Who needs it.
        dependents: Vec<PluginName>,
    },
}

impl RemoveError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPlugin { .. } => "HS-R020",
            Self::Needed { .. } => "HS-R021",
        }
    }
}

/// Plugins that could not be torn down. Everything else was.
#[derive(Debug, Error)]
#[error("[HS-R030] {} plugin(s) failed in teardown:\n{}", .0.len(), lines(.0))]
pub struct TeardownErrors(pub Vec<TeardownFailure>);

/// One plugin that could not be torn down.
#[derive(Debug, Error)]
#[error("plugin `{plugin}`: {reason}")]
pub struct TeardownFailure {
    /// The plugin.
    pub plugin: PluginName,
    /// Why.
    pub reason: String,
}
