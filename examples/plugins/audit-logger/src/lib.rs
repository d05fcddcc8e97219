//! A `lifecycle_listener` that writes every event of a request as one line of JSON (NDJSON).
//!
//! Shows configuration, a resource that is taken in `setup` and given back in `teardown`, and work
//! that blocks: writing a file does, so the manifest says `thread_cpu_bound` and the host calls this
//! plugin on threads of its own (ISO-1).
//!
//! Configuration: `{ "path": "audit.ndjson" }`. Lines are added at the end of the file.
//!
//! Absent on purpose: rotation, and buffering. A line is in the file when the hook has answered.

#![forbid(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hookspec_plugin::{
    BoxFuture, Call, Context, ExecutionModel, Fault, HookFuture, HookName, Manifest, Plugin, Reply,
    Teardown,
};
use serde_json::{Value, json};

/// The plugin, not set up yet.
pub fn plugin() -> Arc<dyn Plugin> {
    Arc::new(AuditLogger::new())
}

/// Writes an audit log. The file is there between `setup` and `teardown`.
#[derive(Debug)]
pub struct AuditLogger {
    manifest: Manifest,
    file: Mutex<Option<File>>,
}

impl AuditLogger {
    /// A logger that has no file yet.
    pub fn new() -> Self {
        let manifest = Manifest {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            description: Some("Writes every event of a request as one line of JSON".into()),
            license: Some("MIT OR Apache-2.0".into()),
            execution_model: ExecutionModel::ThreadCpuBound,
            config_schema: Some(json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["path"],
                "properties": { "path": { "type": "string", "minLength": 1 } }
            })),
            ..Manifest::new("audit-logger", "lifecycle_listener")
        };
        Self { manifest, file: Mutex::new(None) }
    }

    fn open(&self, config: &Value) -> Result<(), Fault> {
        let Some(path) = config.get("path").and_then(Value::as_str) else {
            return Err(Fault::new(
                "config_missing",
                "audit-logger does not know where to write: configure { \"path\": \"audit.ndjson\" }",
            ));
        };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
            Fault::new("file_not_opened", format!("cannot write the audit log {path}: {error}"))
        })?;
        *self.file() = Some(file);
        Ok(())
    }

    fn write(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let record = json!({
            "at_unix_ms": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            "hook": call.hook(),
            "event": call.input.json()?,
        });
        // One write per line: lines of calls that run at the same time never mix.
        let line = format!("{record}\n");
        let mut file = self.file();
        let Some(file) = file.as_mut() else {
            return Err(Fault::new("not_open", "the audit log is not open: setup did not run"));
        };
        file.write_all(line.as_bytes())?;
        file.flush()?;
        Ok(Reply::value(()))
    }

    fn file(&self) -> MutexGuard<'_, Option<File>> {
        // A panic while the lock was held cannot leave a half-made `Option<File>` behind.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for AuditLogger {
    fn default() -> Self {
        Self::new()
    }
}

impl Plugin for AuditLogger {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[
            HookName::from_static("on_request_started"),
            HookName::from_static("on_request_finished"),
            HookName::from_static("on_request_failed"),
        ];
        HOOKS
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { self.open(context.config()) })
    }

    // All three hooks do the same: the name of the hook is part of the line.
    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(self.write(&call))
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async {
            if let Some(file) = self.file().take() {
                file.sync_all()?;
            }
            Ok(Teardown::Clean)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Poll, Waker};

    use hookspec_plugin::{CallContext, Caller, Level, Payload, Resource, Services};
    use serde_json::Map;

    use super::*;

    struct Config(Value);

    impl Services for Config {
        fn config(&self) -> &Value {
            &self.0
        }
        fn resource(&self, _: &str) -> Option<&Resource> {
            None
        }
        fn resource_names(&self) -> Vec<&str> {
            Vec::new()
        }
        fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
    }

    fn context(config: Value) -> Context {
        let manifest = AuditLogger::new().manifest;
        Context::new(manifest.name, manifest.kind, Arc::new(Config(config)))
    }

    fn finish<T>(mut future: BoxFuture<'_, T>) -> T {
        match future.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    fn send(logger: &AuditLogger, context: &Context, event: Value) -> Result<Reply, Fault> {
        let (caller, hook) = (Caller::new(), HookName::from_static("on_request_started"));
        let context = CallContext::new(context, &caller, &hook);
        match logger.call(Call { context, input: &Payload::from_json(event) }) {
            HookFuture::Ready(answer) => answer,
            HookFuture::Boxed(future) => finish(future),
        }
    }

    #[test]
    fn each_event_is_a_line_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.ndjson");
        let context = context(json!({ "path": path.to_str().unwrap() }));
        for id in ["first run", "second\nrun"] {
            let logger = AuditLogger::new();
            finish(logger.setup(&context)).unwrap();
            send(&logger, &context, json!({ "request_id": id })).unwrap();
            let lines = std::fs::read_to_string(&path).unwrap();
            assert!(lines.ends_with('\n'), "the line is written before teardown");
            assert_eq!(finish(logger.teardown()).unwrap(), Teardown::Clean);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["hook"], "on_request_started");
        assert_eq!(lines[1]["event"], json!({ "request_id": "second\nrun" }));
    }

    #[test]
    fn setup_says_what_is_wrong_with_its_configuration() {
        for (config, code) in [
            (Value::Null, "config_missing"),
            (json!({ "path": 7 }), "config_missing"),
            (json!({ "path": "/does/not/exist/audit.ndjson" }), "file_not_opened"),
        ] {
            let logger = AuditLogger::new();
            let fault = finish(logger.setup(&context(config))).unwrap_err();
            assert_eq!(fault.code(), code, "{fault}");
        }
    }

    #[test]
    fn an_event_before_setup_or_after_teardown_is_a_fault() {
        let fault = send(&AuditLogger::new(), &context(Value::Null), json!({})).unwrap_err();
        assert_eq!(fault.code(), "not_open");
    }
}
