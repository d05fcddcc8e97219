//! Plugins from folders: found and opened when the registry starts.
//!
//! What is wrong with one plugin never fails the start: it is in the registry as `unavailable`, or,
//! where not even that can be, among what was [skipped](SkippedPlugin).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, HookFuture, HookName, Manifest, Plugin, PluginName,
};
use hookspec_spec::{Found, PluginFolder};
use serde::Serialize;

use super::entry::Entry;
use super::lifecycle::TURNED_OFF;
use super::load::{Opened, Origin, name_of, open};
use super::register::{admit, stand_in};
use super::shared::Shared;
use crate::error::{RegistrationError, StartError};
use crate::order;
use crate::state::State;

/// How many plugins of one runtime are opened at once.
const AT_ONCE: usize = 32;

/// What a plugin folder holds and the registry does not: a manifest or a folder that cannot be
/// read, a name that is registered already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkippedPlugin {
    /// The manifest file, or the folder.
    pub path: PathBuf,
    /// The plugin, where its name is known.
    pub plugin: Option<String>,
    /// Why, and what to do.
    pub reason: String,
}

/// What the folders of a builder hold.
#[derive(Default)]
pub(super) struct Searched {
    found: Vec<Found>,
    skipped: Vec<SkippedPlugin>,
}

impl Searched {
    /// Searches folders, in the order they were added; `taken` are names that other plugins have.
    pub(super) fn search(
        folders: &[PluginFolder],
        mut taken: BTreeSet<PluginName>,
    ) -> Result<Self, StartError> {
        let mut searched = Self::default();
        for folder in folders {
            let discovery = folder.discover().map_err(|diagnostics| StartError::PluginFolder {
                folder: folder.root().to_owned(),
                diagnostics,
            })?;
            for problem in discovery.problems {
                let reason = problem.diagnostics.to_string();
                searched.skip(problem.path, None, reason);
            }
            for mut found in discovery.found {
                // A reload finds it wherever the process has gone meanwhile.
                found.path = std::path::absolute(&found.path).unwrap_or(found.path);
                for warning in &found.warnings {
                    tracing::warn!(plugin = %found.manifest.name, "{warning}");
                }
                if taken.insert(found.manifest.name.clone()) {
                    searched.found.push(found);
                } else {
                    let reason = "a plugin of that name is already registered; names are unique";
                    searched.skip(found.path, Some(&found.manifest.name), reason.into());
                }
            }
        }
        Ok(searched)
    }

    /// The names that the manifests found give.
    pub(super) fn names(&self) -> impl Iterator<Item = &PluginName> {
        self.found.iter().map(|found| &found.manifest.name)
    }

