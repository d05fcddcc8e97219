//! `broadcast_notify`: the events of a few requests, told to everybody who listens.

use std::time::Instant;

use hookspec::{Caller, Registry, metadata};
use hookspec_cli::duration;
use serde::Deserialize;
use serde_json::Value;

use super::records;
use crate::demo::Trouble;
use crate::section::Section;

#[derive(Deserialize)]
struct Record {
    hook: String,
    event: Value,
}

pub(crate) async fn show(registry: &Registry) -> Result<Section, Trouble> {
    let mut section = Section::begin(
        registry,
        "broadcast_notify",
        "lifecycle_listener.on_request_*",
        ["request", "event", ">told", ">failed", ">took"],
    );
    for Record { hook, event } in records("requests.ndjson")? {
        let id = event["request_id"].as_str().unwrap_or_default().to_owned();
        let caller = Caller::new().with_metadata(metadata::REQUEST_ID, id.as_str());
        // Typed callers know the hook; here the data does, so that hook and event are untyped.
        let dispatcher = registry.broadcast_notify::<Value>("lifecycle_listener", &hook)?;
        let began = Instant::now();
        let notified = dispatcher.dispatch(&caller, event).await?;
        section.dispatched();
        section.failed(&notified.failures);
        section.row([
            id,
            hook,
            notified.delivered.to_string(),
            notified.failures.len().to_string(),
            duration(began.elapsed()),
        ]);
        if notified.delivered != 2 {
            section.unexpected.push(format!("{} listeners were told, not 2", notified.delivered));
        }
    }
    Ok(section.end(
        "Everybody is told at the same time, nobody is asked. One listener panics and one never \
         answers; the others are told all the same, and the caller gets no error.",
    ))
}
