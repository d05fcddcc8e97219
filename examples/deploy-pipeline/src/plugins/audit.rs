//! The audit log: every event as one line of JSON, those that somebody cancelled too.
//!
//! It observes, so that a cancelled dispatch is told to it as well, and its queue makes publishers
//! wait instead of losing a line. Lines stand in the order in which it was told: a dispatched event is
//! told at once and may stand before one that was published earlier and still waited.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use hookspec::events::Event;
use hookspec::{CallContext, Component, Context, Fault, Teardown};

/// Writes every event to a file.
#[derive(Debug)]
pub(crate) struct AuditLog {
    file: Mutex<File>,
}

#[hookspec::async_trait]
impl Component for AuditLog {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        let path = ctx.config()["path"].as_str().unwrap_or_default();
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
            Fault::new("file_not_opened", format!("cannot write the audit log {path}: {error}"))
        })?;
        Ok(Self { file: Mutex::new(file) })
    }

    async fn teardown(&self) -> Result<Teardown, Fault> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).sync_all()?;
        Ok(Teardown::Clean)
    }
}

#[hookspec::plugin(
    name = "audit-log",
    kind = "pipeline",
    version = "0.1.0",
    description = "Writes every event as one line of JSON",
    // Writing a file blocks: the host calls this plugin on threads of its own.
    execution_model = "thread_cpu_bound",
    config_schema = {
        type = "object",
        required = ["path"],
        properties = { path = { type = "string", minLength = 1 } }
    }
)]
impl hookspec::events::Subscriber for AuditLog {
    #[on("**", observe = true, overflow = "block", priority = -100)]
    async fn line(&self, _: &CallContext<'_>, event: &Event) -> Result<(), Fault> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        // One write per line: those that are dispatched and those that waited never mix.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line)?;
        Ok(())
    }
}
