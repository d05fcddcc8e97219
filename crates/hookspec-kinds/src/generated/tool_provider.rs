// @generated from tool_provider/v1.yaml
//   schemas/empty.json 1b4858b5a20d44f86491c9097ae32500
//   schemas/tools.json e01857628330c3317ff74934ffea59db
// by `hookspec generate`. Do not edit: change the hookspec.
//
// Not checked by the types; the host validates these payloads as JSON:
//   schemas/tools.json#/$defs/Tool/properties/name/pattern: `pattern`

//! The kind `tool_provider`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};
use ::hookspec_plugin::__private::serde_json::{Map, Value};

/// Plugins that bring tools. The application asks all of them and shows one list.
///
/// The kind `tool_provider`, version 1.0.0. Implement the hooks you want and leave out the
/// others: `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `tool_provider` plugin",
    note = "implement `ToolProvider` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait ToolProvider: Sized + Send + Sync + 'static {
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
        name: "tool_provider",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `ToolProvider` wants kind = \"tool_provider\"",
        methods: &[("list_tools", "list_tools")],
        digests: &[
            (
                "list_tools",
                "36b92391a4a0fd7307616a841fe6d31e83f297ed5dd17f9395e8d863cfc2f293",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        ToolProviderPlugin(instance),
    );
    /// The tools this plugin brings. A provider that fails does not hide the tools of the others.
    ///
    /// Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, COLLECT-2); the
    /// others' answers stand when one fails (COLLECT-6). The whole dispatch ends after 5000 ms
    /// (DEADLINE-1). Calling it twice is the same as calling it once.
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn list_tools(
        &self,
        ctx: &CallContext<'_>,
        input: &Empty,
    ) -> Result<Tools, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("list_tools"))
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

/// One tool.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Tool {
    /// What the tool is called by.
    pub name: String,
    /// What the tool does, for people and for models.
    pub description: String,
    /// JSON Schema of the tool's arguments.
    pub parameters: Map<String, Value>,
}
__private::object!(Tool);

/// The tools one plugin brings; none is an empty list.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", transparent)]
pub struct Tools(pub Vec<Tool>);

impl From<Vec<Tool>> for Tools {
    fn from(value: Vec<Tool>) -> Self {
        Self(value)
    }
}

impl ::core::ops::Deref for Tools {
    type Target = Vec<Tool>;
    fn deref(&self) -> &Vec<Tool> {
        &self.0
    }
}

impl ::hookspec_plugin::check::Examine for Tools {}

impl ::hookspec_plugin::TypedPayload for Empty {
    const SCHEMA: &'static str = "1b4858b5a20d44f86491c9097ae32500";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for Tools {
    const SCHEMA: &'static str = "e01857628330c3317ff74934ffea59db";
    const COMPLETE: bool = false;
}

/// A plugin of the kind `tool_provider`, made of a [`ToolProvider`].
pub struct ToolProviderPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> ToolProviderPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "tool_provider",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: ToolProvider> ToolProviderPlugin<T> {
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
impl<T: ToolProvider> ::core::convert::From<T> for ToolProviderPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for ToolProviderPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: ToolProvider> ::hookspec_plugin::Plugin for ToolProviderPlugin<T> {
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
            "list_tools" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Empty>()?;
                    ToolProvider::list_tools(plugin, &call.context, &input)
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
/// The hooks of the kind `tool_provider`, for an application to call.
#[derive(Clone, Debug)]
pub struct ToolProviderCalls {
    list_tools: ::hookspec_host::dispatch::BroadcastCollect<Empty, Tools>,
}

#[cfg(feature = "calls")]
impl ToolProviderCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            list_tools: registry.broadcast_collect("tool_provider@1", "list_tools")?,
        })
    }
    /// The tools this plugin brings. A provider that fails does not hide the tools of the others.
    ///
    /// Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, COLLECT-2); the
    /// others' answers stand when one fails (COLLECT-6).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was called; mend the input. `PluginFailed`: a failure ended it, and
    /// what was complete is in `partial`. `ShuttingDown`: the registry stops.
    pub async fn list_tools(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Empty>,
    ) -> Result<::hookspec_host::Collected<Tools>, ::hookspec_host::DispatchError> {
        self.list_tools.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `list_tools`.
    pub fn has_list_tools(&self) -> bool {
        self.list_tools.has_plugins()
    }
}
