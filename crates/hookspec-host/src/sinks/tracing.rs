//! [`TracingProgress`]: progress as log records.

use hookspec_plugin::{PluginName, Progress, ProgressSink};

/// Writes progress to the log of the process, under target `hookspec::progress`: reports as
/// `debug`, the end as `info`, an error as `warn`.
///
/// ```
/// # use std::sync::Arc;
/// # use hookspec_host::{Registry, TracingProgress};
/// let builder = Registry::builder().progress(|plugin| Arc::new(TracingProgress::new(plugin)));
/// ```
#[derive(Clone, Debug)]
pub struct TracingProgress {
    plugin: PluginName,
}

impl TracingProgress {
    /// A sink for one plugin.
    pub fn new(plugin: &PluginName) -> Self {
        Self { plugin: plugin.clone() }
    }
}

impl ProgressSink for TracingProgress {
    fn report(&self, progress: &Progress) {
        let (current, total) = (progress.current(), progress.total());
        let plugin = &self.plugin;
        let message = progress.message();
        tracing::debug!(target: "hookspec::progress", %plugin, current, total, "{message}");
    }

    fn done(&self) {
        tracing::info!(target: "hookspec::progress", plugin = %self.plugin, "done");
    }

    fn error(&self, message: &str) {
        let plugin = &self.plugin;
        tracing::warn!(target: "hookspec::progress", %plugin, error = message, "the work failed");
    }
}
