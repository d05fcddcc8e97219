//! Shared libraries: a versioned C interface, spoken from both ends.
//!
//! `docs/dylib-abi.md` explains it for those who write a plugin in C or in anything else.

#[cfg_attr(
    not(feature = "dylib"),
    allow(dead_code, reason = "the plugin's end needs a part of it")
)]
pub mod abi;
#[cfg(feature = "export")]
pub mod guest;
#[cfg(feature = "dylib")]
mod host;

#[cfg(feature = "dylib")]
pub use host::Dylib;
