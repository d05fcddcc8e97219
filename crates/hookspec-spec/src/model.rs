//! [`Kind`] and [`Hook`]: what a hookspec file says, checked.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{HookName, KindName, Pattern};
use serde_json::Value;

use crate::class::{DispatchClass, ErrorPolicy, Mode};
use crate::diagnostic::{Diagnostic, Position};
use crate::events::Place;
use crate::schema::Schema;

/// One major version of a plugin kind: one hookspec file.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The name, in snake_case.
    pub name: KindName,
    /// The version of the kind; its major is part of the file's name.
    pub api_version: semver::Version,
    /// What plugins of this kind do, for people.
    pub description: Option<String>,
    /// What a runtime and a registry must respect.
    pub constraints: Constraints,
    /// The hooks, in the order of the file.
    pub hooks: Vec<Arc<Hook>>,
    /// The file.
    pub source: PathBuf,
    /// What its author should know.
    pub warnings: Vec<Diagnostic>,
    /// Where the file names the kind, and the line it does so on.
    pub(crate) declared: (Option<Position>, Option<String>),
    /// The hooks that are bound to events, and where the file binds them.
    pub(crate) bindings: Vec<(Arc<Hook>, Place)>,
}

impl Kind {
    /// A kind that no hookspec declares, without hooks: what a plugin is shown under that asks for
    /// one.
    pub fn undeclared(name: KindName, major: u64) -> Self {
        Self {
            name,
            api_version: semver::Version::new(major, 0, 0),
            description: None,
            constraints: Constraints::default(),
            hooks: Vec::new(),
            source: PathBuf::new(),
            warnings: Vec::new(),
            declared: (None, None),
            bindings: Vec::new(),
        }
    }

    /// The major version, which tells kinds of one name apart.
    pub fn major(&self) -> u64 {
        self.api_version.major
    }

    /// A hook by name.
    pub fn hook(&self, name: &str) -> Option<&Arc<Hook>> {
        self.hooks.iter().find(|hook| hook.name == *name)
    }
}

/// What a runtime and a registry must respect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    /// At most one plugin of the kind is active.
    pub singleton_per_runtime: bool,
    /// Plugins of the kind are linked into the host.
    pub in_process_only: bool,
}

/// One hook of a kind.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The name, in snake_case, unique in the kind.
    pub name: HookName,
    /// What the hook is for, for people.
    pub description: Option<String>,
    /// Who is called and what comes back.
    pub dispatch: DispatchClass,
    /// What goes in; of a chain, the value.
    pub input: Schema,
    /// What comes out. Of a chain, the value again; of a notification, anything.
    pub output: Schema,
    /// Of a notification: the events that it is called for, with the data of each as input.
    pub event: Option<Pattern>,
    /// What one plugin's failure means.
    pub error_policy: ErrorPolicy,
    /// Whether methods are `async fn`.
    pub mode: Mode,
    /// Bounds a whole dispatch; `None`: the host's default.
    pub timeout: Option<Duration>,
    /// Whether every plugin of the kind must implement it.
    pub required: bool,
    /// Whether calling it twice is the same as calling it once.
    pub idempotent: bool,
    /// The version of the kind that brought it.
    pub since: Option<String>,
    /// What to use instead.
    pub deprecated: Option<String>,
    /// JSON pointers a chain plugin may change; `None`: everything (CHAIN-4).
    pub writable: Option<Vec<String>>,
    /// Calls that documentation shows and tests replay; checked against the schemas.
    pub examples: Vec<Example>,
    /// Whether it is offered to Model Context Protocol clients.
    pub mcp_exposed: bool,
    /// How its tool is named there.
    pub mcp_tool_name_template: String,
    /// SHA-256, in hex, over class, mode and both schemas: equal digests mean equal contracts.
    pub digest: String,
}

impl Hook {
    /// A hook that plugins of any kind may have, such as `$event`: nothing is asked of what goes in and
    /// out.
    pub fn reserved(name: HookName, dispatch: DispatchClass) -> Self {
        Self {
            name,
            description: None,
            dispatch,
            input: Schema::anything(),
            output: Schema::anything(),
            event: None,
            error_policy: ErrorPolicy::FailFast,
            mode: Mode::Async,
            timeout: None,
            required: false,
            idempotent: false,
            since: None,
            deprecated: None,
            writable: None,
            examples: Vec::new(),
            mcp_exposed: false,
            mcp_tool_name_template: String::new(),
            digest: String::new(),
        }
    }
}

/// One call of a hook, as an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What goes in.
    pub input: Value,
    /// What may come out.
    pub output: Option<Value>,
}
