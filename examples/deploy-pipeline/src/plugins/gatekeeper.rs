//! Keeps versions out of environments that are frozen. The only plugin that may cancel.

use hookspec::events::{Event, Handled};
use hookspec::{CallContext, Fault};
use serde_json::Value;

use super::Deployment;

/// Cancels requests to deploy.
#[derive(Debug, Default)]
pub(crate) struct Gatekeeper;

#[hookspec::plugin(
    name = "gatekeeper",
    kind = "pipeline",
    version = "0.1.0",
    description = "Keeps versions out of environments that are frozen",
    events = { cancel = ["deploy.requested"] },
    config_schema = {
        type = "object",
        properties = { frozen = { type = "array", items = { type = "string" } } }
    }
)]
impl hookspec::events::Subscriber for Gatekeeper {
    #[on("deploy.requested", priority = 100)]
    async fn decide(
        &self,
        ctx: &CallContext<'_>,
        _: &Event,
        data: &Deployment,
    ) -> Result<Handled, Fault> {
        let frozen = ctx.config().get("frozen").and_then(Value::as_array);
        let is_frozen = |own: &Value| own.as_str() == Some(&data.environment);
        if frozen.is_some_and(|all| all.iter().any(is_frozen)) {
            return Ok(Handled::cancel(format!("{} is frozen", data.environment)));
        }
        Ok(().into())
    }
}
