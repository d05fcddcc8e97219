//! [`Seen`]: an error of ours under the names that vectors know it by.

use hookspec_host::{
    Cause, CauseClass, DispatchError, Failure, RegistrationError, StartError, TeardownErrors,
};
use hookspec_plugin::PluginName;
use hookspec_spec::{Diagnostic, Diagnostics, DispatchClass, Severity};

/// The error classes of the specification family.
pub(crate) const CLASSES: [&str; 16] = [
    "AmbiguousPlugin",
    "AttributeError",
    "ConstructorError",
    "DependencyCycle",
    "DispatchMismatch",
    "InvalidEventType",
    "InvalidPattern",
    "KeyError",
    "KindUnknown",
    "ManifestInvalid",
    "NoCapabilityMatch",
    "NotFound",
    "RuntimeNotSupported",
    "TeardownErrors",
    "ValueError",
    "VersionIncompatible",
];

/// Classes of a language rather than of the family: any error of the operation will do.
pub(crate) const OF_THE_LANGUAGE: [&str; 3] = ["AttributeError", "KeyError", "ValueError"];

/// An error, under every name that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Class names: the family's and ours.
    pub(crate) names: Vec<&'static str>,
    /// The message of the plugin's own fault.
    pub(crate) fault: Option<String>,
    /// The whole message.
    pub(crate) text: String,
    /// The fields that its mistakes point at.
    pub(crate) fields: Vec<String>,
    /// Who would have qualified.
    pub(crate) candidates: Vec<String>,
}

impl Seen {
    pub(crate) fn new(names: &[&'static str], text: impl ToString) -> Self {
        Self { names: names.to_vec(), text: text.to_string(), ..Self::default() }
    }

    /// An error of a dispatch. In class singleton nobody there is an unknown kind, too.
    pub(crate) fn dispatch(error: &DispatchError, class: DispatchClass) -> Self {
        let mut seen = Self::new(dispatch_names(error), error);
        match error {
            DispatchError::NoCapableHandler { .. } if class == DispatchClass::Singleton => {
                seen.names.push("KindUnknown");
            }
            DispatchError::AmbiguousPlugin { ambiguity } => {
                seen.candidates = names(&ambiguity.candidates);
            }
            DispatchError::Refused { fault, .. } => seen.fault = Some(fault.message().into()),
            DispatchError::PluginFailed { failure, .. } => {
                seen.names.push(cause_name(failure.cause.class()));
                seen.fault = fault(failure);
            }
            _ => {}
        }
        seen
    }

    /// Mistakes of a manifest.
    pub(crate) fn manifest(diagnostics: &Diagnostics) -> Self {
        Self { names: vec!["ManifestInvalid"], ..Self::from(diagnostics) }
    }

    fn add(&mut self, other: Self) {
        self.names.extend(other.names);
        self.fields.extend(other.fields);
        self.candidates.extend(other.candidates);
    }
}

/// The message of the fault that a plugin answered.
pub(crate) fn fault(failure: &Failure) -> Option<String> {
    match &failure.cause {
        Cause::Faulted(fault) => Some(fault.message().to_owned()),
        _ => None,
    }
}

fn names(candidates: &[PluginName]) -> Vec<String> {
    candidates.iter().map(ToString::to_string).collect()
}

const fn dispatch_names(error: &DispatchError) -> &'static [&'static str] {
    match error {
        DispatchError::UnknownKind { .. } => &["UnknownKind", "KindUnknown"],
        DispatchError::UnknownHook { .. } => &["UnknownHook", "KindUnknown"],
        DispatchError::DispatchMismatch { .. } => &["DispatchMismatch"],
        DispatchError::InvalidInput { .. } => &["InvalidInput"],
        DispatchError::AmbiguousPlugin { .. } => &["AmbiguousPlugin"],
        DispatchError::NoCapableHandler { .. } => &["NoCapableHandler", "NoCapabilityMatch"],
        DispatchError::Refused { .. } => &["Refused"],
        DispatchError::NotInline { .. } => &["NotInline"],
        DispatchError::PluginFailed { .. } => &["PluginFailed"],
        DispatchError::ChoicePanicked { .. } => &["ChoicePanicked"],
        DispatchError::Rejected { .. } => &["Rejected"],
        DispatchError::ShuttingDown => &["ShuttingDown"],
        // The enum may grow: a new error has no name here until it gets one.
        _ => &[],
    }
}

