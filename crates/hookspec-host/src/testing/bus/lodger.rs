//! [`Lodger`]: a plugin of any kind, on a bus whose registry knows none.

use hookspec_plugin::{
    BoxFuture, Call, Context, EVENT, Fault, Health, HookFuture, HookName, Manifest, Plugin,
    Reconfigured, RuntimeName, Subscription, Teardown,
};
use hookspec_spec::{Catalog, Source};
use serde_json::{Map, Value};

/// A plugin as it is, but for its kind: of its hooks only `$event` is there.
pub(super) struct Lodger<P> {
    plugin: P,
    manifest: Manifest,
    hooks: Vec<HookName>,
}

const KIND: &str = "under_test";

/// The kind that lodgers are of. Its hook is never called: a kind has one.
pub(super) fn kind() -> Catalog {
    let yaml = format!(
        "kind: {KIND}\nkind_api_version: 1.0.0\nhooks:\n  - name: unused\n    \
         dispatch: broadcast_notify\n"
    );
    let source = Source::new(format!("{KIND}/v1.yaml"), yaml);
    // A test reads it: it is well formed.
    Catalog::from_sources([source]).unwrap_or_else(|_| Catalog::empty())
}

impl<P: Plugin> Lodger<P> {
    pub(super) fn new(plugin: P) -> Self {
        let own = plugin.manifest();
        let manifest = Manifest {
            kind: KIND.into(),
            kind_api_version: "1".into(),
            // What it needs of a host and of other plugins is not what is tested.
            core_version: String::new(),
            runtime: RuntimeName::InProcess,
            depends_on: Vec::new(),
            chain_wrap: None,
            fallback: false,
            ..own.clone()
        };
        let hooks = plugin.hooks().iter().filter(|hook| **hook == EVENT).cloned().collect();
        Self { plugin, manifest, hooks }
    }
}

impl<P: Plugin> Plugin for Lodger<P> {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        &self.hooks
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        self.plugin.setup(context)
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        self.plugin.call(call)
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        self.plugin.subscriptions()
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        self.plugin.matches(call)
    }

    fn facts(&self) -> Map<String, Value> {
        self.plugin.facts()
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.plugin.health()
    }

    fn on_config_change<'a>(
        &'a self,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        self.plugin.on_config_change(config)
    }

    fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        self.plugin.quiesce()
    }

    fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        self.plugin.resume()
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        self.plugin.teardown()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_kind_of_lodgers_is_well_formed() {
        assert_eq!(super::kind().majors(super::KIND), [1]);
    }
}
