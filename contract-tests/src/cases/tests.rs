//! The runner itself.
