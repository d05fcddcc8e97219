//! The resources that plugins may expect anywhere, as traits: what stands behind them is the host's.
//!
//! | name | trait |
//! |---|---|
//! | `clock` | [`Clock`] |
//! | `rng` | [`Rng`] |
//! | `blob_store` | [`BlobStore`] |
//! | `http_client` | [`HttpClient`] |
//! | `tmpdir` | [`TmpDir`] |
//!
//! A plugin declares the name under `[plugin.resources]` and asks for the trait:
//!
//! ```
//! # use hookspec_plugin::{Context, Fault};
//! use hookspec_plugin::resources::Clock;
//! # fn setup(ctx: &Context) -> Result<(), Fault> {
//! let clock = ctx.resource::<dyn Clock>("clock")?;
//! let started = clock.monotonic();
//! # Ok(()) }
//! ```
//!
//! They are the host's to close, may be used by any number of calls at once, and may be wrapped by
//! the host without the plugin noticing. The names are a convention: an application lends whatever
//! else it likes.

mod blob_store;
mod clock;
mod http_client;
mod rng;
mod tmpdir;

pub use blob_store::BlobStore;
pub use clock::Clock;
pub use http_client::{HttpClient, HttpRequest, HttpResponse};
pub use rng::Rng;
pub use tmpdir::TmpDir;
