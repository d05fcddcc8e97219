//! [`Middleware`]: a plugin that stands before and after the calls of others.
//!
//! What the host does with it are the laws `WRAP-n`. These are the types alone, and the adapter:
//! [`MiddlewarePlugin`] makes a [`Plugin`] of a type that implements [`Middleware`], as the adapter
//! of a generated kind does.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::call::{Call, CallContext};
use crate::component::{Component, Instance, lives_as};
use crate::concluded::Concluded;
use crate::declared::Kind;
use crate::events::on::{self, On};
use crate::events::{EVENT, Subscription};
use crate::fault::Fault;
use crate::intercepted::Intercepted;
use crate::manifest::Manifest;
use crate::name::HookName;
use crate::payload::Payload;
use crate::plugin::Plugin;
use crate::reply::{HookFuture, Reply};

/// The hook that is called before a dispatch that a middleware wraps.
pub const BEFORE: HookName = HookName::from_static("$before");

/// The hook that is called after one.
pub const AFTER: HookName = HookName::from_static("$after");

/// Stands before and after the dispatches that its manifest's `chain_wrap` names.
///
/// The plugin can be of any kind; its priority is 1000 or more.
///
/// ```
/// use std::sync::Arc;
///
/// use hookspec_plugin::{
///     CallContext, ChainWrap, Fault, Intercepted, Manifest, Middleware, MiddlewarePlugin, Passed,
/// };
///
/// /// Lets nobody in who does not say for whom.
/// struct NeedsTenant;
///
/// #[hookspec_plugin::async_trait]
/// impl Middleware for NeedsTenant {
///     async fn before(&self, ctx: &CallContext<'_>, call: &Intercepted) -> Result<Passed, Fault> {
///         match ctx.metadata().contains_key("tenant_id") {
///             true => Ok(Passed::Unchanged),
///             false => Err(Fault::new("no_tenant", format!("{}.{}: no tenant", call.kind, call.hook))),
///         }
///     }
/// }
///
/// let manifest = Manifest {
///     priority: 1000,
///     chain_wrap: Some(ChainWrap { kinds: vec![], hooks: vec![], required: false }),
///     ..Manifest::new("needs-tenant", "tool")
/// };
/// let plugin = MiddlewarePlugin::value(manifest, Arc::new(NeedsTenant));
/// # let _ = plugin;
/// ```
#[async_trait]
pub trait Middleware: Sized + Send + Sync + 'static {
    /// Which of the two it wants to be called for; both, unless it says otherwise. `#[plugin]` above
    /// the `impl` lists those that are there.
    const HOOKS: &'static [HookName] = &[BEFORE, AFTER];

    /// The manifest of the plugin: written by the macro on the `impl`.
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
        mismatch: "a middleware may be of any kind: say of which, as in #[plugin(kind = \"tool\")]",
        methods: &[("before", "$before"), ("after", "$after")],
        digests: &[],
    };

    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(Instance<Self>) -> Arc<dyn Plugin> =
        |instance| Arc::new(MiddlewarePlugin(instance, PhantomData));

    /// Looks at the input, and may answer another one.
    ///
    /// # Errors
    /// Refuses the dispatch: nobody is called, and the caller gets the fault (WRAP-4).
    async fn before(&self, _ctx: &CallContext<'_>, _call: &Intercepted) -> Result<Passed, Fault> {
        Ok(Passed::Unchanged)
    }

    /// Is told how the dispatch ended, and can change nothing about it.
    ///
    /// # Errors
    /// Recorded and logged; nobody else hears of it (WRAP-6).
    async fn after(&self, _ctx: &CallContext<'_>, _ended: &Concluded) -> Result<(), Fault> {
        Ok(())
    }
}

/// What goes on to the plugins.
#[derive(Clone, Debug)]
pub enum Passed {
    /// The input as it came.
    Unchanged,
    /// Another one; it has to satisfy the hook's input schema.
    Changed(Payload),
}

impl Passed {
    /// Another input, as JSON.
    pub fn json(value: Value) -> Self {
        Self::Changed(Payload::from_json(value))
    }
}

impl From<Passed> for Reply {
    fn from(passed: Passed) -> Self {
        match passed {
            Passed::Unchanged => Self::Unchanged,
            Passed::Changed(payload) => Self::Value(payload),
        }
    }
}

/// The plugin that a [`Middleware`] is.
pub struct MiddlewarePlugin<T>(Instance<T>, PhantomData<T>);

impl<T: Middleware> MiddlewarePlugin<T> {
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
        Self(Instance::value(manifest, value), PhantomData)
    }

    /// A plugin whose state is built by its setup.
    pub fn component(manifest: Manifest) -> Self
    where
        T: Component,
    {
        Self(Instance::component(manifest), PhantomData)
    }
}

/// A plugin of a value that is ready already, with the manifest that `#[plugin]` declares.
impl<T: Middleware> From<T> for MiddlewarePlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), Arc::new(value))
    }
}

impl<T: Middleware> Plugin for MiddlewarePlugin<T> {
    lives_as!(0);

    fn hooks(&self) -> &[HookName] {
        T::HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let plugin = match self.0.ready() {
            Ok(plugin) => plugin,
            Err(fault) => return HookFuture::Ready(Err(fault)),
        };
        if *call.hook() == BEFORE {
            return HookFuture::boxed(async move {
                let seen = call.input.typed::<Intercepted>()?;
                plugin.before(&call.context, &seen).await.map(Reply::from)
            });
        }
        if *call.hook() == AFTER {
            return HookFuture::boxed(async move {
                let seen = call.input.typed::<Concluded>()?;
                plugin.after(&call.context, &seen).await.map(|()| Reply::Unchanged)
            });
        }
        if *call.hook() == EVENT && !T::ON.is_empty() {
            return on::other(plugin, T::ON, call);
        }
        let message = format!("a middleware knows `$before` and `$after`, not `{}`", call.hook());
        HookFuture::Ready(Err(Fault::new("unknown_hook", message)))
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        on::subscriptions(T::ON)
    }
}

impl<T> fmt::Debug for MiddlewarePlugin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MiddlewarePlugin").field(&self.0).finish()
    }
}
