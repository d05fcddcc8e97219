//! [`Sources`]: where the plugins of a registry come from, and their registration.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hookspec_plugin::{Plugin, PluginName};
use hookspec_spec::PluginFolder;

use super::configured::{self, Checks};
use super::folder::Searched;
use super::linked::{Made, Wanted};
use super::load::{Origin, manifest_of, name_of};
use super::register::admit;
use super::shared::Shared;
use crate::error::{RegistrationError, StartError};

/// Where plugins come from.
pub(super) struct Sources {
    pub(super) plugins: Vec<Arc<dyn Plugin>>,
    pub(super) linked: Wanted,
    pub(super) folders: Vec<PluginFolder>,
    pub(super) checks: Checks,
}

impl Sources {
    /// The names that the application itself gave.
    pub(super) fn names(&self) -> BTreeSet<PluginName> {
        let manifests = self.linked.manifests.iter().map(|manifest| manifest.name.clone());
        self.plugins.iter().map(name_of).chain(manifests).collect()
    }

    /// Registers what needs no opening.
    pub(super) fn register(self, shared: &Shared, searched: &Searched) -> Result<(), StartError> {
        let (linked, refused) = self.linked.make(searched.names());
        let given = self.plugins.into_iter().map(|plugin| (plugin, Origin::Value));
        let plugins: Vec<Made> = given.chain(linked).collect();
        let manifests = plugins.iter().filter_map(|(plugin, _)| manifest_of(plugin));
        let manifests: Vec<_> = manifests.chain(searched.manifests().cloned()).collect();
        for warning in configured::check(shared, &manifests, self.folders.is_empty(), self.checks)?
        {
            tracing::warn!("{warning}");
        }
        register(shared, plugins.into_iter(), searched, refused)
    }
}

fn register(
    shared: &Shared,
    plugins: impl Iterator<Item = Made>,
    searched: &Searched,
    mut errors: Vec<RegistrationError>,
) -> Result<(), StartError> {
    let mut entries = BTreeMap::new();
    for (plugin, origin) in plugins {
        match admit(shared, plugin, origin) {
            Ok(entry) => {
                if let Some(first) = entries.insert(entry.name.clone(), entry) {
                    errors.push(RegistrationError::ManifestInvalid {
                        plugin: first.name.clone(),
                        field: "name",
                        reason: "name: already registered by another plugin; names are unique"
                            .into(),
                    });
                }
            }
            Err(error) => errors.push(error),
        }
    }
    let settings = &shared.settings;
    let found: BTreeSet<&PluginName> = searched.names().collect();
    let unknown = |name: &&PluginName| !entries.contains_key(*name) && !found.contains(name);
    for name in settings.config.keys().filter(unknown) {
        tracing::warn!(plugin = %name, "there is configuration for a plugin that is not registered");
    }
    for name in settings.isolation.keys().filter(unknown) {
        tracing::warn!(plugin = %name, "there is an isolation for a plugin that is not registered");
    }
    for name in settings.time_limits.names().filter(unknown) {
        tracing::warn!(plugin = %name, "there is a time limit for a plugin that is not registered");
    }
    for name in settings.shadows.iter().filter(unknown) {
        tracing::warn!(plugin = %name, "there is a shadow that is not registered");
    }
    for kind in settings.policies.keys() {
        if shared.catalog().majors(kind.as_str()).is_empty() {
            tracing::warn!(%kind, "there is a routing policy for a kind that no hookspec declares");
        }
    }
    if !errors.is_empty() {
        return Err(StartError::Registration { errors });
    }
    shared.enter_all(entries.into_values());
    Ok(())
}
