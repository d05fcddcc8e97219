// @generated from reader/v1.yaml
//   document.json 121d5aa12c4f3141c61ec90b73cbd751
//   text.json dfd4190abf0798a13e58e34906cc15b2
//   any.json 2e17857c59aeb1e5c1cb7ea262ada123
// by `hookspec generate`. Do not edit: change the hookspec.

//! The kind `reader`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::std::collections::BTreeMap;
use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};
use ::hookspec_plugin::__private::serde_json::{Map, Value};

/// Plugins of the kind `reader`.
///
/// The kind `reader`, version 1.0.0. Implement the hooks you want and leave out the others:
/// `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `reader` plugin",
    note = "implement `Reader` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait Reader: Sized + Send + Sync + 'static {
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
        name: "reader",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `Reader` wants kind = \"reader\"",
        methods: &[("read", "read"), ("matches", "matches")],
        digests: &[
            ("read", "f1e56c7aa25ef549f26840930ddaac969b46ddea102ad7c60a696d2475cae62b"),
            (
                "matches",
                "a4e1cd0c3d6a8e022e290e819435c7c1d14df7d9f0eb8f606149908a66457369",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        ReaderPlugin(instance),
    );
    /// Reads one document.
    ///
    /// Class `capability`: the one plugin that can take the input answers (CAPABILITY-1 to
    /// CAPABILITY-5); if it fails, nobody else is asked (CAPABILITY-7). The host's default bounds
    /// the whole dispatch (DEADLINE-1). Every plugin of the kind implements it.
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn read(&self, ctx: &CallContext<'_>, input: &Document) -> Result<Text, Fault>;
    /// Whether this plugin takes an input of `read` that its manifest does not rule out; it only
    /// narrows (CAPABILITY-3).
    fn matches_read(&self, ctx: &CallContext<'_>, input: &Document) -> bool {
        let _ = (ctx, input);
        true
    }
    /// The hook `matches`.
    ///
    /// Class `capability`: the one plugin that can take the input answers (CAPABILITY-1 to
    /// CAPABILITY-5); if it fails, nobody else is asked (CAPABILITY-7). The host's default bounds
    /// the whole dispatch (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    fn matches(&self, ctx: &CallContext<'_>, input: &Anything) -> Result<Text, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("matches"))
    }
    /// Whether this plugin takes an input of `matches` that its manifest does not rule out; it only
    /// narrows (CAPABILITY-3).
    fn matches_matches(&self, ctx: &CallContext<'_>, input: &Anything) -> bool {
        let _ = (ctx, input);
        true
    }
}

/// Document
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
pub struct Document {
    /// The property `extension`.
    pub extension: DocumentExtension,
    /// The property `mime_type`.
    ///
    /// `None` is an absent property, `Some(None)` is `null`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub mime_type: Option<Option<String>>,
    /// The property `capabilities`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub capabilities: Option<DocumentCapabilities>,
    /// Properties that the schema does not declare.
    #[serde(flatten)]
    pub additional: BTreeMap<String, String>,
}
__private::object!(Document);

impl ::hookspec_plugin::check::Examine for Document {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        check::apart(
            report,
            at,
            "/properties",
            self.additional.keys(),
            &["extension", "mime_type", "capabilities"],
        );
    }
}

/// A part of `document.json`: `/properties/extension`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentExtension {
    /// The text `md`.
    Md,
    /// The text `txt`.
    Txt,
}

