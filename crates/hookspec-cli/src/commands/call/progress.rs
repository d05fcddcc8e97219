//! [`Progress`]: how far a run of lines has come, on standard error and only where somebody sees it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a run of lines has come.
pub(super) struct Progress {
    bar: ProgressBar,
    started: Instant,
    told: Cell<Instant>,
}

/// How often the rate is computed; drawing has a bound of its own.
const EVERY: Duration = Duration::from_millis(100);

impl Progress {
    /// Nothing has been done of so many bytes, or of nobody knows how many.
    pub(super) fn new(bytes: Option<u64>) -> Self {
        // It draws on a terminal and nowhere else.
        Self::on(ProgressDrawTarget::stderr(), bytes)
    }

    fn on(target: ProgressDrawTarget, bytes: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(bytes, target);
        let template = match bytes {
            Some(_) => "{bar:30} {percent:>3} %  {msg}{eta} left",
            None => "{spinner} {msg}{elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self { bar, started: now, told: Cell::new(now) }
    }

    /// A line of so many bytes is done, the given number of them in all.
    pub(super) fn advance(&self, bytes: u64, lines: u64) {
        self.bar.inc(bytes);
        let now = Instant::now();
        if now - self.told.get() >= EVERY && !self.bar.is_hidden() {
            self.told.set(now);
            let rate = lines as f64 / (now - self.started).as_secs_f64();
            self.bar.set_message(format!("{lines} lines, {rate:.0}/s, "));
        }
    }

    /// Does something that may write to the same terminal.
    pub(super) fn aside(&self, work: impl FnOnce()) {
        if self.bar.is_hidden() { work() } else { self.bar.suspend(work) }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
