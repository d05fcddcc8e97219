//! The plugin kinds that Hookspec ships, as Rust: payload types, a trait to implement, the adapter
//! that makes a plugin of it, and, with the feature `calls`, typed callers for an application.
//!
//! One module per kind, generated from `hookspecs/` and kept fresh by a test.
//!
//! **Absent on purpose**: anything written by hand.

#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::*;
