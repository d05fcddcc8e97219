//! [`BlobStore`]: bytes by key.

use std::fmt;

use async_trait::async_trait;

use crate::fault::Fault;

/// Keeps bytes by key. What is put replaces what was there, whole.
///
/// A key is one or more segments of ASCII letters, digits, `-`, `_` and `.`, divided by `/`; none
/// is `.` or `..`; at most 200 bytes. Every method answers `blob_key` for anything else, and
/// `blob_io` when the store could not do it.
#[async_trait]
pub trait BlobStore: Send + Sync + 'static {
    /// Keeps bytes under a key; whoever gets them from now on finds them.
    ///
    /// # Errors
    /// `blob_key`, `blob_io`: what was there before still is.
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Fault>;

    /// What was put last; `None` where nothing was, or it was deleted.
    ///
    /// # Errors
    /// `blob_key`, `blob_io`.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Fault>;

    /// Forgets what is there. Deleting what is not there is no error.
    ///
    /// # Errors
    /// `blob_key`, `blob_io`.
    async fn delete(&self, key: &str) -> Result<(), Fault>;

    /// Whether something is there.
    ///
    /// # Errors
    /// `blob_key`, `blob_io`.
    async fn exists(&self, key: &str) -> Result<bool, Fault>;

    /// The keys that begin with a prefix, in order.
    ///
    /// # Errors
    /// `blob_io`.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault>;
}

impl fmt::Debug for dyn BlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobStore")
    }
}
