// @generated from menu/v2.yaml
//   dishes input b5bea41b6c623f7c09f1bf24dcae58eb
//   dishes.json 6704c236d905278efedef98aad8c36d8
// by `hookspec generate`. Do not edit: change the hookspec.

//! The kind `menu`, version 2.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};
use ::hookspec_plugin::__private::serde_json::Value;

/// Plugins of the kind `menu`.
///
/// The kind `menu`, version 2.0.0. Implement the hooks you want and leave out the others:
/// `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `menu` plugin",
    note = "implement `Menu` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait Menu: Sized + Send + Sync + 'static {
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
        name: "menu",
        version: "2.0.0",
        mismatch: "the manifest is of another kind: `Menu` wants kind = \"menu\"",
        methods: &[("dishes", "dishes")],
        digests: &[
            (
                "dishes",
                "da72578f86f93fe48aae9f516a649bb48f0114359ad272746c49b19afa0ac946",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        MenuPlugin(instance),
    );
    /// What there is to eat.
    ///
    /// Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, COLLECT-2); the
    /// others' answers stand when one fails (COLLECT-6). The host's default bounds the whole
    /// dispatch (DEADLINE-1). Calling it twice is the same as calling it once.
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    fn dishes(&self, ctx: &CallContext<'_>, input: &Value) -> Result<Dishes, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("dishes"))
    }
}

/// One dish.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Dish {
    /// The property `name`.
    pub name: String,
    /// The property `price`.
    pub price: f64,
    /// The property `tags`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub tags: Option<Vec<DishTagsItem>>,
}
__private::object!(Dish);

impl ::hookspec_plugin::check::Examine for Dish {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("price"), &self.price);
            check::multiple_of(
                report,
                at,
                "/$defs/dish/properties/price/multipleOf",
                *value,
                check::Number::Float(0.01),
            );
            check::finite(report, at, "/$defs/dish/properties/price/type", *value);
        }
        if let Some(value) = &self.tags {
            let at = &at.field("tags");
            check::unique_items(
                report,
                at,
                "/$defs/dish/properties/tags/uniqueItems",
                value,
            );
        }
    }
}

/// A part of `dishes.json`: `/$defs/dish/properties/tags/items`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DishTagsItem {
    /// The text `hot`.
    Hot,
    /// The text `cold`.
    Cold,
    /// The text `gluten-free`.
    GlutenFree,
}

impl DishTagsItem {
    /// Every text, in the order of the schema.
    pub const TEXTS: &'static [&'static str] = &["hot", "cold", "gluten-free"];
    /// The text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Cold => "cold",
            Self::GlutenFree => "gluten-free",
        }
    }
    /// The member that a text stands for.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "hot" => Some(Self::Hot),
            "cold" => Some(Self::Cold),
            "gluten-free" => Some(Self::GlutenFree),
            _ => None,
        }
    }
}

impl ::core::fmt::Display for DishTagsItem {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.as_str())
    }
}
__private::texts!(DishTagsItem);

/// Dishes
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", transparent)]
pub struct Dishes(pub Vec<Dish>);

impl From<Vec<Dish>> for Dishes {
    fn from(value: Vec<Dish>) -> Self {
        Self(value)
    }
}

impl ::core::ops::Deref for Dishes {
    type Target = Vec<Dish>;
    fn deref(&self) -> &Vec<Dish> {
        &self.0
    }
}

impl ::hookspec_plugin::check::Examine for Dishes {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        let value = &self.0;
        check::max_items(report, at, "/maxItems", value.len(), 50);
        for (index, value) in value.iter().enumerate() {
            let at = &at.item(index);
            value.examine(at, report);
        }
    }
}

impl ::hookspec_plugin::TypedPayload for Dishes {
    const SCHEMA: &'static str = "6704c236d905278efedef98aad8c36d8";
    const COMPLETE: bool = true;
}

/// A plugin of the kind `menu`, made of a [`Menu`].
pub struct MenuPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> MenuPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "menu",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "2.0.0";
}

impl<T: Menu> MenuPlugin<T> {
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
impl<T: Menu> ::core::convert::From<T> for MenuPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for MenuPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: Menu> ::hookspec_plugin::Plugin for MenuPlugin<T> {
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
            "dishes" => {
                ::hookspec_plugin::HookFuture::Ready(
                    call
                        .input
                        .typed::<Value>()
                        .and_then(|input| {
                            Menu::dishes(plugin, &call.context, &input)
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
/// The hooks of the kind `menu`, for an application to call.
#[derive(Clone, Debug)]
pub struct MenuCalls {
    dishes: ::hookspec_host::dispatch::BroadcastCollect<Value, Dishes>,
}

#[cfg(feature = "calls")]
impl MenuCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            dishes: registry.broadcast_collect("menu@2", "dishes")?,
        })
    }
    /// What there is to eat.
    ///
    /// Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, COLLECT-2); the
    /// others' answers stand when one fails (COLLECT-6).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was called; mend the input. `PluginFailed`: a failure ended it, and
    /// what was complete is in `partial`. `ShuttingDown`: the registry stops.
    pub async fn dishes(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Value>,
    ) -> Result<::hookspec_host::Collected<Dishes>, ::hookspec_host::DispatchError> {
        self.dishes.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `dishes`.
    pub fn has_dishes(&self) -> bool {
        self.dishes.has_plugins()
    }
    /// As `dishes`, without an async runtime.
    ///
    /// # Errors
    /// As `dishes`, and `NotInline` where a plugin cannot answer at once.
    pub fn dishes_sync(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Value>,
    ) -> Result<::hookspec_host::Collected<Dishes>, ::hookspec_host::DispatchError> {
        self.dishes.dispatch_payload_sync(caller, input)
    }
}
