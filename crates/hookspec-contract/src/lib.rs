//! The contract suite.

#![forbid(unsafe_code)]

mod baseline;
pub mod report;
mod verdict;

pub use baseline::{Baseline, Mistakes};
pub use verdict::{Conformance, Level, Profile, Verdict};
