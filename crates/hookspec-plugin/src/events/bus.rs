//! [`EventBus`]: the way from a plugin to the events of its host; [`Emitter`]: how it is used.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::draft::EventDraft;
use super::event::Event;
use crate::caller::Caller;
use crate::fault::Fault;
use crate::name::PluginName;
use crate::payload::Payload;
use crate::reply::BoxFuture;

/// The events of a host, for one plugin. Implemented by the host, and by a runtime's guest end.
///
/// `caller` is that of the call in which a plugin uses it: what caused the event, on whose behalf, and
/// as part of which trace, is taken from there and not from the plugin.
pub trait EventBus: Send + Sync + 'static {
    /// Publishes at once.
    ///
    /// # Errors
    /// As [`Emitter::try_emit`].
    fn emit(&self, caller: Option<&Caller>, draft: EventDraft) -> Result<Receipt, Fault>;

    /// Publishes, and waits where a queue that is full asks for it.
    fn emit_when_there_is_room<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Receipt, Fault>>;

    /// Has an event handled by one subscriber after another, and awaits them.
    fn dispatch<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Dispatched, Fault>>;

    /// Publishes, and awaits the first reply.
    fn request<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Payload, Fault>>;

    /// Awaits the next event that a pattern matches, published after this call: the one who waits is
    /// registered before this returns (EVENT-12).
    fn wait_for(
        &self,
        pattern: &str,
        timeout: Duration,
    ) -> BoxFuture<'static, Result<Event, Fault>>;
}

/// What a plugin emits events through: `ctx.bus()`.
///
/// In a call it knows what the call came of. So an event that is emitted while another is handled
/// carries that one's id as its cause, its correlation, and a depth that is one more.
#[derive(Clone, Copy)]
pub struct Emitter<'a> {
    bus: Option<&'a dyn EventBus>,
    plugin: &'a PluginName,
    caller: Option<&'a Caller>,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(
        bus: Option<&'a dyn EventBus>,
        plugin: &'a PluginName,
        caller: Option<&'a Caller>,
    ) -> Self {
        Self { bus, plugin, caller }
    }

    /// Publishes an event, waiting for room where a subscriber that is `block` has none.
    ///
    /// # Errors
    /// `event_denied`: the manifest's `events.emit` does not allow the type, or the event claims
    /// another source, another tenant or a reserved namespace. `event_invalid`: the type or the data
    /// are not as the catalogue has them. `event_depth`: too many events led to this one; end the
    /// loop. `event_rate`: too many in too short a time; later. `no_bus`: there are no events here.
    /// `bus_closed`: the host stops.
    pub async fn emit(&self, draft: EventDraft) -> Result<Receipt, Fault> {
        self.bus()?.emit_when_there_is_room(self.caller, draft).await
    }

    /// As [`emit`](Self::emit), where nothing can be awaited: a full queue that is `block` drops it.
    ///
    /// # Errors
    /// As `emit`.
    pub fn try_emit(&self, draft: EventDraft) -> Result<Receipt, Fault> {
        self.bus()?.emit(self.caller, draft)
    }

    /// Has an event handled by one subscriber after another, by priority, and awaits them all.
    ///
    /// # Errors
    /// As `emit`. That a subscriber failed is in the outcome.
    pub async fn dispatch(&self, draft: EventDraft) -> Result<Dispatched, Fault> {
        self.bus()?.dispatch(self.caller, draft).await
    }

    /// Publishes a request and awaits the first reply, which nobody else receives.
    ///
    /// # Errors
    /// As `emit`. `request_timeout`: nobody replied in time. `request_unheard`: nobody is subscribed.
    /// `request_unanswered`: everybody who received it has handled it, and nobody replied. Whatever the
    /// one who answered refuses it with.
    pub async fn request(&self, draft: EventDraft, timeout: Duration) -> Result<Payload, Fault> {
        self.bus()?.request(self.caller, draft, timeout).await
    }

    /// Awaits the next event of a type that a pattern matches, published after this call.
    ///
    /// # Errors
    /// `event_invalid`: it is no pattern. `request_timeout`: none came in time. `bus_closed`: the host
    /// stops. `no_bus`.
    pub fn wait_for(
        &self,
        pattern: &str,
        timeout: Duration,
    ) -> impl Future<Output = Result<Event, Fault>> + Send + use<> {
        // Registered here, not when it is first polled.
        let event = self.bus().map(|bus| bus.wait_for(pattern, timeout));
        async move { event?.await }
    }

    /// Whether there are events here.
    pub fn is_there(&self) -> bool {
        self.bus.is_some()
    }

    fn bus(&self) -> Result<&'a dyn EventBus, Fault> {
        self.bus.ok_or_else(|| {
            let message = format!("plugin `{}` runs where there are no events", self.plugin);
            Fault::new("no_bus", message)
        })
    }
}

impl fmt::Debug for Emitter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitter").field("plugin", self.plugin).finish()
    }
}

/// What came of publishing an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The event's id.
    pub id: String,
    /// How many subscriptions want it.
    pub matched: usize,
    /// How many of those had no room for it. An older event that gave way is not counted here.
    pub dropped: usize,
}

/// What came of an event that was handled by one subscriber after another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatched {
    /// The event's id.
    pub id: String,
    /// Who handled it, in that order.
    pub outcomes: Vec<HandlerOutcome>,
    /// Who ended it, and why: those after it were not asked, unless they only observe.
    pub cancelled: Option<CancelledBy>,
}

/// How one subscriber handled an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlerOutcome {
    /// The plugin, or the name that the application gave.
    pub subscriber: String,
    /// The pattern that matched.
    pub pattern: String,
    /// Why it failed; `None`: it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// Who cancelled an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelledBy {
    /// The plugin, or the name that the application gave.
    pub subscriber: String,
    /// Why.
    pub reason: String,
}
