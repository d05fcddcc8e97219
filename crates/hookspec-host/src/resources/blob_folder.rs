//! [`FsBlobStore`]: blobs in a folder.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use hookspec_plugin::Fault;
use hookspec_plugin::resources::BlobStore;

use super::blob_key;
use crate::files::{Files, blocking};

/// Keeps blobs in a folder, one file for each key, with `,` for `/`.
///
/// A blob is written beside its place and renamed into it, so a reader finds the last or the
/// previous one, whole; processes may share the folder.
#[derive(Clone, Debug)]
pub struct FsBlobStore(Arc<Files>);

impl FsBlobStore {
    /// A store in a folder. It is made, with the folders above it, by the first `put`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Files::new(folder.into(), "")))
    }

    async fn with<T: Send + 'static>(
        &self,
        what: &str,
        key: &str,
        work: impl FnOnce(&Files, &str) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let (files, own) = (Arc::clone(&self.0), key.to_owned());
        blocking(move || work(&files, &own)).await.map_err(|error| {
            Fault::new("blob_io", format!("blob `{key}` was not {what}: {error}")).retryable()
        })
    }
}

#[async_trait]
impl BlobStore for FsBlobStore {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Fault> {
        blob_key(key)?;
        let bytes = bytes.to_vec();
        let put = move |files: &Files, key: &str| {
            files.exclusively(|folder| folder.replace(key, &[&bytes]))
        };
        self.with("kept", key, put).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        blob_key(key)?;
        self.with("read", key, Files::read).await
    }

    async fn delete(&self, key: &str) -> Result<(), Fault> {
        blob_key(key)?;
        let delete = |files: &Files, key: &str| files.exclusively(|folder| folder.remove(key));
        self.with("deleted", key, delete).await
    }

    async fn exists(&self, key: &str) -> Result<bool, Fault> {
        blob_key(key)?;
        self.with("looked for", key, Files::exists).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        self.with("listed", prefix, Files::keys).await
    }
}
