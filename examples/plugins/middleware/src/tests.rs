//! The three together, around a plugin of another kind.

use hookspec::testing::{Behaviour, Puppet};
use hookspec::{BlockingRegistry, Caller, DispatchError, Manifest, Registry, metadata};
use serde_json::{Value, json};

use super::*;

fn start() -> BlockingRegistry {
    let rewriter = Puppet::new(Manifest::new("echo", "query_rewriter"));
    Registry::builder()
        .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
        .plugins(plugins())
        .plugin(rewriter.on("rewrite", Behaviour::Unchanged))
        .config("tenant-permission", json!({ "allow": ["acme", "other"] }))
        .config("quota", json!({ "quota_budget": 2 }))
        .start_blocking()
        .unwrap()
}

/// The code of the fault that refused a caller of a tenant.
fn refused(registry: &BlockingRegistry, tenant: Option<&str>) -> Option<String> {
    let caller = tenant
        .map_or_else(Caller::new, |name| Caller::new().with_metadata(metadata::TENANT_ID, name));
    let chain = registry.chain::<Value>("query_rewriter", "rewrite").unwrap();
    match registry
        .block_on(chain.dispatch(&caller, json!({ "text": "car", "terms": [], "filters": {} })))
    {
        Ok(_) => None,
        Err(DispatchError::Refused { fault, .. }) => Some(fault.code().to_owned()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn strangers_are_refused_and_so_is_who_has_used_up_its_budget() {
    let registry = start();
    assert_eq!(refused(&registry, None).as_deref(), Some("tenant_denied"));
    assert_eq!(refused(&registry, Some("stranger")).as_deref(), Some("tenant_denied"));
    for expected in [None, None, Some("quota_exceeded"), Some("quota_exceeded")] {
        assert_eq!(refused(&registry, Some("acme")).as_deref(), expected);
    }
    // Everybody has a budget of its own.
    assert_eq!(refused(&registry, Some("other")), None);
    // The audit heard of every one, also of those that were refused.
    let snapshot = registry.snapshot();
    let audit = snapshot.plugins.iter().find(|plugin| plugin.name == "audit").unwrap();
    assert_eq!((audit.calls, audit.failures.len()), (7, 0));
}
