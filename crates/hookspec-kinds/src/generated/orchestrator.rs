// @generated from orchestrator/v1.yaml
//   schemas/enqueue.input.json cbbc9b9b4b55db8591b150962ef051d8
//   schemas/enqueue.output.json bdf49bca9a103efc2fad4df9671c7961
//   schemas/status.input.json b3d547d07f377ca70317f82a4e7e6e7b
//   schemas/status.output.json 7197a2ab73f8848e2110270b7da13755
//   schemas/backfill.input.json de9602b271f7a45ee8abd8ed5db197d7
//   schemas/backfill.output.json ea607457e54892f433f08f659263e2d0
// by `hookspec generate`. Do not edit: change the hookspec.
//
// Not checked by the types; the host validates these payloads as JSON:
//   schemas/status.output.json#/properties/finished_at/format: `format`
//   schemas/status.output.json#/properties/started_at/format: `format`
//   schemas/backfill.input.json#/properties/since/format: `format`
//   schemas/backfill.input.json#/properties/until/format: `format`

//! The kind `orchestrator`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};
use ::hookspec_plugin::__private::serde_json::{Map, Value};

/// Runs units of work of other plugins later, at most once each, and remembers how they ended.
///
/// The kind `orchestrator`, version 1.0.0. Implement the hooks you want and leave out the
/// others: `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `orchestrator` plugin",
    note = "implement `Orchestrator` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait Orchestrator: Sized + Send + Sync + 'static {
    /// The hooks that are implemented: written by the macro on the `impl`.
    #[doc(hidden)]
    const HOOKS: &'static [::hookspec_plugin::HookName];
    /// The manifest of the plugin: written by the macro likewise.
    #[doc(hidden)]
    const MANIFEST: fn() -> ::hookspec_plugin::Manifest;
    /// The methods with `#[on]`: written by the macro likewise.
    #[doc(hidden)]
    const ON: &'static [__private::On<Self>] = &[];
    /// What the macro goes by.
    #[doc(hidden)]
    const KIND: &'static __private::Kind = &__private::Kind {
        name: "orchestrator",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `Orchestrator` wants kind = \"orchestrator\"",
        methods: &[
            ("enqueue", "enqueue"),
            ("status", "status"),
            ("backfill", "backfill"),
        ],
        digests: &[
            (
                "enqueue",
                "50c31b355a293b71788452266767384610c9ba30e42931cd9ec324cecb81c230",
            ),
            (
                "status",
                "d0ca7d5d6b531246779a37f597f979f5c85808f40134110842d391ba08fc8431",
            ),
            (
                "backfill",
                "08f619011e8ebc81b6dd13193802f871144ba8ea7d342d28eea32cfe4795e0bf",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        OrchestratorPlugin(instance),
    );
    /// Accepts a unit of work, or points at the one that is the same.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn enqueue(
        &self,
        ctx: &CallContext<'_>,
        input: &Enqueue,
    ) -> Result<Enqueued, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("enqueue"))
    }
    /// How far a unit of work is.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn status(
        &self,
        ctx: &CallContext<'_>,
        input: &StatusRequest,
    ) -> Result<Status, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("status"))
    }
    /// Enqueues again what ended badly in a stretch of time.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn backfill(
        &self,
        ctx: &CallContext<'_>,
        input: &Backfill,
    ) -> Result<Backfilled, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("backfill"))
    }
}

/// A unit of work to be run later.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Enqueue {
    /// The plugin that does the work.
    pub plugin_name: String,
    /// What the plugin is called with.
    pub args: Map<String, Value>,
    /// Two units with the same key are one.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub idempotency_key: Option<String>,
    /// Units with the same key run one after another.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub partition_key: Option<String>,
}
__private::object!(Enqueue);

impl ::hookspec_plugin::check::Examine for Enqueue {}

/// The unit that stands for the request.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Enqueued {
    /// Identifies a unit of work.
    pub unit_id: String,
    /// The unit was there already; nothing was added.
    pub deduplicated: bool,
}
__private::object!(Enqueued);

impl ::hookspec_plugin::check::Examine for Enqueued {}

/// Which unit of work is asked about.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct StatusRequest {
    /// Identifies a unit of work.
    pub unit_id: String,
}
__private::object!(StatusRequest);

impl ::hookspec_plugin::check::Examine for StatusRequest {}

/// How far a unit of work is.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Status {
    /// Identifies a unit of work.
    pub unit_id: String,
    /// Where the unit stands.
    pub state: StatusState,
    /// When the work began.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub started_at: Option<String>,
    /// When the work ended, in whatever way.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub finished_at: Option<String>,
    /// What the plugin last reported; its own words.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub progress: Option<Map<String, Value>>,
    /// Why the unit failed.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<String>,
}
__private::object!(Status);

impl ::hookspec_plugin::check::Examine for Status {}

