//! [`Verdict`]: what came of one check; [`Conformance`]: what came of all of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What came of one check of one plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The plugin keeps it.
    Pass,
    /// The plugin does not declare what the check is about, and probing agrees.
    NotApplicable,
    /// The plugin breaks what it SHOULD keep.
    Warn,
    /// Something that the check needs is missing, so nobody knows: not conformant.
    NotVerified,
    /// The plugin breaks what it MUST keep.
    Fail,
    /// The suite itself could not do it; says nothing about the plugin.
    Error,
}

impl Verdict {
    /// All of them, the best first.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::NotApplicable, Self::Warn, Self::NotVerified, Self::Fail, Self::Error];

    /// Its name, as reports write it: `not-verified`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
            Self::Warn => "warn",
            Self::NotVerified => "not-verified",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// How binding a check is (RFC 2119). Only a MUST decides whether a plugin conforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Whoever breaks it fails.
    Must,
    /// Whoever breaks it is warned.
    Should,
    /// Whoever breaks it is told.
    May,
}

impl Level {
    /// Its name, in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

/// A part of the suite that can be run, and conformed to, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The manifest, the hooks, what goes in and comes out.
    Core,
    /// Setup, teardown, what is left behind.
    Lifecycle,
    /// Panics, faults, deadlines, concurrency, many calls.
    Resilience,
    /// What a stranger's plugin may not do to the process that it runs in.
    Security,
    /// What a plugin receives and emits on the event bus.
    Events,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Core, Self::Lifecycle, Self::Resilience, Self::Security, Self::Events];

    /// Its name, as the command line writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Lifecycle => "lifecycle",
            Self::Resilience => "resilience",
            Self::Security => "security",
            Self::Events => "events",
        }
    }
}

/// What came of all checks of a profile, or of all profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conformance {
    /// Every MUST was looked at and is kept, or is not applicable.
    Conformant,
    /// No MUST was seen broken, and not all of them were seen kept.
    Partial,
    /// A MUST is broken.
    NotConformant,
}

impl Conformance {
    /// Its name, as reports write it: `not-conformant`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::Partial => "partial",
            Self::NotConformant => "not-conformant",
        }
    }
}

macro_rules! named {
    ($($name:ty),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )*};
}
named!(Verdict, Level, Profile, Conformance);
