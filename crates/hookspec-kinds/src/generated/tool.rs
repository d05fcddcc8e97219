// @generated from tool/v1.yaml
//   schemas/empty.json 1b4858b5a20d44f86491c9097ae32500
//   schemas/get_schema.output.json 39bcbd83b4450b1c398dbf6f9010ef04
//   schemas/execute.input.json 2d94b238ca7dddade8cafe03d8e56390
//   schemas/execute.output.json cb25b6324d4f7b64dd864cb8b52e8ced
// by `hookspec generate`. Do not edit: change the hookspec.
//
// Not checked by the types; the host validates these payloads as JSON:
//   schemas/get_schema.output.json#/$defs/Function/properties/name/pattern: `pattern`

//! The kind `tool`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};
use ::hookspec_plugin::__private::serde_json::{Map, Value};

/// Plugins that bring functions which a model may call.
///
/// The kind `tool`, version 1.0.0. Implement the hooks you want and leave out the others:
/// `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `tool` plugin",
    note = "implement `Tool` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait Tool: Sized + Send + Sync + 'static {
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
        name: "tool",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `Tool` wants kind = \"tool\"",
        methods: &[("get_schema", "get_schema"), ("execute", "execute")],
        digests: &[
            (
                "get_schema",
                "4fe821485f00e784a07387f9dba20afd4cc7ad5f9e275f7157b52cf70fcba6f6",
            ),
            (
                "execute",
                "24827461b75fecba53de6214158d2acbdeb15a666aea36c5009f83fc83b622c5",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        ToolPlugin(instance),
    );
    /// The functions this plugin brings, with the schema of their arguments.
    ///
    /// Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, COLLECT-2); the
    /// first failure ends it for all (COLLECT-5). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn get_schema(
        &self,
        ctx: &CallContext<'_>,
        input: &Empty,
    ) -> Result<Functions, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("get_schema"))
    }
    /// Calls one function, which get_schema has named, with its arguments: `{ function: divide,
    /// args: { by: 0 } }` is answered `{ result: null, is_error: true, error_message: division by
    /// zero }`.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn execute(
        &self,
        ctx: &CallContext<'_>,
        input: &Execution,
    ) -> Result<ExecutionResult, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("execute"))
    }
}

/// An object without properties: the hook needs no input.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Empty {}
__private::object!(Empty);

impl ::hookspec_plugin::check::Examine for Empty {}

/// One function that a model may call.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Function {
    /// What the function is called by.
    pub name: String,
    /// What the function does, for a model to read.
    pub description: String,
    /// JSON Schema of the arguments.
    pub parameters: Map<String, Value>,
}
__private::object!(Function);

/// The functions one plugin brings; none is an empty list.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", transparent)]
pub struct Functions(pub Vec<Function>);

impl From<Vec<Function>> for Functions {
    fn from(value: Vec<Function>) -> Self {
        Self(value)
    }
}

impl ::core::ops::Deref for Functions {
    type Target = Vec<Function>;
    fn deref(&self) -> &Vec<Function> {
        &self.0
    }
}

impl ::hookspec_plugin::check::Examine for Functions {}

/// Which function to call, and with what.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Execution {
    /// The name of the function, as get_schema lists it.
    pub function: String,
    /// The arguments by name, as the function's parameters describe them.
    pub args: Map<String, Value>,
}
__private::object!(Execution);

impl ::hookspec_plugin::check::Examine for Execution {}

/// What came of a call. A plugin may add properties of its own.
///
/// Properties that the schema does not declare are ignored.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self")]
pub struct ExecutionResult {
    /// What the function returned: any JSON.
    pub result: Value,
    /// The function itself reports a failure that the model should see.
    ///
    /// Absent means `false`.
    #[serde(default = "ExecutionResult::default_is_error")]
    pub is_error: bool,
    /// What went wrong, for the model to read.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub error_message: Option<String>,
}
__private::object!(ExecutionResult);

impl ExecutionResult {
    fn default_is_error() -> bool {
        false
    }
}

impl ::hookspec_plugin::check::Examine for ExecutionResult {}

impl ::hookspec_plugin::TypedPayload for Empty {
    const SCHEMA: &'static str = "1b4858b5a20d44f86491c9097ae32500";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for Functions {
    const SCHEMA: &'static str = "39bcbd83b4450b1c398dbf6f9010ef04";
    const COMPLETE: bool = false;
}

impl ::hookspec_plugin::TypedPayload for Execution {
    const SCHEMA: &'static str = "2d94b238ca7dddade8cafe03d8e56390";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for ExecutionResult {
    const SCHEMA: &'static str = "cb25b6324d4f7b64dd864cb8b52e8ced";
    const COMPLETE: bool = true;
}

/// A plugin of the kind `tool`, made of a [`Tool`].
pub struct ToolPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> ToolPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "tool",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: Tool> ToolPlugin<T> {
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
impl<T: Tool> ::core::convert::From<T> for ToolPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for ToolPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: Tool> ::hookspec_plugin::Plugin for ToolPlugin<T> {
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
            "get_schema" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Empty>()?;
                    Tool::get_schema(plugin, &call.context, &input)
                        .await
                        .map(__private::reply)
                })
            }
            "execute" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Execution>()?;
                    Tool::execute(plugin, &call.context, &input)
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
/// The hooks of the kind `tool`, for an application to call.
#[derive(Clone, Debug)]
pub struct ToolCalls {
    get_schema: ::hookspec_host::dispatch::BroadcastCollect<Empty, Functions>,
    execute: ::hookspec_host::dispatch::Singleton<Execution, ExecutionResult>,
}

#[cfg(feature = "calls")]
impl ToolCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            get_schema: registry.broadcast_collect("tool@1", "get_schema")?,
            execute: registry.singleton("tool@1", "execute")?,
        })
    }
    /// The functions this plugin brings, with the schema of their arguments.
    ///
    /// Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, COLLECT-2); the
    /// first failure ends it for all (COLLECT-5).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was called; mend the input. `PluginFailed`: a failure ended it, and
    /// what was complete is in `partial`. `ShuttingDown`: the registry stops.
    pub async fn get_schema(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Empty>,
    ) -> Result<::hookspec_host::Collected<Functions>, ::hookspec_host::DispatchError> {
        self.get_schema.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `get_schema`.
    pub fn has_get_schema(&self) -> bool {
        self.get_schema.has_plugins()
    }
    /// Calls one function, which get_schema has named, with its arguments: `{ function: divide,
    /// args: { by: 0 } }` is answered `{ result: null, is_error: true, error_message: division by
    /// zero }`.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn execute(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Execution>,
    ) -> Result<
        ::hookspec_host::Answer<ExecutionResult>,
        ::hookspec_host::DispatchError,
    > {
        self.execute.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `execute`.
    pub fn has_execute(&self) -> bool {
        self.execute.has_plugins()
    }
    /// As `execute`, with a choice made for this call.
    ///
    /// # Errors
    /// As `execute`.
    pub async fn execute_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Execution>,
        choice: ::hookspec_host::Choice,
    ) -> Result<
        ::hookspec_host::Answer<ExecutionResult>,
        ::hookspec_host::DispatchError,
    > {
        self.execute.dispatch_payload_with(caller, input, choice).await
    }
}
