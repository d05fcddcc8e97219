// @generated from outline_editor/v1.yaml
//   outline.json cfc9d2d9b52373bbd288f5e167b8e3e4
// by `hookspec generate`. Do not edit: change the hookspec.

//! The kind `outline_editor`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::std::collections::BTreeMap;
use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault, Flow};
use ::hookspec_plugin::__private::serde_json::{Map, Value};

/// Plugins that edit an outline, one after another.
///
/// The kind `outline_editor`, version 1.0.0. Implement the hooks you want and leave out the
/// others: `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `outline_editor` plugin",
    note = "implement `OutlineEditor` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait OutlineEditor: Sized + Send + Sync + 'static {
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
        name: "outline_editor",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `OutlineEditor` wants kind = \"outline_editor\"",
        methods: &[("edit", "edit")],
        digests: &[
            ("edit", "bc65785c667badc5a1d4c321de9f717c4941d34596acee74237f473ccccc8e89"),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        OutlineEditorPlugin(instance),
    );
    /// The hook `edit`.
    ///
    /// Class `chain`: one plugin after another, each on what the one before handed on (CHAIN-2); a
    /// failure ends it (CHAIN-7). The host's default bounds the whole dispatch (DEADLINE-1). A link
    /// may change `/children`, `/type` (CHAIN-5).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn edit(
        &self,
        ctx: &CallContext<'_>,
        value: &Outline,
    ) -> Result<Flow<Outline>, Fault> {
        let _ = (ctx, value);
        Err(__private::not_implemented("edit"))
    }
}

/// Outline
///
/// Properties that the schema does not declare are kept.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self")]
pub struct Outline {
    /// The property `type`.
    #[serde(deserialize_with = "__private::required")]
    pub r#type: Option<OutlineType>,
    /// The property `level`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub level: Option<u64>,
    /// The property `first`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub first: Option<Box<Outline>>,
    /// The property `children`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub children: Option<Vec<Outline>>,
    /// The property `by_name`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub by_name: Option<BTreeMap<String, Option<i64>>>,
    /// The property `additional`.
    #[serde(
        rename = "additional",
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub additional_2: Option<bool>,
    /// Properties that the schema does not declare.
    #[serde(flatten)]
    pub additional: Map<String, Value>,
}
__private::object!(Outline);

impl ::hookspec_plugin::check::Examine for Outline {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        if let Some(value) = &self.level {
            let at = &at.field("level");
            check::minimum(
                report,
                at,
                "/properties/level/minimum",
                *value,
                check::Number::Unsigned(1),
            );
            check::maximum(
                report,
                at,
                "/properties/level/maximum",
                *value,
                check::Number::Unsigned(6),
            );
        }
        if let Some(value) = &self.first {
            let at = &at.field("first");
            value.examine(at, report);
        }
        if let Some(value) = &self.children {
            let at = &at.field("children");
            for (index, value) in value.iter().enumerate() {
                let at = &at.item(index);
                value.examine(at, report);
            }
        }
        check::apart(
            report,
            at,
            "/properties",
            self.additional.keys(),
            &["type", "level", "first", "children", "by_name", "additional"],
        );
    }
}

/// A part of `outline.json`: `/properties/type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutlineType {
    /// The text `heading`.
    Heading,
    /// The text `list`.
    List,
}

impl OutlineType {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &["heading", "list"];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Heading => "heading",
            Self::List => "list",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "heading" => Some(Self::Heading),
            "list" => Some(Self::List),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for OutlineType {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(OutlineType);

impl ::hookspec_plugin::TypedPayload for Outline {
    const SCHEMA: &'static str = "cfc9d2d9b52373bbd288f5e167b8e3e4";
    const COMPLETE: bool = true;
}

/// A plugin of the kind `outline_editor`, made of a [`OutlineEditor`].
pub struct OutlineEditorPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> OutlineEditorPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "outline_editor",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: OutlineEditor> OutlineEditorPlugin<T> {
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
impl<T: OutlineEditor> ::core::convert::From<T> for OutlineEditorPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for OutlineEditorPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: OutlineEditor> ::hookspec_plugin::Plugin for OutlineEditorPlugin<T> {
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
            "edit" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Outline>()?;
                    OutlineEditor::edit(plugin, &call.context, &input)
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
/// The hooks of the kind `outline_editor`, for an application to call.
#[derive(Clone, Debug)]
pub struct OutlineEditorCalls {
    edit: ::hookspec_host::dispatch::Chain<Outline>,
}

#[cfg(feature = "calls")]
impl OutlineEditorCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            edit: registry.chain("outline_editor@1", "edit")?,
        })
    }
    /// Calls the hook `edit`.
    ///
    /// Class `chain`: one plugin after another, each on what the one before handed on (CHAIN-2); a
    /// failure ends it (CHAIN-7).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was called; mend the input. `PluginFailed`: a failure ended it, and
    /// what was complete is in `partial`. `ShuttingDown`: the registry stops.
    pub async fn edit(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Outline>,
    ) -> Result<::hookspec_host::Chained<Outline>, ::hookspec_host::DispatchError> {
        self.edit.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `edit`.
    pub fn has_edit(&self) -> bool {
        self.edit.has_plugins()
    }
}
