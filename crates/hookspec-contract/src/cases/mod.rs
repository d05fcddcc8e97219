//! Cases: what holds of every plugin of a kind, or of one plugin, in whatever runtime.
//!
//! | where | what |
//! |---|---|
//! | [`read_folder`], [`read`] | cases from YAML, or every [`Mistake`] in it |
//! | [`Case`] | given these facts, these calls have those outcomes |
//! | [`Suite`], [`Plan`], [`Trial`] | every case with every [`Subject`](crate::Subject) that it is about |
//!
//! `contract-tests/cases/README.md` says how cases are written.
//!
//! **Absent on purpose**: how a plugin is loaded (its subject knows), and any rule of a kind: those
//! are in the cases.

mod expect;
mod judge;
mod mistake;
mod model;
mod pattern;
mod placeholder;
mod read;
mod run;
mod suite;

pub use mistake::Mistake;
pub use model::Case;
pub use read::{read, read_folder};
pub use suite::{Plan, Suite, Trial};

#[cfg(test)]
mod tests;
