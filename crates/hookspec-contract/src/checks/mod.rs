//! The checks, family by family. What a check is made of stands in `check.rs`.

mod ambient;
mod capability;
mod chain;
pub(crate) mod determinism;
mod faults;
mod growth;
mod input;
mod leaks;
mod lifecycle;
pub(crate) mod manifest;
mod samples;
pub(crate) mod security;
mod stop;

use crate::check::Check;

/// Every family, in the order of reports.
pub(crate) const ALL: &[&[Check]] = &[
    manifest::CHECKS,
    input::CHECKS,
    chain::CHECKS,
    capability::CHECKS,
    determinism::CHECKS,
    ambient::CHECKS,
    faults::CHECKS,
    stop::CHECKS,
    growth::CHECKS,
    lifecycle::CHECKS,
    leaks::CHECKS,
    security::CHECKS,
];
