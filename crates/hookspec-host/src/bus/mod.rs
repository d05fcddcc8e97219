//! The event bus: what happened, told to whoever asked for it, in the order of the laws `EVENT-n`.
//!
//! | where | what |
//! |---|---|
//! | [`Bus`] | publish, dispatch, subscribe, request; what an application uses |
//! | `stamp.rs`, `rights.rs` | from a draft to an event: who may publish it, what it came of |
//! | `routes.rs`, `trie.rs`, `live.rs`, `deliver.rs`, `queue.rs`, `pump.rs` | from an event to those who handle it |
//! | `window.rs`, `batch.rs` | from many events to few |
//! | `plugins.rs`, `emitter.rs`, `news.rs` | plugins as subscribers, as publishers, and as the matter |
//! | `dead.rs`, `drain.rs`, `snapshot.rs` | what an operator asks for |

mod awaited;
mod batch;
pub(crate) mod cause;
mod dead;
mod deliver;
mod drain;
mod emitter;
mod error;
mod guard;
mod hub;
mod live;
mod news;
mod options;
mod parcel;
mod plugins;
mod pump;
mod queue;
mod request;
mod rights;
mod routes;
mod snapshot;
mod stamp;
mod tap;
mod target;
mod trie;
mod waiters;
mod window;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    Dispatched, Event, EventDraft, Fault, Handled, Pattern, Payload, Receipt, Subscription,
};
use hookspec_spec::EventCatalog;

pub use self::batch::{Batch, BatchOptions};
pub use self::dead::DeadLetter;
pub use self::drain::Drained;
pub(crate) use self::emitter::PluginBus;
pub use self::error::{PublishError, RequestError, SubscribeError};
pub use self::guard::SubscriptionGuard;
pub(crate) use self::hub::Hub;
pub(crate) use self::live::CORE;
pub(crate) use self::live::Live;
use self::live::{Filter, Owner};
pub(crate) use self::news::News;
pub use self::options::{BusMode, BusOptions, Permissions, Rate};
pub(crate) use self::rights::Rights;
pub use self::snapshot::{BusSnapshot, Reception, SubscriptionSnapshot};
use self::stamp::APPLICATION;
pub use self::tap::Fate;
pub(crate) use self::tap::Tap;
pub use self::target::Delivery;
use self::target::Target;
pub(crate) use self::target::caller;
pub use self::window::Window;

/// The events of one application. Cheap to clone; every clone is the same bus.
///
/// A [`Registry`](crate::Registry) has one ([`Registry::bus`](crate::Registry::bus)).
///
/// ```
/// # use hookspec_host::bus::{Bus, BusOptions};
/// # use hookspec_plugin::{EventDraft, Subscription};
/// # use hookspec_spec::EventCatalog;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let options = BusOptions { open_namespaces: vec!["deploy".into()], ..BusOptions::default() };
/// let bus = Bus::new(&EventCatalog::empty(), options);
/// let audit = bus.subscribe("audit", Subscription::new("deploy.**")?, |told| async move {
///     println!("{} from {}", told.event.event_type, told.event.source);
///     Ok(())
/// })?;
/// let receipt = bus.publish(EventDraft::new("deploy.completed")).await?;
/// assert_eq!(receipt.matched, 1);
/// bus.drain(std::time::Duration::from_secs(5)).await;
/// # drop(audit);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Bus(pub(crate) Arc<Hub>);

/// Something that collects events and publishes them later.
pub(crate) trait Flush: Send + Sync {
    /// Publishes what it has.
    fn flush(&self);

    /// Publishes what it has; what still comes is published at once.
    fn end(&self) {
        self.flush();
    }
}

/// What only code of the application can ask for when it subscribes.
#[derive(Default)]
#[non_exhaustive]
pub struct SubscribeOptions {
    filter: Option<Guarded<Arc<Filter>>>,
    may_cancel: bool,
}

