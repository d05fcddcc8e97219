//! [`discover`]: the plugins below a folder, by their manifests.
//!
//! Reads manifests and nothing else: whether a plugin's kind is known, and whether its code can be
//! opened, is not looked at here.

mod order;
mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hookspec_plugin::{Manifest, PluginName};

use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest;

/// Finds the plugins below a folder: [`PluginFolder::discover`] with nothing changed.
///
/// # Errors
/// As for [`PluginFolder::discover`].
pub fn discover(root: impl Into<PathBuf>) -> Result<Discovery, Diagnostics> {
    PluginFolder::new(root).discover()
}

/// A folder that is searched for plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginFolder {
    root: PathBuf,
    ignore: Vec<String>,
    recursive: bool,
}

/// What was found below a folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovery {
    /// The plugins, in the order in which they would start: whoever is needed by another comes
    /// before it, else by runtime, priority descending and name.
    pub found: Vec<Found>,
    /// What could not be read, by path. It does not hide the rest.
    pub problems: Vec<Problem>,
}

/// A plugin that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its manifest file.
    pub path: PathBuf,
    /// What that says.
    pub manifest: Manifest,
    /// What its author should know.
    pub warnings: Vec<Diagnostic>,
}

impl Found {
    /// The plugin's folder: where its manifest is.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }
}

/// A manifest or a folder that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The manifest file or the folder.
    pub path: PathBuf,
    /// Why, and what to do.
    pub diagnostics: Diagnostics,
}

impl PluginFolder {
    /// A folder whose subfolders are searched too.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), ignore: Vec::new(), recursive: true }
    }

    /// Also skips folders of this name. `*` stands for any characters, `?` for one; it is compared
    /// with the name of a folder, not with its path. The folders that are always skipped stay so.
    #[must_use]
    pub fn ignore(mut self, pattern: impl Into<String>) -> Self {
        self.ignore.push(pattern.into());
        self
    }

    /// Whether subfolders are searched; without this, they are.
    #[must_use]
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = recursive;
        self
    }

    /// Where the search begins.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Finds the plugins.
    ///
    /// A folder that holds `plugin.toml`, `dagstack.toml` or `dagstack.json` (the first of them
    /// counts) is a plugin, whether that can be read or not, and what is below it belongs to the
    /// plugin. Folders that hold no plugins of their own are skipped by name: what tools build,
    /// cache and check out (`target`, `node_modules`, `.git`, ...). Links to folders are followed;
    /// no folder is entered twice, so that a loop ends.
    ///
    /// # Errors
    /// The root does not exist or is no folder (`HS-M030`); two plugins have one name (`HS-M031`);
    /// plugins depend on each other in a circle (`HS-M032`). Then nothing was found at all: mend
    /// it and search again.
    pub fn discover(&self) -> Result<Discovery, Diagnostics> {
        let walked = walk::manifests(self)?;
        let mut problems = walked.problems;
        let mut found = Vec::new();
        for path in walked.manifests {
            match manifest::found(&path) {
                Ok(loaded) => {
                    let manifest::Loaded { manifest, warnings } = loaded;
                    found.push(Found { path, manifest, warnings });
                }
                Err(diagnostics) => problems.push(Problem { path, diagnostics }),
            }
        }
        twice(&found)?;
        problems.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Discovery { found: order::ordered(found)?, problems })
    }
}

impl From<PathBuf> for PluginFolder {
    fn from(root: PathBuf) -> Self {
        Self::new(root)
    }
}

impl From<&PathBuf> for PluginFolder {
    fn from(root: &PathBuf) -> Self {
        Self::new(root)
    }
}

impl From<&Path> for PluginFolder {
    fn from(root: &Path) -> Self {
        Self::new(root)
    }
}

impl From<&str> for PluginFolder {
    fn from(root: &str) -> Self {
        Self::new(root)
    }
}

impl From<String> for PluginFolder {
    fn from(root: String) -> Self {
        Self::new(root)
    }
}

/// Refuses names that several manifests have: which of them is meant would depend on chance.
fn twice(found: &[Found]) -> Result<(), Diagnostics> {
    let mut first: BTreeMap<&PluginName, &Path> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for each in found {
        let name = &each.manifest.name;
        let Some(other) = first.get(name) else {
            first.insert(name, &each.path);
            continue;
        };
        let message = format!("plugin `{name}` is in {} too", other.display());
        mistakes.push(
            Diagnostic::error(codes::PLUGIN_TWICE, message)
                .at(&each.path)
                .hint("rename one of the two, or remove it: names are unique"),
        );
    }
    Diagnostics::split(mistakes).map(drop)
}
