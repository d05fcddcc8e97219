//! Deploys what a workflow made: asks whether it may, has it brought to its place, tells of it.

use hookspec::events::{Event, EventDraft, Handled};
use hookspec::{CallContext, Fault, Payload};
use serde_json::{Value, json};

use super::Deployment;
use crate::pipeline::Version;

/// Makes a deployment of each workflow that ended well.
#[derive(Debug, Default)]
pub(crate) struct Deployer;

#[hookspec::plugin(
    name = "deployer",
    kind = "pipeline",
    version = "0.1.0",
    description = "Deploys what workflows made",
    events = { emit = ["deploy.*"] }
)]
impl hookspec::events::Subscriber for Deployer {
    #[on("workflow.completed", timeout_ms = 15000)]
    async fn deploy(&self, ctx: &CallContext<'_>, event: &Event) -> Result<Handled, Fault> {
        let own = deployment(event)?;
        let data = serde_json::to_value(&own)?;
        let asked = ctx.bus().dispatch(draft("requested", &data, &[])).await?;
        if let Some(no) = asked.cancelled {
            let why = [("by", no.subscriber), ("reason", no.reason)];
            return Ok(draft("refused", &data, &why).into());
        }
        ctx.bus().emit(draft("started", &data, &[])).await?;
        let placed = ctx.dispatch("pipeline", "deploy", Payload::of(Version::from(own))).await;
        let place = placed.and_then(|answers| {
            let reply = answers.one()?;
            Ok(reply.json()?["place"].as_str().unwrap_or_default().to_owned())
        });
        // Returned or emitted, an event is the same: it comes of the one that is handled.
        Ok(match place {
            Ok(place) => draft("completed", &data, &[("place", place)]),
            Err(fault) => draft("failed", &data, &[("error", fault.to_string())]),
        }
        .into())
    }
}

/// What the workflow made, as its event says.
fn deployment(event: &Event) -> Result<Deployment, Fault> {
    let missing = |what: &str| {
        Fault::new("no_deployment", format!("{} does not say its {what}", event.event_type))
    };
    let own = |key: &'static str| event.metadata.get(key).cloned().ok_or_else(|| missing(key));
    let environment = event.data.json()?["environment"].as_str();
    Ok(Deployment {
        workflow: own("workflow_name")?,
        version: own("version")?,
        environment: environment.ok_or_else(|| missing("environment"))?.to_owned(),
    })
}

fn draft(what: &str, data: &Value, more: &[(&str, String)]) -> EventDraft {
    let mut data = data.clone();
    for (key, value) in more {
        data[*key] = json!(value);
    }
    let subject = data["workflow"].as_str().unwrap_or_default().to_owned();
    EventDraft::new(format!("deploy.{what}")).subject(subject).json(data)
}
