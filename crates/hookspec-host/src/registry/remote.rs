//! Resources for plugins that do not share their types.

use std::sync::Arc;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{RemoteResource, Resource};

use super::builder::RegistryBuilder;

impl RegistryBuilder {
    /// Lends a resource that is asked by JSON to the plugins that declare its name: those in shared
    /// libraries see no other.
    ///
    /// Beside an object that [`resource`](Self::resource) lends under the same name it is another
    /// form of that. Say it afterwards: `replace_resource` replaces both.
    #[must_use]
    pub fn remote_resource(
        mut self,
        name: impl Into<String>,
        remote: Arc<dyn RemoteResource>,
    ) -> Self {
        let name = name.into();
        let own = self.lending.resources.remove(&name).and_then(|mut own| own.take());
        let resource = match own {
            Some(own) => own.with_remote(remote),
            None => Resource::new(remote),
        };
        self.lending.resources.insert(name, Guarded::new(resource));
        self
    }
}