    pub(super) fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.found.iter().map(|found| &found.manifest)
    }

    pub(super) fn found_mut(&mut self) -> impl Iterator<Item = &mut Found> {
        self.found.iter_mut()
    }

    fn skip(&mut self, path: PathBuf, plugin: Option<&PluginName>, reason: String) {
        match plugin {
            Some(plugin) => tracing::warn!(
                %plugin, path = %path.display(), error = %reason, "skipping the plugin"
            ),
            None => {
                // Its manifest does not say what it is called; people know it by its folder.
                let folder = path.is_dir().then_some(path.as_path()).or_else(|| path.parent());
                let folder = folder.and_then(Path::file_name).unwrap_or_default();
                let folder = folder.to_string_lossy();
                tracing::warn!(path = %path.display(), error = %reason, "skipping `{folder}`");
            }
        }
        let plugin = plugin.map(ToString::to_string);
        self.skipped.push(SkippedPlugin { path, plugin, reason });
    }

    /// Opens what was found, runtime by runtime, and enters it.
    ///
    /// # Errors
    /// A dependency cycle with plugins from elsewhere; nothing was opened.
    pub(super) async fn open(mut self, shared: &Shared) -> Result<(), StartError> {
        let others = shared.snapshot().plugins.clone();
        let manifests = others.values().map(|entry| &entry.manifest);
        order::plan(manifests.chain(self.found.iter().map(|found| &found.manifest)))
            .map_err(|cycle| StartError::DependencyCycle { cycle })?;
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|found| found.manifest.runtime);
        let mut entries: BTreeMap<PluginName, Arc<Entry>> = BTreeMap::new();
        let mut beside = Vec::new();
        for of_runtime in found.chunk_by(|a, b| a.manifest.runtime == b.manifest.runtime) {
            // A list of boxes: through a closure that borrows, the compiler does not see that all
            // of this may move between threads.
            let mut openings: Vec<BoxFuture<'_, _>> = Vec::with_capacity(of_runtime.len());
            for found in of_runtime {
                openings.push(Box::pin(async move {
                    // No code of a disabled plugin is touched (STATE-5).
                    match shared.is_disabled(&found.manifest.name) {
                        true => None,
                        false => Some(open(shared, &found.manifest, found.folder()).await),
                    }
                }));
            }
            let opened: Vec<_> = stream::iter(openings).buffered(AT_ONCE).collect().await;
            for (found, opened) in of_runtime.iter().zip(opened) {
                let Some(opened) = opened else {
                    let entry = turned_off(shared, found);
                    entries.insert(entry.name.clone(), entry);
                    continue;
                };
                let (entry, more) = enter(shared, found, opened);
                beside.extend(more.into_iter().map(|plugin| (found, plugin)));
                entries.insert(entry.name.clone(), entry);
            }
        }
        // After all that manifests name: a plugin beside another takes nobody's name.
        for (found, plugin) in beside {
            let name = name_of(&plugin);
            let admitted = match entries.contains_key(&name) {
                true => {
                    // Refused as `admit` refuses: what is dropped is foreign code.
                    drop(Guarded::new(plugin));
                    Err("a plugin of that name is already registered".to_owned())
                }
                false => admit(shared, plugin, origin(found)).map_err(|error| error.to_string()),
            };
            match admitted {
                Ok(entry) => drop(entries.insert(entry.name.clone(), entry)),
                Err(reason) => self.skip(found.path.clone(), Some(&name), reason),
            }
        }
        shared.enter_all(entries.into_values());
        // Nothing else sets it: a registry is made once.
        let _ = shared.skipped.set(self.skipped);
        Ok(())
    }
}

/// The entry of a plugin that is not opened.
fn turned_off(shared: &Shared, found: &Found) -> Arc<Entry> {
    let entry = stand_in(shared, &found.manifest, origin(found), TURNED_OFF.into());
    entry.status.set(State::Disabled, TURNED_OFF);
    entry
}

fn origin(found: &Found) -> Origin {
    Origin::File { path: found.path.clone(), main: found.manifest.name.clone() }
}

/// The entry of the plugin that a manifest names, opened or not, and what came with it.
fn enter(
    shared: &Shared,
    found: &Found,
    opened: Result<Opened, RegistrationError>,
) -> (Arc<Entry>, Vec<Arc<dyn Plugin>>) {
    let name = &found.manifest.name;
    let (mut main, mut beside) = (None, Vec::new());
    let mut refused = None;
    match opened {
        Ok(mut opened) => {
            for plugin in opened.take().unwrap_or_default() {
                match main {
                    None if name_of(&plugin) == *name => main = Some(plugin),
                    _ => beside.push(plugin),
                }
            }
        }
        Err(error) => refused = Some(error),
    }
    if let Some(plugin) = main {
        match admit(shared, plugin, origin(found)) {
            Ok(entry) => return (entry, beside),
            Err(error) => refused = Some(error),
        }
    }
    let reason = refused.map_or_else(|| "it was not opened".into(), |error| error.to_string());
    tracing::warn!(plugin = %name, path = %found.path.display(), error = %reason, "plugin is unavailable");
    (stand_in(shared, &found.manifest, origin(found), reason), beside)
}

/// Stands for a plugin that could not be opened: it is seen, and never called.
pub(super) struct NotOpened(pub(super) Manifest);

impl Plugin for NotOpened {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn hooks(&self) -> &[HookName] {
        &[]
    }

    fn setup<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(std::future::ready(Err(not_opened())))
    }

    fn call<'a>(&'a self, _: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(Err(not_opened()))
    }
}

fn not_opened() -> Fault {
    Fault::new("not_opened", "the plugin could not be opened")
}
