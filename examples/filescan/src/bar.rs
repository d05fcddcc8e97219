//! [`Bar`]: how far it has come, on standard error and only where that is a terminal.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hookspec::{PluginName, Progress, ProgressSink};
use hookspec_cli::clean;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// One line: how many files were read, and what a plugin tells of a large one.
#[derive(Clone, Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{spinner} {pos} of {len} files, {elapsed} {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            // One file may take long, and people should see that it goes on.
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// Nobody looks.
    pub(crate) fn is_hidden(&self) -> bool {
        self.0.is_hidden()
    }

    /// So many files were found by now.
    pub(crate) fn found(&self, files: u64) {
        self.0.set_length(files);
    }

    /// One of them has its row.
    pub(crate) fn one_more(&self) {
        self.0.inc(1);
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }

    /// Does something that may write to the same terminal.
    ///
    /// # Errors
    /// Those of the work.
    pub(crate) fn aside(&self, work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        if self.is_hidden() { work() } else { self.0.suspend(work) }
    }

    /// Where a plugin tells how far it has read a file.
    pub(crate) fn of(&self, plugin: &PluginName) -> Arc<dyn ProgressSink> {
        Arc::new(Told { bar: self.0.clone(), begin: format!("{}: ", shown(plugin.as_str())) })
    }
}

/// What one plugin tells. It reads several files at a time, and the last word is what is shown.
struct Told {
    bar: ProgressBar,
    begin: String,
}

impl ProgressSink for Told {
    fn report(&self, progress: &Progress) {
        let (begin, doing) = (&self.begin, shown(progress.message()));
        let current = progress.current();
        // What is counted only the plugin knows, so it is the share that is shown.
        let message = match progress.total().filter(|total| *total > 0) {
            Some(total) => {
                let percent = u128::from(current.min(total)) * 100 / u128::from(total);
                format!("{begin}{doing} {percent} %")
            }
            None => format!("{begin}{doing} {current}"),
        };
        self.bar.set_message(message);
    }

    fn done(&self) {
        if self.bar.message().starts_with(&self.begin) {
            self.bar.set_message("");
        }
    }

    /// The row of the file says it.
    fn error(&self, _: &str) {
        self.done();
    }
}

/// A plugin's text must not steer the terminal, nor fill it.
fn shown(text: &str) -> String {
    clean(text).chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_tells_of_a_large_file_until_its_plugin_is_done() {
        let bar = Bar(ProgressBar::hidden());
        let (one, other) =
            (bar.of(&PluginName::new("o\u{1b}[2Jne")), bar.of(&PluginName::new("b")));
        let message = || bar.0.message();
        one.report(&Progress::new(3).of(12).saying("rea\u{7}ding"));
        assert_eq!(message(), "o\u{fffd}[2Jne: rea\u{fffd}ding 25 %");
        other.done();
        assert_ne!(message(), "", "another plugin's file");
        one.done();
        assert_eq!(message(), "");
        for (progress, said) in [
            (Progress::new(9).of(3), "b:  100 %"),
            (Progress::new(u64::MAX).of(u64::MAX), "b:  100 %"),
            (Progress::new(0).of(0), "b:  0"),
            (Progress::new(7).saying("lines"), "b: lines 7"),
        ] {
            other.report(&progress);
            assert_eq!(message(), said);
        }
        other.error("no");
        assert_eq!(message(), "");
    }
}
