//! [`Case`]: what holds of a plugin, as it was read from a file.

use std::sync::Arc;
use std::time::Duration;

use hookspec_host::{CauseClass, State};
use hookspec_spec::{Document, Hook, Kind};
use serde_json::{Map, Value};

use super::mistake::Mistake;
use super::pattern::Pattern;
use super::placeholder::Facts;
use crate::subject::Subject;

/// What holds of a plugin: given these facts, these calls have those outcomes.
#[derive(Debug)]
pub struct Case {
    pub(super) name: String,
    pub(super) laws: Vec<String>,
    pub(super) kind: Arc<Kind>,
    pub(super) given: Given,
    pub(super) steps: Vec<Step>,
    pub(super) after: After,
    /// Where it was read.
    pub(super) document: Arc<Document>,
    pub(super) at: String,
}

/// What must hold for the case to apply, and what it is run with.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Names; empty means any plugin of the kind.
    pub(super) plugins: Vec<String>,
    /// What its manifest must look like.
    pub(super) manifest: Option<Pattern>,
    /// Other plugins that are registered beside it.
    pub(super) beside: Vec<String>,
    pub(super) config: Option<Value>,
    /// Files in the case's folder: name, text.
    pub(super) files: Vec<(String, String)>,
    pub(super) metadata: Map<String, Value>,
    pub(super) deadline: Option<Duration>,
}

/// One entry of `call`, and what is expected of it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) hook: Arc<Hook>,
    pub(super) input: Value,
    /// How often, one after another.
    pub(super) times: usize,
    /// How many at once.
    pub(super) concurrently: usize,
    pub(super) expect: Expect,
}

/// What is expected of a call.
#[derive(Debug)]
pub(super) struct Expect {
    pub(super) at: String,
    pub(super) wanted: Wanted,
    /// Whose answer it is: the plugin itself, where nothing is said.
    pub(super) by: Option<String>,
    pub(super) within: Option<Duration>,
    /// All outcomes of the step are one value.
    pub(super) alike: bool,
}

/// The outcome that is expected.
#[derive(Debug)]
pub(super) enum Wanted {
    Answer(Vec<Check>),
    Unchanged,
    Stopped,
    Delivered,
    Fails(Fails),
    Refused {
        error: String,
        message: Vec<String>,
    },
    /// Each with its place.
    AnyOf(Vec<(String, Wanted)>),
}

/// What is checked of an answer.
#[derive(Debug)]
pub(super) enum Check {
    /// Exactly this, with the place of the expectation.
    Equals(Value, String),
    Matches(Pattern),
    /// What the hook declares.
    OutputSchema(String),
    Schema(hookspec_spec::Schema, String),
}

/// How a plugin is expected to fail.
#[derive(Debug)]
pub(super) struct Fails {
    pub(super) cause: CauseClass,
    pub(super) code: Option<String>,
    pub(super) message: Vec<String>,
    pub(super) data: Option<Pattern>,
}

/// What holds when the calls are over.
#[derive(Debug, Default)]
pub(super) struct After {
    pub(super) state: Option<State>,
    pub(super) reason: Vec<String>,
    pub(super) files: Vec<(String, FileCheck)>,
}

/// What is checked of a file of the case's folder, after the plugin was torn down.
#[derive(Debug)]
pub(super) enum FileCheck {
    Absent(String),
    Text(Pattern),
    /// One JSON value a line.
    JsonLines(Pattern),
}

impl Case {
    /// Its name, unique among the cases of its kind.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind whose plugins it is about.
    pub fn kind(&self) -> &str {
        self.kind.name.as_str()
    }

    /// The laws that it shows to hold.
    pub fn laws(&self) -> &[String] {
        &self.laws
    }

    /// Whether it is about this plugin.
    ///
    /// # Errors
    /// A placeholder in `given.manifest` that stands for nothing in this plugin.
    pub fn applies_to(&self, subject: &Subject) -> Result<bool, String> {
        let manifest = subject.manifest();
        if manifest.kind != self.kind.name || manifest.kind_major() != Some(self.kind.major()) {
            return Ok(false);
        }
        let named = self.given.plugins.iter().any(|name| *name == *manifest.name.as_str());
        // `any` means those that keep to their kind; those that do not are named.
        if !named && (!self.given.plugins.is_empty() || subject.misbehaves()) {
            return Ok(false);
        }
        let Some(pattern) = &self.given.manifest else { return Ok(true) };
        let manifest = subject.manifest_value();
        let folder = std::path::Path::new("");
        let facts = Facts { folder, plugin: subject.name(), manifest: &manifest };
        pattern.holds(&manifest, &facts)
    }

    /// What it says, in words: `trims_the_text` is `trims the text`.
    pub fn title(&self) -> String {
        self.name.replace('_', " ")
    }

    /// A mistake at the case itself.
    pub(super) fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake::at(&self.document, &self.at, message)
    }
}
