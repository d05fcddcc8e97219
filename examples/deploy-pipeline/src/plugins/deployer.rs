//! Deploys what a workflow made: asks whether it may, has it brought to its place, tells of it.
//!
//! Nothing is deployed that the gatekeeper was not asked about, or could not decide: silence is no
//! consent.

use hookspec::events::{Dispatched, Event, EventDraft, Handled};
use hookspec::{CallContext, Fault, Payload};
use serde_json::{Value, json};

use super::Deployment;
use crate::pipeline::Version;

/// Who has to let a deployment through.
const GATE: &str = "gatekeeper";

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
        if let Some(why) = objection(asked) {
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

/// Who refuses a deployment, and why; `None`: the gatekeeper was asked, and let it through.
fn objection(asked: Dispatched) -> Option<[(&'static str, String); 2]> {
    let (by, reason) = match asked.cancelled {
        Some(no) => (no.subscriber, no.reason),
        None => {
            // That it panicked, or took too long, cancels nothing: it is in its outcome alone.
            let gate = asked.outcomes.into_iter().filter(|own| own.subscriber == GATE);
            let gate: Vec<_> = gate.collect();
            let reason = match gate.is_empty() {
                true => "it is not there to be asked".to_owned(),
                false => {
                    let error = gate.into_iter().find_map(|own| own.error)?;
                    format!("it could not decide: {error}")
                }
            };
            (GATE.to_owned(), reason)
        }
    };
    Some([("by", by), ("reason", reason)])
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
