//! [`CheckpointStore`]: where a plugin keeps how far it got, across restarts.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::Fault;

/// Keeps the states of pieces of work by key.
///
/// A saved state replaces the one before it, whole or not at all: whatever happens to the process,
/// what is loaded afterwards is the last or the previous state. Keys of one plugin are not seen by
/// another.
///
/// A key is one or more segments of ASCII letters, digits, `-`, `_` and `.`, divided by `/`; none
/// is `.` or `..`; at most 200 bytes, which [`check_key`](crate::check_key) checks. A store that
/// stands behind a host is asked for keys of up to 240: the host puts the plugin's name before them.
#[async_trait]
pub trait CheckpointStore: Send + Sync + 'static {
    /// Keeps a state and answers its version; it is there for whoever loads from now on.
    ///
    /// # Errors
    /// `checkpoint_key`: the key is none. `checkpoint_state`: the state is larger than 16 MiB, or
    /// nested too deeply to be read back. `checkpoint_io`: it was not kept, and what was there
    /// before still is; the message says why. Save again when that is mended.
    async fn save(&self, key: &str, state: &Value) -> Result<CheckpointVersion, Fault>;

    /// The state that was saved last; `None` where none was, or it was cleared.
    ///
    /// # Errors
    /// `checkpoint_key`, `checkpoint_io`, and `checkpoint_corrupt`: something is there that no
    /// `save` wrote, or that was damaged since; clear it, or mend it by hand.
    async fn load(&self, key: &str) -> Result<Option<Checkpoint>, Fault>;

    /// The keys that begin with a prefix, and their versions, in the order of the keys.
    ///
    /// # Errors
    /// `checkpoint_io`.
    async fn list(&self, prefix: &str) -> Result<Vec<(String, CheckpointVersion)>, Fault>;

    /// Forgets a state. Forgetting what is not there is no error.
    ///
    /// # Errors
    /// `checkpoint_key`, `checkpoint_io`.
    async fn clear(&self, key: &str) -> Result<(), Fault>;
}

/// Counts the saves of one key, from 1; goes on after a `clear` only where the store says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckpointVersion(pub u64);

/// A state that was saved, and its version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// What was saved.
    pub state: Value,
    /// The how manieth save it was.
    pub version: CheckpointVersion,
}

impl fmt::Display for CheckpointVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for dyn CheckpointStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckpointStore")
    }
}
