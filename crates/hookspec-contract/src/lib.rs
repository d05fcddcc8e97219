//! The contract suite.

#![forbid(unsafe_code)]

pub mod report;
mod verdict;

pub use verdict::{Conformance, Level, Profile, Verdict};
