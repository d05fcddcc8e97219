//! One file: whoever can read it, does.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hookspec::kinds::file_processor::{File, FileProcessorCalls};
use hookspec::{Caller, CauseClass, DispatchError};

use crate::media_type;
use crate::row::Outcome;

/// How files are read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) calls: FileProcessorCalls,
    /// With the token that Ctrl-C cancels.
    pub(crate) caller: Caller,
    pub(crate) max_bytes: u64,
}

impl Reading {
    /// Lets the plugin that can read a file say what is in it.
    pub(crate) async fn read(&self, path: &Path, size: Option<u64>) -> Outcome {
        if self.is_interrupted() {
            return Outcome::Interrupted;
        }
        if size.is_some_and(|size| size > self.max_bytes) {
            return too_large(self.max_bytes);
        }
        let file = match file(path, self.max_bytes).await {
            Ok(file) => file,
            Err(outcome) => return outcome,
        };
        match self.calls.process(&self.caller, file).await {
            Ok(answer) => Outcome::Read {
                plugin: answer.plugin,
                kind: answer.value.kind.clone(),
                summary: answer.value.summary.clone(),
            },
            Err(DispatchError::PluginFailed { failure, .. }) => match failure.cause.class() {
                CauseClass::Cancelled if self.is_interrupted() => Outcome::Interrupted,
                _ => Outcome::Failed {
                    cause: failure.cause.name(),
                    reason: failure.cause.to_string(),
                    plugin: Some(failure.plugin),
                },
            },
            Err(DispatchError::NoCapableHandler { .. }) => {
                Outcome::passed_over("no plugin can read it")
            }
            Err(error) => {
                Outcome::Failed { plugin: None, cause: error.code(), reason: error.to_string() }
            }
        }
    }

    fn is_interrupted(&self) -> bool {
        self.caller.cancellation().is_some_and(hookspec::CancellationToken::is_cancelled)
    }
}

/// What plugins are asked with: the path, which they read themselves. A path that is no UTF-8 cannot
/// be said in JSON; then it is the text of the file that they are given.
async fn file(path: &Path, max_bytes: u64) -> Result<File, Outcome> {
    let content = match path.to_str() {
        Some(_) => None,
        None => Some(content(path.to_owned(), max_bytes).await?),
    };
    Ok(File {
        path: path.to_string_lossy().into_owned(),
        extension: path.extension().map(|extension| extension.to_string_lossy().into_owned()),
        language: None,
        mime_type: media_type::of(path).map(str::to_owned),
        content,
        capabilities: None,
    })
}

fn too_large(max_bytes: u64) -> Outcome {
    Outcome::unreadable(format!("larger than {max_bytes} bytes, not read"))
}

async fn content(path: PathBuf, max_bytes: u64) -> Result<String, Outcome> {
    /// As long as a plugin has.
    const LIMIT: Duration = Duration::from_secs(10);
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        // Limited while reading: the file may grow after somebody looked at its size. One byte more
        // than may be tells that it did.
        std::fs::File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    });
    let bytes = match tokio::time::timeout(LIMIT, read).await {
        Ok(Ok(Ok(bytes))) => bytes,
        Ok(Ok(Err(error))) => return Err(Outcome::unreadable(error.to_string())),
        Ok(Err(error)) => return Err(Outcome::unreadable(error.to_string())),
        Err(_) => return Err(Outcome::unreadable("reading it takes too long")),
    };
    if bytes.len() as u64 > max_bytes {
        return Err(too_large(max_bytes));
    }
    String::from_utf8(bytes).map_err(|_| {
        let why = "neither its name nor what is in it is UTF-8, so no plugin can be told of it";
        Outcome::passed_over(why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_grew_is_not_read_in_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(content(path.clone(), 10).await.unwrap(), "0123456789");
        let Err(outcome) = content(path.clone(), 9).await else { panic!("a part of it was read") };
        assert_eq!(outcome.name(), "failed");
        assert_eq!(content(path, u64::MAX).await.unwrap().len(), 10);
    }
}
