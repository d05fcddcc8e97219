//! [`Progress`]: how far the suite has come, on standard error and only where somebody sees it.

use std::time::Duration;

use hookspec_contract::{Event, Verdict};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far the suite has come.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new() -> Self {
        // It draws on a terminal and nowhere else.
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        match event {
            Event::Planned(count) => self.bar.set_length(count as u64),
            Event::Begun { subject, id } => {
                self.bar.set_message(format!("{} {id}", subject.key()));
            }
            Event::Ended { subject, report } => {
                if matches!(report.verdict, Verdict::Fail | Verdict::NotVerified | Verdict::Error) {
                    self.bar.println(format!("{} {} {}", report.verdict, subject.key(), report.id));
                }
                self.bar.inc(1);
            }
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
