//! [`RecordingProgress`]: progress, to be looked at afterwards.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookspec_plugin::{Progress, ProgressSink};

/// How many reports, and how many errors, are kept; older ones are dropped.
const KEPT: usize = 10_000;

/// Keeps what it is told, for tests and for views. Clones are the same record.
#[derive(Clone, Debug, Default)]
pub struct RecordingProgress(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    reports: VecDeque<Progress>,
    errors: VecDeque<String>,
    done: bool,
}

impl RecordingProgress {
    /// Nothing was told yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last 10 000 reports, in order.
    pub fn reports(&self) -> Vec<Progress> {
        self.lock().reports.iter().cloned().collect()
    }

    /// The last 10 000 errors, in order.
    pub fn errors(&self) -> Vec<String> {
        self.lock().errors.iter().cloned().collect()
    }

    /// Whether the work was said to be done.
    pub fn is_done(&self) -> bool {
        self.lock().done
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        // Nothing foreign runs under it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep<T>(kept: &mut VecDeque<T>, item: T) {
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(item);
}

impl ProgressSink for RecordingProgress {
    fn report(&self, progress: &Progress) {
        keep(&mut self.lock().reports, progress.clone());
    }

    fn done(&self) {
        self.lock().done = true;
    }

    fn error(&self, message: &str) {
        keep(&mut self.lock().errors, message.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_reports_go_first() {
        let record = RecordingProgress::new();
        for step in 0..=KEPT as u64 {
            record.clone().report(&Progress::new(step));
        }
        let reports = record.reports();
        assert_eq!((reports.len(), reports[0].current()), (KEPT, 1));
        assert!(!record.is_done());
    }
}