const fn cause_name(cause: CauseClass) -> &'static str {
    match cause {
        CauseClass::Faulted => "Faulted",
        CauseClass::Panicked => "Panicked",
        CauseClass::TimedOut => "TimedOut",
        CauseClass::InvalidOutput => "InvalidOutput",
        CauseClass::Gone => "Gone",
        CauseClass::Cancelled => "Cancelled",
        CauseClass::Rejected => "Rejected",
    }
}

impl From<&Diagnostics> for Seen {
    fn from(diagnostics: &Diagnostics) -> Self {
        let errors: Vec<&Diagnostic> =
            diagnostics.iter().filter(|each| each.severity == Severity::Error).collect();
        // A nested path points at each of its parts; an item of a list points at the list.
        let parts = errors.iter().flat_map(|each| each.pointer.split('/'));
        Self {
            fields: parts.filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            ..Self::new(&[], diagnostics)
        }
    }
}

impl From<&RegistrationError> for Seen {
    fn from(error: &RegistrationError) -> Self {
        let name = match error {
            RegistrationError::ManifestInvalid { .. }
            | RegistrationError::ManifestMistakes { .. } => "ManifestInvalid",
            RegistrationError::UnknownKind { .. } => "KindUnknown",
            RegistrationError::VersionIncompatible { .. } => "VersionIncompatible",
            RegistrationError::UnknownHook { .. } => "KindUnknown",
            RegistrationError::MissingHook { .. } => "MissingHook",
            RegistrationError::AmbiguousPlugin { .. } => "AmbiguousPlugin",
            RegistrationError::RuntimeNotSupported { .. } => "RuntimeNotSupported",
            RegistrationError::ShuttingDown { .. } => "ShuttingDown",
            _ => "",
        };
        let mut seen = Self::new(&[name], error);
        match error {
            RegistrationError::ManifestInvalid { field, .. } => {
                seen.fields = vec![(*field).to_owned()];
            }
            RegistrationError::ManifestMistakes { diagnostics, .. } => {
                seen.fields = Self::from(diagnostics).fields;
            }
            RegistrationError::AmbiguousPlugin { ambiguity, .. } => {
                seen.candidates = names(&ambiguity.candidates);
            }
            _ => {}
        }
        seen
    }
}

impl From<StartError> for Seen {
    fn from(error: StartError) -> Self {
        let mut seen = Self::new(&[], &error);
        match &error {
            StartError::Hookspecs { diagnostics } => {
                seen.names = vec!["ConstructorError"];
                seen.fields = Self::from(diagnostics).fields;
            }
            StartError::CoreVersion { .. } => seen.names = vec!["ConstructorError"],
            StartError::ResourceTwice { .. } | StartError::ResourceType { .. } => {
                seen.names = vec!["ConstructorError", "ValueError"];
            }
            StartError::Registration { errors } => {
                errors.iter().for_each(|error| seen.add(Self::from(error)));
            }
            StartError::PluginFolder { diagnostics, .. } => {
                let class = |each: &Diagnostic| match each.code {
                    "HS-M030" => "NotFound",
                    "HS-M031" => "ManifestInvalid",
                    "HS-M032" => "DependencyCycle",
                    _ => "",
                };
                seen.names = diagnostics.iter().map(class).collect();
            }
            StartError::DependencyCycle { .. } => seen.names = vec!["DependencyCycle"],
            StartError::AmbiguousPlugin { ambiguity } => {
                seen.names = vec!["AmbiguousPlugin"];
                seen.candidates = names(&ambiguity.candidates);
            }
            StartError::AlreadyStarted => seen.names = vec!["AlreadyStarted"],
            _ => {}
        }
        seen
    }
}

impl From<TeardownErrors> for Seen {
    fn from(errors: TeardownErrors) -> Self {
        Self::new(&["TeardownErrors"], &errors)
    }
}
