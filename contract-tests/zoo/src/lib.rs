//! The zoo: plugins that keep every check of the contract suite, and, for each check, one that
//! breaks it and as little else as can be.
//!
//! | where | what |
//! |---|---|
//! | [`honest`], [`mutants`], [`specimen`] | who lives here |
//! | [`Specimen`] | a manifest, a configuration, and how an instance is made |
//! | [`Animal`] | the plugin that all of them are; its manifest's name says what is wrong with it |
//! | [`Flaw`] | what can be wrong with one, a line each |
//! | [`in_library!`] | those that can live in a shared library |
//!
//! The kinds are in [`hookspecs`]. Every flaw is looked at in one place, and shows on inputs that a
//! generator surely makes: an empty text, a long one, one in ASCII, the largest number, a deep tree.
//! The honest refuse as well: `ask` and `gather` fault on the number 7, which is neither a bound
//! nor in an example, and `find` on a file that cannot be read.
//!
//! **Absent on purpose**: the checks. What a flaw breaks is known here by its id alone.

#![forbid(unsafe_code)]

mod answers;

mod effects;
mod events;
mod files;
mod flaw;
mod hooks;
mod input;
mod lossy;
mod manifests;
mod plugin;
mod setup;
mod specimen;
mod state;
mod wait;

pub use flaw::Flaw;
pub use plugin::Animal;
pub use specimen::{Specimen, honest, hookspecs, mutants, specimen};
