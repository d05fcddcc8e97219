//! A `lifecycle_listener` that counts: how many requests started, finished and failed, and how long
//! the finished ones took, as text that Prometheus reads.
//!
//! The simplest useful plugin: no setup, no configuration, no waiting. It is a plain value, and its
//! clones share the counters: the application makes a plugin of one and keeps another, so that
//! whoever serves `/metrics` calls [`MetricsExporter::render`].
//!
//! Absent on purpose: an HTTP server, and labels made of what events carry. A label value that
//! callers choose makes the number of time series unbounded.

#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookspec::kinds::lifecycle_listener::{LifecycleListener, RequestEvent, RequestFailedEvent};
use hookspec::{CallContext, Fault};

/// Counts requests. Every counter only grows, and is updated without a lock.
#[derive(Clone, Debug, Default)]
pub struct MetricsExporter(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    started: AtomicU64,
    finished: AtomicU64,
    failed: AtomicU64,
    finished_micros: AtomicU64,
}

#[hookspec::plugin(
    name = "metrics-exporter",
    version = "0.1.0",
    description = "Counts requests and how long they took, for Prometheus",
    license = "MIT OR Apache-2.0",
    priority = 10
)]
impl LifecycleListener for MetricsExporter {
    async fn on_request_started(&self, _: &CallContext<'_>, _: &RequestEvent) -> Result<(), Fault> {
        self.0.started.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn on_request_finished(
        &self,
        _: &CallContext<'_>,
        event: &RequestEvent,
    ) -> Result<(), Fault> {
        // The cast saturates and so does the sum: an absurd duration cannot wrap it around.
        let micros = (event.duration_ms.unwrap_or_default() * 1000.0) as u64;
        let add = |sum: u64| sum.saturating_add(micros);
        self.0.finished_micros.update(Ordering::Relaxed, Ordering::Relaxed, add);
        self.0.finished.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn on_request_failed(
        &self,
        _: &CallContext<'_>,
        _: &RequestFailedEvent,
    ) -> Result<(), Fault> {
        self.0.failed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl MetricsExporter {
    /// The counters as OpenMetrics text, without the `# EOF` of whoever serves it: the sample of a
    /// counter has `_total` added to its name.
    pub fn render(&self) -> String {
        let Counters { started, finished, failed, finished_micros } = &*self.0;
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let seconds = Duration::from_micros(count(finished_micros)).as_secs_f64();
        let mut text = String::new();
        for (name, help, counter) in [
            ("requests_started", "Requests that were accepted.", started),
            ("requests_finished", "Requests that were answered.", finished),
            ("requests_failed", "Requests that ended without an answer.", failed),
        ] {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "# HELP {name} {help}\n# TYPE {name} counter\n{name}_total {}\n",
                count(counter)
            );
        }
        let _ = write!(
            text,
            "# HELP request_duration_seconds How long answered requests took.\n\
             # TYPE request_duration_seconds summary\n\
             request_duration_seconds_sum {seconds}\n\
             request_duration_seconds_count {}\n",
            count(finished)
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use hookspec::kinds::lifecycle_listener::{LifecycleListenerCalls, LifecycleListenerPlugin};
    use hookspec::{BlockingRegistry, Caller, Registry};

    use super::*;

    const HOOKSPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs");

    fn start(metrics: &MetricsExporter) -> (BlockingRegistry, LifecycleListenerCalls) {
        let plugin = LifecycleListenerPlugin::from(metrics.clone());
        let builder = Registry::builder().hookspecs(HOOKSPECS).plugin(plugin);
        let registry = builder.start_blocking().unwrap();
        let calls = LifecycleListenerCalls::new(&registry).unwrap();
        (registry, calls)
    }

    fn event(id: &str, duration_ms: Option<f64>) -> RequestEvent {
        RequestEvent { request_id: id.into(), path: None, actor: None, duration_ms }
    }

    #[test]
    fn counts_every_event_and_adds_up_durations() {
        let metrics = MetricsExporter::default();
        let (registry, calls) = start(&metrics);
        let caller = Caller::new();
        registry.block_on(async {
            for id in ["a", "b", "c"] {
                calls.on_request_started(&caller, event(id, None)).await.unwrap();
            }
            for (id, ms) in [("a", 1500.0), ("b", 250.5)] {
                calls.on_request_finished(&caller, event(id, Some(ms))).await.unwrap();
            }
            let failed = RequestFailedEvent { request_id: "c".into(), code: "gone".into() };
            calls.on_request_failed(&caller, failed).await.unwrap();
        });
        registry.stop().unwrap();

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
        let metrics = MetricsExporter::default();
        let (registry, calls) = start(&metrics);
        let caller = Caller::new();
        let finish = |ms| calls.on_request_finished(&caller, event("a", ms));
        registry.block_on(async {
            for ms in [Some(1e300), Some(1e300), None] {
                assert_eq!(finish(ms).await.unwrap().delivered, 1);
            }
            assert!(finish(Some(-5.0)).await.is_err(), "the kind says that it is at least 0");
        });
        assert!(metrics.render().contains("request_duration_seconds_count 3\n"));
        let most = Duration::from_micros(u64::MAX).as_secs_f64();
        assert!(metrics.render().contains(&format!("_sum {most}\n")));
    }
}
