//! The gateway over real sockets, and as a process of its own.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod child;
mod client;
mod endpoints;
mod harm;
mod listeners;
mod process;
mod served;
mod signals;
