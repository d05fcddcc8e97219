//! [`TestBus`]: the events of a host, for the tests of a plugin that has none.

mod lodger;
mod recorder;
mod says;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{EventDraft, Fault, Handled, Pattern, Plugin, Receipt, Subscription};
use hookspec_spec::{Catalog, EventCatalog};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout_at};

use self::recorder::Recorder;
pub use self::recorder::{Reached, Recorded, Refusal};
pub use self::says::Silent;
use crate::bus::{Bus, BusOptions, Delivery, Drained, PublishError, SubscribeError};
use crate::error::{RegistrationError, StartError};
use crate::registry::{Registry, RegistryBuilder};
use crate::state::State;

/// A bus for the tests of plugins, without a host application: a small registry around it sets the
/// plugins up and calls them through `$event`, as any host does, and everything that happens to an
/// event is recorded by the bus itself.
///
/// With `#[tokio::test(start_paused = true)]` time passes only where everybody waits for it, so that
/// retries, timeouts and windows take no time and come in the same order each time.
///
/// ```
/// use hookspec_host::testing::{Behaviour, Fate, Puppet, TestBus};
/// use hookspec_plugin::{EVENT, EventDraft, Events, Manifest, Pattern, Subscription};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The plugin under test: it answers each deployment with a notification.
/// let events = Events {
///     emit: vec![Pattern::parse("notification.sent")?],
///     subscribe: vec![Subscription::new("deploy.*")?],
///     ..Events::default()
/// };
/// let manifest = Manifest { events: Some(events), ..Manifest::new("notifier", "tool") };
/// let notifier = Puppet::new(manifest)
///     .on(EVENT, Behaviour::emit(EventDraft::new("notification.sent")));
///
/// let bus = TestBus::setup().await?;
/// bus.add(notifier).await?;
/// bus.subscribe("notification.*", 0, |_| async { Ok(()) })?;
/// bus.emit(EventDraft::new("deploy.completed")).await?;
/// bus.process_events().await;
///
/// let sent = bus.assert_emitted("notification.sent");
/// assert_eq!(sent.event.source, "notifier");
/// assert_eq!(bus.assert_received("notifier", "deploy.*").fate, Fate::Handled);
/// assert_eq!(bus.errors(), 0);
/// assert!(bus.cleanup().await.is_complete());
/// # Ok(()) }
/// ```
pub struct TestBus {
    registry: Registry,
    bus: Bus,
    recorder: Arc<Recorder>,
}

/// Why a test has no bus, or no plugin on it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TestBusError {
    /// The registry did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The plugin was refused: mend its manifest, or what it subscribes to.
    #[error(transparent)]
    Refused(#[from] RegistrationError),
    /// The plugin is there, and is not to be called: its setup failed, or it is turned off.
    #[error("plugin `{plugin}` is {state}: {reason}")]
    NotReady {
        /// The plugin.
        plugin: String,
        /// What it is instead of ready.
        state: State,
        /// Why.
        reason: String,
    },
}

/// How long events may take to be handled; with paused time a number and nothing more.
const PATIENCE: Duration = Duration::from_secs(60);

impl TestBus {
    /// A bus on which every type but the reserved ones may be published.
    ///
    /// # Errors
    /// [`TestBusError::Start`].
    pub async fn setup() -> Result<Self, TestBusError> {
        let options = BusOptions { open_namespaces: vec!["*".into()], ..BusOptions::default() };
        Self::setup_with(EventCatalog::empty(), options).await
    }

    /// A bus on which what a catalogue declares may be published, by these rules: a subscription
    /// that can match nothing declared is refused, as it is in production.
    ///
    /// # Errors
    /// [`TestBusError::Start`].
    pub async fn setup_with(
        catalog: EventCatalog,
        options: BusOptions,
    ) -> Result<Self, TestBusError> {
        let builder = Registry::builder().environment(|_| None);
        Self::setup_from(builder.catalog(Catalog::of_events(catalog)).events(options)).await
    }

