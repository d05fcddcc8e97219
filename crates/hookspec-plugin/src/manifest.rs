//! [`Manifest`]: what a plugin says about itself.
//!
//! These are the types alone. Reading a manifest from a file, and checking it, is the work of
//! `hookspec-spec`, which reports every mistake with its place.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::events::{Pattern, Subscription};
use crate::name::{KindName, PluginName};
use crate::predicate::Predicate;

/// What a plugin says about itself. Serialised, it holds every field, also those left out.
///
/// ```
/// # use hookspec_plugin::Manifest;
/// let manifest = Manifest { priority: 50, ..Manifest::new("indexer", "file_processor") };
/// assert_eq!(manifest.kind_api_version, "1");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the manifest format: `1`.
    pub schema_version: String,
    /// The plugin's name, unique in a registry.
    pub name: PluginName,
    /// The kind it implements.
    pub kind: KindName,
    /// The major version of the kind it was written for; a full version is accepted.
    pub kind_api_version: String,
    /// The host versions it runs in: a PEP 440 set or a SemVer range; empty accepts any.
    pub core_version: String,
    /// How it is loaded.
    pub runtime: RuntimeName,
    /// The plugin's own version.
    #[serde(default)]
    pub version: Option<String>,
    /// What the plugin does, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// SPDX licence expression.
    #[serde(default)]
    pub license: Option<String>,
    /// Who to ask.
    #[serde(default)]
    pub maintainer: Option<String>,
    /// Where to read more.
    #[serde(default)]
    pub homepage: Option<String>,
    /// Where the code is: `path:Type` (in_process) or a file in the plugin's folder (dylib).
    #[serde(default)]
    pub entry_point: Option<String>,
    /// The SHA-256 of the file that `entry_point` names, in hexadecimal; another file is refused.
    #[serde(default)]
    pub sha256: Option<String>,
    /// A probe that tells whether the plugin is well.
    #[serde(default)]
    pub health_check: Option<String>,
    /// The address of an mcp_http plugin.
    #[serde(default)]
    pub url: Option<String>,
    /// Another name of `url`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The command line of a process or mcp_stdio plugin.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// Environment variables of that process.
    #[serde(default)]
    pub env: Option<std::collections::BTreeMap<String, String>>,
    /// How to authenticate to `url`.
    #[serde(default)]
    pub auth: Option<Map<String, Value>>,
    /// Tags that capability dispatch asks for.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Plugins that must be ready first.
    #[serde(default)]
    pub depends_on: Vec<PluginName>,
    /// Languages that capability dispatch may route here.
    #[serde(default)]
    pub supports_languages: Vec<String>,
    /// File extensions that capability dispatch may route here.
    #[serde(default)]
    pub supports_extensions: Vec<String>,
    /// MIME types that capability dispatch may route here.
    #[serde(default)]
    pub supports_mime_types: Vec<String>,
    /// Higher comes first; 1000 and up is reserved for middleware.
    #[serde(default)]
    pub priority: u32,
    /// Comes before every plugin that does not say so, whatever the priorities.
    #[serde(default)]
    pub tryfirst: bool,
    /// Comes after every plugin that does not say so, whatever the priorities.
    #[serde(default)]
    pub trylast: bool,
    /// Chosen by capability dispatch when nobody else matches, and only then.
    #[serde(default)]
    pub fallback: bool,
    /// Refuses any runtime but in_process.
    #[serde(default)]
    pub in_process_only: bool,
    /// How long `setup` may take, in seconds.
    #[serde(default = "thirty")]
    pub startup_timeout_sec: u64,
    /// How long `teardown` may take, in seconds.
    #[serde(default = "fifteen")]
    pub teardown_timeout_sec: u64,
    /// What kind of work the hooks do; decides the executor unless `isolation` does.
    #[serde(default)]
    pub execution_model: ExecutionModel,
    /// Named resources of the host that the plugin uses.
    #[serde(default)]
    pub resources: ResourceNeeds,
    /// How the plugin's work is identified, repeated and resumed.
    #[serde(default)]
    pub unit_of_work: UnitOfWork,
    /// Which executor runs the hooks.
    #[serde(default)]
    pub isolation: Option<Isolation>,
    /// Shortens this plugin's own calls, in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// How many calls may run at once.
    #[serde(default)]
    pub max_concurrency: Option<u32>,
    /// Stops calling the plugin for a while when it keeps failing.
    #[serde(default)]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Which hooks this plugin wraps as middleware; needs a priority of 1000 or more.
    #[serde(default)]
    pub chain_wrap: Option<ChainWrap>,
    /// JSON Schema of the plugin's configuration: the schema itself, or a path beside the manifest.
    #[serde(default)]
    pub config_schema: Option<Value>,
    /// Events the plugin emits and receives.
    #[serde(default)]
    pub events: Option<Events>,
    /// Bounds that are tighter than the host's.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// The plugin is called only for inputs of which this holds.
    #[serde(default)]
    pub when: Option<Predicate>,
}

