//! [`Runtime`]: how a host loads plugins without knowing how.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::linked::LoadError;
use crate::manifest::{Manifest, RuntimeName};
use crate::name::{HookName, KindName, PluginName};
use crate::plugin::Plugin;
use crate::reply::BoxFuture;

/// A way to load plugins: from shared libraries, as child processes.
///
/// The host finds a manifest, looks at its `runtime`, and asks the runtime of that name.
pub trait Runtime: Send + Sync + 'static {
    /// The name in a manifest.
    fn name(&self) -> RuntimeName;

    /// Opens what a manifest describes; nothing of it is set up yet. Called again for a reload,
    /// which must give new instances, also of a file that was replaced meanwhile.
    ///
    /// # Errors
    /// Why it cannot be opened, what it was built for, what this host has, and what to do.
    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        folder: &'a Path,
        env: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>>;
}

/// What a runtime may know of the host that it opens plugins for.
#[derive(Clone, Debug, Default)]
pub struct LoadEnv {
    /// The kinds that the host has, every major of them.
    pub kinds: Vec<KnownKind>,
    /// The SHA-256 that the file of a plugin must have, in hexadecimal; beyond what its manifest
    /// says.
    pub pinned: BTreeMap<PluginName, String>,
}

impl LoadEnv {
    /// A kind of the host by name and major.
    pub fn kind(&self, name: &str, major: u64) -> Option<&KnownKind> {
        self.kinds.iter().find(|kind| kind.name == name && kind.major == major)
    }

    /// The majors of a kind that the host has, ascending.
    pub fn majors(&self, name: &str) -> Vec<u64> {
        let of_it = self.kinds.iter().filter(|kind| kind.name == name);
        let mut majors: Vec<_> = of_it.map(|kind| kind.major).collect();
        majors.sort_unstable();
        majors
    }
}

/// One major of a kind, as a host has it.
#[derive(Clone, Debug)]
pub struct KnownKind {
    /// Its name.
    pub name: KindName,
    /// Its major version.
    pub major: u64,
    /// Its full version.
    pub api_version: String,
    /// Its hooks, each with the digest of what is declared of it: equal digests mean equal
    /// schemas, classes and rules.
    pub hooks: BTreeMap<HookName, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_name_and_major() {
        let kind = |name: &str, major| KnownKind {
            name: KindName::new(name),
            major,
            api_version: format!("{major}.0.0"),
            hooks: BTreeMap::new(),
        };
        let env =
            LoadEnv { kinds: vec![kind("b", 2), kind("a", 1), kind("b", 1)], ..LoadEnv::default() };
        assert_eq!(env.majors("b"), [1, 2]);
        assert_eq!(env.kind("b", 2).map(|kind| kind.api_version.as_str()), Some("2.0.0"));
        assert!(env.kind("a", 2).is_none() && env.majors("c").is_empty());
    }
}
