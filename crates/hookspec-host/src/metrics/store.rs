//! [`MetricStore`]: the measurements of every plugin, each within its own bound (METRIC-1).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use hookspec_plugin::{Metrics, PluginName};

use super::series::{Measurement, MetricsSnapshot, PluginMetricsSnapshot, Series, Taken};

/// Series of one plugin.
const SERIES: usize = 1_000;

/// Labels of one series, beside the plugin's name.
const LABELS: usize = 16;

/// Bytes of a name, and of a label's value.
const LONGEST: usize = 200;

/// The measurements of every plugin that somebody still holds.
#[derive(Default)]
pub(crate) struct MetricStore(Mutex<BTreeMap<PluginName, Weak<PluginMetrics>>>);

impl MetricStore {
    /// Those of one plugin. A new instance beside the old one goes on counting where that is.
    pub(crate) fn of(&self, plugin: &PluginName) -> Arc<PluginMetrics> {
        let mut plugins = self.lock();
        if let Some(known) = plugins.get(plugin).and_then(Weak::upgrade) {
            return known;
        }
        plugins.retain(|_, metrics| metrics.strong_count() > 0);
        let fresh = Arc::new(PluginMetrics::default());
        plugins.insert(plugin.clone(), Arc::downgrade(&fresh));
        fresh
    }