/// Where the unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusState {
    /// The text `queued`.
    Queued,
    /// The text `running`.
    Running,
    /// The text `succeeded`.
    Succeeded,
    /// The text `failed`.
    Failed,
    /// The text `cancelled`.
    Cancelled,
    /// The text `expired`.
    Expired,
}

impl StatusState {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &[
        "queued",
        "running",
        "succeeded",
        "failed",
        "cancelled",
        "expired",
    ];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "queued" => Some(Self::Queued),
            "running" => Some(Self::Running),
            "succeeded" => Some(Self::Succeeded),
            "failed" => Some(Self::Failed),
            "cancelled" => Some(Self::Cancelled),
            "expired" => Some(Self::Expired),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for StatusState {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(StatusState);

/// Which units to run again; everything left out does not narrow\.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Backfill {
    /// Only the units of this plugin.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub plugin_name: Option<String>,
    /// Only the units with this key.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub partition_key: Option<String>,
    /// Only units that ended at this time or later.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub since: Option<String>,
    /// Only units that ended before this time.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<String>,
    /// Only units that ended so; absent means failed and expired.
    ///
    /// Absent means `["failed","expired"]`.
    #[serde(default = "Backfill::default_states")]
    pub states: Vec<BackfillStatesItem>,
}
__private::object!(Backfill);

impl Backfill {
    fn default_states() -> Vec<BackfillStatesItem> {
        vec![BackfillStatesItem::Failed, BackfillStatesItem::Expired]
    }
}

impl Default for Backfill {
    fn default() -> Self {
        Self {
            plugin_name: None,
            partition_key: None,
            since: None,
            until: None,
            states: Self::default_states(),
        }
    }
}

impl ::hookspec_plugin::check::Examine for Backfill {}

/// How a unit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackfillStatesItem {
    /// The text `failed`.
    Failed,
    /// The text `expired`.
    Expired,
    /// The text `cancelled`.
    Cancelled,
}

impl BackfillStatesItem {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &["failed", "expired", "cancelled"];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "failed" => Some(Self::Failed),
            "expired" => Some(Self::Expired),
            "cancelled" => Some(Self::Cancelled),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for BackfillStatesItem {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(BackfillStatesItem);

/// What a backfill did.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Backfilled {
    /// How many units were enqueued again.
    pub enqueued_count: u64,
    /// How many matched and were left alone.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub skipped_count: Option<u64>,
}
__private::object!(Backfilled);

impl ::hookspec_plugin::check::Examine for Backfilled {}

impl ::hookspec_plugin::TypedPayload for Enqueue {
    const SCHEMA: &'static str = "cbbc9b9b4b55db8591b150962ef051d8";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for Enqueued {
    const SCHEMA: &'static str = "bdf49bca9a103efc2fad4df9671c7961";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for StatusRequest {
    const SCHEMA: &'static str = "b3d547d07f377ca70317f82a4e7e6e7b";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for Status {
    const SCHEMA: &'static str = "7197a2ab73f8848e2110270b7da13755";
    const COMPLETE: bool = false;
}

impl ::hookspec_plugin::TypedPayload for Backfill {
    const SCHEMA: &'static str = "de9602b271f7a45ee8abd8ed5db197d7";
    const COMPLETE: bool = false;
}

impl ::hookspec_plugin::TypedPayload for Backfilled {
    const SCHEMA: &'static str = "ea607457e54892f433f08f659263e2d0";
    const COMPLETE: bool = true;
}

/// A plugin of the kind `orchestrator`, made of a [`Orchestrator`].
pub struct OrchestratorPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> OrchestratorPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "orchestrator",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: Orchestrator> OrchestratorPlugin<T> {
    /// A plugin with the manifest that `#[plugin]` declares, whose state is built by
    /// its setup. Of a value that is ready already it is made by `from`.
    pub fn new() -> Self
    where
        T: ::hookspec_plugin::Component,
    {
        Self::component((T::MANIFEST)())
    }
    /// A plugin of a value that is ready already. It cannot be made anew, so this
    /// plugin cannot be reloaded; [`component`](Self::component) can.
    pub fn value(
        manifest: ::hookspec_plugin::Manifest,
        value: ::std::sync::Arc<T>,
    ) -> Self {
        Self(::hookspec_plugin::Instance::value(manifest, value))
    }
    /// A plugin whose state is built by its setup.
    pub fn component(manifest: ::hookspec_plugin::Manifest) -> Self
    where
        T: ::hookspec_plugin::Component,
    {
        Self(::hookspec_plugin::Instance::component(manifest))
    }
}

/// A plugin of a value that is ready already, with the manifest that `#[plugin]`
/// declares.
impl<T: Orchestrator> ::core::convert::From<T> for OrchestratorPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for OrchestratorPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: Orchestrator> ::hookspec_plugin::Plugin for OrchestratorPlugin<T> {
    fn manifest(&self) -> &::hookspec_plugin::Manifest {
        self.0.manifest()
    }
    fn hooks(&self) -> &[::hookspec_plugin::HookName] {
        T::HOOKS
    }
    fn setup<'a>(
        &'a self,
        context: &'a ::hookspec_plugin::Context,
    ) -> ::hookspec_plugin::BoxFuture<'a, Result<(), ::hookspec_plugin::Fault>> {
        self.0.setup(context)
    }
    fn call<'a>(
        &'a self,
        call: ::hookspec_plugin::Call<'a>,
    ) -> ::hookspec_plugin::HookFuture<'a> {
        let plugin = match self.0.ready() {
            Ok(plugin) => plugin,
            Err(fault) => return ::hookspec_plugin::HookFuture::Ready(Err(fault)),
        };
        match call.hook().as_str() {
            "enqueue" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Enqueue>()?;
                    Orchestrator::enqueue(plugin, &call.context, &input)
                        .await
                        .map(__private::reply)
                })
            }
            "status" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<StatusRequest>()?;
                    Orchestrator::status(plugin, &call.context, &input)
                        .await
                        .map(__private::reply)
                })
            }
            "backfill" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Backfill>()?;
                    Orchestrator::backfill(plugin, &call.context, &input)
                        .await
                        .map(__private::reply)
                })
            }
            _ => __private::other(plugin, T::ON, call),
        }
    }
    fn subscriptions(&self) -> __private::Subscriptions {
        __private::subscriptions(T::ON)
    }
    fn health(&self) -> ::hookspec_plugin::BoxFuture<'_, ::hookspec_plugin::Health> {
        self.0.health()
    }
    fn on_config_change<'a>(
        &'a self,
        config: &'a __private::Config,
    ) -> ::hookspec_plugin::BoxFuture<
        'a,
        Result<::hookspec_plugin::Reconfigured, ::hookspec_plugin::Fault>,
    > {
        self.0.on_config_change(config)
    }
    fn quiesce(
        &self,
    ) -> ::hookspec_plugin::BoxFuture<'_, Result<(), ::hookspec_plugin::Fault>> {
        self.0.quiesce()
    }
    fn resume(
        &self,
    ) -> ::hookspec_plugin::BoxFuture<'_, Result<(), ::hookspec_plugin::Fault>> {
        self.0.resume()
    }
    fn teardown(
        &self,
    ) -> ::hookspec_plugin::BoxFuture<
        '_,
        Result<::hookspec_plugin::Teardown, ::hookspec_plugin::Fault>,
    > {
        self.0.teardown()
    }
}

