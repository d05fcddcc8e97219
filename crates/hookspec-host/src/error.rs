//! Errors: the caller was wrong, or the class says that one failure ends the dispatch.
//!
//! Everything else is data in an outcome (invariant 6). Each error has a stable code, listed with
//! its remedy in the error reference (`docs/errors.md`).

use hookspec_plugin::{Fault, Payload, PluginName, Violations};
use hookspec_spec::{Diagnostics, DispatchClass};
use thiserror::Error;

use crate::outcome::Failure;

/// Why a dispatcher could not be obtained, or a dispatch has no outcome.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DispatchError {
    /// No hookspec declares the kind (or that major of it).
    #[error("[{}] kind `{kind}` is not declared by any hookspec; declared are: {}", self.code(), list(known))]
    UnknownKind {
        /// What was asked for.
        kind: String,
        /// The kinds there are.
        known: Vec<String>,
    },
    /// The kind has no such hook.
    #[error("[{}] kind `{kind}` has no hook `{hook}`; it has: {}", self.code(), list(known))]
    UnknownHook {
        /// The kind.
        kind: String,
        /// What was asked for.
        hook: String,
        /// The hooks there are.
        known: Vec<String>,
    },
    /// The hook has another class than the dispatcher.
    #[error("[{}] hook `{kind}.{hook}` is declared as dispatch={declared}, not {asked}; obtain a {declared} dispatcher", self.code())]
    DispatchMismatch {
        /// The kind.
        kind: String,
        /// The hook.
        hook: String,
        /// What its hookspec says.
        declared: DispatchClass,
        /// What was asked for.
        asked: DispatchClass,
    },
    /// The input does not satisfy the hook's input schema, or is too large. Nobody was called.
    #[error("[{}] the input of `{kind}.{hook}` is invalid: {violations}", self.code())]
    InvalidInput {
        /// The kind.
        kind: String,
        /// The hook.
        hook: String,
        /// What is wrong with it.
        violations: Violations,
    },
    /// Several plugins qualify and nothing settles which one.
    #[error("[{}] {ambiguity}", self.code())]
    AmbiguousPlugin {
        /// Who, and how to settle it.
        ambiguity: Ambiguity,
    },
    /// Nobody can take the call.
    #[error("[{}] no plugin can handle `{kind}.{hook}`{}: {reason}", self.code(), wanted.as_ref().map(|name| format!(" as `{name}`")).unwrap_or_default())]
    NoCapableHandler {
        /// The kind.
        kind: String,
        /// The hook.
        hook: String,
        /// The plugin that a name, a policy or a variable asked for.
        wanted: Option<PluginName>,
        /// Who was considered, and why nobody qualified.
        reason: String,
    },
    /// A middleware plugin refused the call.
    #[error("[{}] plugin `{plugin}` refused the call: {fault}", self.code())]
    Refused {
        /// The plugin that refused.
        plugin: PluginName,
        /// Its reason.
        fault: Fault,
    },
    /// `dispatch_sync` met a plugin that cannot answer at once.
    #[error("[{}] plugin `{plugin}` cannot answer synchronously: it is pending or not on the `inline` executor; use `dispatch`", self.code())]
    NotInline {
        /// The plugin.
        plugin: PluginName,
    },
    /// A plugin failed, and the class or the hook's policy ends the dispatch there.
    #[error("[{}] {failure}", self.code())]
    PluginFailed {
        /// Who, and why.
        failure: Box<Failure>,
        /// What there was before it.
        partial: Partial,
    },
    /// The application's own filter or routing policy panicked. Nobody was called: a filter may
    /// stand for a permission, so it fails closed.
    #[error("[{}] the {role} for `{kind}.{hook}` panicked: {message}", self.code())]
    ChoicePanicked {
        /// The kind.
        kind: String,
        /// The hook.
        hook: String,
        /// `filter` or `routing policy`.
        role: &'static str,
        /// The message of the panic.
        message: String,
    },
    /// Too many detached notifications are outstanding.
    #[error("[{}] {outstanding} detached notifications are outstanding already; await `dispatch`, or notify less", self.code())]
    Rejected {
        /// How many there are.
        outstanding: usize,
    },
    /// The registry is stopping or has stopped.
    #[error("[{}] the registry is shutting down; dispatch before `stop`", self.code())]
    ShuttingDown,
    /// There is no async runtime to run what was asked for.
    #[error("[{}] the registry has no async runtime; start it inside one, or with `start_blocking`", self.code())]
    NoRuntime,
}

impl DispatchError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind { .. } => "HS-D001",
            Self::UnknownHook { .. } => "HS-D002",
            Self::DispatchMismatch { .. } => "HS-D003",
            Self::InvalidInput { .. } => "HS-D004",
            Self::AmbiguousPlugin { .. } => "HS-D005",
            Self::NoCapableHandler { .. } => "HS-D006",
            Self::Refused { .. } => "HS-D007",
            Self::NotInline { .. } => "HS-D008",
            Self::PluginFailed { .. } => "HS-D009",
            Self::ChoicePanicked { .. } => "HS-D010",
            Self::Rejected { .. } => "HS-D011",
            Self::ShuttingDown => "HS-D012",
            Self::NoRuntime => "HS-D013",
        }
    }
}

/// What a dispatch had before the failure that ended it.
#[derive(Clone, Debug)]
pub enum Partial {
    /// Nothing.
    None,
    /// A collect: the replies that were complete, in dispatch order.
    Replies(Vec<(PluginName, Payload)>),
    /// A chain: the value before the link that failed.
    Value(Payload),
}

/// Several plugins qualify for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguity {
    /// The kind.
    pub kind: String,
    /// Who qualifies, in dispatch order.
    pub candidates: Vec<PluginName>,
    /// The environment variable that would settle it; `None` where no variable can.
    pub variable: Option<String>,
}

impl std::fmt::Display for Ambiguity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, who) = (&self.kind, list(&self.candidates));
        match &self.variable {
            Some(variable) => write!(
                f,
                "equal priority for kind={kind}: {who}; set {variable} to disambiguate, give one \
                 a higher priority, or name one in the call"
            ),
            None => write!(f, "kind={kind} has several fallback plugins: {who}; leave one of them"),
        }
    }
}

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
    /// It implements a hook that its kind does not have.
    #[error("[{}] plugin `{plugin}` implements hook `{hook}`, which kind `{kind}` does not have; it has: {}", self.code(), list(known))]
    UnknownHook {
        /// The plugin.
        plugin: PluginName,
        /// The hook.
        hook: String,
        /// Its kind.
        kind: String,
        /// The hooks there are.
        known: Vec<String>,
    },
    /// It lacks a hook that its kind requires.
    #[error("[{}] plugin `{plugin}` does not implement hook `{hook}`, which kind `{kind}` requires", self.code())]
    MissingHook {
        /// The plugin.
        plugin: PluginName,
        /// The hook.
        hook: String,
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
    /// Plugins were refused; all of them are listed.
    #[error("[{}] {} of the plugins were refused:\n{}", self.code(), errors.len(), lines(errors))]
    Registration {
        /// One for each plugin.
        errors: Vec<RegistrationError>,
    },
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
    /// It was started before.
    #[error("[{}] the registry was started before; build a new one", self.code())]
    AlreadyStarted,
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

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    if items.is_empty() {
        return "none".into();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn arrow<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> ")
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("  - {item}")).collect::<Vec<_>>().join("\n")
}
