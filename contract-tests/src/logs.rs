//! What a thread logs: [`listen`], and [`Logs`], the records at WARN and above that a scenario
//! leaves behind.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::words::mentions;

/// Hears what this thread traces, until the guard is dropped.
///
/// The whole process listens as well, to nothing in particular. Whether a place in the program is
/// heard is decided when it is first passed, and while there is a single listener that is asked of
/// the thread which passes it: one that nobody listens to would silence the place for all.
pub fn listen(subscriber: impl Into<Dispatch>) -> DefaultGuard {
    static EVERYWHERE: Once = Once::new();
    EVERYWHERE.call_once(|| {
        // Where somebody listens to all of it already, that does as well.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    });
    tracing::dispatcher::set_default(&subscriber.into())
}

/// One record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// The field `plugin`.
    pub(crate) plugin: Option<String>,
    /// The message and every field.
    pub(crate) text: String,
}

impl Record {
    /// A warning that is data rather than a record of the log.
    pub(crate) fn message(text: impl Into<String>) -> Self {
        Self { plugin: None, text: text.into() }
    }

    /// Whether the record is about a plugin. A bare mention is not enough: plugins have names as
    /// short as `a`.
    pub(crate) fn names(&self, plugin: &str) -> bool {
        self.plugin.as_deref() == Some(plugin) || self.text.contains(&format!("`{plugin}`"))
    }

    pub(crate) fn mentions(&self, name: &str) -> bool {
        mentions(&self.text, name)
    }
}

/// Collects the records of the thread it was installed on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<Record>>>);

impl Logs {
    /// Collects until the guard is dropped. Scenarios run on a runtime of the same thread, so that
    /// the records of several of them cannot mix.
    pub(crate) fn install(&self) -> DefaultGuard {
        listen(tracing_subscriber::registry().with(self.clone()))
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<S: Subscriber> Layer<S> for Logs {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() > Level::WARN {
            return;
        }
        let mut record = Record::default();
        event.record(&mut record);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }
}

impl Visit for Record {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "plugin" {
            self.plugin = Some(value.to_owned());
        }
        // Writing into a text cannot fail.
        let _ = write!(self.text, "{}={value} ", field.name());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Silent threads pass places first, as often as a listener comes and goes.
    #[test]
    fn a_place_that_a_silent_thread_passed_first_is_heard() {
        fn place(number: usize) {
            macro_rules! places {
                ($($index:literal)*) => { match number { $($index => tracing::warn!("{}", $index),)* _ => {} } };
            }
            places!(0 1 2 3 4 5 6 7);
        }
        for number in 0..8 {
            let logs = Logs::default();
            let guard = logs.install();
            std::thread::spawn(move || place(number)).join().unwrap();
            place(number);
            drop(guard);
            assert_eq!(logs.records().len(), 1, "place {number}");
        }
    }

    #[test]
    fn records_from_warn_up_are_kept_with_their_fields() {
        let logs = Logs::default();
        let guard = logs.install();
        tracing::warn!(plugin = %"a", error = "boom", "failed");
        tracing::info!(plugin = "b", "fine");
        drop(guard);
        tracing::error!("too late");
        let records = logs.records();
        assert_eq!(records.len(), 1, "{records:?}");
        assert!(records[0].names("a") && records[0].mentions("boom"), "{records:?}");
        assert!(!records[0].names("b") && !records[0].names("f"));
    }
}