impl Manifest {
    /// A manifest of an in-process plugin with nothing but defaults.
    pub fn new(name: impl Into<PluginName>, kind: impl Into<KindName>) -> Self {
        Self {
            schema_version: "1".into(),
            name: name.into(),
            kind: kind.into(),
            kind_api_version: "1".into(),
            core_version: String::new(),
            runtime: RuntimeName::InProcess,
            version: None,
            description: None,
            license: None,
            maintainer: None,
            homepage: None,
            entry_point: None,
            sha256: None,
            health_check: None,
            url: None,
            endpoint: None,
            command: None,
            env: None,
            auth: None,
            capabilities: Vec::new(),
            depends_on: Vec::new(),
            supports_languages: Vec::new(),
            supports_extensions: Vec::new(),
            supports_mime_types: Vec::new(),
            priority: 0,
            tryfirst: false,
            trylast: false,
            fallback: false,
            in_process_only: false,
            startup_timeout_sec: thirty(),
            teardown_timeout_sec: fifteen(),
            execution_model: ExecutionModel::default(),
            resources: ResourceNeeds::default(),
            unit_of_work: UnitOfWork::default(),
            isolation: None,
            timeout_ms: None,
            max_concurrency: None,
            circuit_breaker: None,
            chain_wrap: None,
            config_schema: None,
            events: None,
            limits: None,
            when: None,
        }
    }

    /// The address of an mcp_http plugin, under whichever of its two names.
    pub fn address(&self) -> Option<&str> {
        self.url.as_deref().or(self.endpoint.as_deref())
    }

    /// The major version of the kind that it was written for: the first number of
    /// `kind_api_version`. `None` where that does not begin with one.
    pub fn kind_major(&self) -> Option<u64> {
        self.kind_api_version.split('.').next()?.parse().ok()
    }

    /// Whether it says anything that capability dispatch can index.
    pub fn declares_capabilities(&self) -> bool {
        !(self.capabilities.is_empty()
            && self.supports_languages.is_empty()
            && self.supports_extensions.is_empty()
            && self.supports_mime_types.is_empty())
    }
}

fn thirty() -> u64 {
    30
}

fn fifteen() -> u64 {
    15
}

/// How a plugin is loaded, in the order in which runtimes start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeName {
    /// Linked into the host.
    InProcess,
    /// A shared library.
    Dylib,
    /// A child process.
    Process,
    /// A Model Context Protocol server on standard input and output.
    McpStdio,
    /// A Model Context Protocol server behind an address.
    McpHttp,
}

impl RuntimeName {
    /// Every runtime a manifest may name, in starting order.
    pub const ALL: [Self; 5] =
        [Self::InProcess, Self::Dylib, Self::Process, Self::McpStdio, Self::McpHttp];

    /// The name in a manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProcess => "in_process",
            Self::Dylib => "dylib",
            Self::Process => "process",
            Self::McpStdio => "mcp_stdio",
            Self::McpHttp => "mcp_http",
        }
    }
}

impl std::fmt::Display for RuntimeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What kind of work a plugin's hooks do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionModel {
    /// Short work that does not block.
    #[default]
    Sync,
    /// Work that awaits.
    Async,
    /// Work that occupies a thread.
    ThreadCpuBound,
    /// Work that wants a process of its own; elsewhere it gets a thread.
    ProcessCpuBound,
}

/// Which executor runs a plugin's hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// Polled by whoever dispatches; must not block.
    Inline,
    /// A task of its own on the runtime.
    Task,
    /// Threads of its own.
    Thread,
}

impl Isolation {
    /// Every executor.
    pub const ALL: [Self; 3] = [Self::Inline, Self::Task, Self::Thread];

    /// The name in a manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Task => "task",
            Self::Thread => "thread",
        }
    }
}

impl std::fmt::Display for Isolation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Named resources of the host that a plugin uses; it sees no others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResourceNeeds {
    /// Without these the plugin is unavailable.
    pub required: Vec<String>,
    /// These are used when they are there.
    pub optional: Vec<String>,
}

/// How a plugin's work is identified, repeated and resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UnitOfWork {
    /// Whether the plugin's calls are units of work at all.
    pub declared: bool,
    /// The input field that work is partitioned by.
    pub partition_key: Option<String>,
    /// How long one unit takes, roughly.
    pub estimated_duration_sec: Option<u64>,
    /// When two units count as the same.
    pub idempotency_mode: IdempotencyMode,
    /// Whether a unit can go on from a checkpoint.
    pub checkpointable: bool,
}

/// When two units of work count as the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdempotencyMode {
    /// Never.
    #[default]
    None,
    /// When their inputs are equal.
    InputHash,
    /// When their outputs are equal: the plugin is deterministic.
    OutputHash,
}

/// When to stop calling a plugin that keeps failing, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CircuitBreaker {
    /// Consecutive failures that open the circuit.
    pub fail_threshold: u32,
    /// Seconds until one call is let through again.
    pub open_seconds: u64,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self { fail_threshold: 5, open_seconds: 60 }
    }
}

/// Which hooks a middleware plugin wraps; `*` stands for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainWrap {
    /// Kind names.
    pub kinds: Vec<String>,
    /// Hook names.
    pub hooks: Vec<String>,
    /// While it is not ready, nobody is called whom it would wrap: it stands for a permission.
    #[serde(default)]
    pub required: bool,
}

/// Events a plugin emits and receives, as patterns over their types.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Events {
    /// What it may emit.
    pub emit: Vec<Pattern>,
    /// Of what it receives, what it may cancel while a dispatch awaits it.
    pub cancel: Vec<Pattern>,
    /// What it receives, through the hook [`EVENT`](crate::EVENT).
    pub subscribe: Vec<Subscription>,
}

/// Bounds that are tighter than the host's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest output of a call, in bytes of JSON.
    pub output_bytes: Option<u64>,
}
