//! [`Component`]: a plugin whose state is built by its setup; [`Instance`]: its life.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use serde_json::Value;

use crate::context::Context;
use crate::fault::Fault;
use crate::manifest::Manifest;
use crate::plugin::{Health, Reconfigured, Teardown};
use crate::reply::BoxFuture;

/// A plugin's state, with `setup` as its constructor: no field has to be an `Option` for the time
/// before.
///
/// ```
/// use hookspec_plugin::{Component, Context, Fault};
///
/// struct Greeter {
///     greeting: String,
/// }
///
/// #[hookspec_plugin::async_trait]
/// impl Component for Greeter {
///     async fn setup(ctx: &Context) -> Result<Self, Fault> {
///         let greeting = ctx.config()["greeting"].as_str().unwrap_or("Hello");
///         Ok(Self { greeting: greeting.to_owned() })
///     }
/// }
/// ```
#[async_trait]
pub trait Component: Sized + Send + Sync + 'static {
    /// Builds the state, once, before any call.
    ///
    /// # Errors
    /// Whatever keeps the plugin from working. It becomes unavailable, and so does what depends on
    /// it; the host goes on.
    async fn setup(ctx: &Context) -> Result<Self, Fault>;

    /// How the instance is; asked now and then.
    async fn health(&self) -> Health {
        Health::Ok
    }

    /// Takes another configuration, already checked against `config_schema`. Without this method
    /// the host makes a new instance.
    ///
    /// # Errors
    /// Why it cannot be taken; the one before stays.
    async fn on_config_change(&self, _config: &Value) -> Result<Reconfigured, Fault> {
        Ok(Reconfigured::NeedsReload)
    }

    /// Lets go of what only one instance can hold, such as a port, before a new instance is set up.
    ///
    /// # Errors
    /// Why it cannot; the reload ends here, and this instance goes on.
    async fn quiesce(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Takes back what `quiesce` let go of: the new instance did not come to be.
    ///
    /// # Errors
    /// What could not be taken back; the plugin is then `degraded`.
    async fn resume(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Gives back what `setup` took, once, after the last call.
    ///
    /// # Errors
    /// What could not be given back. The host reports it and goes on.
    async fn teardown(&self) -> Result<Teardown, Fault> {
        Ok(Teardown::Clean)
    }
}

/// One plugin instance around a `T`: what every generated adapter consists of.
///
/// Set up once, called any number of times, torn down once; anything else is a [`Fault`].
pub struct Instance<T> {
    manifest: Manifest,
    source: Source<T>,
    state: OnceLock<Arc<T>>,
    begun: AtomicBool,
    ended: AtomicBool,
}

enum Source<T> {
    /// A value that was there before.
    Value(Arc<T>),
    /// A value that setup makes.
    Component(Lifecycle<T>),
}

struct Lifecycle<T> {
    setup: for<'a> fn(&'a Context) -> BoxFuture<'a, Result<T, Fault>>,
    health: for<'a> fn(&'a T) -> BoxFuture<'a, Health>,
    on_config_change: for<'a> fn(&'a T, &'a Value) -> BoxFuture<'a, Result<Reconfigured, Fault>>,
    quiesce: for<'a> fn(&'a T) -> BoxFuture<'a, Result<(), Fault>>,
    resume: for<'a> fn(&'a T) -> BoxFuture<'a, Result<(), Fault>>,
    teardown: for<'a> fn(&'a T) -> BoxFuture<'a, Result<Teardown, Fault>>,
}

