//! The contract suite: one set of checks for any plugin, in any runtime.
//!
//! | where | what |
//! |---|---|
//! | [`Subject`] | a plugin in a runtime |
//! | [`cases`] | what holds of the plugins of a kind, written down in YAML |
//! | [`Verdict`], [`Conformance`], [`report`] | what came of checks |
//! | [`Baseline`] | failures that are expected for now |
//!
//! **Absent on purpose**: how a plugin is loaded. Its subject knows, and nothing here asks.

#![forbid(unsafe_code)]

mod baseline;
pub mod cases;
pub mod report;
mod subject;
mod verdict;

pub use baseline::{Baseline, Mistakes};
pub use subject::Subject;
pub use verdict::{Conformance, Level, Profile, Verdict};
