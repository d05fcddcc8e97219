//! What plugins count and measure: kept within bounds, read as plain data or as OpenMetrics text.
//!
//! [`Registry::metrics`](crate::Registry::metrics) is the plain data, [`exposition`] the text, with
//! the host's own numbers of every plugin.

mod exposition;
mod series;
mod store;

pub use self::exposition::exposition;
pub use self::series::{Measurement, MetricsSnapshot, PluginMetricsSnapshot, Series};
pub(crate) use self::store::{MetricStore, PluginMetrics};
use crate::registry::Registry;

impl Registry {
    /// What its plugins counted and measured, as plain data.
    pub fn metrics(&self) -> MetricsSnapshot {
        self.shared().settings.lending.metrics.snapshot()
    }
}
