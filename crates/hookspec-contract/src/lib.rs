//! The contract suite.

#![forbid(unsafe_code)]

pub mod generate;
pub mod report;
mod verdict;

pub use verdict::{Conformance, Level, Profile, Verdict};
