//! [`EventNamespace`] and [`EventDeclaration`]: what a file of events says, checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hookspec_plugin::{EventType, SecurityLevel};

use crate::diagnostic::Position;
use crate::document::Document;
use crate::schema::Schema;

/// One namespace of event types: one file of events.
#[derive(Clone, Debug)]
pub struct EventNamespace {
    /// The name, such as `deploy` or `core.plugin`.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
    /// What its events are about, for people.
    pub description: Option<String>,
    /// Whether types below it that nobody declares are allowed.
    pub open: bool,
    /// The file.
    pub file: PathBuf,
    /// Where the file names it.
    pub(crate) place: Place,
}

/// One type of events.
#[derive(Clone, Debug)]
pub struct EventDeclaration {
    /// The whole type, such as `deploy.completed`.
    pub event_type: EventType,
    /// When it is published, for people.
    pub description: Option<String>,
    /// What its data satisfies; anything where [`has_schema`](Self::has_schema) is false.
    pub schema: Schema,
    /// Whether the file says what the data satisfies.
    pub has_schema: bool,
    /// The version of the namespace that brought it.
    pub since: Option<String>,
    /// What to use instead.
    pub deprecated: Option<String>,
    /// The metadata keys that it is published with, and what each holds. An event may have others.
    pub metadata: BTreeMap<String, String>,
    /// How its events are to be guarded, unless one says otherwise.
    pub security_level: SecurityLevel,
    /// The file that declares it.
    pub file: PathBuf,
    /// Where the file does.
    pub(crate) place: Place,
}

/// Where something stands, for a mistake that only shows when everything is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) position: Option<Position>,
    pub(crate) snippet: Option<String>,
    pub(crate) pointer: String,
}

impl Place {
    pub(crate) fn of(document: &Document, pointer: String) -> Self {
        let position = document.position(&pointer);
        let snippet = position.and_then(|position| document.snippet(position));
        Self { position, snippet, pointer }
    }
}
