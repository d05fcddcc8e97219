//! [`exposition`]: the numbers of a registry as OpenMetrics text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, LabelSetEncoder, text};
use prometheus_client::encoding::{MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::series::{Measurement, MetricsSnapshot, Series};
use crate::registry::{PluginSnapshot, Registry, RegistrySnapshot};

/// The numbers of a registry as OpenMetrics text, which Prometheus reads: its own of every plugin
/// as `hookspec_…`, those that plugins measure as `plugin_…`, all with the label `plugin`
/// (METRIC-3). Serve it as `application/openmetrics-text; version=1.0.0; charset=utf-8`.
///
/// Where two plugins use one name for two sorts of measurement, the sort is added to the name of
/// the later one.
pub fn exposition(registry: &Registry) -> String {
    write(Page { registry: registry.snapshot(), metrics: registry.metrics() })
}

fn write(page: Page) -> String {
    let mut own = prometheus_client::registry::Registry::default();
    own.register_collector(Box::new(page));
    let mut written = String::new();
    // Writing into a string does not fail.
    let _ = text::encode(&mut written, &own);
    written
}

#[derive(Debug)]
struct Page {
    registry: RegistrySnapshot,
    metrics: MetricsSnapshot,
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.of_host(&mut encoder)?;
        self.of_plugins(&mut encoder)
    }
}

impl Page {
    fn of_host(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        type Count = fn(&PluginSnapshot) -> u64;
        let counters: [(&str, &str, Count); 3] = [
            ("calls", "Calls of hooks.", |plugin| plugin.calls),
            ("late", "Failures known only after their deadline.", |plugin| plugin.late),
            ("long_polls", "Polls that held their thread too long.", |plugin| plugin.long_polls),
        ];
        for (name, help, count) in counters {
            let name = format!("hookspec_plugin_{name}");
            let mut family = encoder.encode_descriptor(&name, help, None, MetricType::Counter)?;
            for plugin in &self.registry.plugins {
                counter(&mut family, &[("plugin", &plugin.name)], count(plugin))?;
            }
        }
        let (name, help) = ("hookspec_plugin_call_seconds", "Seconds that calls took, in all.");
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for plugin in &self.registry.plugins {
            let labels = Labels(&[("plugin", &plugin.name)]);
            let seconds = plugin.total.as_secs_f64();
            let mut family = family.encode_family(&labels)?;
            family.encode_counter::<NoLabelSet, _, f64>(&seconds, None)?;
        }
        let name = "hookspec_plugin_failures";
        let help = "Failed calls, by cause.";
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for plugin in &self.registry.plugins {
            for (cause, count) in &plugin.failures {
                let labels = [("plugin", plugin.name.as_str()), ("cause", cause.as_str())];
                counter(&mut family, &labels, *count)?;
            }
        }
        type Level = fn(&PluginSnapshot) -> f64;
        let gauges: [(&str, &str, Level); 5] = [
            ("waiting", "Calls that wait for a place.", |plugin| plugin.waiting as f64),
            ("in_flight", "Calls that somebody awaits.", |plugin| plugin.in_flight as f64),
            ("abandoned", "Calls that nobody awaits and that hold a task or a thread.", |plugin| {
                plugin.abandoned as f64
            }),
            ("mean_seconds", "The mean duration of a call.", |plugin| plugin.mean.as_secs_f64()),
            ("longest_seconds", "The longest duration of a call.", |plugin| {
                plugin.longest.as_secs_f64()
            }),
        ];
        for (name, help, level) in gauges {
            let name = format!("hookspec_plugin_{name}");
            let mut family = encoder.encode_descriptor(&name, help, None, MetricType::Gauge)?;
            for plugin in &self.registry.plugins {
                let labels = [("plugin", plugin.name.as_str())];
                family.encode_family(&Labels(&labels))?.encode_gauge(&level(plugin))?;
            }
        }
        let (name, help) = ("hookspec_plugin_state", "1 for the state that the plugin is in.");
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for plugin in &self.registry.plugins {
            let labels = [("plugin", plugin.name.as_str()), ("state", plugin.state.as_str())];
            family.encode_family(&Labels(&labels))?.encode_gauge(&1_u64)?;
        }
        let (name, help) = ("hookspec_detached", "Detached notifications that are outstanding.");
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        family.encode_gauge(&self.registry.detached)?;
        for (name, help, dropped) in [
            ("metrics_dropped", "Measurements beyond the bound on series.", true),
            ("metrics_refused", "Measurements without a valid name, label or value.", false),
        ] {
            let name = format!("hookspec_plugin_{name}");
            let mut family = encoder.encode_descriptor(&name, help, None, MetricType::Counter)?;
            for plugin in &self.metrics.plugins {
                let count = if dropped { plugin.dropped } else { plugin.refused };
                counter(&mut family, &[("plugin", &plugin.plugin)], count)?;
            }
        }
        Ok(())
    }

