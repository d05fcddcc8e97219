//! What a run of the suite found: [`Report`], and its forms for people and for programs.
//!
//! | form | for |
//! |---|---|
//! | [`json`] | programs; the form that is read back, described by a schema |
//! | [`junit`] | whatever collects test results |
//! | [`human`] | a terminal |
//! | [`html`] | a browser: one page that needs nothing else |
//!
//! Each form is a pure function of a report.

mod conformance;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
mod model;
mod redact;
#[cfg(test)]
pub(crate) mod tests;
mod text;

pub use conformance::{conformance, profiles, worst};
pub use model::{
    CheckReport, Environment, Exchange, Finding, ProfileReport, Report, Stale, SubjectReport,
};
pub use redact::{SECRET, mask, redact};
