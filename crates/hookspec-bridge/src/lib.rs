//! Plugins that are not linked into the host, and the host's way to them.
//!
//! | feature | what | where |
//! |---|---|---|
//! | `dylib` | shared libraries: the host's end | [`dylib::Dylib`] |
//! | `export` | shared libraries: the plugin's end | [`export!`] |
//!
//! Each folder holds both ends of one way. **Absent**: dispatch classes, and everything that a host
//! decides; what is here ends at [`Plugin`](hookspec_plugin::Plugin) and
//! [`Runtime`](hookspec_plugin::Runtime).
//!
//! This is the only crate with unsafe code (invariant 1): every block says why it is sound.

#![cfg_attr(any(feature = "dylib", feature = "export"), allow(unsafe_code, reason = "it is here"))]

#[cfg(any(feature = "dylib", feature = "export"))]
pub mod dylib;
