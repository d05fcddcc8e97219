//! [`GuestBus`]: the events of the host, for a plugin in a shared library.

use std::time::Duration;

use hookspec_plugin::{
    BoxFuture, Caller, Dispatched, Event, EventBus, EventDraft, Fault, Payload, Receipt,
};
use serde_json::{Value, json};

use super::asks::Asking;
use super::crossing;
use super::trace;

/// The events of the host. What can be done at once is done by a function of the host; what has to
/// be awaited is asked for as a resource is, and so within a call.
pub(super) struct GuestBus(pub(super) Asking);

impl GuestBus {
    /// The call that a caller means, or that this thread works on; 0: none.
    fn call(&self, caller: Option<&Caller>) -> u64 {
        match caller.map_or(0, Caller::number) {
            0 => trace::call_of(self.0.link),
            number => number,
        }
    }

    fn publish(&self, call: u64, draft: EventDraft) -> Result<Receipt, Fault> {
        let event = serde_json::to_vec(&crossing::draft(draft)?)?;
        Ok(serde_json::from_value(self.0.link.emit(call, &event)?)?)
    }

    async fn ask(&self, call: u64, request: Value) -> Result<Value, Fault> {
        self.0.ask_in(call, &request).await
    }
}

impl EventBus for GuestBus {
    fn emit(&self, caller: Option<&Caller>, draft: EventDraft) -> Result<Receipt, Fault> {
        self.publish(self.call(caller), draft)
    }

    fn emit_when_there_is_room<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            match self.call(caller) {
                // Nobody would wait for it there.
                0 => self.publish(0, draft),
                call => {
                    let event = crossing::draft(draft)?;
                    let receipt = self.ask(call, json!({ "op": "emit", "event": event })).await?;
                    Ok(serde_json::from_value(receipt)?)
                }
            }
        })
    }

    fn dispatch<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Dispatched, Fault>> {
        Box::pin(async move {
            let event = crossing::draft(draft)?;
            let request = json!({ "op": "dispatch", "event": event });
            Ok(serde_json::from_value(self.ask(self.call(caller), request).await?)?)
        })
    }

    fn request<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Payload, Fault>> {
        Box::pin(async move {
            let (event, timeout_ms) = (crossing::draft(draft)?, millis(timeout));
            let request = json!({ "op": "request", "event": event, "timeout_ms": timeout_ms });
            self.ask(self.call(caller), request).await.map(Payload::from_json)
        })
    }

    fn wait_for(
        &self,
        pattern: &str,
        timeout: Duration,
    ) -> BoxFuture<'static, Result<Event, Fault>> {
        let timeout_ms = millis(timeout);
        let request = json!({ "op": "wait_for", "pattern": pattern, "timeout_ms": timeout_ms });
        let event = self.0.begin(self.call(None), &request);
        Box::pin(async move { Ok(serde_json::from_value(event.await?)?) })
    }
}

fn millis(timeout: Duration) -> u64 {
    u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)
}
