//! [`Recorder`]: how long each plugin's calls took, from the spans that the host opens for them.
//!
//! What is measured is one call: from the moment its span opens, before the plugin's executor is
//! asked for it, to the moment its outcome is recorded. Waiting for a thread counts; the
//! validation of the input, which is done once for all plugins, does not.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The target of the spans that the host opens for calls.
pub(crate) const TARGET: &str = "hookspec::call";

/// How long each plugin's calls took. Clones are the same recorder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<BTreeMap<String, Durations>>>);

impl Recorder {
    /// The duration that so many percent of a plugin's calls did not exceed; `None` where nothing
    /// was recorded.
    pub(crate) fn percentile(&self, plugin: &str, percent: u64) -> Option<Duration> {
        let durations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        durations.get(plugin)?.percentile(percent)
    }

    fn add(&self, plugin: &str, duration: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(plugin) {
            Some(durations) => durations.add(duration),
            None => all.entry(plugin.to_owned()).or_default().add(duration),
        }
    }
}

/// A call that has begun.
struct Begun {
    plugin: String,
    at: Instant,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut field = Text { name: "plugin", found: None };
        attributes.record(&mut field);
        if let (Some(plugin), Some(span)) = (field.found, context.span(id)) {
            span.extensions_mut().insert(Begun { plugin, at: Instant::now() });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut field = Text { name: "outcome", found: None };
        values.record(&mut field);
        let (Some(_), Some(span)) = (field.found, context.span(id)) else { return };
        if let Some(begun) = span.extensions_mut().remove::<Begun>() {
            self.add(&begun.plugin, begun.at.elapsed());
        }
    }
}

/// Looks for one text among the fields of a span.
struct Text {
    name: &'static str,
    found: Option<String>,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == self.name {
            self.found = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// A histogram of fixed size, exact to three percent, however many durations it counts.
#[derive(Debug)]
struct Durations {
    counts: Vec<u64>,
    total: u64,
}

/// Buckets for each power of two.
const STEPS: u32 = 32;

impl Default for Durations {
    fn default() -> Self {
        Self { counts: vec![0; bucket(u64::MAX) + 1], total: 0 }
    }
}

impl Durations {
    fn add(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get_mut(bucket(nanos)) {
            *count += 1;
            self.total += 1;
        }
    }

    fn percentile(&self, percent: u64) -> Option<Duration> {
        let rank = self.total.saturating_mul(percent).div_ceil(100).max(1);
        let mut seen = 0;
        let reached = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        reached.map(|bucket| Duration::from_nanos(middle(bucket)))
    }
}

/// The bucket of a duration: exact up to `STEPS`, then so many for each power of two.
fn bucket(nanos: u64) -> usize {
    let power = nanos.checked_ilog2().unwrap_or(0);
    let coarse = power.saturating_sub(STEPS.ilog2());
    (coarse * STEPS) as usize + (nanos >> coarse) as usize
}

/// The duration that stands for a bucket.
fn middle(bucket: usize) -> u64 {
    let steps = STEPS as usize;
    let coarse = (bucket / steps).saturating_sub(1);
    let low = (bucket - coarse * steps) as u64;
    (low << coarse) + ((1_u64 << coarse) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_in_order_and_exact_to_three_percent() {
        let mut last = 0;
        for nanos in (0..2_000).chain((11..64).map(|power| 1_u64 << power)).chain([u64::MAX]) {
            let (bucket, off) = (bucket(nanos), middle(bucket(nanos)).abs_diff(nanos));
            assert!(bucket >= last, "{nanos}");
            assert!(off as f64 <= nanos as f64 * 0.032, "{nanos}: off by {off}");
            last = bucket;
        }
    }

    #[test]
    fn percentiles_are_ranks() {
        let recorder = Recorder::default();
        for millis in 1..=100 {
            recorder.add("a", Duration::from_millis(millis));
        }
        let near = |percent, millis: f64| {
            let found = recorder.percentile("a", percent).unwrap().as_secs_f64() * 1e3;
            assert!((found - millis).abs() < millis * 0.032, "{percent}: {found}");
        };
        near(50, 50.0);
        near(99, 99.0);
        near(100, 100.0);
        assert_eq!(recorder.percentile("b", 50), None);
    }
}
