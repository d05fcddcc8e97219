//! A `lifecycle_listener` that counts: how many requests started, finished and failed, and how long
//! the finished ones took, as text that Prometheus reads.
//!
//! The simplest useful plugin: no setup, no configuration, no waiting. It is a plain value that the
//! application keeps an `Arc` of, so that whoever serves `/metrics` calls [`MetricsExporter::render`].
//!
//! Absent on purpose: an HTTP server, and labels made of what events carry. A label value that
//! callers choose makes the number of time series unbounded.

#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookspec_plugin::{Call, Fault, HookFuture, HookName, Manifest, Plugin, Reply};
use serde_json::Value;

/// The plugin, where nobody needs to read its counters from Rust.
pub fn plugin() -> Arc<dyn Plugin> {
    Arc::new(MetricsExporter::new())
}

/// Counts requests. Every counter only grows, and is updated without a lock.
#[derive(Debug)]
pub struct MetricsExporter {
    manifest: Manifest,
    started: AtomicU64,
    finished: AtomicU64,
    failed: AtomicU64,
    finished_micros: AtomicU64,
}

impl MetricsExporter {
    /// An exporter that has counted nothing.
    pub fn new() -> Self {
        let manifest = Manifest {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            description: Some("Counts requests and how long they took, for Prometheus".into()),
            license: Some("MIT OR Apache-2.0".into()),
            priority: 10,
            ..Manifest::new("metrics-exporter", "lifecycle_listener")
        };
        Self {
            manifest,
            started: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            finished_micros: AtomicU64::new(0),
        }
    }

    /// The counters in the text format of Prometheus.
    pub fn render(&self) -> String {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let seconds = Duration::from_micros(count(&self.finished_micros)).as_secs_f64();
        let mut text = String::new();
        for (name, help, counter) in [
            ("requests_started_total", "Requests that were accepted.", &self.started),
            ("requests_finished_total", "Requests that were answered.", &self.finished),
            ("requests_failed_total", "Requests that ended without an answer.", &self.failed),
        ] {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "# HELP {name} {help}\n# TYPE {name} counter\n{name} {}\n",
                count(counter)
            );
        }
        let _ = write!(
            text,
            "# HELP request_duration_seconds How long answered requests took.\n\
             # TYPE request_duration_seconds summary\n\
             request_duration_seconds_sum {seconds}\n\
             request_duration_seconds_count {}\n",
            count(&self.finished)
        );
        text
    }

    fn record(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        match call.hook().as_str() {
            "on_request_started" => self.started.fetch_add(1, Ordering::Relaxed),
            "on_request_failed" => self.failed.fetch_add(1, Ordering::Relaxed),
            "on_request_finished" => {
                let duration = call.input.json()?.get("duration_ms").and_then(Value::as_f64);
                // The cast saturates and so does the sum: an absurd duration cannot wrap it around.
                let micros = (duration.unwrap_or_default() * 1000.0) as u64;
                self.finished_micros
                    .update(Ordering::Relaxed, Ordering::Relaxed, |sum| sum.saturating_add(micros));
                self.finished.fetch_add(1, Ordering::Relaxed)
            }
            other => return Err(Fault::new("unknown_hook", format!("no hook `{other}` here"))),
        };
        // What a notify hook answers is not looked at.
        Ok(Reply::value(()))
    }
}

impl Default for MetricsExporter {
    fn default() -> Self {
        Self::new()
    }
}

impl Plugin for MetricsExporter {
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

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(self.record(&call))
    }
}

#[cfg(test)]
mod tests {
    use hookspec_plugin::{CallContext, Caller, Context, Level, Payload, Resource, Services};
    use serde_json::{Map, json};

    use super::*;

    struct Nothing;

    impl Services for Nothing {
        fn config(&self) -> &Value {
            &Value::Null
        }
        fn resource(&self, _: &str) -> Option<&Resource> {
            None
        }
        fn resource_names(&self) -> Vec<&str> {
            Vec::new()
        }
        fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
    }

    fn send(plugin: &dyn Plugin, hook: &'static str, event: Value) -> Result<Reply, Fault> {
        let manifest = plugin.manifest();
        let services = Arc::new(Nothing);
        let context = Context::new(manifest.name.clone(), manifest.kind.clone(), services);
        let (caller, hook) = (Caller::new(), HookName::from_static(hook));
        let context = CallContext::new(&context, &caller, &hook);
        match plugin.call(Call { context, input: &Payload::from_json(event) }) {
            HookFuture::Ready(answer) => answer,
            HookFuture::Boxed(_) => panic!("counting needs no waiting"),
        }
    }

    #[test]
    fn counts_every_event_and_adds_up_durations() {
        let metrics = MetricsExporter::new();
        for id in ["a", "b", "c"] {
            send(&metrics, "on_request_started", json!({ "request_id": id })).unwrap();
        }
        for (id, ms) in [("a", json!(1500)), ("b", json!(250.5))] {
            let event = json!({ "request_id": id, "duration_ms": ms });
            send(&metrics, "on_request_finished", event).unwrap();
        }
        let event = json!({ "request_id": "c", "code": "gone" });
        send(&metrics, "on_request_failed", event).unwrap();

        let text = metrics.render();
        for line in [
            "requests_started_total 3",
            "requests_finished_total 2",
            "requests_failed_total 1",
            "request_duration_seconds_sum 1.7505",
            "request_duration_seconds_count 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in:\n{text}");
        }
    }

    #[test]
    fn a_duration_that_makes_no_sense_harms_nothing() {
        let metrics = MetricsExporter::new();
        for ms in [json!(-5), json!(1e300), json!(1e300), json!("soon"), Value::Null] {
            let event = json!({ "request_id": "a", "duration_ms": ms });
            send(&metrics, "on_request_finished", event).unwrap();
        }
        assert!(metrics.render().contains("request_duration_seconds_count 5\n"));
        let most = Duration::from_micros(u64::MAX).as_secs_f64();
        assert!(metrics.render().contains(&format!("_sum {most}\n")));
    }

    #[test]
    fn a_hook_it_does_not_have_is_a_fault() {
        let fault = send(&MetricsExporter::new(), "on_reques_started", json!({})).unwrap_err();
        assert_eq!(fault.code(), "unknown_hook");
    }
}
