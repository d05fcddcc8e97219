// @generated from lifecycle_listener/v1.yaml
//   schemas/request_event.json 0f3829c7176246834ae96c246483ebd4
//   schemas/request_failed_event.json ec518c06f4f72af9cb634fbe932bac4d
// by `hookspec generate`. Do not edit: change the hookspec.

//! The kind `lifecycle_listener`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};

/// Subscribers to the life of a request. They observe; nothing they do changes the request.
///
/// The kind `lifecycle_listener`, version 1.0.0. Implement the hooks you want and leave out the
/// others: `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `lifecycle_listener` plugin",
    note = "implement `LifecycleListener` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait LifecycleListener: Sized + Send + Sync + 'static {
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
        name: "lifecycle_listener",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `LifecycleListener` wants kind = \"lifecycle_listener\"",
        methods: &[
            ("on_request_started", "on_request_started"),
            ("on_request_finished", "on_request_finished"),
            ("on_request_failed", "on_request_failed"),
        ],
        digests: &[
            (
                "on_request_started",
                "2d3a13c327036be40ff0eea0792e82301ed310ed3d8f323b77f826d056177eca",
            ),
            (
                "on_request_finished",
                "2d3a13c327036be40ff0eea0792e82301ed310ed3d8f323b77f826d056177eca",
            ),
            (
                "on_request_failed",
                "111d4768228fbfb99f37967d0e7fd7232df43a66b61d018e2e1c0b5f53d0ecdf",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        LifecycleListenerPlugin(instance),
    );
    /// A request was accepted and is about to be handled.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4). The whole dispatch ends after 5000 ms (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn on_request_started(
        &self,
        ctx: &CallContext<'_>,
        input: &RequestEvent,
    ) -> Result<(), Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("on_request_started"))
    }
    /// A request was answered; says how long that took.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4). The whole dispatch ends after 5000 ms (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn on_request_finished(
        &self,
        ctx: &CallContext<'_>,
        input: &RequestEvent,
    ) -> Result<(), Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("on_request_finished"))
    }
    /// A request ended without an answer; says why.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4). The whole dispatch ends after 5000 ms (DEADLINE-1).
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn on_request_failed(
        &self,
        ctx: &CallContext<'_>,
        input: &RequestFailedEvent,
    ) -> Result<(), Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("on_request_failed"))
    }
}

/// Something happened to a request. What started names path and actor, what finished names
/// duration_ms.
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
pub struct RequestEvent {
    /// Identifies the request; all events of one request carry the same id.
    pub request_id: String,
    /// What was asked for.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub path: Option<String>,
    /// The person or service that sent the request.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub actor: Option<String>,
    /// Milliseconds from start to answer.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub duration_ms: Option<f64>,
}
__private::object!(RequestEvent);

impl ::hookspec_plugin::check::Examine for RequestEvent {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("request_id"), &self.request_id);
            check::min_length(report, at, "/properties/request_id/minLength", value, 1);
        }
        if let Some(value) = &self.duration_ms {
            let at = &at.field("duration_ms");
            check::minimum(
                report,
                at,
                "/properties/duration_ms/minimum",
                *value,
                check::Number::Unsigned(0),
            );
            check::finite(report, at, "/properties/duration_ms/type", *value);
        }
    }
}

/// A request ended without an answer.
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
pub struct RequestFailedEvent {
    /// Identifies the request; all events of one request carry the same id.
    pub request_id: String,
    /// A stable name of the failure, for machines.
    pub code: String,
}
__private::object!(RequestFailedEvent);

impl ::hookspec_plugin::check::Examine for RequestFailedEvent {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("request_id"), &self.request_id);
            check::min_length(report, at, "/properties/request_id/minLength", value, 1);
        }
        {
            let (at, value) = (&at.field("code"), &self.code);
            check::min_length(report, at, "/properties/code/minLength", value, 1);
        }
    }
}

impl ::hookspec_plugin::TypedPayload for RequestEvent {
    const SCHEMA: &'static str = "0f3829c7176246834ae96c246483ebd4";
    const COMPLETE: bool = true;
}

impl ::hookspec_plugin::TypedPayload for RequestFailedEvent {
    const SCHEMA: &'static str = "ec518c06f4f72af9cb634fbe932bac4d";
    const COMPLETE: bool = true;
}