impl SubscribeOptions {
    /// Wants only events of which a condition holds. One that panics lets nothing through.
    #[must_use]
    pub fn filter(mut self, holds: impl Fn(&Event) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Some(Guarded::new(Arc::new(holds)));
        self
    }

    /// May [cancel](Handled::cancel) what is dispatched.
    #[must_use]
    pub fn may_cancel(mut self) -> Self {
        self.may_cancel = true;
        self
    }
}

impl fmt::Debug for SubscribeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscribeOptions").field("may_cancel", &self.may_cancel).finish()
    }
}

impl Bus {
    /// A bus by itself. Subscribers that it has before it is used inside an async runtime receive
    /// nothing until it [is](crate::Registry::start) part of a registry that runs.
    pub fn new(catalog: &EventCatalog, options: BusOptions) -> Self {
        Self(Hub::new(catalog, options))
    }

    /// Publishes: everybody who wants the event has it in their queue when this ends. Waits where a
    /// full queue asks for it, for as long as [`BusOptions::publish_timeout`]; whoever drops this
    /// future meanwhile leaves those without the event.
    ///
    /// # Errors
    /// [`PublishError`]: nobody received it.
    pub async fn publish(&self, draft: EventDraft) -> Result<Receipt, PublishError> {
        self.0.publish(draft, APPLICATION).await
    }

    /// As [`publish`](Self::publish), without waiting: a full queue that asks for it drops the event.
    ///
    /// # Errors
    /// As `publish`.
    pub fn try_publish(&self, draft: EventDraft) -> Result<Receipt, PublishError> {
        self.0.publish_as(draft, APPLICATION)
    }

    /// Has everybody who wants the event handle it now, by priority, one after another, and says how
    /// that went.
    ///
    /// # Errors
    /// As `publish`. That a subscriber failed is in the outcome.
    pub async fn dispatch(&self, draft: EventDraft) -> Result<Dispatched, PublishError> {
        self.0.dispatch(draft, APPLICATION, None).await
    }

    /// Publishes a request and awaits the first reply, which nobody else receives.
    ///
    /// # Errors
    /// [`RequestError`]: it was not published, nobody heard it, nobody replied, or the reply is an
    /// error.
    pub async fn request(
        &self,
        draft: EventDraft,
        timeout: Duration,
    ) -> Result<Payload, RequestError> {
        self.0.request(draft, APPLICATION, timeout).await
    }

    /// Awaits the next event of a type that a pattern matches, published after this call.
    ///
    /// # Errors
    /// [`RequestError::Pattern`], [`RequestError::TimedOut`].
    pub fn wait_for(
        &self,
        pattern: &str,
        timeout: Duration,
    ) -> impl Future<Output = Result<Event, RequestError>> + Send + use<> {
        self.0.wait_for(pattern, None, timeout)
    }

    /// Subscribes code of the application, until the guard is dropped.
    ///
    /// # Errors
    /// [`SubscribeError`]: the subscription could never receive anything, or says what none can.
    pub fn subscribe<F, A, H>(
        &self,
        name: &str,
        wants: Subscription,
        handler: F,
    ) -> Result<SubscriptionGuard, SubscribeError>
    where
        F: Fn(Delivery) -> A + Send + Sync + 'static,
        A: Future<Output = Result<H, Fault>> + Send + 'static,
        H: Into<Handled>,
    {
        self.subscribe_with(name, wants, SubscribeOptions::default(), handler)
    }

