// @generated from door_watcher/v1.yaml
//   opened.json 8eba6c5bbb3140751877884fc768322d
//   on_stuck input b5bea41b6c623f7c09f1bf24dcae58eb
// by `hookspec generate`. Do not edit: change the hookspec.
//
// Not checked by the types; the host validates these payloads as JSON:
//   opened.json#/properties/code/pattern: `pattern`

//! The kind `door_watcher`, version 1.2.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};
use ::hookspec_plugin::__private::serde_json::Value;

/// Plugins that want to know about doors.
///
/// The kind `door_watcher`, version 1.2.0. Implement the hooks you want and leave out the
/// others: `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `door_watcher` plugin",
    note = "implement `DoorWatcher` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait DoorWatcher: Sized + Send + Sync + 'static {
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
        name: "door_watcher",
        version: "1.2.0",
        mismatch: "the manifest is of another kind: `DoorWatcher` wants kind = \"door_watcher\"",
        methods: &[("on_opened", "on_opened"), ("on_stuck", "on_stuck")],
        digests: &[
            (
                "on_opened",
                "41913d44139ca5f8af6a7911a1202b0fac4f65cf0989dc172c339304a29c29e4",
            ),
            (
                "on_stuck",
                "0e87f8b1e05d8e46ea02928a299261794d3e4b111d4775da526aaa6f44d6c5b7",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        DoorWatcherPlugin(instance),
    );
    /// A door was opened.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4). The whole dispatch ends after 250 ms (DEADLINE-1).
    /// Every plugin of the kind implements it.
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn on_opened(
        &self,
        ctx: &CallContext<'_>,
        input: &Opened,
    ) -> Result<(), Fault>;
    /// The hook `on_stuck`.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4). The host's default bounds the whole dispatch
    /// (DEADLINE-1). It is called for the events `data.*`, with the data of each. Since `1.1.0`.
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    #[deprecated(note = "use on_opened with `stuck`")]
    async fn on_stuck(&self, ctx: &CallContext<'_>, input: &Value) -> Result<(), Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("on_stuck"))
    }
}

/// Which door, and how far.
///
/// See https\://example.org/doors \[not a link\] \<b\>
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
pub struct Opened {
    /// The property `door`.
    pub door: String,
    /// The property `angle`.
    ///
    /// Absent means `90`.
    #[serde(default = "Opened::default_angle")]
    pub angle: f64,
    /// Who opened it.
    ///
    /// `None` is an absent property, `Some(None)` is `null`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub by: Option<Option<String>>,
    /// The property `code`.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub code: Option<String>,
}
__private::object!(Opened);

impl Opened {
    fn default_angle() -> f64 {
        90.0
    }
}

impl ::hookspec_plugin::check::Examine for Opened {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("door"), &self.door);
            check::min_length(report, at, "/properties/door/minLength", value, 1);
            check::max_length(report, at, "/properties/door/maxLength", value, 40);
        }
        {
            let (at, value) = (&at.field("angle"), &self.angle);
            check::minimum(
                report,
                at,
                "/properties/angle/minimum",
                *value,
                check::Number::Unsigned(0),
            );
            check::exclusive_maximum(
                report,
                at,
                "/properties/angle/exclusiveMaximum",
                *value,
                check::Number::Unsigned(360),
            );
            check::finite(report, at, "/properties/angle/type", *value);
        }
    }
}

impl ::hookspec_plugin::TypedPayload for Opened {
    const SCHEMA: &'static str = "8eba6c5bbb3140751877884fc768322d";
    const COMPLETE: bool = false;
}

/// A plugin of the kind `door_watcher`, made of a [`DoorWatcher`].
pub struct DoorWatcherPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> DoorWatcherPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "door_watcher",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.2.0";
}

impl<T: DoorWatcher> DoorWatcherPlugin<T> {
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
impl<T: DoorWatcher> ::core::convert::From<T> for DoorWatcherPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for DoorWatcherPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: DoorWatcher> ::hookspec_plugin::Plugin for DoorWatcherPlugin<T> {
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
            "on_opened" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Opened>()?;
                    DoorWatcher::on_opened(plugin, &call.context, &input)
                        .await
                        .map(__private::told)
                })
            }
            #[allow(deprecated, reason = "its caller was warned")]
            "on_stuck" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<Value>()?;
                    DoorWatcher::on_stuck(plugin, &call.context, &input)
                        .await
                        .map(__private::told)
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
/// The hooks of the kind `door_watcher`, for an application to call.
#[derive(Clone, Debug)]
pub struct DoorWatcherCalls {
    on_opened: ::hookspec_host::dispatch::BroadcastNotify<Opened>,
    on_stuck: ::hookspec_host::dispatch::BroadcastNotify<Value>,
}

#[cfg(feature = "calls")]
impl DoorWatcherCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            on_opened: registry.broadcast_notify("door_watcher@1", "on_opened")?,
            on_stuck: registry.broadcast_notify("door_watcher@1", "on_stuck")?,
        })
    }
    /// A door was opened.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was told; mend the input. `ShuttingDown`: the registry stops.
    pub async fn on_opened(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Opened>,
    ) -> Result<::hookspec_host::Notified, ::hookspec_host::DispatchError> {
        self.on_opened.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `on_opened`.
    pub fn has_on_opened(&self) -> bool {
        self.on_opened.has_plugins()
    }
    /// As `on_opened`, but returns at once; failures are logged (NOTIFY-5).
    ///
    /// # Errors
    /// `Rejected`: too many are outstanding, nobody was told; try again later. Otherwise as
    /// `on_opened`.
    pub fn on_opened_detached(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Opened>,
    ) -> Result<(), ::hookspec_host::DispatchError> {
        self.on_opened.notify_detached_payload(caller, input)
    }
    /// Calls the hook `on_stuck`.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was told; mend the input. `ShuttingDown`: the registry stops.
    #[deprecated(note = "use on_opened with `stuck`")]
    pub async fn on_stuck(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Value>,
    ) -> Result<::hookspec_host::Notified, ::hookspec_host::DispatchError> {
        self.on_stuck.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `on_stuck`.
    pub fn has_on_stuck(&self) -> bool {
        self.on_stuck.has_plugins()
    }
    /// As `on_stuck`, but returns at once; failures are logged (NOTIFY-5).
    ///
    /// # Errors
    /// `Rejected`: too many are outstanding, nobody was told; try again later. Otherwise as
    /// `on_stuck`.
    #[deprecated(note = "use on_opened with `stuck`")]
    pub fn on_stuck_detached(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<Value>,
    ) -> Result<(), ::hookspec_host::DispatchError> {
        self.on_stuck.notify_detached_payload(caller, input)
    }
}