impl<T: Send + Sync + 'static> Instance<T> {
    /// An instance of a value that is ready already. It cannot be made anew, so a plugin like this
    /// cannot be reloaded.
    pub fn value(manifest: Manifest, value: Arc<T>) -> Self {
        Self::new(manifest, Source::Value(value))
    }

    /// An instance whose state is built by its setup.
    pub fn component(manifest: Manifest) -> Self
    where
        T: Component,
    {
        let lifecycle = Lifecycle {
            setup: |context| T::setup(context),
            health: |state| state.health(),
            on_config_change: |state, config| state.on_config_change(config),
            quiesce: |state| state.quiesce(),
            resume: |state| state.resume(),
            teardown: |state| state.teardown(),
        };
        Self::new(manifest, Source::Component(lifecycle))
    }

    fn new(manifest: Manifest, source: Source<T>) -> Self {
        let (state, begun, ended) =
            (OnceLock::new(), AtomicBool::new(false), AtomicBool::new(false));
        Self { manifest, source, state, begun, ended }
    }

    /// What the plugin says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The value that was there before any setup.
    pub(crate) fn given(&self) -> Option<&T> {
        match &self.source {
            Source::Value(value) => Some(value),
            Source::Component(_) => None,
        }
    }

    /// The state, for a call.
    ///
    /// # Errors
    /// `not_set_up`, `torn_down`: the host called too early, or too late.
    #[inline]
    pub fn ready(&self) -> Result<&T, Fault> {
        match self.state.get() {
            Some(state) if !self.ended.load(Ordering::Acquire) => Ok(state),
            _ => Err(self.out_of_turn()),
        }
    }

    #[cold]
    fn out_of_turn(&self) -> Fault {
        let name = &self.manifest.name;
        if self.ended.load(Ordering::Acquire) {
            return Fault::new(
                "torn_down",
                format!("plugin `{name}` was called after its teardown"),
            );
        }
        Fault::new("not_set_up", format!("plugin `{name}` was called before its setup was done"))
    }

    /// Sets the instance up.
    pub fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            if self.begun.swap(true, Ordering::AcqRel) {
                let message = format!("plugin `{}` is set up once", self.manifest.name);
                return Err(Fault::new("set_up_twice", message));
            }
            let state = match &self.source {
                Source::Value(value) => Arc::clone(value),
                Source::Component(lifecycle) => Arc::new((lifecycle.setup)(context).await?),
            };
            // Nobody else gets here: `begun` was ours.
            let _ = self.state.set(state);
            Ok(())
        })
    }

    /// How the instance is.
    pub fn health(&self) -> BoxFuture<'_, Health> {
        match (&self.source, self.state.get()) {
            (Source::Component(lifecycle), Some(state)) => (lifecycle.health)(state),
            _ => Box::pin(std::future::ready(Health::Ok)),
        }
    }

    /// Hands another configuration over. A ready value takes none: it was made with its own.
    pub fn on_config_change<'a>(
        &'a self,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        match (&self.source, self.state.get()) {
            (Source::Component(own), Some(state)) => (own.on_config_change)(state, config),
            _ => Box::pin(std::future::ready(Ok(Reconfigured::NeedsReload))),
        }
    }

    /// Asks the instance to let go of what only one can hold.
    pub fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        match (&self.source, self.state.get()) {
            (Source::Component(lifecycle), Some(state)) => (lifecycle.quiesce)(state),
            _ => Box::pin(std::future::ready(Ok(()))),
        }
    }

    /// Asks the instance to take that back.
    pub fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        match (&self.source, self.state.get()) {
            (Source::Component(lifecycle), Some(state)) => (lifecycle.resume)(state),
            _ => Box::pin(std::future::ready(Ok(()))),
        }
    }

    /// Tears the instance down. One that was never set up has nothing to give back.
    pub fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        if self.ended.swap(true, Ordering::AcqRel) {
            let message = format!("plugin `{}` is torn down once", self.manifest.name);
            return Box::pin(std::future::ready(Err(Fault::new("torn_down", message))));
        }
        match (&self.source, self.state.get()) {
            (Source::Component(lifecycle), Some(state)) => (lifecycle.teardown)(state),
            _ => Box::pin(std::future::ready(Ok(Teardown::Clean))),
        }
    }
}

impl<T> fmt::Debug for Instance<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("plugin", &self.manifest.name)
            .field("set_up", &self.state.get().is_some())
            .finish_non_exhaustive()
    }
}

