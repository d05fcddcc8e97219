//! The contract suite: one set of checks for any plugin, in any runtime.
//!
//! | where | what |
//! |---|---|
//! | [`Suite`], [`Options`], [`Launcher`] | every check of every plugin, each in a process of its own |
//! | [`checks`], [`Check`] | what must hold of every plugin |
//! | [`Subject`] | a plugin in a runtime |
//! | [`cases`] | what holds of the plugins of a kind, written down in YAML |
//! | [`Verdict`], [`Conformance`], [`report`] | what came of checks |
//! | [`Baseline`] | failures that are expected for now |
//! | [`codes`] | the codes of mistakes in a baseline |
//!
//! **Absent on purpose**: how a plugin is loaded. Its subject knows, and nothing here asks.

#![forbid(unsafe_code)]

mod author;
mod baseline;
pub mod cases;
mod check;
mod checks;
pub mod codes;
mod direct;
mod found;
pub mod generate;
mod inputs;
mod macros;
mod observer;
mod outcome;
mod process;
pub mod report;
mod run;
mod scene;
mod shipped;
mod short;
mod stage;
mod subject;
mod verdict;
mod witness;

pub use baseline::{Baseline, Mistakes};
pub use check::{Check, check, checks};
pub use run::{Event, Launcher, Options, Suite, asked_subject, is_child};
pub use subject::Subject;
/// What `contract_tests!` names.
#[doc(hidden)]
pub mod __private {
    pub use crate::author::About;
}

pub use verdict::{Conformance, Level, Profile, Verdict};
