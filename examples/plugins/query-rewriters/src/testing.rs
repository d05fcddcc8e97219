//! How the tests of this crate start a plugin and send a query through it: as an application does.

use hookspec::kinds::query_rewriter::{Query, QueryRewriterCalls};
use hookspec::{BlockingRegistry, Caller, Cause, Chained, Plugin, Registry};
use serde_json::{Map, Value};

/// A registry with one plugin and its configuration.
pub(crate) fn start(plugin: impl Plugin, config: Value) -> BlockingRegistry {
    let name = plugin.manifest().name.clone();
    Registry::builder()
        .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
        .plugin(plugin)
        .config(name, config)
        .start_blocking()
        .unwrap()
}

/// A query that says nothing but its text.
pub(crate) fn query(text: &str) -> Query {
    let (terms, filters) = (Vec::new(), Map::new());
    Query { text: text.into(), language: None, terms, filters, tenant_id: None }
}

/// Sends a query through the chain: what became of it, `None` for unchanged.
///
/// # Errors
/// The code of the plugin's fault.
pub(crate) fn rewrite(
    registry: &BlockingRegistry,
    caller: &Caller,
    query: &Query,
) -> Result<Option<Query>, String> {
    let calls = QueryRewriterCalls::new(registry).unwrap();
    let Chained { value, changed, failures, .. } =
        registry.block_on(calls.rewrite(caller, query)).unwrap();
    match failures.first().map(|failure| &failure.cause) {
        Some(Cause::Faulted(fault)) => Err(fault.code().to_owned()),
        Some(other) => panic!("not expected of a rewriter: {other}"),
        None => Ok((!changed.is_empty()).then(|| (*value).clone())),
    }
}
