//! [`MetricsSnapshot`]: what plugins measured, as plain data.

use serde::Serialize;

/// What the plugins of a registry counted and measured, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MetricsSnapshot {
    /// By plugin, in the order of their names.
    pub plugins: Vec<PluginMetricsSnapshot>,
}

/// What one plugin counted and measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PluginMetricsSnapshot {
    /// Its name.
    pub plugin: String,
    /// By name and labels.
    pub series: Vec<Series>,
    /// Measurements that were dropped, because the plugin has as many series as it may.
    pub dropped: u64,
    /// Measurements that were refused: a name or a label that is none, a value that is no finite
    /// number, or a name that was used for another sort of measurement before.
    pub refused: u64,
}

/// One series of measurements.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Its name; of a counter without `_total`.
    pub name: String,
    /// By name.
    pub labels: Vec<(String, String)>,
    /// What was measured.
    pub value: Measurement,
}

/// What a series holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measurement {
    /// Only grows; stays at its largest number.
    Counter(u64),
    /// As it was set last.
    Gauge(f64),
    /// Observations.
    Histogram {
        /// How many.
        count: u64,
        /// What they add up to.
        sum: f64,
        /// For each upper bound, how many were at most that and above the bound before it. What is
        /// above the last bound is in `count` alone.
        buckets: Vec<(f64, u64)>,
    },
}

/// Upper bounds of histograms: for seconds and for bytes.
pub(super) const BOUNDS: [f64; 18] = [
    0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 1e3, 1e4,
    1e5, 1e6, 1e7,
];

impl Measurement {
    /// The sort of measurement, as OpenMetrics calls it.
    pub const fn sort(&self) -> &'static str {
        match self {
            Self::Counter(_) => "counter",
            Self::Gauge(_) => "gauge",
            Self::Histogram { .. } => "histogram",
        }
    }

    pub(super) fn histogram() -> Self {
        Self::Histogram { count: 0, sum: 0.0, buckets: BOUNDS.map(|bound| (bound, 0)).to_vec() }
    }

    /// Adds a measurement of the same sort: to a counter what is counted, to a histogram what is
    /// observed, in place of a gauge what it is now.
    pub(super) fn take(&mut self, value: Taken) {
        match (self, value) {
            (Self::Counter(total), Taken::Count(by)) => *total = total.saturating_add(by),
            (Self::Gauge(now), Taken::Gauge(value)) => *now = value,
            (Self::Histogram { count, sum, buckets }, Taken::Observation(value)) => {
                *count = count.saturating_add(1);
                *sum += value;
                if let Some((_, own)) = buckets.iter_mut().find(|(bound, _)| value <= *bound) {
                    *own = own.saturating_add(1);
                }
            }
            // The sorts were compared before.
            (Self::Counter(_) | Self::Gauge(_) | Self::Histogram { .. }, _) => {}
        }
    }
}

/// One measurement.
#[derive(Clone, Copy)]
pub(super) enum Taken {
    Count(u64),
    Gauge(f64),
    Observation(f64),
}

impl Taken {
    pub(super) fn start(self) -> Measurement {
        match self {
            Self::Count(_) => Measurement::Counter(0),
            Self::Gauge(_) => Measurement::Gauge(0.0),
            Self::Observation(_) => Measurement::histogram(),
        }
    }

    pub(super) fn is_finite(self) -> bool {
        match self {
            Self::Count(_) => true,
            Self::Gauge(value) | Self::Observation(value) => value.is_finite(),
        }
    }
}
