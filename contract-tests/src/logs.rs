//! [`Logs`]: the records at WARN and above that a scenario leaves behind.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::words::mentions;

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
        tracing::subscriber::set_default(tracing_subscriber::registry().with(self.clone()))
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
