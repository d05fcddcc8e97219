//! Plugins that linked crates registered: made from their own manifests, or from one that is given.
//!
//! Makes instances and nothing else; whether they are admitted is decided as for every plugin.

use std::collections::BTreeSet;
use std::sync::Arc;

use hookspec_plugin::{KindName, Linked, Manifest, Plugin, PluginName, RuntimeName};

use super::load::Origin;
use crate::error::RegistrationError;
use crate::panic::contain_text;

/// A plugin that was made, and how it is made again.
pub(super) type Made = (Arc<dyn Plugin>, Origin);

/// What a builder was asked to make.
#[derive(Default)]
pub(super) struct Wanted {
    /// Everything that is linked.
    pub(super) all: bool,
    /// What these manifests name.
    pub(super) manifests: Vec<Manifest>,
}

impl Wanted {
    /// Makes the plugins; of those that cannot be made, says why.
    ///
    /// `replaced` are names that other manifests give: theirs counts, not a linked plugin's own.
    pub(super) fn make<'a>(
        self,
        replaced: impl Iterator<Item = &'a PluginName>,
    ) -> (Vec<Made>, Vec<RegistrationError>) {
        let (mut plugins, mut errors) = (Vec::new(), Vec::new());
        let linked = Linked::all();
        let given = self.manifests.iter().map(|each| each.name.clone());
        let named: BTreeSet<PluginName> = given.chain(replaced.cloned()).collect();
        let mut sort = |made| match made {
            Ok(plugin) => plugins.push(plugin),
            Err(error) => errors.push(error),
        };
        for manifest in self.manifests {
            let origin = Origin::Manifest(Box::new(manifest.clone()));
            sort(one_of(&linked, manifest).map(|made| (made, origin)));
        }
        for found in linked.iter().copied().filter(|_| self.all) {
            match own_manifest(found) {
                // One that was given replaces its own, and one of another runtime is for that.
                Ok(own) if named.contains(&own.name) || !is_in_process(&own) => {}
                Ok(own) => {
                    let origin = Origin::Linked { entry_point: found.entry_point() };
                    sort(construct(found, own).map(|made| (made, origin)));
                }
                Err(error) => sort(Err(error)),
            }
        }
        (plugins, errors)
    }
}

/// Makes the plugin that a manifest names.
pub(super) fn one(manifest: Manifest) -> Result<Arc<dyn Plugin>, RegistrationError> {
    one_of(&Linked::all(), manifest)
}

/// Makes a plugin again that was made with its own manifest, from what that is now.
pub(super) fn own(
    entry_point: &str,
    name: &PluginName,
    kind: &KindName,
) -> Result<Arc<dyn Plugin>, RegistrationError> {
    let linked = Linked::all();
    let fits = |each: &&&Linked| each.entry_point() == entry_point && each.kind() == *kind;
    let named = |each: &Linked| own_manifest(each).is_ok_and(|manifest| manifest.name == *name);
    match linked.iter().filter(fits).find(|each| named(each)) {
        Some(found) => construct(found, own_manifest(found)?),
        None => Err(RegistrationError::NotConstructed {
            plugin: name.clone(),
            reason: format!("what `{entry_point}` registers has another name now"),
        }),
    }
}

fn one_of(
    linked: &[&'static Linked],
    manifest: Manifest,
) -> Result<Arc<dyn Plugin>, RegistrationError> {
    find(linked, &manifest).and_then(|found| construct(found, manifest))
}

fn is_in_process(manifest: &Manifest) -> bool {
    manifest.runtime == RuntimeName::InProcess
}

fn own_manifest(found: &Linked) -> Result<Manifest, RegistrationError> {
    contain_text(|| found.manifest()).map_err(|message| RegistrationError::NotConstructed {
        plugin: PluginName::new(found.entry_point()),
        reason: format!("it panicked while it was asked for its manifest: {message}"),
    })
}

fn construct(found: &Linked, manifest: Manifest) -> Result<Arc<dyn Plugin>, RegistrationError> {
    let plugin = manifest.name.clone();
    let failed = |reason| RegistrationError::NotConstructed { plugin, reason };
    match contain_text(|| found.constructor()(manifest)) {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(message) => Err(failed(format!("its constructor panicked: {message}"))),
    }
}

fn find<'a>(linked: &[&'a Linked], manifest: &Manifest) -> Result<&'a Linked, RegistrationError> {
    let invalid = |field, reason: String| RegistrationError::ManifestInvalid {
        plugin: manifest.name.clone(),
        field,
        reason,
    };
    if !is_in_process(manifest) {
        return Err(invalid(
            "runtime",
            format!(
                "runtime: only in_process plugins are made from a manifest alone, and this is {}",
                manifest.runtime
            ),
        ));
    }
    let Some(entry_point) = manifest.entry_point.as_deref() else {
        let reason = "entry_point: it is missing, and nothing else says which plugin is meant; \
                      write path:Type";
        return Err(invalid("entry_point", reason.into()));
    };
    let fits = |each: &&&Linked| each.entry_point() == entry_point && each.kind() == manifest.kind;
    let mut found = linked.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(invalid(
            "entry_point",
            format!(
                "entry_point: several linked crates register `{entry_point}` for kind `{}`; \
                 give each an entry_point of its own in its #[plugin]",
                manifest.kind
            ),
        )),
        (None, _) => Err(RegistrationError::NotLinked {
            plugin: manifest.name.clone(),
            kind: manifest.kind.to_string(),
            the_crate: crate_of(entry_point).to_owned(),
            entry_point: entry_point.to_owned(),
            known: linked
                .iter()
                .map(|each| format!("{} (kind {})", each.entry_point(), each.kind()))
                .collect(),
        }),
    }
}

/// The crate that an entry point is in: what a `use` would name.
fn crate_of(entry_point: &str) -> &str {
    entry_point.split([':', '.', '/']).next().unwrap_or(entry_point)
}