#[cfg(feature = "calls")]
/// The hooks of the kind `orchestrator`, for an application to call.
#[derive(Clone, Debug)]
pub struct OrchestratorCalls {
    enqueue: ::hookspec_host::dispatch::Singleton<Enqueue, Enqueued>,
    status: ::hookspec_host::dispatch::Singleton<StatusRequest, Status>,
    backfill: ::hookspec_host::dispatch::Singleton<Backfill, Backfilled>,
}

#[cfg(feature = "calls")]
impl OrchestratorCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            enqueue: registry.singleton("orchestrator@1", "enqueue")?,
            status: registry.singleton("orchestrator@1", "status")?,
            backfill: registry.singleton("orchestrator@1", "backfill")?,
        })
    }
    /// Accepts a unit of work, or points at the one that is the same.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn enqueue(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Enqueue>,
    ) -> Result<::hookspec_host::Answer<Enqueued>, ::hookspec_host::DispatchError> {
        self.enqueue.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `enqueue`.
    pub fn has_enqueue(&self) -> bool {
        self.enqueue.has_plugins()
    }
    /// As `enqueue`, with a choice made for this call.
    ///
    /// # Errors
    /// As `enqueue`.
    pub async fn enqueue_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Enqueue>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Enqueued>, ::hookspec_host::DispatchError> {
        self.enqueue.dispatch_payload_with(caller, input, choice).await
    }
    /// How far a unit of work is.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn status(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<StatusRequest>,
    ) -> Result<::hookspec_host::Answer<Status>, ::hookspec_host::DispatchError> {
        self.status.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `status`.
    pub fn has_status(&self) -> bool {
        self.status.has_plugins()
    }
    /// As `status`, with a choice made for this call.
    ///
    /// # Errors
    /// As `status`.
    pub async fn status_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<StatusRequest>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Status>, ::hookspec_host::DispatchError> {
        self.status.dispatch_payload_with(caller, input, choice).await
    }
    /// Enqueues again what ended badly in a stretch of time.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn backfill(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Backfill>,
    ) -> Result<::hookspec_host::Answer<Backfilled>, ::hookspec_host::DispatchError> {
        self.backfill.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `backfill`.
    pub fn has_backfill(&self) -> bool {
        self.backfill.has_plugins()
    }
    /// As `backfill`, with a choice made for this call.
    ///
    /// # Errors
    /// As `backfill`.
    pub async fn backfill_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Backfill>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Backfilled>, ::hookspec_host::DispatchError> {
        self.backfill.dispatch_payload_with(caller, input, choice).await
    }
}
