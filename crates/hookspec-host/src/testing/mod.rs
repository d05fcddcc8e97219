//! For the tests of hosts and of plugins: a plugin that misbehaves on demand.
//!
//! [`Puppet`] does what its script says: answers, faults, panics (also while dropped), hangs,
//! blocks its thread, answers late, answers nonsense, answers far too much, or calls back into the
//! registry. [`Gate`] holds it where a test wants it, [`Journal`] tells what happened.
//!
//! [`TestBus`] is a bus with plugins on it, without an application around it; it says what became of
//! each event.
//!
//! [`FrozenClock`], [`SeededRng`], [`MemoryBlobStore`] and [`StubHttpClient`] stand in for the
//! standard resources.
//!
//! ```
//! use hookspec_host::testing::{Behaviour, Puppet};
//! use hookspec_host::{Cause, Registry};
//! use hookspec_plugin::{Caller, Manifest};
//! use hookspec_spec::{Catalog, Source};
//! use serde_json::{Value, json};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let kinds = Catalog::from_sources([Source::new("kinds/k/v1.yaml",
//!     "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_collect\n    error_policy: best_effort\n")])?;
//! let registry = Registry::builder()
//!     .catalog(kinds)
//!     .plugin(Puppet::new(Manifest::new("good", "k")).on("h", Behaviour::answer(1)))
//!     .plugin(Puppet::new(Manifest::new("bad", "k")).on("h", Behaviour::panic("oh no")))
//!     .start_blocking()?;
//! let collect = registry.broadcast_collect::<Value, Value>("k", "h")?;
//! let collected = registry.block_on(collect.dispatch(&Caller::new(), json!({})))?;
//! assert_eq!(*collected.replies[0].value, json!(1));
//! assert!(matches!(collected.failures[0].cause, Cause::Panicked { .. }));
//! # Ok(()) }
//! ```

mod behaviour;
mod bus;
mod clock;
mod gate;
mod http;
mod journal;
mod puppet;
mod rng;

pub use behaviour::{Behaviour, Compute, Drafts, PanicPayload, Script};
pub use bus::{Reached, Recorded, Refusal, Silent, TestBus, TestBusError};
pub use clock::FrozenClock;
pub use gate::Gate;
pub use http::StubHttpClient;
pub use journal::{Happening, Journal};
pub use puppet::{Matcher, Puppet, Step};
pub use rng::SeededRng;

pub use crate::bus::Fate;
pub use crate::resources::MemoryBlobStore;
