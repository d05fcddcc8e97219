//! [`MemoryCheckpoints`]: states that last as long as the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use hookspec_plugin::{Checkpoint, CheckpointStore, CheckpointVersion, Fault};
use serde_json::Value;

use super::{key as check, state as bounded};

/// Keeps states for as long as it exists: for tests, and for plugins that are only reloaded.
#[derive(Debug, Default)]
pub struct MemoryCheckpoints(Mutex<BTreeMap<String, Checkpoint>>);

impl MemoryCheckpoints {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Checkpoint>> {
        // Nothing foreign runs under it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CheckpointStore for MemoryCheckpoints {
    async fn save(&self, key: &str, state: &Value) -> Result<CheckpointVersion, Fault> {
        check(key)?;
        bounded(key, state)?;
        let mut states = self.lock();
        let before = states.get(key).map_or(0, |checkpoint| checkpoint.version.0);
        let version = CheckpointVersion(before.saturating_add(1));
        states.insert(key.to_owned(), Checkpoint { state: state.clone(), version });
        Ok(version)
    }

    async fn load(&self, key: &str) -> Result<Option<Checkpoint>, Fault> {
        check(key)?;
        Ok(self.lock().get(key).cloned())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(String, CheckpointVersion)>, Fault> {
        let states = self.lock();
        let matching = states.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(matching.map(|(key, checkpoint)| (key.clone(), checkpoint.version)).collect())
    }

    async fn clear(&self, key: &str) -> Result<(), Fault> {
        check(key)?;
        self.lock().remove(key);
        Ok(())
    }
}
