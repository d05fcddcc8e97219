//! [`PluginBus`]: the bus as one plugin sees it.

use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{
    BoxFuture, Caller, Dispatched, Event, EventBus, EventDraft, Fault, Payload, Receipt,
};
use tokio::time::Instant;

use super::error::PublishError;
use super::hub::Hub;
use super::parcel::Held;
use super::rights::Rights;
use super::stamp::Author;

/// The bus as one plugin sees it.
pub(crate) struct PluginBus {
    pub(crate) hub: Arc<Hub>,
    pub(crate) rights: Arc<Rights>,
}

impl PluginBus {
    fn author<'a>(&'a self, caller: Option<&'a Caller>) -> Author<'a> {
        Author::Plugin { rights: &self.rights, caller, cause: None }
    }
}

impl EventBus for PluginBus {
    fn emit(&self, caller: Option<&Caller>, draft: EventDraft) -> Result<Receipt, Fault> {
        let published = self.hub.publish_as(draft, self.author(caller));
        published.map_err(|error| error.fault())
    }

    fn emit_when_there_is_room<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            let published = self.hub.publish(draft, self.author(caller)).await;
            published.map_err(|error| error.fault())
        })
    }

    fn dispatch<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Dispatched, Fault>> {
        Box::pin(async move {
            let until = caller.and_then(Caller::deadline).map(Instant::from_std);
            let dispatched = self.hub.dispatch(draft, self.author(caller), until).await;
            dispatched.map_err(|error| error.fault())
        })
    }

    fn request<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Payload, Fault>> {
        Box::pin(async move {
            let reply = self.hub.request(draft, self.author(caller), timeout).await;
            reply.map_err(super::RequestError::fault)
        })
    }

    fn wait_for(
        &self,
        pattern: &str,
        timeout: Duration,
    ) -> BoxFuture<'static, Result<Event, Fault>> {
        let tenant = self.rights.tenant.clone();
        // Registered here, not when it is first polled (EVENT-12).
        let event = self.hub.wait_for(pattern, tenant, timeout);
        Box::pin(async move { event.await.map_err(super::RequestError::fault) })
    }
}

impl Hub {
    /// Publishes, and waits for room where somebody asks for that.
    pub(crate) async fn publish(
        &self,
        draft: EventDraft,
        author: Author<'_>,
    ) -> Result<Receipt, PublishError> {
        // A stop that begins now waits for it, or it is refused (EVENT-14).
        let _held = Held::new(&self.outstanding);
        let event = self.stamp(draft, author)?;
        Ok(self.deliver(event, None).await)
    }

    /// Publishes, without waiting.
    pub(crate) fn publish_as(
        &self,
        draft: EventDraft,
        author: Author<'_>,
    ) -> Result<Receipt, PublishError> {
        let _held = Held::new(&self.outstanding);
        let event = self.stamp(draft, author)?;
        Ok(self.deliver_now(event))
    }
}
