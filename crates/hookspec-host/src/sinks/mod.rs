//! Where plugins' progress goes.

mod recording;
mod tracing;

use std::sync::Arc;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{PluginName, Progress, ProgressSink};

pub use self::recording::RecordingProgress;
pub use self::tracing::TracingProgress;
use crate::panic::contain_text;

/// Gives each plugin its sink.
pub(crate) type MakeProgress = dyn Fn(&PluginName) -> Arc<dyn ProgressSink> + Send + Sync;

/// The application's sink for one plugin: if it panics, the plugin's work goes on (LEND-5).
pub(crate) struct ContainedProgress {
    plugin: PluginName,
    sink: Guarded<Arc<dyn ProgressSink>>,
}

impl ContainedProgress {
    /// `None` when the application cannot say which sink.
    pub(crate) fn make(plugin: &PluginName, make: &MakeProgress) -> Option<Self> {
        let sink = contain_text(|| make(plugin)).inspect_err(|message| told(plugin, message));
        Some(Self { plugin: plugin.clone(), sink: Guarded::new(sink.ok()?) })
    }

    fn with(&self, work: impl FnOnce(&dyn ProgressSink)) {
        let Some(sink) = self.sink.get() else { return };
        if let Err(message) = contain_text(|| work(&**sink)) {
            told(&self.plugin, &message);
        }
    }
}

impl ProgressSink for ContainedProgress {
    fn report(&self, progress: &Progress) {
        self.with(|sink| sink.report(progress));
    }

    fn done(&self) {
        self.with(|sink| sink.done());
    }

    fn error(&self, message: &str) {
        self.with(|sink| sink.error(message));
    }
}

fn told(plugin: &PluginName, message: &str) {
    ::tracing::warn!(%plugin, error = message, "the application's progress sink panicked");
}
