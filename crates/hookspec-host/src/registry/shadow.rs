//! Shadows: who may run as one (SHADOW-4).

use hookspec_plugin::{HookName, Manifest, PluginName};
use hookspec_spec::{DispatchClass, Kind};

use super::builder::RegistryBuilder;
use crate::error::RegistrationError;

impl RegistryBuilder {
    /// Runs a plugin as a shadow: it is called in its chains, and what it would have done is in
    /// [`Chained::shadowed`](crate::Chained::shadowed); nothing of it is applied.
    ///
    /// Only a plugin whose hooks are all of class `chain` can be one; another is refused when it is
    /// registered. The configuration file may say `shadow = false`.
    #[must_use]
    pub fn shadow(mut self, plugin: impl Into<PluginName>) -> Self {
        self.configuring.shadows.insert(plugin.into());
        self
    }
}

/// Refuses a shadow whose answers somebody would wait for.
pub(super) fn check(
    manifest: &Manifest,
    kind: &Kind,
    hooks: &[HookName],
) -> Result<(), RegistrationError> {
    let of_a_chain = |hook: &&HookName| {
        kind.hook(hook.as_str()).is_some_and(|own| own.dispatch == DispatchClass::Chain)
    };
    let others: Vec<&str> =
        hooks.iter().filter(|hook| !of_a_chain(hook)).map(HookName::as_str).collect();
    if others.is_empty() {
        return Ok(());
    }
    let others = others.join(", ");
    Err(RegistrationError::ManifestInvalid {
        plugin: manifest.name.clone(),
        field: "shadow",
        reason: format!(
            "shadow: the application runs it as a shadow, and `{others}` is of no chain; only a \
             plugin whose hooks are all of class chain can be one"
        ),
    })
}