/// A plugin of the kind `lifecycle_listener`, made of a [`LifecycleListener`].
pub struct LifecycleListenerPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> LifecycleListenerPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "lifecycle_listener",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: LifecycleListener> LifecycleListenerPlugin<T> {
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
impl<T: LifecycleListener> ::core::convert::From<T> for LifecycleListenerPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for LifecycleListenerPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: LifecycleListener> ::hookspec_plugin::Plugin for LifecycleListenerPlugin<T> {
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
            "on_request_started" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<RequestEvent>()?;
                    LifecycleListener::on_request_started(plugin, &call.context, &input)
                        .await
                        .map(__private::told)
                })
            }
            "on_request_finished" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<RequestEvent>()?;
                    LifecycleListener::on_request_finished(plugin, &call.context, &input)
                        .await
                        .map(__private::told)
                })
            }
            "on_request_failed" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<RequestFailedEvent>()?;
                    LifecycleListener::on_request_failed(plugin, &call.context, &input)
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
/// The hooks of the kind `lifecycle_listener`, for an application to call.
#[derive(Clone, Debug)]
pub struct LifecycleListenerCalls {
    on_request_started: ::hookspec_host::dispatch::BroadcastNotify<RequestEvent>,
    on_request_finished: ::hookspec_host::dispatch::BroadcastNotify<RequestEvent>,
    on_request_failed: ::hookspec_host::dispatch::BroadcastNotify<RequestFailedEvent>,
}

#[cfg(feature = "calls")]
impl LifecycleListenerCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            on_request_started: registry
                .broadcast_notify("lifecycle_listener@1", "on_request_started")?,
            on_request_finished: registry
                .broadcast_notify("lifecycle_listener@1", "on_request_finished")?,
            on_request_failed: registry
                .broadcast_notify("lifecycle_listener@1", "on_request_failed")?,
        })
    }
    /// A request was accepted and is about to be handled.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was told; mend the input. `ShuttingDown`: the registry stops.
    pub async fn on_request_started(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<RequestEvent>,
    ) -> Result<::hookspec_host::Notified, ::hookspec_host::DispatchError> {
        self.on_request_started.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `on_request_started`.
    pub fn has_on_request_started(&self) -> bool {
        self.on_request_started.has_plugins()
    }
    /// As `on_request_started`, but returns at once; failures are logged (NOTIFY-5).
    ///
    /// # Errors
    /// `Rejected`: too many are outstanding, nobody was told; try again later. Otherwise as
    /// `on_request_started`.
    pub fn on_request_started_detached(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<RequestEvent>,
    ) -> Result<(), ::hookspec_host::DispatchError> {
        self.on_request_started.notify_detached_payload(caller, input)
    }
    /// A request was answered; says how long that took.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was told; mend the input. `ShuttingDown`: the registry stops.
    pub async fn on_request_finished(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<RequestEvent>,
    ) -> Result<::hookspec_host::Notified, ::hookspec_host::DispatchError> {
        self.on_request_finished.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `on_request_finished`.
    pub fn has_on_request_finished(&self) -> bool {
        self.on_request_finished.has_plugins()
    }
    /// As `on_request_finished`, but returns at once; failures are logged (NOTIFY-5).
    ///
    /// # Errors
    /// `Rejected`: too many are outstanding, nobody was told; try again later. Otherwise as
    /// `on_request_finished`.
    pub fn on_request_finished_detached(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<RequestEvent>,
    ) -> Result<(), ::hookspec_host::DispatchError> {
        self.on_request_finished.notify_detached_payload(caller, input)
    }
    /// A request ended without an answer; says why.
    ///
    /// Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); a failure
    /// is recorded and nothing else (NOTIFY-4).
    ///
    /// # Errors
    /// `InvalidInput`: nobody was told; mend the input. `ShuttingDown`: the registry stops.
    pub async fn on_request_failed(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<RequestFailedEvent>,
    ) -> Result<::hookspec_host::Notified, ::hookspec_host::DispatchError> {
        self.on_request_failed.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `on_request_failed`.
    pub fn has_on_request_failed(&self) -> bool {
        self.on_request_failed.has_plugins()
    }
    /// As `on_request_failed`, but returns at once; failures are logged (NOTIFY-5).
    ///
    /// # Errors
    /// `Rejected`: too many are outstanding, nobody was told; try again later. Otherwise as
    /// `on_request_failed`.
    pub fn on_request_failed_detached(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<RequestFailedEvent>,
    ) -> Result<(), ::hookspec_host::DispatchError> {
        self.on_request_failed.notify_detached_payload(caller, input)
    }
}
