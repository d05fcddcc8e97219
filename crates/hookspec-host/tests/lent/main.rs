//! What the host lends, each law cited by its id, failures first. A binary of its own, because
//! some of its tests start it again to be killed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod again;
mod checkpoints;
mod contained;
#[cfg(feature = "http")]
mod http;
mod killed;
mod measured;
mod resources;
mod scarce;
mod support;
