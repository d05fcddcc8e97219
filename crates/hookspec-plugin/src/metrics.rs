//! [`Metrics`]: what a plugin counts and measures, for whoever runs the host.

use std::fmt;

/// Takes a plugin's own measurements. The host adds the plugin's name and bounds the number of
/// series; what is beyond the bound is dropped and counted.
///
/// A name is made of ASCII letters, digits and `_`, a label's too; labels may come in any order.
///
/// ```
/// # use hookspec_plugin::Metrics;
/// fn record(metrics: &dyn Metrics, status: &str, seconds: f64) {
///     metrics.count("requests_total", &[("status", status)], 1);
///     metrics.observe("request_seconds", &[], seconds);
/// }
/// ```
pub trait Metrics: Send + Sync + 'static {
    /// Adds to a counter, which only grows.
    fn count(&self, name: &str, labels: &[(&str, &str)], by: u64);

    /// Sets a gauge, which goes up and down.
    fn gauge(&self, name: &str, labels: &[(&str, &str)], value: f64);

    /// Adds one observation, such as a duration in seconds or a size in bytes, to a histogram.
    fn observe(&self, name: &str, labels: &[(&str, &str)], value: f64);
}

/// Takes measurements and keeps none: what a plugin has whose host offers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMetrics;

impl Metrics for NoMetrics {
    fn count(&self, _: &str, _: &[(&str, &str)], _: u64) {}
    fn gauge(&self, _: &str, _: &[(&str, &str)], _: f64) {}
    fn observe(&self, _: &str, _: &[(&str, &str)], _: f64) {}
}

impl fmt::Debug for dyn Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
