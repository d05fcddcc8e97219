//! The host's end: [`Dylib`] opens shared libraries and makes plugins of what they hold.

mod answer;
mod asked;
mod calls;
mod cause;
mod descriptor;
mod events;
mod file;
mod image;
mod lent;
mod library;
mod plugin;
mod remote;
mod requests;
mod side;
mod slots;
mod spans;
mod standard;

use std::future::ready;
use std::path::Path;
use std::sync::Arc;

use hookspec_plugin::{BoxFuture, LoadEnv, LoadError, Manifest, Plugin, Runtime, RuntimeName};

use self::plugin::DylibPlugin;

/// The runtime `dylib`: plugins in shared libraries (`docs/dylib-abi.md`).
///
/// The manifest's `entry_point` is a file in the plugin's folder. What is opened is a private copy
/// of it, made of the very bytes whose SHA-256 was compared, so that replacing the file changes
/// nothing that runs; a reload then opens the new one beside the old.
///
/// A library is never unmapped while the process lives: a thread it started, or a value of its own
/// in thread-local storage, may need its code at any time, and nobody can know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dylib(());

impl Dylib {
    /// The runtime.
    pub const fn new() -> Self {
        Self(())
    }
}

impl Runtime for Dylib {
    fn name(&self) -> RuntimeName {
        RuntimeName::Dylib
    }

    /// Opens the library and finds the plugin that the manifest names in it.
    ///
    /// # Errors
    /// The file is not where it may be, is not what is pinned, is no library, or was built for
    /// another interface, another kind or another name. Nothing of it has run then but for what
    /// every library runs by itself while it is opened, and the function that says what it holds.
    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        folder: &'a Path,
        env: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        Box::pin(ready(open(manifest, folder, env).map_err(LoadError::new)))
    }
}

fn open(manifest: &Manifest, folder: &Path, env: &LoadEnv) -> Result<Vec<Arc<dyn Plugin>>, String> {
    let file = file::read(manifest, folder)?;
    file.compare(manifest.sha256.as_deref(), "its manifest")?;
    file.compare(env.pinned.get(&manifest.name).map(String::as_str), "this host")?;
    image::check(&file.bytes).map_err(|why| format!("{}: {why}", file.path.display()))?;
    let library = library::open(&file)?;
    let found = descriptor::find(library, manifest, env)
        .map_err(|why| format!("{}: {why}", file.path.display()))?;
    Ok(vec![Arc::new(DylibPlugin::new(manifest.clone(), found, file))])
}
