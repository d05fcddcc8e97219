//! [`TerminalProgress`]: the progress of plugins as bars on the terminal.

use std::sync::Arc;

use hookspec_plugin::{PluginName, Progress, ProgressSink};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::text::clean;

/// Draws a bar for each plugin that tells of its progress; nothing where nobody looks, such as
/// into a file.
///
/// ```
/// # use hookspec_cli::TerminalProgress;
/// # use hookspec_host::Registry;
/// let bars = TerminalProgress::new();
/// let builder = Registry::builder().progress(move |plugin| bars.of(plugin));
/// ```
#[derive(Clone, Debug, Default)]
pub struct TerminalProgress {
    bars: MultiProgress,
}

impl TerminalProgress {
    /// Bars on standard error.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bar of one plugin: drawn from its first report on.
    pub fn of(&self, plugin: &PluginName) -> Arc<dyn ProgressSink> {
        Arc::new(self.bar(plugin))
    }

    fn bar(&self, plugin: &PluginName) -> Bar {
        let bar = ProgressBar::no_length().with_prefix(shown(plugin.as_str()));
        Bar { bars: self.bars.clone(), bar }
    }
}

struct Bar {
    bars: MultiProgress,
    bar: ProgressBar,
}

impl ProgressSink for Bar {
    fn report(&self, progress: &Progress) {
        if self.bar.length() != progress.total() || self.bar.position() == 0 {
            // One that is there already stays where it is.
            self.bars.add(self.bar.clone());
            self.bar.set_style(style(progress.total().is_some()));
        }
        match progress.total() {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(shown(progress.message()));
        self.bar.set_position(progress.current());
    }

    fn done(&self) {
        self.bar.finish();
    }

    fn error(&self, message: &str) {
        self.bar.abandon_with_message(shown(message));
    }
}

/// The templates are text of this file: what cannot be read is replaced by what always can.
fn style(has_total: bool) -> ProgressStyle {
    let template = match has_total {
        true => "{prefix} {bar:30} {pos}/{len} {wide_msg}",
        false => "{prefix} {pos} {wide_msg}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A plugin's text must not steer the terminal, nor fill it.
fn shown(text: &str) -> String {
    clean(text).chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_follows_its_plugin_and_shows_no_control_characters() {
        let bars = TerminalProgress::new();
        let sink = bars.bar(&PluginName::new("p\u{1b}[2J"));
        sink.report(&Progress::new(0).of(9).saying("one\ntwo\u{7}"));
        assert_eq!((sink.bar.position(), sink.bar.length()), (0, Some(9)));
        assert_eq!(
            (sink.bar.message().as_str(), sink.bar.prefix().as_str()),
            ("one two\u{fffd}", "p\u{fffd}[2J")
        );
        sink.report(&Progress::new(12));
        assert_eq!((sink.bar.position(), sink.bar.length()), (12, None));
        sink.error("over");
        assert!(sink.bar.is_finished());
    }
}
