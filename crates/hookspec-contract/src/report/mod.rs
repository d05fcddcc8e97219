//! What a run of the suite found: [`Report`], and its forms for people and for programs.

mod model;

pub use model::{
    CheckReport, Environment, Exchange, Finding, ProfileReport, Report, Stale, SubjectReport,
};
