//! Tells a webhook what becomes of deployments, and which workflows failed.
//!
//! A webhook that is down holds nobody up: events wait in the notifier's own queue, are tried again,
//! and are dead letters at last.

use hookspec::events::Event;
use hookspec::resources::{HttpClient, HttpRequest};
use hookspec::{CallContext, Fault};
use serde_json::Value;

/// Sends events to a webhook.
#[derive(Debug, Default)]
pub(crate) struct Notifier;

#[hookspec::plugin(
    name = "notifier",
    kind = "pipeline",
    version = "0.1.0",
    description = "Sends events to a webhook, as CloudEvents",
    resources = { required = ["http_client"] },
    config_schema = {
        type = "object",
        required = ["url"],
        properties = { url = { type = "string", pattern = "^http://" } }
    }
)]
impl hookspec::events::Subscriber for Notifier {
    // A dispatched request would wait for the webhook: what came of it is told instead.
    #[on(
        "deploy.*",
        "workflow.failed",
        filter = { not = { pointer = "/type", equals = "deploy.requested" } },
        retries = 2,
        backoff_ms = 50,
        timeout_ms = 5000
    )]
    async fn tell(&self, ctx: &CallContext<'_>, event: &Event) -> Result<(), Fault> {
        let url = ctx.config().get("url").and_then(Value::as_str).unwrap_or_default();
        let http = ctx.plugin().resource::<dyn HttpClient>("http_client")?;
        let request = HttpRequest::post(url, serde_json::to_vec(event)?)
            .header("content-type", "application/cloudevents+json");
        let response = http.send(request).await?;
        match response.is_success() {
            true => Ok(()),
            false => {
                let text = format!("the webhook answered {}", response.status);
                Err(Fault::new("webhook_refused", text).retryable())
            }
        }
    }
}
