//! Where the states of plugins are kept, and how one plugin's are kept from another.

mod file;
mod memory;
mod scoped;

use hookspec_plugin::{Fault, check_key, size};
use serde_json::Value;

pub use self::file::FileCheckpoints;
pub use self::memory::MemoryCheckpoints;
pub(crate) use self::scoped::ScopedCheckpoints;
use crate::files::LONGEST;

/// The largest state, in bytes of JSON.
const LARGEST: usize = 16 << 20;

fn key(key: &str) -> Result<(), Fault> {
    check_key(key, LONGEST).map_err(|reason| Fault::new("checkpoint_key", reason))
}

/// What could not be read back is not written.
fn state(key: &str, state: &Value) -> Result<(), Fault> {
    let refused = |why| Fault::new("checkpoint_state", format!("the state of `{key}`: {why}"));
    size::measure(state, LARGEST).map(drop).map_err(refused)
}
