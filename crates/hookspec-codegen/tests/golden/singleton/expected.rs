// @generated from painter/v1.yaml
//   shape.json da0c3b97cd47fb97d771ecc7c656b4d7
//   painted.json 13f9f403e8dabd31a9f734d7e2d0d701
//   type_sync input b5bea41b6c623f7c09f1bf24dcae58eb
// by `hookspec generate`. Do not edit: change the hookspec.
//
// Kept as `serde_json::Value`:
//   painted.json#/properties/note: a choice that no property tells apart
//
// Not checked by the types; the host validates these payloads as JSON:
//   painted.json#/properties/note/anyOf: `anyOf`

//! The kind `painter`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};
use ::hookspec_plugin::__private::serde_json::Value;

/// Plugins of the kind `painter`.
///
/// The kind `painter`, version 1.0.0. Implement the hooks you want and leave out the others:
/// `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `painter` plugin",
    note = "implement `Painter` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait Painter: Sized + Send + Sync + 'static {
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
        name: "painter",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `Painter` wants kind = \"painter\"",
        methods: &[("type", "type"), ("type_sync", "type_sync"), ("new", "new")],
        digests: &[
            ("type", "f947e4fc3bbdee1c3f5318f437c04e47fb7cc9e45eb48c6a815eaf672c848b86"),
            (
                "type_sync",
                "5c782eda329292216929ef3177935760815a79a90e9531df98a805d150ca0c77",
            ),
            ("new", "ff7a17496287aefef4ad7be21377c5ed91e10fa2e73b58f839ec793e722c8afc"),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        PainterPlugin(instance),
    );
    /// Paints one shape.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    fn r#type(&self, ctx: &CallContext<'_>, input: &Shape) -> Result<Painted, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("type"))
    }
    /// The hook `type_sync`.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn type_sync(
        &self,
        ctx: &CallContext<'_>,
        input: &Value,
    ) -> Result<Painted, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("type_sync"))
    }
    /// The hook `new`.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7). The host's default bounds the whole dispatch
    /// (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn new(&self, ctx: &CallContext<'_>, input: &Painted) -> Result<Value, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("new"))
    }
}

/// Shape
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The property `kind` is `circle`.
    Circle(Box<ShapeCircle>),
    /// The property `kind` is `group`.
    Group(Box<Group>),
}

impl From<ShapeCircle> for Shape {
    fn from(value: ShapeCircle) -> Self {
        Self::Circle(Box::new(value))
    }
}

impl From<Group> for Shape {
    fn from(value: Group) -> Self {
        Self::Group(Box::new(value))
    }
}

impl __private::serde::Serialize for Shape {
    fn serialize<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
    where
        S: __private::serde::Serializer,
    {
        match self {
            Self::Circle(value) => {
                __private::serde::Serialize::serialize(value, serializer)
            }
            Self::Group(value) => {
                __private::serde::Serialize::serialize(value, serializer)
            }
        }
    }
}

impl<'de> __private::serde::Deserialize<'de> for Shape {
    fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
    where
        D: __private::serde::Deserializer<'de>,
    {
        const KNOWN: &[&str] = &["circle", "group"];
        let (text, json) = __private::tagged(deserializer, "kind", KNOWN)?;
        match text {
            "circle" => __private::untag(json).map(Self::Circle),
            "group" => __private::untag(json).map(Self::Group),
            _ => {
                ::core::result::Result::Err(
                    __private::serde::de::Error::unknown_variant(text, KNOWN),
                )
            }
        }
    }
}

impl ::hookspec_plugin::check::Examine for Shape {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        match self {
            Self::Circle(value) => value.examine(at, report),
            Self::Group(value) => value.examine(at, report),
        }
    }
}

/// A part of `shape.json`: `/oneOf/0`.
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
pub struct ShapeCircle {
    /// The property `kind`.
    pub kind: ShapeCircleKind,
    /// The property `radius`.
    pub radius: u64,
}
__private::object!(ShapeCircle);

impl ::hookspec_plugin::check::Examine for ShapeCircle {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("radius"), &self.radius);
            check::minimum(
                report,
                at,
                "/oneOf/0/properties/radius/minimum",
                *value,
                check::Number::Unsigned(1),
            );
        }
    }
}

/// A part of `shape.json`: `/oneOf/0/properties/kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShapeCircleKind {
    /// The text `circle`.
    Circle,
}

impl ShapeCircleKind {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &["circle"];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Circle => "circle",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "circle" => Some(Self::Circle),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for ShapeCircleKind {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(ShapeCircleKind);

/// A part of `shape.json`: `/$defs/Group`.
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
pub struct Group {
    /// The property `kind`.
    pub kind: GroupKind,
    /// The property `parts`.
    pub parts: Vec<Shape>,
}
__private::object!(Group);

impl ::hookspec_plugin::check::Examine for Group {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("parts"), &self.parts);
            check::min_items(
                report,
                at,
                "/$defs/Group/properties/parts/minItems",
                value.len(),
                1,
            );
            for (index, value) in value.iter().enumerate() {
                let at = &at.item(index);
                value.examine(at, report);
            }
        }
    }
}

/// A part of `shape.json`: `/$defs/Group/properties/kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKind {
    /// The text `group`.
    Group,
}

