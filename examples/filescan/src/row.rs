//! [`Row`]: one file, and what came of it. [`Totals`]: what all of them come to.

use std::path::PathBuf;

use hookspec::PluginName;
use hookspec_cli::plural;
use serde_json::{Value, json};

/// One file that was found.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) path: PathBuf,
    /// `None` where the system does not say.
    pub(crate) size: Option<u64>,
    pub(crate) outcome: Outcome,
}

/// What came of a file.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A plugin read it.
    Read { plugin: PluginName, kind: String, summary: String },
    /// Nobody was asked, or nobody can: that is nobody's failure.
    PassedOver { reason: String },
    /// It could not be read, or the plugin that was asked failed.
    Failed { plugin: Option<PluginName>, cause: &'static str, reason: String },
    /// Ctrl-C came before it was read.
    Interrupted,
}

impl Outcome {
    pub(crate) fn passed_over(reason: impl Into<String>) -> Self {
        Self::PassedOver { reason: reason.into() }
    }

    /// It was the file, and no plugin's doing.
    pub(crate) fn unreadable(reason: impl Into<String>) -> Self {
        Self::Failed { plugin: None, cause: "unreadable", reason: reason.into() }
    }

    /// For machines.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::PassedOver { .. } => "passed_over",
            Self::Failed { .. } => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Row {
    /// The path as text. A name that is no UTF-8 is shown as well as that goes.
    pub(crate) fn shown(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// The row for machines.
    pub(crate) fn object(&self) -> Value {
        let mut object = json!({
            "path": self.shown(),
            "size": self.size,
            "outcome": self.outcome.name(),
        });
        if self.path.to_str().is_none() {
            object["path_is_lossy"] = true.into();
        }
        match &self.outcome {
            Outcome::Read { plugin, kind, summary } => {
                object["plugin"] = plugin.as_str().into();
                object["kind"] = kind.as_str().into();
                object["summary"] = summary.as_str().into();
            }
            Outcome::PassedOver { reason } => object["reason"] = reason.as_str().into(),
            Outcome::Failed { plugin, cause, reason } => {
                object["plugin"] = plugin.as_ref().map(PluginName::as_str).into();
                object["cause"] = (*cause).into();
                object["reason"] = reason.as_str().into();
            }
            Outcome::Interrupted => {}
        }
        object
    }
}

/// What all rows come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// Files that the walk came across, counted where it did.
    pub(crate) found: u64,
    pub(crate) rows: u64,
    pub(crate) read: u64,
    pub(crate) passed_over: u64,
    pub(crate) failed: u64,
    pub(crate) interrupted: u64,
    /// Folders whose files nobody knows.
    pub(crate) unreadable_folders: u64,
    /// The walk did not come to its end.
    pub(crate) is_partial: bool,
}

impl Totals {
    pub(crate) fn count(&mut self, row: &Row) {
        self.rows += 1;
        *match row.outcome {
            Outcome::Read { .. } => &mut self.read,
            Outcome::PassedOver { .. } => &mut self.passed_over,
            Outcome::Failed { .. } => &mut self.failed,
            Outcome::Interrupted => &mut self.interrupted,
        } += 1;
    }

    pub(crate) fn was_interrupted(&self) -> bool {
        self.is_partial || self.interrupted > 0
    }

    pub(crate) fn is_fine(&self) -> bool {
        self.failed == 0 && self.unreadable_folders == 0 && !self.was_interrupted()
    }

    /// The last line.
    pub(crate) fn line(&self) -> String {
        let count = |number: u64, noun| plural(usize::try_from(number).unwrap_or(usize::MAX), noun);
        let mut line = String::new();
        if self.was_interrupted() {
            line.push_str("interrupted, so this is not all of it: ");
        }
        line.push_str(&format!(
            "{} found = {}: {} read, {} passed over, {} failed",
            count(self.found, "file"),
            count(self.rows, "row"),
            self.read,
            self.passed_over,
            self.failed
        ));
        if self.interrupted > 0 {
            line.push_str(&format!(", {} not reached", self.interrupted));
        }
        if self.unreadable_folders > 0 {
            let folders = count(self.unreadable_folders, "folder");
            line.push_str(&format!("; {folders} could not be read"));
        }
        line
    }

    /// The last line for machines.
    pub(crate) fn object(&self) -> Value {
        json!({ "total": {
            "found": self.found,
            "rows": self.rows,
            "read": self.read,
            "passed_over": self.passed_over,
            "failed": self.failed,
            "interrupted": self.interrupted,
            "unreadable_folders": self.unreadable_folders,
            "partial": self.was_interrupted(),
        } })
    }
}
