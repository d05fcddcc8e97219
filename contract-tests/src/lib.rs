//! Runs conformance vectors against the public API of this project, and builds what its tests need.
//!
//! | where | what |
//! |---|---|
//! | [`Runner`], [`Verdict`] | one vector in, one verdict out |
//! | [`Again`] | how the contract suite that a vector asks for starts this program once more |
//! | [`Report`] | the verdicts of many vectors, as a table |
//! | [`Vector`], [`read_file`] | a vector, read from a file of vectors |
//! | [`Decisions`] | our answers where the sources contradict each other |
//! | [`listen`] | what a thread of a test traces |
//! | [`library`] | shared libraries, built for tests |
//!
//! A vector is judged by its group, its input and what it expects; its id is printed and never
//! looked at. Whatever a vector says that no part of this crate knows (a key, a behaviour, an
//! expectation, a group) makes it fail: nothing is passed over in silence.
//!
//! **Absent on purpose**: the rules of the framework. What a vector observes comes from the
//! registry, the dispatchers and the readers that applications use; nothing here recomputes it.

#![forbid(unsafe_code)]

mod again;
mod compare;
mod condition;
mod decisions;
mod groups;
pub mod library;
mod logs;
mod nameless;
mod observed;
mod puppets;
mod report;
mod rules;
mod run;
mod script;
mod seen;
mod specimen;
mod suite;
mod unserved;
mod vector;
mod words;

pub use again::Again;
pub use decisions::Decisions;
pub use logs::listen;
pub use report::Report;
pub use run::{Runner, Verdict};
pub use vector::{Level, Vector, read_file};
