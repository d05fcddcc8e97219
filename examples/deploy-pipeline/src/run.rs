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
        let names: Vec<&str> = step.env.keys().map(String::as_str).collect();
        let started = of("step.started");
        self.tell(match names.is_empty() {
            true => started,
            false => started.metadata("env", names.join(",")),
        })
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

/// How much of a command's last line is told, in characters.
const TOLD: usize = 500;

/// What was wrong with an attempt, without what the command was given as its environment.
fn mishap(step: &Step, attempt: &Attempt) -> Option<Mishap> {
    let problem = attempt.problem.as_ref()?;
    let error = match attempt.last_line.as_str() {
        "" => problem.to_string(),
        // Masked before it is cut: half of a value would not be found.
        line => masked(step, line).chars().take(TOLD).collect(),
    };
    let message = format!("step `{}`: {problem}", step.name);
    Some(Mishap { message, error, code: attempt.code })
}

/// A line with `***` for each value of the step's environment; very short ones are words like any
/// other.
fn masked(step: &Step, line: &str) -> String {
    // What is masked is one line, without the blanks around it: so are these.
    let values = step.env.values().flat_map(|value| value.lines()).map(str::trim);
    let mut values: Vec<&str> = values.filter(|value| value.len() > 3).collect();
    // The longest first: a part of it, masked before, would leave the rest of it.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.into_iter().fold(line.to_owned(), |line, value| line.replace(value, "***"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What is told of a command with this environment that failed with this last line.
    fn told(env: Value, last_line: &str) -> String {
        let step = json!({ "name": "s", "command": ["false"], "env": env });
        let step: Step = serde_json::from_value(step).unwrap();
        let (problem, last_line) = (Some(Problem::Failed), last_line.to_owned());
        mishap(&step, &Attempt { code: Some(1), problem, last_line }).unwrap().error
    }

    #[test]
    fn no_part_of_a_value_is_told() {
        let key = "-----BEGIN KEY-----\nQUJDRA==\n-----END KEY-----\n";
        let rows = [
            (json!({ "A": "hunter2" }), "hunter2 and hunter2", "*** and ***"),
            (json!({ "A": "abcd", "B": "abcdef" }), "no abcdef, no abcd", "no ***, no ***"),
            (json!({ "A": "abcdef", "B": "abcd" }), "no abcdef, no abcd", "no ***, no ***"),
            (json!({ "A": key }), "not a key: QUJDRA==", "not a key: ***"),
            (json!({ "A": " hunter2\r\n" }), "hunter2", "***"),
            (json!({ "A": "", "B": "\n", "C": "on" }), "it is on", "it is on"),
        ];
        for (env, line, expected) in rows {
            assert_eq!(told(env, line), expected, "{line}");
        }
        // One that lies across the end of what is told.
        let long = told(json!({ "A": "hunter2" }), &format!("{}hunter2", "x".repeat(TOLD - 2)));
        assert_eq!(long, format!("{}**", "x".repeat(TOLD - 2)));
    }
}
