//! [`FileCheckpoints`]: states in a folder, which outlast the process.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use hookspec_plugin::{Checkpoint, CheckpointStore, CheckpointVersion, Fault};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{key as check, state as bounded};
use crate::files::{Files, blocking};

/// Keeps states in a folder, one file for each key: `<plugin>,<key>.checkpoint`.
///
/// - A state replaces the one before it whole or not at all, whenever the process is killed, and is
///   on the disk when `save` answers (CHECKPOINT-1, CHECKPOINT-2).
/// - Processes that share the folder write one after the other, under an advisory lock on it; a
///   save that waits longer than ten seconds is a `checkpoint_io` (CHECKPOINT-4).
/// - What is damaged is told as `checkpoint_corrupt`, never as a state (CHECKPOINT-3). A `save`
///   replaces it, counting from 1; `list` shows it as version 0, which no `save` answers.
/// - After a `clear`, versions count from 1 again.
///
/// The file system must rename and lock as local ones do; what was tested is Linux.
#[derive(Clone, Debug)]
pub struct FileCheckpoints(Arc<Files>);

impl FileCheckpoints {
    /// A store in a folder. It is made, with the folders above it, by the first `save`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Files::new(folder.into(), ".checkpoint")))
    }
}

/// The first line of a file; the state is the rest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// Of this form: 1.
    checkpoint: u32,
    version: u64,
    /// Of the version and the state.
    sha256: String,
}

const FORM: u32 = 1;

impl Header {
    fn of(version: u64, state: &[u8]) -> Self {
        Self { checkpoint: FORM, version, sha256: digest(version, state) }
    }

    /// The header and the state behind it, if the file is whole.
    fn split(content: &[u8]) -> Result<(Self, &[u8]), String> {
        let end = content.iter().position(|byte| *byte == b'\n').ok_or("it has no first line")?;
        let (line, state) = (&content[..end], &content[end + 1..]);
        let header: Self = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        if header.checkpoint != FORM {
            return Err(format!("it is of form {}, and this is {FORM}", header.checkpoint));
        }
        if header.version == 0 || header.sha256 != digest(header.version, state) {
            return Err("its digest is another than that of its content".into());
        }
        Ok((header, state))
    }
}

fn digest(version: u64, state: &[u8]) -> String {
    let digest = Sha256::new().chain_update(version.to_le_bytes()).chain_update(state).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn version(content: &[u8]) -> u64 {
    Header::split(content).map_or(0, |(header, _)| header.version)
}

fn failed(what: &str, key: &str, error: &io::Error) -> Fault {
    Fault::new("checkpoint_io", format!("checkpoint `{key}` was not {what}: {error}")).retryable()
}

#[async_trait]
impl CheckpointStore for FileCheckpoints {
    async fn save(&self, key: &str, state: &Value) -> Result<CheckpointVersion, Fault> {
        check(key)?;
        bounded(key, state)?;
        let state = serde_json::to_vec(state)?;
        let (files, own) = (Arc::clone(&self.0), key.to_owned());
        let saved = blocking(move || {
            files.exclusively(|folder| {
                let before = files.read(&own)?;
                let next = before.map_or(0, |content| version(&content)).saturating_add(1);
                let mut header = serde_json::to_vec(&Header::of(next, &state))?;
                header.push(b'\n');
                folder.replace(&own, &[&header, &state])?;
                Ok(CheckpointVersion(next))
            })
        });
        saved.await.map_err(|error| failed("saved", key, &error))
    }

    async fn load(&self, key: &str) -> Result<Option<Checkpoint>, Fault> {
        check(key)?;
        let (files, own) = (Arc::clone(&self.0), key.to_owned());
        let content = blocking(move || files.read(&own)).await;
        let Some(content) = content.map_err(|error| failed("loaded", key, &error))? else {
            return Ok(None);
        };
        let read = Header::split(&content).and_then(|(header, state)| {
            let state = serde_json::from_slice(state).map_err(|error| error.to_string())?;
            Ok(Checkpoint { state, version: CheckpointVersion(header.version) })
        });
        read.map(Some).map_err(|why| {
            let message = format!("checkpoint `{key}` is damaged: {why}; clear it, or mend it");
            Fault::new("checkpoint_corrupt", message)
        })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(String, CheckpointVersion)>, Fault> {
        let (files, own) = (Arc::clone(&self.0), prefix.to_owned());
        let listed = blocking(move || {
            let mut found = Vec::new();
            for key in files.keys(&own)? {
                // One that was cleared meanwhile is not there any more.
                if let Some(content) = files.read(&key)? {
                    found.push((key, CheckpointVersion(version(&content))));
                }
            }
            Ok(found)
        });
        listed.await.map_err(|error| failed("listed", prefix, &error))
    }

    async fn clear(&self, key: &str) -> Result<(), Fault> {
        check(key)?;
        let (files, own) = (Arc::clone(&self.0), key.to_owned());
        let cleared = blocking(move || files.exclusively(|folder| folder.remove(&own)));
        cleared.await.map_err(|error| failed("cleared", key, &error))
    }
}
