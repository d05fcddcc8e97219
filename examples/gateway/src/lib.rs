//! An HTTP service whose requests, searches and tools go through plugins.
//!
//! | where | what |
//! |---|---|
//! | [`Lifecycle`] | a `tower` layer that tells `lifecycle_listener` plugins about every request |
//! | [`Gateway`] | the endpoints: `/search`, `/tools`, `/metrics`, `/plugins`, `/healthz` |
//! | [`Asked`] | what a request says of itself: its id, its trace, its time limit |
//! | [`Problem`] | how an error of a dispatch becomes an HTTP answer (RFC 9457) |
//! | [`run`] | the whole life: start, serve, stop on SIGTERM or Ctrl-C |
//!
//! Absent on purpose: TLS and who may ask. What stands before a gateway does that.

#![forbid(unsafe_code)]

mod asked;
mod layer;
mod life;
mod metrics;
mod problem;
mod routes;
mod serve;
mod traffic;

pub use asked::{Asked, REQUEST_ID, REQUEST_TIMEOUT_MS};
pub use layer::{Lifecycle, Told};
pub use life::{Settings, run};
pub use problem::Problem;
pub use routes::Gateway;
pub use serve::serve;
pub use traffic::Traffic;
