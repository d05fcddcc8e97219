//! Counts events by their types. What it counts is the host's to show.

use hookspec::events::Event;
use hookspec::{CallContext, Fault};

/// The counter, as `Registry::metrics` has it.
pub(crate) const EVENTS: &str = "events";
/// Its label.
pub(crate) const TYPE: &str = "type";

/// Counts events by their types.
#[derive(Debug, Default)]
pub(crate) struct EventMetrics;

#[hookspec::plugin(
    name = "event-metrics",
    kind = "pipeline",
    version = "0.1.0",
    description = "Counts events by their types"
)]
impl hookspec::events::Subscriber for EventMetrics {
    #[on("**", observe = true, overflow = "block", priority = -200)]
    async fn count(&self, ctx: &CallContext<'_>, event: &Event) -> Result<(), Fault> {
        ctx.plugin().metrics().count(EVENTS, &[(TYPE, event.event_type.as_str())], 1);
        Ok(())
    }
}
