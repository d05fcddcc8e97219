//! The checks, family by family. What a check is made of stands in `check.rs`.

mod ambient;
mod capability;
mod chain;
pub(crate) mod determinism;
mod events;
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

/// Every family, in the order of reports: that of the specification family's own suite (manifest,
/// lifecycle, serialization, ambient state, determinism), with what it does not have in between and
/// after it.
pub(crate) const ALL: &[&[Check]] = &[
    manifest::CHECKS,
    lifecycle::CHECKS,
    leaks::CHECKS,
    input::CHECKS,
    chain::CHECKS,
    capability::CHECKS,
    ambient::CHECKS,
    determinism::CHECKS,
    faults::CHECKS,
    stop::CHECKS,
    growth::CHECKS,
    security::CHECKS,
    events::CHECKS,
];