    /// The bus of a registry that a test has filled with what its plugins need: configuration,
    /// resources, hookspecs. It has no plugin folders.
    ///
    /// # Errors
    /// [`TestBusError::Start`].
    pub async fn setup_from(builder: RegistryBuilder) -> Result<Self, TestBusError> {
        let registry = builder.catalog(lodger::kind()).build()?;
        let (bus, recorder) = (registry.bus(), Arc::new(Recorder::default()));
        // It was just built: nobody looks on yet.
        let _ = bus.0.tap.set(Arc::clone(&recorder) as Arc<dyn crate::bus::Tap>);
        registry.start().await?;
        Ok(Self { registry, bus, recorder })
    }

    /// Adds a plugin and sets it up. One whose kind the registry does not know is given a kind of the
    /// test's own: its events are what is tested, and its other hooks are not there.
    ///
    /// # Errors
    /// [`TestBusError::Refused`], [`TestBusError::NotReady`].
    pub async fn add(&self, plugin: impl Plugin) -> Result<(), TestBusError> {
        let manifest = plugin.manifest();
        let name = manifest.name.clone();
        let known = !self.registry.catalog().majors(manifest.kind.as_str()).is_empty();
        let plugin: Arc<dyn Plugin> =
            if known { Arc::new(plugin) } else { Arc::new(lodger::Lodger::new(plugin)) };
        self.registry.add(plugin).await?;
        let mut plugins = self.registry.snapshot().plugins.into_iter();
        match plugins.find(|own| own.name == name.as_str() && own.state != State::Ready) {
            None => Ok(()),
            Some(own) => Err(TestBusError::NotReady {
                plugin: name.to_string(),
                state: own.state,
                reason: own.reason,
            }),
        }
    }

    /// Publishes an event as the application does.
    ///
    /// # Errors
    /// [`PublishError`]: nobody receives it. It is among the [refusals](Self::refusals), too.
    pub async fn emit(&self, draft: EventDraft) -> Result<Receipt, PublishError> {
        self.bus.publish(draft).await
    }

    /// Subscribes the test, until [`cleanup`](Self::cleanup); answers the subscription's id. Priorities
    /// count where an event is [dispatched](Bus::dispatch). In what is recorded the subscriber has the
    /// name of its pattern.
    ///
    /// # Errors
    /// [`SubscribeError`]: it could never receive anything.
    pub fn subscribe<F, A, H>(
        &self,
        pattern: &str,
        priority: i32,
        handler: F,
    ) -> Result<u64, SubscribeError>
    where
        F: Fn(Delivery) -> A + Send + Sync + 'static,
        A: Future<Output = Result<H, Fault>> + Send + 'static,
        H: Into<Handled>,
    {
        let parsed =
            Pattern::parse(pattern).map_err(|error| SubscribeError::InvalidPattern { error })?;
        let wants = Subscription::of(parsed).priority(priority);
        Ok(self.bus.subscribe(pattern, wants, handler)?.keep())
    }

    /// Lets everything be handled that was published, and what comes of it; answers how many events
    /// are left. That is none, unless a subscriber takes more than a minute, or is not to be called.
    /// What goes wrong meanwhile is [counted](Self::errors) and [recorded](Self::recorded).
    pub async fn process_events(&self) -> usize {
        let (hub, until) = (&self.bus.0, Instant::now() + PATIENCE);
        loop {
            let quiet = timeout_at(until, hub.outstanding.at_most(0)).await.is_ok();
            // What happens to plugins is published by somebody else, a moment later.
            if !quiet || hub.has_told_all() && hub.outstanding.count() == 0 {
                return hub.outstanding.count();
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// How often a subscriber failed, or answered an event that was not published.
    pub fn errors(&self) -> u64 {
        self.bus.snapshot().errors
    }

    /// Every event that was published, in that order, and what became of it at whom: also what the host
    /// tells of its plugins. The first 65 536; what came later is not recorded.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.recorder.events()
    }

    /// Every event that was not published, and why.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.recorder.refusals()
    }

    /// The bus, for what else it can do.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The registry around it.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Ends as a host does: lets everything be handled, tears the plugins down, and says what was
    /// lost. A teardown that fails is logged.
    pub async fn cleanup(self) -> Drained {
        if let Err(error) = self.registry.stop().await {
            tracing::warn!(%error, "a plugin under test was not torn down");
        }
        self.bus.drained().cloned().unwrap_or_default()
    }
}

impl fmt::Debug for TestBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestBus").field("bus", &self.bus).finish_non_exhaustive()
    }
}
