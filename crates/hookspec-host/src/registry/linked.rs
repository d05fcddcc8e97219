//! Plugins that linked crates registered: made from their own manifests, or from one that is given.
//!
//! Makes instances and nothing else; whether they are admitted is decided as for every plugin.

use std::sync::Arc;

use hookspec_plugin::{Linked, Manifest, Plugin, PluginName, RuntimeName};

use crate::error::RegistrationError;
use crate::panic::contain_text;

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
    pub(super) fn make(self) -> (Vec<Arc<dyn Plugin>>, Vec<RegistrationError>) {
        let (mut plugins, mut errors) = (Vec::new(), Vec::new());
        let linked = Linked::all();
        let named: Vec<PluginName> = self.manifests.iter().map(|each| each.name.clone()).collect();
        let mut sort = |made| match made {
            Ok(plugin) => plugins.push(plugin),
            Err(error) => errors.push(error),
        };
        for manifest in self.manifests {
            sort(find(&linked, &manifest).and_then(|found| construct(found, manifest)));
        }
        for found in linked.iter().copied().filter(|_| self.all) {
            match own_manifest(found) {
                // One that was given replaces its own, and one of another runtime is for that.
                Ok(own) if named.contains(&own.name) || !is_in_process(&own) => {}
                Ok(own) => sort(construct(found, own)),
                Err(error) => sort(Err(error)),
            }
        }
        (plugins, errors)
    }
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