/// The methods of [`Plugin`](crate::Plugin) that are its instance's: all of its life.
macro_rules! lives_as {
    ($instance:tt) => {
        fn manifest(&self) -> &$crate::Manifest {
            self.$instance.manifest()
        }

        fn setup<'a>(
            &'a self,
            context: &'a $crate::Context,
        ) -> $crate::BoxFuture<'a, Result<(), $crate::Fault>> {
            self.$instance.setup(context)
        }

        fn health(&self) -> $crate::BoxFuture<'_, $crate::Health> {
            self.$instance.health()
        }

        fn on_config_change<'a>(
            &'a self,
            config: &'a serde_json::Value,
        ) -> $crate::BoxFuture<'a, Result<$crate::Reconfigured, $crate::Fault>> {
            self.$instance.on_config_change(config)
        }

        fn quiesce(&self) -> $crate::BoxFuture<'_, Result<(), $crate::Fault>> {
            self.$instance.quiesce()
        }

        fn resume(&self) -> $crate::BoxFuture<'_, Result<(), $crate::Fault>> {
            self.$instance.resume()
        }

        fn teardown(&self) -> $crate::BoxFuture<'_, Result<$crate::Teardown, $crate::Fault>> {
            self.$instance.teardown()
        }
    };
}
pub(crate) use lives_as;

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context as TaskContext, Poll, Waker};

    use serde_json::{Map, json};

    use super::*;
    use crate::context::{Level, Resource, Services};

    struct Host(Value);

    impl Services for Host {
        fn config(&self) -> &Value {
            &self.0
        }
        fn resource(&self, _: &str) -> Option<&Resource> {
            None
        }
        fn resource_names(&self) -> Vec<&str> {
            Vec::new()
        }
        fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    struct Counter(i64);

    #[async_trait]
    impl Component for Counter {
        async fn setup(ctx: &Context) -> Result<Self, Fault> {
            let start = ctx.config()["start"].as_i64();
            start.map(Self).ok_or_else(|| Fault::new("no_start", "config.start is missing"))
        }

        async fn teardown(&self) -> Result<Teardown, Fault> {
            Ok(Teardown::RequiresRestart)
        }
    }

    fn context(config: Value) -> Context {
        Context::new("counter".into(), "counting".into(), Arc::new(Host(config)))
    }

    #[test]
    fn setup_makes_the_state_once_and_calls_wait_for_it() {
        let instance = Instance::<Counter>::component(Manifest::new("counter", "counting"));
        let context = context(json!({ "start": 7 }));
        assert_eq!(
            instance.ready().err().map(|f| f.code().to_owned()).as_deref(),
            Some("not_set_up")
        );
        now(instance.setup(&context)).unwrap();
        assert_eq!(instance.ready().unwrap().0, 7);
        assert_eq!(now(instance.setup(&context)).unwrap_err().code(), "set_up_twice");
        assert_eq!(now(instance.teardown()).unwrap(), Teardown::RequiresRestart);
        assert_eq!(
            instance.ready().err().map(|f| f.code().to_owned()).as_deref(),
            Some("torn_down")
        );
        assert_eq!(now(instance.teardown()).unwrap_err().code(), "torn_down");
    }

    #[test]
    fn a_setup_that_fails_leaves_no_state() {
        let instance = Instance::<Counter>::component(Manifest::new("counter", "counting"));
        assert_eq!(now(instance.setup(&context(json!({})))).unwrap_err().code(), "no_start");
        assert!(instance.ready().is_err());
        assert_eq!(now(instance.teardown()).unwrap(), Teardown::Clean);
    }

    #[test]
    fn a_ready_value_waits_for_setup_too() {
        let instance = Instance::value(Manifest::new("counter", "counting"), Arc::new(Counter(1)));
        assert!(instance.ready().is_err());
        now(instance.setup(&context(json!(null)))).unwrap();
        assert_eq!(instance.ready().unwrap().0, 1);
        assert_eq!(now(instance.health()), Health::Ok);
    }
}
