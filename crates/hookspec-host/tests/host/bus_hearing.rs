//! A plugin that hears events and does what a test says; every instance of it is made anew by a
//! runtime.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hookspec_host::RegistryBuilder;
use hookspec_host::bus::BusOptions;
use hookspec_host::testing::Gate;
use hookspec_plugin::{
    BoxFuture, CallContext, Event, Fault, Handled, LoadEnv, LoadError, Manifest, Plugin, Runtime,
    RuntimeName, Subscriber, SubscriberPlugin, Subscription,
};
use hookspec_spec::DispatchClass;

use crate::loading::Folder;
use crate::support::{builder, impatient, kind};

/// What a hearing plugin does with an event.
pub(crate) type Does = dyn for<'a> Fn(&'a CallContext<'_>, &'a Event) -> BoxFuture<'a, Result<Handled, Fault>>
    + Send
    + Sync;

/// What all instances share.
#[derive(Clone)]
pub(crate) struct Ears {
    /// The instance and the event, as they came.
    heard: Arc<Mutex<Vec<(usize, Event)>>>,
    made: Arc<AtomicUsize>,
    /// Closed: whoever handles an event waits here.
    pub(crate) gate: Gate,
    does: Arc<Does>,
}

impl Ears {
    pub(crate) fn new() -> Self {
        Self::doing(|_, _| Box::pin(async { Ok(().into()) }))
    }

    pub(crate) fn doing(
        does: impl for<'a> Fn(&'a CallContext<'_>, &'a Event) -> BoxFuture<'a, Result<Handled, Fault>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let gate = Gate::new();
        gate.open();
        Self { heard: Arc::default(), made: Arc::default(), gate, does: Arc::new(does) }
    }

    /// Whoever handles an event waits until the gate is opened.
    pub(crate) fn held(self) -> Self {
        Self { gate: Gate::new(), ..self }
    }

    /// What came, without the instance that heard it.
    pub(crate) fn data(&self) -> Vec<usize> {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|(_, event)| *event.data.typed::<usize>().unwrap()).collect()
    }

    pub(crate) fn types(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|(_, event)| event.event_type.to_string()).collect()
    }

    pub(crate) fn instances(&self) -> Vec<usize> {
        let mut all: Vec<usize> =
            self.heard.lock().unwrap().iter().map(|(instance, _)| *instance).collect();
        all.dedup();
        all
    }

    /// A plugin of this name by itself.
    pub(crate) fn plugin(&self, manifest: Manifest) -> impl Plugin {
        self.plugin_that_wants(manifest, Vec::new())
    }

    /// A plugin whose code says what it wants.
    pub(crate) fn plugin_that_wants(
        &self,
        manifest: Manifest,
        wants: Vec<Subscription>,
    ) -> impl Plugin {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        SubscriberPlugin::value(manifest, Arc::new(Hearing { number, ears: self.clone(), wants }))
    }

    /// A registry with plugin `a`, which can be reloaded; `events` is its table `[events]`.
    pub(crate) fn registry(&self, folder: &Folder, events: &str) -> RegistryBuilder {
        folder.dylib("a", "hearing", &format!("[events]\n{events}\n"));
        let options = BusOptions { open_namespaces: vec!["*".into()], ..BusOptions::default() };
        builder(kind(DispatchClass::BroadcastNotify, ""), [])
            .limits(impatient())
            .events(options)
            .runtime(Hears(self.clone()))
            .plugin_folder(folder.path())
    }
}

struct Hears(Ears);

impl Runtime for Hears {
    fn name(&self) -> RuntimeName {
        RuntimeName::Dylib
    }

    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        _: &'a Path,
        _: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        let plugin = Arc::new(self.0.plugin(manifest.clone())) as Arc<dyn Plugin>;
        Box::pin(async move { Ok(vec![plugin]) })
    }
}

pub(crate) struct Hearing {
    number: usize,
    ears: Ears,
    wants: Vec<Subscription>,
}

#[hookspec_plugin::async_trait]
impl Subscriber for Hearing {
    fn subscriptions(&self) -> Vec<Subscription> {
        self.wants.clone()
    }

    async fn on_event(&self, ctx: &CallContext<'_>, event: &Event) -> Result<Handled, Fault> {
        self.ears.gate.pass().await;
        self.ears.heard.lock().unwrap().push((self.number, event.clone()));
        (self.ears.does)(ctx, event).await
    }
}
