// @generated from query_rewriter/v1.yaml
//   schemas/query.json e8922002b8f1659b92e1a969e67eb26f
// by `hookspec generate`. Do not edit: change the hookspec.

//! The kind `query_rewriter`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault, Flow};
use ::hookspec_plugin::__private::serde_json::{Map, Value};

/// Plugins that rewrite a search query, each working on what the one before it returned.
///
/// The kind `query_rewriter`, version 1.0.0. Implement the hooks you want and leave out the
/// others: `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `query_rewriter` plugin",
    note = "implement `QueryRewriter` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait QueryRewriter: Sized + Send + Sync + 'static {
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
        name: "query_rewriter",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `QueryRewriter` wants kind = \"query_rewriter\"",
        methods: &[("rewrite", "rewrite")],
        digests: &[
            (
                "rewrite",
                "ff374d4d8e5e826c1088ab34607004bdd4cc0b7ba3352f0eb64c49616131cda8",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        QueryRewriterPlugin(instance),
    );
    /// Returns the query, changed or not. The language is the caller's own statement: rewriters
    /// read it and leave it alone.
    ///
    /// Class `chain`: one plugin after another, each on what the one before handed on (CHAIN-2); a
    /// link that fails is skipped (CHAIN-8). The whole dispatch ends after 2000 ms (DEADLINE-1).
    /// Calling it twice is the same as calling it once. A link may change `/text`, `/terms`,
    /// `/filters`, `/tenant_id` (CHAIN-5).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn rewrite(
        &self,
        ctx: &CallContext<'_>,
        value: &Query,
    ) -> Result<Flow<Query>, Fault> {
        let _ = (ctx, value);
        Err(__private::not_implemented("rewrite"))
    }
}

/// A search query on its way to the search engine.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Query {
    /// What is searched for.
    pub text: String,
    /// What the caller says the text is written in, such as en.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub language: Option<String>,
    /// Further terms that match as well as the text.
    pub terms: Vec<String>,
    /// Exact values that results must have, by field.
    pub filters: Map<String, Value>,
    /// The tenant whose documents are searched; absent when it does not matter.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub tenant_id: Option<String>,
}
__private::object!(Query);

impl ::hookspec_plugin::check::Examine for Query {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        if let Some(value) = &self.tenant_id {
            let at = &at.field("tenant_id");
            check::min_length(report, at, "/properties/tenant_id/minLength", value, 1);
        }
    }
}

impl ::hookspec_plugin::TypedPayload for Query {
    const SCHEMA: &'static str = "e8922002b8f1659b92e1a969e67eb26f";
    const COMPLETE: bool = true;
}

/// A plugin of the kind `query_rewriter`, made of a [`QueryRewriter`].
pub struct QueryRewriterPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> QueryRewriterPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "query_rewriter",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: QueryRewriter> QueryRewriterPlugin<T> {
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
impl<T: QueryRewriter> ::core::convert::From<T> for QueryRewriterPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for QueryRewriterPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: QueryRewriter> ::hookspec_plugin::Plugin for QueryRewriterPlugin<T> {
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
            "rewrite" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Query>()?;
                    QueryRewriter::rewrite(plugin, &call.context, &input)
                        .await
                        .map(__private::flow)
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
/// The hooks of the kind `query_rewriter`, for an application to call.
#[derive(Clone, Debug)]
pub struct QueryRewriterCalls {
    rewrite: ::hookspec_host::dispatch::Chain<Query>,
}

#[cfg(feature = "calls")]
impl QueryRewriterCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            rewrite: registry.chain("query_rewriter@1", "rewrite")?,
        })
    }
    /// Returns the query, changed or not. The language is the caller's own statement: rewriters
    /// read it and leave it alone.
    ///
    /// Class `chain`: one plugin after another, each on what the one before handed on (CHAIN-2); a
    /// link that fails is skipped (CHAIN-8).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was called; mend the input. `PluginFailed`: a failure ended it, and
    /// what was complete is in `partial`. `ShuttingDown`: the registry stops.
    pub async fn rewrite(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Query>,
    ) -> Result<::hookspec_host::Chained<Query>, ::hookspec_host::DispatchError> {
        self.rewrite.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `rewrite`.
    pub fn has_rewrite(&self) -> bool {
        self.rewrite.has_plugins()
    }
}
