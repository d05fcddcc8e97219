//! The pipeline with real commands, a real webhook on loopback, and as a process of its own.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod commands;
mod gate;
mod runs;
mod stop;
mod webhook;

use std::path::PathBuf;

use deploy_pipeline::{Ended, HOOKSPECS, Runner, Settings, Summary, Workflow, builder};
use hookspec::{CancellationToken, Registry};
use serde_json::{Value, json};

/// A started pipeline, and where it writes.
struct Fixture {
    folder: tempfile::TempDir,
    registry: Registry,
}

impl Fixture {
    async fn start(webhook: Option<&str>, frozen: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            audit: folder.path().join("audit.ndjson"),
            webhook: webhook.map(Into::into),
            releases: folder.path().join("releases"),
            frozen: frozen.iter().map(|own| (*own).to_owned()).collect(),
        };
        let registry = builder(&settings).hookspecs(HOOKSPECS).start().await.unwrap();
        Self { folder, registry }
    }

    async fn run(&self, workflow: &Workflow) -> Ended {
        let runner = Runner::new(self.registry.bus(), CancellationToken::new());
        runner.run(workflow).await.unwrap()
    }

    /// Stops in order: what was published is delivered by then.
    async fn stop(&self) -> Summary {
        self.registry.stop().await.unwrap();
        Summary::of(&self.registry)
    }

    fn release(&self) -> PathBuf {
        self.folder.path().join("releases/staging/w.json")
    }

    /// The events of the audit log, without those about the host.
    fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("audit.ndjson")).unwrap();
        let all = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        all.filter(|event| event["source"] != "core").collect()
    }

    /// The events of one source in the audit log, in its order.
    fn of(&self, source: &str) -> Vec<Value> {
        self.audit().into_iter().filter(|event| event["source"] == source).collect()
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// A workflow whose steps are these scripts.
fn workflow(steps: &[Value]) -> Workflow {
    let steps: Vec<Value> = steps
        .iter()
        .map(|own| match own {
            Value::String(script) => json!({ "name": "s", "command": ["sh", "-c", script] }),
            other => other.clone(),
        })
        .collect();
    let file = json!({ "name": "w", "version": "1.4.2", "environment": "staging", "steps": steps });
    Workflow::of(file).unwrap()
}
