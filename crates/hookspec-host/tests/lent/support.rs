//! What the tests of this binary share.

use std::sync::Arc;

use async_trait::async_trait;
use hookspec_host::{Registry, RegistryBuilder};
use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Manifest, Payload, Plugin,
    Reply, ResourceNeeds, Teardown,
};
use hookspec_spec::{Catalog, Source};
use serde_json::Value;

/// What a [`Borrowing`] plugin does with its context.
#[async_trait]
pub(crate) trait Use: Send + Sync + 'static {
    async fn set_up(&self, _: &Context) -> Result<(), Fault> {
        Ok(())
    }
    async fn call(&self, ctx: &Context, input: &Value) -> Result<Value, Fault>;
    async fn tear_down(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A plugin of kind `k` with hook `h` that uses what it is lent.
pub(crate) struct Borrowing<U>(pub(crate) Manifest, pub(crate) U);

/// A manifest of kind `k` that declares resources.
pub(crate) fn needs(name: &str, required: &[&str], optional: &[&str]) -> Manifest {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let resources = ResourceNeeds { required: list(required), optional: list(optional) };
    Manifest { resources, ..Manifest::new(name, "k") }
}

const HOOKS: &[HookName] = &[HookName::from_static("h")];

impl<U: Use> Plugin for Borrowing<U> {
    fn manifest(&self) -> &Manifest {
        &self.0
    }
    fn hooks(&self) -> &[HookName] {
        HOOKS
    }
    fn setup<'a>(&'a self, ctx: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        self.1.set_up(ctx)
    }
    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Boxed(Box::pin(async move {
            let value = self.1.call(call.context.plugin(), call.input.json()?).await?;
            Ok(Reply::Value(Payload::from_json(value)))
        }))
    }
    fn health(&self) -> BoxFuture<'_, Health> {
        Box::pin(async { Health::Ok })
    }
    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async { self.1.tear_down().await.map(|()| Teardown::Clean) })
    }
}

/// A builder that knows kind `k`, with hook `h` that everybody is asked.
pub(crate) fn builder<U: Use>(plugins: impl IntoIterator<Item = (Manifest, U)>) -> RegistryBuilder {
    let yaml = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_collect\n    error_policy: best_effort\n";
    let catalog = Catalog::from_sources([Source::new("kinds/k/v1.yaml", yaml)]).unwrap();
    let plugins = plugins.into_iter();
    let plugins = plugins.map(|(manifest, own)| Arc::new(Borrowing(manifest, own)) as _);
    Registry::builder().catalog(catalog).environment(|_| None).plugins(plugins)
}

/// Asks every plugin: what each answered, or why it did not.
pub(crate) async fn ask(registry: &Registry, input: Value) -> Vec<(String, Result<Value, String>)> {
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&hookspec_plugin::Caller::new(), input).await.unwrap();
    let replies = collected.replies.iter();
    let replies = replies.map(|reply| (reply.plugin.to_string(), Ok((*reply.value).clone())));
    let failures = collected.failures.iter();
    let failures =
        failures.map(|failure| (failure.plugin.to_string(), Err(failure.cause.to_string())));
    replies.chain(failures).collect()
}

/// The state of a plugin, and why.
pub(crate) fn state(registry: &Registry, name: &str) -> (hookspec_host::State, String) {
    let snapshot = registry.snapshot();
    let plugin = snapshot.plugins.into_iter().find(|plugin| plugin.name == name).unwrap();
    (plugin.state, plugin.reason)
}
