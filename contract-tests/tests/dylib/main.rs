//! Plugins in shared libraries: what is refused, what is survived, and that the rest is as with any
//! other plugin. Libraries are built here, in C and in Rust; threads are real.

mod answers;
mod examples;
mod isolation;
mod refused;
mod safety;
mod support;
