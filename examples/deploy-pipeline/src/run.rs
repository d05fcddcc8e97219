//! [`Runner`]: runs workflows, and publishes what becomes of them and of their steps.
//!
//! What the events are about stands in their metadata, under the keys that the catalogue lists.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hookspec::CancellationToken;
use hookspec::events::{Bus, EventDraft, PublishError};
use serde_json::json;

use crate::command::{self, Attempt, Problem};
use crate::workflow::{Step, Workflow};

/// Runs workflows, one after another.
#[derive(Debug)]
pub struct Runner {
    bus: Bus,
    stop: CancellationToken,
    runs: AtomicU64,
}

/// How a workflow ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The run's id, which is the correlation of all its events.
    pub id: String,
    /// The step that failed, and why; `None`: all is well.
    pub failed: Option<(String, String)>,
}

/// One run, and what all its events say.
struct Run<'a> {
    pipeline: &'a Runner,
    workflow: &'a Workflow,
    id: String,
}

/// What is said of an attempt that was not well.
struct Mishap {
    message: String,
    error: String,
    code: Option<i32>,
}

impl Runner {
    /// Events are published on the bus; once the token is cancelled, what runs is ended.
    pub fn new(bus: Bus, stop: CancellationToken) -> Self {
        Self { bus, stop, runs: AtomicU64::new(1) }
    }

    /// Runs a workflow to its end. That a step failed is no error.
    ///
    /// # Errors
    /// The bus takes no events: its registry stops, or its catalogue says otherwise of these types.
    pub async fn run(&self, workflow: &Workflow) -> Result<Ended, PublishError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{}-{number}", workflow.name, since.as_millis());
        let run = Run { pipeline: self, workflow, id: id.clone() };
        let begun = Instant::now();
        run.tell(run.event("workflow.started")).await?;
        for step in &workflow.steps {
            if let Some(mishap) = run.step(step).await? {
                let event = run
                    .ended("workflow.failed", "failed", begun)
                    .metadata("failed_step", &step.name)
                    .metadata("error_message", &mishap.message)
                    .metadata("error", &mishap.error);
                run.tell(event).await?;
                return Ok(Ended { id, failed: Some((step.name.clone(), mishap.message)) });
            }
        }
        run.tell(run.ended("workflow.completed", "completed", begun)).await?;
        Ok(Ended { id, failed: None })
    }
}

impl Run<'_> {
    /// Runs a step, as often as it may be tried; answers what was wrong the last time.
    async fn step(&self, step: &Step) -> Result<Option<Mishap>, PublishError> {
        let of = |event_type: &str| {
            self.event(event_type)
                .metadata("step_name", &step.name)
                .metadata("step_type", "command")
        };
        let begun = Instant::now();
        let env = step.env.iter();
        self.tell(env.fold(of("step.started"), |own, (key, value)| own.metadata(key, value)))
            .await?;
        let most = u64::from(step.retries) + 1;
        for number in 1.. {
            let attempt = command::run(step, &self.pipeline.stop).await;
            let Some(mishap) = mishap(step, &attempt) else {
                let event = coded(of("step.completed").metadata("status", "completed"), Some(0));
                self.tell(event.metadata("duration", lasted(begun))).await?;
                return Ok(None);
            };
            let is_last = number >= most || attempt.problem == Some(Problem::Cancelled);
            let event = match is_last {
                true => of("step.failed")
                    .metadata("status", "failed")
                    .metadata("duration", lasted(begun)),
                false => of("step.retrying"),
            };
            let event = event
                .metadata("attempt", number.to_string())
                .metadata("max_attempts", most.to_string())
                .metadata("error_message", &mishap.message)
                .metadata("error", &mishap.error);
            self.tell(coded(event, mishap.code)).await?;
            if is_last {
                return Ok(Some(mishap));
            }
            self.pause(step, number).await;
        }
        Ok(None)
    }

    /// Waits before the next attempt, or until the pipeline stops.
    async fn pause(&self, step: &Step, number: u64) {
        let doubled = step.pause_ms.saturating_mul(1 << (number - 1).min(16));
        let pause = tokio::time::sleep(Duration::from_millis(doubled.min(60_000)));
        tokio::select! {
            () = pause => {}
            () = self.pipeline.stop.cancelled() => {}
        }
    }

    /// An event with what all events of the run say.
    fn event(&self, event_type: &str) -> EventDraft {
        let draft = EventDraft::new(event_type)
            .subject(&self.workflow.name)
            .correlation(&self.id)
            .metadata("workflow_id", &self.id)
            .metadata("workflow_name", &self.workflow.name);
        match event_type.starts_with("workflow.") {
            true => draft
                .metadata("version", &self.workflow.version)
                .json(json!({ "environment": self.workflow.environment })),
            false => draft,
        }
    }

    fn ended(&self, event_type: &str, status: &str, begun: Instant) -> EventDraft {
        self.event(event_type).metadata("status", status).metadata("duration", lasted(begun))
    }

    async fn tell(&self, draft: EventDraft) -> Result<(), PublishError> {
        self.pipeline.bus.publish(draft).await.map(drop)
    }
}

fn lasted(begun: Instant) -> String {
    format!("{:.3}s", begun.elapsed().as_secs_f64())
}

fn coded(event: EventDraft, code: Option<i32>) -> EventDraft {
    match code {
        Some(code) => event.metadata("exit_code", code.to_string()),
        None => event,
    }
}

/// What was wrong with an attempt, without the secrets that the command was given.
fn mishap(step: &Step, attempt: &Attempt) -> Option<Mishap> {
    let problem = attempt.problem.as_ref()?;
    let mut error = match attempt.last_line.as_str() {
        "" => problem.to_string(),
        line => line.chars().take(500).collect(),
    };
    for value in step.env.values().filter(|value| value.len() > 3) {
        error = error.replace(value.as_str(), "***");
    }
    let message = format!("step `{}`: {problem}", step.name);
    Some(Mishap { message, error, code: attempt.code })
}