impl GroupKind {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &["group"];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "group" => Some(Self::Group),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for GroupKind {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(GroupKind);

/// Painted
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Painted {
    /// The property `colour`.
    ///
    /// Absent means `"blue"`.
    #[serde(default = "Painted::default_colour")]
    pub colour: PaintedColour,
    /// The property `layers`.
    ///
    /// Absent means `[]`.
    #[serde(default = "Painted::default_layers")]
    pub layers: Vec<i64>,
    /// What else there is to say.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub note: Option<Value>,
}
__private::object!(Painted);

impl Painted {
    fn default_colour() -> PaintedColour {
        PaintedColour::Blue
    }
    fn default_layers() -> Vec<i64> {
        Vec::new()
    }
}

impl Default for Painted {
    fn default() -> Self {
        Self {
            colour: Self::default_colour(),
            layers: Self::default_layers(),
            note: None,
        }
    }
}

impl ::hookspec_plugin::check::Examine for Painted {}

/// A part of `painted.json`: `/properties/colour`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaintedColour {
    /// The text `red`.
    Red,
    /// The text `blue`.
    Blue,
}

impl PaintedColour {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &["red", "blue"];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Blue => "blue",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "red" => Some(Self::Red),
            "blue" => Some(Self::Blue),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for PaintedColour {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(PaintedColour);

impl ::hookspec_plugin::TypedPayload for Shape {
    const SCHEMA: &'static str = "da0c3b97cd47fb97d771ecc7c656b4d7";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for Painted {
    const SCHEMA: &'static str = "13f9f403e8dabd31a9f734d7e2d0d701";
    const COMPLETE: bool = false;
}

/// A plugin of the kind `painter`, made of a [`Painter`].
pub struct PainterPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> PainterPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "painter",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: Painter> PainterPlugin<T> {
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
impl<T: Painter> ::core::convert::From<T> for PainterPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for PainterPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: Painter> ::hookspec_plugin::Plugin for PainterPlugin<T> {
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
            "type" => {
                ::hookspec_plugin::HookFuture::Ready(
                    call
                        .input
                        .typed::<Shape>()
                        .and_then(|input| {
                            Painter::r#type(plugin, &call.context, &input)
                                .map(__private::reply)
                        }),
                )
            }
            "type_sync" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Value>()?;
                    Painter::type_sync(plugin, &call.context, &input)
                        .await
                        .map(__private::reply)
                })
            }
            "new" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Painted>()?;
                    Painter::new(plugin, &call.context, &input)
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
/// The hooks of the kind `painter`, for an application to call.
#[derive(Clone, Debug)]
pub struct PainterCalls {
    r#type: ::hookspec_host::dispatch::Singleton<Shape, Painted>,
    type_sync: ::hookspec_host::dispatch::Singleton<Value, Painted>,
    new: ::hookspec_host::dispatch::Singleton<Painted, Value>,
}

#[cfg(feature = "calls")]
impl PainterCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            r#type: registry.singleton("painter@1", "type")?,
            type_sync: registry.singleton("painter@1", "type_sync")?,
            new: registry.singleton("painter@1", "new")?,
        })
    }
    /// Paints one shape.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn r#type(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Shape>,
    ) -> Result<::hookspec_host::Answer<Painted>, ::hookspec_host::DispatchError> {
        self.r#type.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `type`.
    pub fn has_type(&self) -> bool {
        self.r#type.has_plugins()
    }
    /// As `type`, with a choice made for this call.
    ///
    /// # Errors
    /// As `type`.
    pub async fn type_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Shape>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Painted>, ::hookspec_host::DispatchError> {
        self.r#type.dispatch_payload_with(caller, input, choice).await
    }
    /// As `type`, without an async runtime.
    ///
    /// # Errors
    /// As `type`, and `NotInline` where a plugin cannot answer at once.
    pub fn type_sync_2(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Shape>,
    ) -> Result<::hookspec_host::Answer<Painted>, ::hookspec_host::DispatchError> {
        self.r#type.dispatch_payload_sync(caller, input)
    }
    /// As `type_sync_2`, with a choice made for this call.
    ///
    /// # Errors
    /// As `type`, and `NotInline` where a plugin cannot answer at once.
    pub fn type_sync_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Shape>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Painted>, ::hookspec_host::DispatchError> {
        self.r#type.dispatch_payload_sync_with(caller, input, choice)
    }
    /// Calls the hook `type_sync`.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn type_sync(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Value>,
    ) -> Result<::hookspec_host::Answer<Painted>, ::hookspec_host::DispatchError> {
        self.type_sync.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `type_sync`.
    pub fn has_type_sync(&self) -> bool {
        self.type_sync.has_plugins()
    }
    /// As `type_sync`, with a choice made for this call.
    ///
    /// # Errors
    /// As `type_sync`.
    pub async fn type_sync_with_2(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Value>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Painted>, ::hookspec_host::DispatchError> {
        self.type_sync.dispatch_payload_with(caller, input, choice).await
    }
    /// Calls the hook `new`.
    ///
    /// Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to SINGLETON-5); if
    /// it fails, nobody else is asked (SINGLETON-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn new_2(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Painted>,
    ) -> Result<::hookspec_host::Answer<Value>, ::hookspec_host::DispatchError> {
        self.new.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `new_2`.
    pub fn has_new_2(&self) -> bool {
        self.new.has_plugins()
    }
    /// As `new_2`, with a choice made for this call.
    ///
    /// # Errors
    /// As `new_2`.
    pub async fn new_2_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Painted>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<Value>, ::hookspec_host::DispatchError> {
        self.new.dispatch_payload_with(caller, input, choice).await
    }
}
