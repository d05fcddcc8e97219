//! [`Subscriber`]: a plugin that receives events; [`SubscriberPlugin`]: the plugin it is.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::event::Event;
use super::handled::Handled;
use super::on::{self, On};
use super::subscription::Subscription;
use crate::call::{Call, CallContext};
use crate::component::{Component, Instance, lives_as};
use crate::declared::Kind;
use crate::fault::Fault;
use crate::manifest::Manifest;
use crate::name::HookName;
use crate::plugin::Plugin;
use crate::reply::{HookFuture, Reply};

/// The hook that events are delivered through. Any plugin may have it, whatever its kind.
pub const EVENT: HookName = HookName::from_static("$event");

/// Receives events, and nothing else. The plugin can be of any kind.
///
/// A plugin that implements hooks of its kind receives events by methods with `#[on("pattern")]`. So
/// does this one, under `#[plugin(name = "...", kind = "...")]`, in place of `on_event` or beside it:
/// what a method asked for is handed to that method, and everything else to `on_event`.
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
pub trait Subscriber: Sized + Send + Sync + 'static {
    /// The hooks that are implemented: written by the macro on the `impl`.
    #[doc(hidden)]
    const HOOKS: &'static [HookName] = &[EVENT];

    /// The manifest of the plugin: written by the macro likewise.
    #[doc(hidden)]
    const MANIFEST: fn() -> Manifest =
        panic!("no manifest is declared: write `#[plugin(...)]` above the `impl`, or give one");

    /// The methods with `#[on]`: written by the macro likewise.
    #[doc(hidden)]
    const ON: &'static [On<Self>] = &[];

    /// What the macro goes by.
    #[doc(hidden)]
    const KIND: &'static Kind = &Kind {
        name: "",
        version: "1",
        mismatch: "a subscriber may be of any kind: say of which, as in #[plugin(kind = \"tool\")]",
        methods: &[("on_event", "$event")],
        digests: &[],
    };

    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(Instance<Self>) -> Arc<dyn Plugin> =
        |instance| Arc::new(SubscriberPlugin::of(instance));

    /// What it wants, beside what its manifest and its methods with `#[on]` say. Asked once, when it
    /// is registered.
    fn subscriptions(&self) -> Vec<Subscription> {
        Vec::new()
    }

    /// Handles one event.
    ///
    /// # Errors
    /// Why it could not. It is tried again as often as its subscription says, and is then a dead
    /// letter; no other subscriber hears of it.
    async fn on_event(&self, ctx: &CallContext<'_>, event: &Event) -> Result<Handled, Fault> {
        on::handle(self, Self::ON, ctx, event).await
    }
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
}

impl<T: Subscriber> SubscriberPlugin<T> {
    /// A plugin with the manifest that `#[plugin]` declares, whose state is built by its setup. Of a
    /// value that is ready already it is made by `from`.
    #[expect(clippy::new_without_default, reason = "as the adapters of kinds: its setup makes it")]
    pub fn new() -> Self
    where
        T: Component,
    {
        Self::component((T::MANIFEST)())
    }

    /// A plugin of a value that is ready already. It cannot be reloaded.
    pub fn value(manifest: Manifest, value: Arc<T>) -> Self {
        Self::of(Instance::value(manifest, value))
    }

    /// A plugin whose state is built by its setup. What it wants is in its manifest and above its
    /// methods with `#[on]`: its `subscriptions` cannot be asked before there is a state.
    pub fn component(manifest: Manifest) -> Self
    where
        T: Component,
    {
        Self::of(Instance::component(manifest))
    }

    fn of(instance: Instance<T>) -> Self {
        let mut subscriptions = on::subscriptions(T::ON);
        subscriptions.extend(instance.given().map(T::subscriptions).unwrap_or_default());
        Self { instance, subscriptions }
    }
}

/// A plugin of a value that is ready already, with the manifest that `#[plugin]` declares.
impl<T: Subscriber> From<T> for SubscriberPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), Arc::new(value))
    }
}

impl<T: Subscriber> Plugin for SubscriberPlugin<T> {
    lives_as!(instance);

    fn hooks(&self) -> &[HookName] {
        T::HOOKS
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        self.subscriptions.clone()
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
        deliver(call, move |call, event| async move {
            match on::named(T::ON, &call.context) {
                Some(method) => (method.handle)(plugin, &call.context, &event).await,
                None => plugin.on_event(&call.context, &event).await,
            }
        })
    }
}

impl<T> fmt::Debug for SubscriberPlugin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SubscriberPlugin").field(&self.instance).finish()
    }
}
