//! A `lifecycle_listener` that writes every event of a request as one line of JSON (NDJSON).
//!
//! Shows a manifest in a file of its own (`plugin.toml`), configuration, a resource that is taken in
//! `setup` and given back in `teardown`, and work that blocks: writing a file does, so the manifest
//! says `thread_cpu_bound` and the host calls this plugin on threads of its own (ISO-1).
//!
//! Configuration: `{ "path": "audit.ndjson" }`. Lines are added at the end of the file.
//!
//! Absent on purpose: rotation, and buffering. A line is in the file when the hook has answered.

#![forbid(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hookspec::kinds::lifecycle_listener::{LifecycleListener, RequestEvent, RequestFailedEvent};
use hookspec::{CallContext, Component, Context, Fault, HookName, Teardown};
use serde::Serialize;

/// Writes an audit log, from setup to teardown.
#[derive(Debug)]
pub struct AuditLogger {
    file: Mutex<File>,
}

#[hookspec::async_trait]
impl Component for AuditLogger {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        let Some(path) = ctx.config()["path"].as_str() else {
            return Err(Fault::new(
                "config_missing",
                "audit-logger does not know where to write: configure { \"path\": \"audit.ndjson\" }",
            ));
        };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
            Fault::new("file_not_opened", format!("cannot write the audit log {path}: {error}"))
        })?;
        Ok(Self { file: Mutex::new(file) })
    }

    async fn teardown(&self) -> Result<Teardown, Fault> {
        self.file().sync_all()?;
        Ok(Teardown::Clean)
    }
}

#[hookspec::plugin(manifest = "plugin.toml")]
impl LifecycleListener for AuditLogger {
    async fn on_request_started(
        &self,
        ctx: &CallContext<'_>,
        event: &RequestEvent,
    ) -> Result<(), Fault> {
        self.write(ctx.hook(), event)
    }

    async fn on_request_finished(
        &self,
        ctx: &CallContext<'_>,
        event: &RequestEvent,
    ) -> Result<(), Fault> {
        self.write(ctx.hook(), event)
    }

    async fn on_request_failed(
        &self,
        ctx: &CallContext<'_>,
        event: &RequestFailedEvent,
    ) -> Result<(), Fault> {
        self.write(ctx.hook(), event)
    }
}

#[derive(Serialize)]
struct Line<'a, E> {
    at_unix_ms: u64,
    hook: &'a HookName,
    event: &'a E,
}

impl AuditLogger {
    fn write(&self, hook: &HookName, event: &impl Serialize) -> Result<(), Fault> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_unix_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let mut line = serde_json::to_vec(&Line { at_unix_ms, hook, event })?;
        line.push(b'\n');
        // One write per line: lines of calls that run at the same time never mix.
        let mut file = self.file();
        file.write_all(&line)?;
        file.flush()?;
        Ok(())
    }

    fn file(&self) -> MutexGuard<'_, File> {
        // A panic while the lock was held leaves the file as usable as it was.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use hookspec::kinds::lifecycle_listener::{LifecycleListenerCalls, LifecycleListenerPlugin};
    use hookspec::{BlockingRegistry, Caller, Registry, StartError, State};
    use serde_json::{Value, json};

    use super::*;

    fn start(config: Value) -> Result<BlockingRegistry, StartError> {
        Registry::builder()
            .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
            .plugin(LifecycleListenerPlugin::<AuditLogger>::new())
            .config("audit-logger", config)
            .start_blocking()
    }

    #[test]
    fn each_event_is_a_line_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.ndjson");
        for id in ["first run", "second\nrun"] {
            let registry = start(json!({ "path": path })).unwrap();
            let calls = LifecycleListenerCalls::new(&registry).unwrap();
            let event = RequestFailedEvent { request_id: id.into(), code: "gone".into() };
            let told = registry.block_on(calls.on_request_failed(&Caller::new(), event)).unwrap();
            assert_eq!(told.delivered, 1);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.ends_with('\n'), "the line is written before teardown");
            registry.stop().unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["hook"], "on_request_failed");
        assert_eq!(lines[1]["event"], json!({ "request_id": "second\nrun", "code": "gone" }));
    }

    #[test]
    fn a_configuration_that_the_manifest_refuses_starts_nothing() {
        for (config, expected) in [(Value::Null, "`path`"), (json!({ "path": 7 }), "`path`: 7")] {
            let error = start(config).unwrap_err();
            assert!(matches!(error, StartError::Configuration { .. }), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn setup_says_what_is_wrong_with_its_path() {
        let registry = start(json!({ "path": "/does/not/exist/audit.ndjson" })).unwrap();
        let plugin = registry.snapshot().plugins.remove(0);
        assert_eq!(plugin.state, State::Unavailable);
        assert!(plugin.reason.contains("/does/not/exist/audit.ndjson"), "{}", plugin.reason);
    }
}
