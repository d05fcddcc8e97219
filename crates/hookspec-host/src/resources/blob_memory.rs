//! [`MemoryBlobStore`]: blobs that last as long as the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use hookspec_plugin::Fault;
use hookspec_plugin::resources::BlobStore;

use super::blob_key;

/// Keeps blobs for as long as it exists.
#[derive(Debug, Default)]
pub struct MemoryBlobStore(Mutex<BTreeMap<String, Vec<u8>>>);

impl MemoryBlobStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        // Nothing foreign runs under it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl BlobStore for MemoryBlobStore {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Fault> {
        blob_key(key)?;
        self.lock().insert(key.to_owned(), bytes.to_vec());
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        blob_key(key)?;
        Ok(self.lock().get(key).cloned())
    }

    async fn delete(&self, key: &str) -> Result<(), Fault> {
        blob_key(key)?;
        self.lock().remove(key);
        Ok(())
    }

    async fn exists(&self, key: &str) -> Result<bool, Fault> {
        blob_key(key)?;
        Ok(self.lock().contains_key(key))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        Ok(self.lock().keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }
}