    /// As [`subscribe`](Self::subscribe), with what only code can ask for.
    ///
    /// # Errors
    /// As `subscribe`.
    pub fn subscribe_with<F, A, H>(
        &self,
        name: &str,
        wants: Subscription,
        options: SubscribeOptions,
        handler: F,
    ) -> Result<SubscriptionGuard, SubscribeError>
    where
        F: Fn(Delivery) -> A + Send + Sync + 'static,
        A: Future<Output = Result<H, Fault>> + Send + 'static,
        H: Into<Handled>,
    {
        let handler = move |told| -> hookspec_plugin::BoxFuture<'static, _> {
            let handling = handler(told);
            Box::pin(async move { handling.await.map(Into::into) })
        };
        let SubscribeOptions { filter, may_cancel } = options;
        let handler = Guarded::new(Arc::new(handler) as Arc<target::Handler>);
        let target = Target::Code { handler, may_cancel, sums_up: None };
        let owner = Owner::Application(name.into());
        let live = self.0.subscription(owner, wants, filter, target)?;
        self.subscribed(live)
    }

    fn subscribed(&self, live: Arc<live::Live>) -> Result<SubscriptionGuard, SubscribeError> {
        let id = live.id;
        if self.0.takes_no_more(false) {
            return Err(SubscribeError::Closed);
        }
        self.0.enter(vec![live]);
        Ok(SubscriptionGuard::new(&self.0, id))
    }

    /// Ends a subscription by its [id](SubscriptionGuard::id); `false`: there is none.
    pub fn unsubscribe(&self, id: u64) -> bool {
        self.0.leave(id).is_some()
    }

    /// Events that subscribers could not handle, the oldest first.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.0.dead.list()
    }

    /// Hands a dead letter to its subscriber again; `false`: there is none of that number, or its
    /// subscriber is gone or has no room, and it stays.
    pub fn replay(&self, number: u64) -> bool {
        self.0.replay(number)
    }

    /// Throws a dead letter away; `false`: there is none of that number.
    pub fn discard(&self, number: u64) -> bool {
        self.0.dead.take(number).is_some()
    }

    /// What became of its events, and who is subscribed; of one that was drained, who was until then.
    pub fn snapshot(&self) -> BusSnapshot {
        snapshot::take(&self.0)
    }

    /// Who would receive an event of a type, in the order of a dispatch, and why others would not.
    pub fn explain(&self, event_type: &str) -> Vec<Reception> {
        snapshot::explain(&self.0, event_type)
    }

    /// As [`explain`](Self::explain), for this very event, if the application published it now: filters,
    /// sources and permissions are looked at.
    ///
    /// # Errors
    /// As [`publish`](Self::publish). Nobody receives anything.
    pub fn explain_draft(&self, draft: EventDraft) -> Result<Vec<Reception>, PublishError> {
        let event = self.0.would_stamp(draft, APPLICATION)?;
        Ok(snapshot::explain_event(&self.0, event))
    }

    /// What is declared, the events of the host too.
    pub fn catalog(&self) -> &EventCatalog {
        &self.0.catalog
    }

    /// Whether a type may be published without being declared (EVENT-3).
    pub fn is_open(&self, event_type: &str) -> bool {
        self.0.options.mode == BusMode::Awf || self.0.is_open(event_type)
    }

    /// Whether a pattern matches a type that is not declared and may be published all the same.
    pub fn may_be_undeclared(&self, pattern: &Pattern) -> bool {
        self.0.may_be_undeclared(pattern)
    }

    /// Whether a type lies in a namespace in which no plugin publishes (EVENT-4).
    pub fn is_reserved(&self, event_type: &str) -> bool {
        self.0.options.mode == BusMode::Native && rights::is_reserved(event_type)
    }

    /// Its rules and bounds.
    pub fn options(&self) -> &BusOptions {
        &self.0.options
    }

    /// How it ended; `None`: it has not.
    pub fn drained(&self) -> Option<&Drained> {
        self.0.drained.get().map(|ended| &ended.drained)
    }

    /// Takes nothing more, waits until what was taken is handled, and closes; a registry that stops
    /// does this with its own bus.
    pub async fn drain(&self, limit: Duration) -> Drained {
        self.0.drain(limit).await
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subscriptions = self.0.routes().lives.len();
        f.debug_struct("Bus").field("subscriptions", &subscriptions).finish_non_exhaustive()
    }
}