impl DocumentExtension {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &["md", "txt"];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Txt => "txt",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "md" => Some(Self::Md),
            "txt" => Some(Self::Txt),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for DocumentExtension {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(DocumentExtension);

/// A part of `document.json`: `/properties/capabilities`.
///
/// Properties that the schema does not declare are ignored.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self")]
pub struct DocumentCapabilities {
    /// The property `required`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub required: Option<Vec<String>>,
}
__private::object!(DocumentCapabilities);

/// Text
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", transparent)]
pub struct Text(pub String);

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl ::core::ops::Deref for Text {
    type Target = String;
    fn deref(&self) -> &String {
        &self.0
    }
}

impl ::hookspec_plugin::check::Examine for Text {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        let value = &self.0;
        check::max_length(report, at, "/maxLength", value, 100);
    }
}

/// Anything
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", transparent)]
pub struct Anything(pub Map<String, Value>);

impl From<Map<String, Value>> for Anything {
    fn from(value: Map<String, Value>) -> Self {
        Self(value)
    }
}

impl ::core::ops::Deref for Anything {
    type Target = Map<String, Value>;
    fn deref(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl ::hookspec_plugin::check::Examine for Anything {}

impl ::hookspec_plugin::TypedPayload for Document {
    const SCHEMA: &'static str = "121d5aa12c4f3141c61ec90b73cbd751";
    const COMPLETE: bool = true;
    fn routing(&self) -> ::hookspec_plugin::Routing<'_> {
        let value = self;
        ::hookspec_plugin::Routing {
            extension: {
                let value = &value.extension;
                Some(value.as_str())
            },
            language: value
                .additional
                .get("language")
                .and_then(|value| Some(value.as_str())),
            mime_type: value
                .mime_type
                .as_ref()
                .and_then(|value| value.as_ref().and_then(|value| Some(value.as_str()))),
            capabilities_required: value
                .capabilities
                .as_ref()
                .and_then(|value| {
                    value
                        .required
                        .as_ref()
                        .and_then(|value| Some(
                            value
                                .iter()
                                .filter_map(|value| Some(value.as_str()))
                                .collect(),
                        ))
                })
                .unwrap_or_default(),
        }
    }
}

impl ::hookspec_plugin::TypedPayload for Text {
    const SCHEMA: &'static str = "dfd4190abf0798a13e58e34906cc15b2";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for Anything {
    const SCHEMA: &'static str = "2e17857c59aeb1e5c1cb7ea262ada123";
    const COMPLETE: bool = true;
    fn routing(&self) -> ::hookspec_plugin::Routing<'_> {
        ::hookspec_plugin::Routing::of_fields(&self.0)
    }
}

/// A plugin of the kind `reader`, made of a [`Reader`].
pub struct ReaderPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> ReaderPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "reader",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: Reader> ReaderPlugin<T> {
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
impl<T: Reader> ::core::convert::From<T> for ReaderPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for ReaderPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: Reader> ::hookspec_plugin::Plugin for ReaderPlugin<T> {
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
            "read" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Document>()?;
                    Reader::read(plugin, &call.context, &input)
                        .await
                        .map(__private::reply)
                })
            }
            "matches" => {
                ::hookspec_plugin::HookFuture::Ready(
                    call
                        .input
                        .typed::<Anything>()
                        .and_then(|input| {
                            Reader::matches(plugin, &call.context, &input)
                                .map(__private::reply)
                        }),
                )
            }
            _ => __private::other(plugin, T::ON, call),
        }
    }
    fn subscriptions(&self) -> __private::Subscriptions {
        __private::subscriptions(T::ON)
    }
    fn matches(&self, call: &::hookspec_plugin::Call<'_>) -> bool {
        let Ok(plugin) = self.0.ready() else { return true };
        match call.hook().as_str() {
            "read" => {
                call.input
                    .typed::<Document>()
                    .map_or(
                        true,
                        |input| { Reader::matches_read(plugin, &call.context, &input) },
                    )
            }
            "matches" => {
                call.input
                    .typed::<Anything>()
                    .map_or(
                        true,
                        |input| {
                            Reader::matches_matches(plugin, &call.context, &input)
                        },
                    )
            }
            _ => true,
        }
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
/// The hooks of the kind `reader`, for an application to call.
#[derive(Clone, Debug)]
pub struct ReaderCalls {
    read: ::hookspec_host::dispatch::Capability<Document, Text>,
    matches: ::hookspec_host::dispatch::Capability<Anything, Text>,
}

#[cfg(feature = "calls")]
impl ReaderCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            read: registry.capability("reader@1", "read")?,
            matches: registry.capability("reader@1", "matches")?,
        })
    }
    /// Reads one document.
    ///
    /// Class `capability`: the one plugin that can take the input answers (CAPABILITY-1 to
    /// CAPABILITY-5); if it fails, nobody else is asked (CAPABILITY-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn read(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Document>,
    ) -> Result<::hookspec_host::Answer<Text>, ::hookspec_host::DispatchError> {
        self.read.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `read`.
    pub fn has_read(&self) -> bool {
        self.read.has_plugins()
    }
    /// As `read`, with a choice made for this call.
    ///
    /// # Errors
    /// As `read`.
    pub async fn read_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Document>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Text>, ::hookspec_host::DispatchError> {
        self.read.dispatch_payload_with(caller, input, choice).await
    }
    /// Calls the hook `matches`.
    ///
    /// Class `capability`: the one plugin that can take the input answers (CAPABILITY-1 to
    /// CAPABILITY-5); if it fails, nobody else is asked (CAPABILITY-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn matches(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Anything>,
    ) -> Result<::hookspec_host::Answer<Text>, ::hookspec_host::DispatchError> {
        self.matches.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `matches`.
    pub fn has_matches(&self) -> bool {
        self.matches.has_plugins()
    }
    /// As `matches`, with a choice made for this call.
    ///
    /// # Errors
    /// As `matches`.
    pub async fn matches_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Anything>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Text>, ::hookspec_host::DispatchError> {
        self.matches.dispatch_payload_with(caller, input, choice).await
    }
    /// As `matches`, without an async runtime.
    ///
    /// # Errors
    /// As `matches`, and `NotInline` where a plugin cannot answer at once.
    pub fn matches_sync(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Anything>,
    ) -> Result<::hookspec_host::Answer<Text>, ::hookspec_host::DispatchError> {
        self.matches.dispatch_payload_sync(caller, input)
    }
    /// As `matches_sync`, with a choice made for this call.
    ///
    /// # Errors
    /// As `matches`, and `NotInline` where a plugin cannot answer at once.
    pub fn matches_sync_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Anything>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Text>, ::hookspec_host::DispatchError> {
        self.matches.dispatch_payload_sync_with(caller, input, choice)
    }
}
