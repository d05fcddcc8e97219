//! [`Plugin`]: the one trait that every runtime ends at.

use serde_json::{Map, Value};

use crate::call::Call;
use crate::context::Context;
use crate::events::Subscription;
use crate::fault::Fault;
use crate::manifest::Manifest;
use crate::name::HookName;
use crate::reply::{BoxFuture, HookFuture};

/// A plugin as the host sees it: a function from a hook call to a JSON-shaped value.
///
/// The host never knows whether the code behind it is linked in, comes from a shared library or
/// runs in another process. It calls `setup` once, then `call` any number of times and
/// concurrently, then `teardown` once; an instance is not used again afterwards.
///
/// ```
/// use hookspec_plugin::{Call, HookFuture, HookName, Manifest, Plugin, Reply};
///
/// struct Greeter(Manifest);
///
/// impl Plugin for Greeter {
///     fn manifest(&self) -> &Manifest {
///         &self.0
///     }
///     fn hooks(&self) -> &[HookName] {
///         const HOOKS: &[HookName] = &[HookName::from_static("greet")];
///         HOOKS
///     }
///     fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
///         HookFuture::Ready(call.input.json().map(|name| Reply::value(format!("Hello {name}"))))
///     }
/// }
/// # let _ = Greeter(Manifest::new("greeter", "greeting"));
/// ```
pub trait Plugin: Send + Sync + 'static {
    /// What the plugin says about itself. Always the same answer.
    fn manifest(&self) -> &Manifest;

    /// The hooks it implements. A name that its kind does not have is refused at registration, so
    /// that a typing error cannot leave a hook silently dead.
    fn hooks(&self) -> &[HookName];

    /// Prepares the instance, once, before any call.
    ///
    /// An error makes the plugin, and those that depend on it, unavailable; the host goes on.
    fn setup<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Answers one hook. Called concurrently; the future may be dropped at any point.
    ///
    /// On the `inline` executor, the default, neither this method nor a poll may block the thread.
    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a>;

    /// The events it wants, beside those that its manifest names; delivered through the hook
    /// [`EVENT`](crate::EVENT). Asked once, when it is registered.
    fn subscriptions(&self) -> Vec<Subscription> {
        Vec::new()
    }

    /// Narrows capability dispatch beyond what the manifest declares. In-process plugins only.
    fn matches(&self, _call: &Call<'_>) -> bool {
        true
    }

    /// What an operator may want to know of how it was loaded: file, digest, irregularities. Shown
    /// in the host's snapshot; asked whenever one is taken.
    fn facts(&self) -> Map<String, Value> {
        Map::new()
    }

    /// How the instance is, when a host asks.
    fn health(&self) -> BoxFuture<'_, Health> {
        Box::pin(std::future::ready(Health::Ok))
    }

    /// Takes another configuration, which was checked against the manifest's `config_schema`.
    ///
    /// Once it is applied, the context's configuration is this one. Where it is not, or an error
    /// comes back, the context keeps the one it has.
    fn on_config_change<'a>(
        &'a self,
        _config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        Box::pin(std::future::ready(Ok(Reconfigured::NeedsReload)))
    }

    /// Lets go of what only one instance can hold, such as a port, before a new instance of the same
    /// plugin is set up. Calls still come, and are answered if that is possible.
    fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Takes back what `quiesce` let go of: the new instance did not come to be.
    fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Gives back what `setup` took, once, after the last call.
    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(std::future::ready(Ok(Teardown::Clean)))
    }
}

/// How a plugin instance is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// All is well.
    Ok,
    /// It works, but not as it should.
    Degraded(String),
    /// It does not work.
    Failed(String),
}

/// What came of another configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconfigured {
    /// It holds from now on.
    Applied,
    /// It holds for a new instance: the host reloads the plugin.
    NeedsReload,
}

/// How a teardown ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teardown {
    /// Everything was given back; a new instance may start in this process.
    Clean,
    /// Something stays until the process ends; a new instance needs a restart.
    RequiresRestart,
}
