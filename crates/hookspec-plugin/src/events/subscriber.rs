//! [`Subscriber`]: a plugin that receives events; [`SubscriberPlugin`]: the plugin it is.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::event::Event;
use super::handled::Handled;
use super::subscription::Subscription;
use crate::call::{Call, CallContext};
use crate::component::{Component, Instance};
use crate::context::Context;
use crate::fault::Fault;
use crate::manifest::Manifest;
use crate::name::HookName;
use crate::plugin::{Health, Plugin, Reconfigured, Teardown};
use crate::reply::{BoxFuture, HookFuture, Reply};

/// The hook that events are delivered through. Any plugin may have it, whatever its kind.
pub const EVENT: HookName = HookName::from_static("$event");

/// Receives events, and nothing else. The plugin can be of any kind.
///
/// A plugin that implements hooks of its kind receives events by methods with `#[on("pattern")]`.
///
/// ```
/// use std::sync::Arc;
///
/// use hookspec_plugin::{
///     CallContext, Event, Fault, Handled, Manifest, Subscriber, SubscriberPlugin, Subscription,
/// };
///
/// struct Notifier;
///
/// #[hookspec_plugin::async_trait]
/// impl Subscriber for Notifier {
///     fn subscriptions(&self) -> Vec<Subscription> {
///         Subscription::new("deploy.*").into_iter().collect()
///     }
///     async fn on_event(&self, ctx: &CallContext<'_>, event: &Event) -> Result<Handled, Fault> {
///         ctx.plugin().log(hookspec_plugin::Level::Info, event.event_type.as_str());
///         Ok(().into())
///     }
/// }
///
/// let plugin = SubscriberPlugin::value(Manifest::new("notifier", "tool"), Arc::new(Notifier));
/// # let _ = plugin;
/// ```
#[async_trait]
pub trait Subscriber: Send + Sync + 'static {
    /// What it wants, beside what its manifest says. Asked once, when it is registered.
    fn subscriptions(&self) -> Vec<Subscription> {
        Vec::new()
    }

    /// Handles one event.
    ///
    /// # Errors
    /// Why it could not. It is tried again as often as its subscription says, and is then a dead
    /// letter; no other subscriber hears of it.
    async fn on_event(&self, ctx: &CallContext<'_>, event: &Event) -> Result<Handled, Fault>;
}

/// Reads the event that a call of [`EVENT`] delivers, and answers what handling it came to. What
/// adapters of generated kinds use, too.
#[doc(hidden)]
pub fn deliver<'a, F>(call: Call<'a>, handle: impl FnOnce(Call<'a>, Event) -> F) -> HookFuture<'a>
where
    F: Future<Output = Result<Handled, Fault>> + Send + 'a,
{
    let event = match call.input.typed::<Event>() {
        Ok(event) => event.clone(),
        Err(fault) => return HookFuture::Ready(Err(fault)),
    };
    let handling = handle(call, event);
    HookFuture::boxed(async move { handling.await.map(Reply::value) })
}

/// The plugin that a [`Subscriber`] is.
pub struct SubscriberPlugin<T> {
    instance: Instance<T>,
    subscriptions: Vec<Subscription>,
    subscriber: PhantomData<T>,
}

impl<T: Subscriber> SubscriberPlugin<T> {
    /// A plugin of a value that is ready already. It cannot be reloaded.
    pub fn value(manifest: Manifest, value: Arc<T>) -> Self {
        let subscriptions = value.subscriptions();
        Self { subscriptions, instance: Instance::value(manifest, value), subscriber: PhantomData }
    }

    /// A plugin whose state is built by its setup. What it wants is in its manifest.
    pub fn component(manifest: Manifest) -> Self
    where
        T: Component,
    {
        let instance = Instance::component(manifest);
        Self { instance, subscriptions: Vec::new(), subscriber: PhantomData }
    }
}

impl<T: Subscriber> Plugin for SubscriberPlugin<T> {
    fn manifest(&self) -> &Manifest {
        self.instance.manifest()
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[EVENT];
        HOOKS
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        self.subscriptions.clone()
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        self.instance.setup(context)
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let plugin = match self.instance.ready() {
            Ok(plugin) => plugin,
            Err(fault) => return HookFuture::Ready(Err(fault)),
        };
        if *call.hook() != EVENT {
            let message = format!("a subscriber knows `$event`, not `{}`", call.hook());
            return HookFuture::Ready(Err(Fault::new("unknown_hook", message)));
        }
        deliver(call, |call, event| async move { plugin.on_event(&call.context, &event).await })
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.instance.health()
    }

    fn on_config_change<'a>(
        &'a self,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        self.instance.on_config_change(config)
    }

    fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        self.instance.quiesce()
    }

    fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        self.instance.resume()
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        self.instance.teardown()
    }
}

impl<T> fmt::Debug for SubscriberPlugin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SubscriberPlugin").field(&self.instance).finish()
    }
}
