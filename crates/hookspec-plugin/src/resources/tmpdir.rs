//! [`TmpDir`]: a folder for as long as the plugin runs.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::fault::Fault;

/// A folder of the plugin's own: there when it is set up, removed with all it holds after its
/// teardown.
pub trait TmpDir: Send + Sync + 'static {
    /// The folder.
    fn path(&self) -> &Path;

    /// Makes an empty file with a name of its own in the folder.
    ///
    /// # Errors
    /// `tmpdir_name`: it is no plain file name. `tmpdir_io`: it is there already, or could not be
    /// made; the message says why.
    fn create_file(&self, name: &str) -> Result<PathBuf, Fault>;

    /// Makes a folder in the folder.
    ///
    /// # Errors
    /// As [`create_file`](TmpDir::create_file).
    fn create_subdir(&self, name: &str) -> Result<PathBuf, Fault>;
}

impl fmt::Debug for dyn TmpDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TmpDir").field(&self.path()).finish()
    }
}