    pub(crate) fn snapshot(&self) -> MetricsSnapshot {
        let held: Vec<(PluginName, Arc<PluginMetrics>)> = {
            let plugins = self.lock();
            let held =
                plugins.iter().filter_map(|(name, own)| Some((name.clone(), own.upgrade()?)));
            held.collect()
        };
        let plugins = held.into_iter().map(|(name, metrics)| metrics.snapshot(&name)).collect();
        MetricsSnapshot { plugins }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PluginName, Weak<PluginMetrics>>> {
        // Nothing foreign runs under it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The measurements of one plugin; what is none is refused and counted (METRIC-2).
#[derive(Default)]
pub(crate) struct PluginMetrics(Mutex<Table>);

#[derive(Default)]
struct Table {
    /// By name; every series of a name is of one sort.
    families: BTreeMap<String, BTreeMap<Labels, Measurement>>,
    series: usize,
    dropped: u64,
    refused: u64,
}

type Labels = Vec<(String, String)>;

impl PluginMetrics {
    fn take(&self, name: &str, labels: &[(&str, &str)], value: Taken) {
        let labels = match value.is_finite() && is_name(name) {
            true => checked(labels),
            false => None,
        };
        let mut table = self.lock();
        let Some(labels) = labels else { return table.refuse() };
        table.add(name, labels, value);
    }

    fn snapshot(&self, plugin: &PluginName) -> PluginMetricsSnapshot {
        let table = self.lock();
        let series = table.families.iter().flat_map(|(name, family)| {
            family.iter().map(|(labels, value)| Series {
                name: name.clone(),
                labels: labels.clone(),
                value: value.clone(),
            })
        });
        PluginMetricsSnapshot {
            plugin: plugin.to_string(),
            series: series.collect(),
            dropped: table.dropped,
            refused: table.refused,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing foreign runs under it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn add(&mut self, name: &str, labels: Labels, value: Taken) {
        let fresh = value.start();
        if let Some(family) = self.families.get_mut(name) {
            if family.values().next().is_some_and(|own| own.sort() != fresh.sort()) {
                return self.refuse();
            }
            if let Some(own) = family.get_mut(&labels) {
                return own.take(value);
            }
        }
        if self.series == SERIES {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.series += 1;
        let family = self.families.entry(name.to_owned()).or_default();
        family.entry(labels).or_insert(fresh).take(value);
    }

    fn refuse(&mut self) {
        self.refused = self.refused.saturating_add(1);
    }
}

/// The labels in order, if all of them are some: each once, none of them ours.
fn checked(labels: &[(&str, &str)]) -> Option<Labels> {
    let ours = |name: &str| matches!(name, "plugin" | "le") || name.starts_with("__");
    let label =
        |(name, value): &(&str, &str)| is_name(name) && !ours(name) && value.len() <= LONGEST;
    if labels.len() > LABELS || !labels.iter().all(label) {
        return None;
    }
    let own = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut labels: Labels = own.collect();
    labels.sort_unstable();
    let once = labels.windows(2).all(|pair| pair[0].0 != pair[1].0);
    once.then_some(labels)
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = |byte: &u8| !byte.is_ascii_digit();
    name.len() <= LONGEST && name.bytes().all(letter) && name.as_bytes().first().is_some_and(begins)
}

impl Metrics for PluginMetrics {
    fn count(&self, name: &str, labels: &[(&str, &str)], by: u64) {
        // OpenMetrics adds it: `requests` and `requests_total` would be one series twice.
        self.take(name.strip_suffix("_total").unwrap_or(name), labels, Taken::Count(by));
    }

    fn gauge(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.take(name, labels, Taken::Gauge(value));
    }

    fn observe(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.take(name, labels, Taken::Observation(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(metrics: &PluginMetrics) -> PluginMetricsSnapshot {
        metrics.snapshot(&PluginName::new("p"))
    }

    #[test]
    fn metric_2_what_is_no_measurement_is_refused_and_counted() {
        let metrics = PluginMetrics::default();
        let long = "x".repeat(201);
        let many: Vec<String> = (0..17).map(|n| format!("l{n}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
        for name in ["", "1st", "a-b", "a b", "ä", "a\n", "_total", &long] {
            metrics.count(name, &[], 1);
        }
        let labels: [&[(&str, &str)]; 8] = [
            &[("", "")],
            &[("a.b", "")],
            &[("plugin", "other")],
            &[("le", "1")],
            &[("__name__", "x")],
            &[("a", "1"), ("a", "2")],
            &[("a", &long)],
            &many,
        ];
        for labels in labels {
            metrics.count("c", labels, 1);
        }
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            metrics.gauge("g", &[], value);
            metrics.observe("h", &[], value);
        }
        let shown = shown(&metrics);
        assert_eq!((shown.series.len(), shown.refused, shown.dropped), (0, 22, 0));
    }

    #[test]
    fn metric_2_a_name_is_of_one_sort() {
        let metrics = PluginMetrics::default();
        metrics.count("x_total", &[], 1);
        metrics.count("x", &[], 1);
        metrics.gauge("x", &[("a", "b")], 1.0);
        metrics.observe("x", &[], 1.0);
        let shown = shown(&metrics);
        assert_eq!(shown.series.len(), 1);
        assert_eq!(shown.series[0].value, Measurement::Counter(2));
        assert_eq!(shown.refused, 2);
    }

    #[test]
    fn metric_1_series_beyond_the_bound_are_dropped_and_counted() {
        let metrics = PluginMetrics::default();
        for n in 0..SERIES + 5 {
            metrics.gauge("g", &[("n", &n.to_string())], 1.0);
        }
        metrics.gauge("g", &[("n", "0")], 2.0);
        let shown = shown(&metrics);
        assert_eq!((shown.series.len(), shown.dropped, shown.refused), (SERIES, 5, 0));
        assert_eq!(shown.series[0].value, Measurement::Gauge(2.0), "what is known goes on");
    }

    #[test]
    fn labels_may_come_in_any_order() {
        let metrics = PluginMetrics::default();
        metrics.count("c", &[("b", "2"), ("a", "1")], 1);
        metrics.count("c", &[("a", "1"), ("b", "2")], u64::MAX);
        let shown = shown(&metrics);
        assert_eq!(shown.series.len(), 1);
        assert_eq!(shown.series[0].value, Measurement::Counter(u64::MAX));
    }

    #[test]
    fn an_observation_falls_into_the_first_bucket_that_holds_it() {
        let metrics = PluginMetrics::default();
        for value in [-1.0, 0.5, 0.6, 1e9] {
            metrics.observe("h", &[], value);
        }
        let Measurement::Histogram { count, buckets, .. } = shown(&metrics).series[0].value.clone()
        else {
            panic!("it is no histogram");
        };
        let filled: Vec<_> = buckets.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!((count, filled), (4, vec![(0.000_1, 1), (0.5, 1), (1.0, 1)]));
    }

    #[test]
    fn metrics_last_as_long_as_somebody_holds_them() {
        let store = MetricStore::default();
        let name = PluginName::new("p");
        let first = store.of(&name);
        first.count("c", &[], 1);
        store.of(&name).count("c", &[], 1);
        assert_eq!(store.snapshot().plugins[0].series[0].value, Measurement::Counter(2));
        drop(first);
        assert!(store.snapshot().plugins.is_empty());
        assert!(store.of(&name).lock().families.is_empty());
    }
}
