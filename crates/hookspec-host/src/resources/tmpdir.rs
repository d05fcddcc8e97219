//! [`PluginTmpDir`]: a folder for as long as a plugin instance runs.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use hookspec_plugin::resources::TmpDir;
use hookspec_plugin::{Fault, PluginName, Resource};
use tempfile::TempDir;

/// A folder for as long as a plugin instance runs; made by its setup, removed by [`close`] after
/// its teardown, and at the latest when the instance is dropped.
///
/// [`close`]: PluginTmpDir::close
pub(crate) struct PluginTmpDir {
    path: PathBuf,
    // Taken by `close`.
    folder: Mutex<Option<TempDir>>,
}

impl PluginTmpDir {
    pub(crate) fn make(plugin: &PluginName) -> Result<Self, String> {
        // A name that is no file name only makes the folder harder to recognise.
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name: String = plugin.as_str().chars().filter(plain).take(40).collect();
        let folder = tempfile::Builder::new()
            .prefix(&format!("hookspec-{name}-"))
            .tempdir()
            .map_err(|error| format!("no temporary folder could be made for it: {error}"))?;
        Ok(Self { path: folder.path().to_owned(), folder: Mutex::new(Some(folder)) })
    }

    pub(crate) fn lent(folder: Arc<Self>) -> Resource {
        Resource::new::<dyn TmpDir>(folder)
    }

    /// One that stands for all of them when their type is asked for.
    pub(crate) fn sample() -> Resource {
        Self::lent(Arc::new(Self { path: PathBuf::new(), folder: Mutex::new(None) }))
    }

    /// Removes the folder and all it holds.
    pub(crate) fn close(&self) -> io::Result<()> {
        let folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner).take();
        folder.map_or(Ok(()), TempDir::close)
    }

    fn inside(&self, name: &str) -> Result<PathBuf, Fault> {
        let mut parts = Path::new(name).components();
        // Compared with the whole name, so that nothing that is cleaned away is let through.
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(only)), None) if only == name => Ok(self.path.join(name)),
            _ => Err(Fault::new(
                "tmpdir_name",
                format!(
                    "`{}` is no plain name of a file: write one without `/`",
                    name.escape_debug()
                ),
            )),
        }
    }
}

impl TmpDir for PluginTmpDir {
    fn path(&self) -> &Path {
        &self.path
    }

    fn create_file(&self, name: &str) -> Result<PathBuf, Fault> {
        let path = self.inside(name)?;
        match fs::File::create_new(&path) {
            Ok(_) => Ok(path),
            Err(error) => Err(failed(name, &error)),
        }
    }

    fn create_subdir(&self, name: &str) -> Result<PathBuf, Fault> {
        let path = self.inside(name)?;
        match fs::create_dir(&path) {
            Ok(()) => Ok(path),
            Err(error) => Err(failed(name, &error)),
        }
    }
}

fn failed(name: &str, error: &io::Error) -> Fault {
    Fault::new("tmpdir_io", format!("`{name}` was not made in the temporary folder: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_outside_the_folder() {
        let folder = PluginTmpDir::make(&PluginName::new("a/../b")).unwrap();
        for name in ["", ".", "..", "../x", "a/b", "/etc/x", "a/", "./a", "a\0b"] {
            let code = folder.create_file(name).unwrap_err().code().to_owned();
            assert!(["tmpdir_name", "tmpdir_io"].contains(&code.as_str()), "{name:?}: {code}");
            assert!(folder.create_subdir(name).is_err(), "{name:?}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(folder.path().file_name().unwrap().to_str().unwrap().starts_with("hookspec-ab-"));
    }

    #[test]
    fn what_is_there_is_not_made_again_and_everything_goes_with_the_folder() {
        let folder = PluginTmpDir::make(&PluginName::new("p")).unwrap();
        let inner = folder.create_subdir("inner").unwrap();
        fs::write(inner.join("file"), "text").unwrap();
        assert_eq!(folder.create_file("inner").unwrap_err().code(), "tmpdir_io");
        folder.close().unwrap();
        folder.close().unwrap();
        assert!(!folder.path().exists());
        assert_eq!(folder.create_file("late").unwrap_err().code(), "tmpdir_io");
    }
}
