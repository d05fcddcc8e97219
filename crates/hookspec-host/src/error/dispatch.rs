//! [`DispatchError`]: why a dispatcher could not be obtained, or a dispatch has no outcome.

use hookspec_plugin::{Fault, Payload, PluginName, Violations};
use hookspec_spec::DispatchClass;
use thiserror::Error;

use super::list;
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