    fn of_plugins(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut families: BTreeMap<(&str, &str), Vec<(&str, &Series)>> = BTreeMap::new();
        for plugin in &self.metrics.plugins {
            for series in &plugin.series {
                let family = families.entry((&series.name, series.value.sort())).or_default();
                family.push((&plugin.plugin, series));
            }
        }
        let mut taken = BTreeSet::new();
        for ((name, sort), family) in families {
            let name = free(&mut taken, name, sort);
            let (help, sort) = match sort {
                "counter" => ("Counted by plugins.", MetricType::Counter),
                "gauge" => ("Set by plugins.", MetricType::Gauge),
                _ => ("Observed by plugins.", MetricType::Histogram),
            };
            let mut encoder = encoder.encode_descriptor(&name, help, None, sort)?;
            for (plugin, series) in family {
                let own = series.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let labels: Vec<(&str, &str)> =
                    [("plugin", plugin)].into_iter().chain(own).collect();
                measurement(&mut encoder, &labels, &series.value)?;
            }
        }
        Ok(())
    }
}

/// A name for a family none of whose lines is also one of another family.
fn free(taken: &mut BTreeSet<String>, name: &str, sort: &str) -> String {
    let mut name = format!("plugin_{name}");
    loop {
        let endings: &[&str] = match sort {
            "counter" => &["", "_total"],
            "gauge" => &[""],
            _ => &["", "_bucket", "_sum", "_count"],
        };
        let lines: Vec<String> = endings.iter().map(|ending| format!("{name}{ending}")).collect();
        if lines.iter().all(|line| !taken.contains(line)) {
            taken.extend(lines);
            return name;
        }
        name = format!("{name}_{sort}");
    }
}

fn measurement(
    encoder: &mut MetricEncoder<'_>,
    labels: &[(&str, &str)],
    value: &Measurement,
) -> fmt::Result {
    match value {
        Measurement::Counter(count) => counter(encoder, labels, *count),
        Measurement::Gauge(now) => encoder.encode_family(&Labels(labels))?.encode_gauge(now),
        Measurement::Histogram { count, sum, buckets } => {
            let within: u64 = buckets.iter().map(|(_, count)| count).sum();
            let mut all = buckets.clone();
            all.push((f64::INFINITY, count.saturating_sub(within)));
            let labels = Labels(labels);
            let mut family = encoder.encode_family(&labels)?;
            family.encode_histogram::<NoLabelSet>(*sum, *count, &all, None)
        }
    }
}

fn counter(encoder: &mut MetricEncoder<'_>, labels: &[(&str, &str)], count: u64) -> fmt::Result {
    let labels = Labels(labels);
    let mut family = encoder.encode_family(&labels)?;
    family.encode_counter::<NoLabelSet, _, f64>(&count, None)
}

struct Labels<'a>(&'a [(&'a str, &'a str)]);

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }
}
