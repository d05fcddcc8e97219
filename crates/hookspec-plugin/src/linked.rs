//! [`Linked`]: plugins that are in the program because a crate with them is linked.
//!
//! `#[plugin]` registers one for each `impl` it stands above, before `main` runs. The host finds a
//! manifest's `entry_point` among them.
//!
//! **Absent**: plugins of other runtimes, and any choice among those that are here (the host's).

use std::fmt;
use std::sync::Arc;

use crate::manifest::Manifest;
use crate::name::{HookName, KindName};
use crate::plugin::Plugin;

/// Makes a new instance of a linked plugin. Reload and restart make further ones.
///
/// # Errors
/// Why there can be none: what to change about the plugin's type, or about its manifest.
pub type Constructor = fn(Manifest) -> Result<Arc<dyn Plugin>, LoadError>;

/// A plugin that a linked crate registered.
///
/// A crate that nothing in the program names is not linked: `use the_crate as _;` names it.
#[derive(Clone, Debug)]
pub struct Linked {
    kind: &'static str,
    entry_point: &'static str,
    manifest: fn() -> Manifest,
    constructor: Constructor,
    type_name: fn() -> &'static str,
    hooks: fn() -> &'static [HookName],
    digests: &'static [(&'static str, &'static str)],
}

inventory::collect!(Linked);

impl Linked {
    /// A plugin of a kind, found by `entry_point`.
    pub const fn new(
        kind: &'static str,
        entry_point: &'static str,
        manifest: fn() -> Manifest,
        constructor: Constructor,
    ) -> Self {
        Self {
            kind,
            entry_point,
            manifest,
            constructor,
            type_name: || "",
            hooks: || &[],
            digests: &[],
        }
    }

    /// What the macro knows besides: the name of the type, the hooks that it implements, and, for
    /// every hook of the kind, the digest of what its types were generated from.
    #[must_use]
    pub const fn described(
        self,
        type_name: fn() -> &'static str,
        hooks: fn() -> &'static [HookName],
        digests: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { type_name, hooks, digests, ..self }
    }

    /// Every plugin that a linked crate registered, by entry point, then kind.
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>.into_iter().collect();
        all.sort_by_key(|each| (each.entry_point, each.kind));
        all
    }

    /// The kind it implements. One type may implement several: it is registered once for each.
    pub fn kind(&self) -> KindName {
        KindName::from_static(self.kind)
    }

    /// What a manifest's `entry_point` names it by: `crate::module:Type`, unless its own manifest
    /// says otherwise.
    pub const fn entry_point(&self) -> &'static str {
        self.entry_point
    }

    /// The manifest that it was declared with.
    pub fn manifest(&self) -> Manifest {
        (self.manifest)()
    }

    /// The Rust name of the type; empty where it is not [`described`](Self::described).
    pub fn type_name(&self) -> &'static str {
        (self.type_name)()
    }

    /// The hooks that it implements, each with the digest of what its types were generated from.
    pub fn hooks(&self) -> Vec<(String, String)> {
        let digest = |hook: &str| self.digests.iter().find(|(name, _)| *name == hook);
        let hooks = (self.hooks)().iter().map(HookName::as_str);
        hooks.map(|hook| (hook.into(), digest(hook).map_or("", |(_, of)| of).into())).collect()
    }

    /// How an instance is made.
    pub const fn constructor(&self) -> Constructor {
        self.constructor
    }
}

/// Why a plugin could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    reason: String,
}

impl LoadError {
    /// What is wrong, and what to do.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.reason)
    }
}

impl std::error::Error for LoadError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: Manifest) -> Result<Arc<dyn Plugin>, LoadError> {
        Err(LoadError::new("there is none"))
    }

    inventory::submit! { Linked::new("b", "own:Type", || Manifest::new("one", "b"), none) }
    inventory::submit! { Linked::new("a", "own:Type", || Manifest::new("two", "a"), none) }

    #[test]
    fn what_is_registered_is_found_in_one_order() {
        let found: Vec<_> = Linked::all().iter().map(|each| each.kind().to_string()).collect();
        assert_eq!(found, ["a", "b"]);
        let first = Linked::all()[0];
        assert_eq!((first.entry_point(), first.manifest().name.as_str()), ("own:Type", "two"));
        let refused = first.constructor()(first.manifest()).err();
        assert_eq!(refused.map(|error| error.to_string()).as_deref(), Some("there is none"));
    }
}
