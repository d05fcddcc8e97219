//! Plugins in shared libraries: what is refused, what is survived, and that the rest is as with any
//! other plugin. Libraries are built here, in C and in Rust; threads are real.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "what is not as it should be here is a failed test")]

mod answers;
mod emitted;
mod events;
mod examples;
mod house;
mod inhabitants;
mod isolation;
mod lent;
mod life;
mod refused;
mod safety;
mod stage;
mod support;
