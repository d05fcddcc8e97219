//! [`TenantPermission`]: lets in whom its configuration lists. Shows a middleware that refuses.
//!
//! Configuration: `{ "allow": ["acme"] }`.

use std::collections::BTreeSet;

use hookspec::{
    BEFORE, CallContext, Component, Context, Fault, HookName, Intercepted, Middleware, Passed,
    metadata,
};
use serde_json::Value;

/// Refuses callers whose metadata name no tenant, or one that is not listed.
#[derive(Debug)]
pub struct TenantPermission {
    allow: BTreeSet<String>,
}

#[hookspec::async_trait]
impl Component for TenantPermission {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        let list = ctx.config()["allow"].as_array();
        let missing = || Fault::new("config_missing", "configure { \"allow\": [\"acme\"] }");
        let names = list.ok_or_else(missing)?.iter();
        Ok(Self { allow: names.filter_map(Value::as_str).map(str::to_owned).collect() })
    }
}

#[hookspec::async_trait]
impl Middleware for TenantPermission {
    const HOOKS: &'static [HookName] = &[BEFORE];

    async fn before(&self, ctx: &CallContext<'_>, call: &Intercepted) -> Result<Passed, Fault> {
        match ctx.metadata().get(metadata::TENANT_ID).and_then(Value::as_str) {
            Some(tenant) if self.allow.contains(tenant) => Ok(Passed::Unchanged),
            tenant => {
                let (who, kind, hook) = (tenant.unwrap_or("(none)"), &call.kind, &call.hook);
                let message = format!("tenant `{who}` may not call {kind}.{hook}");
                Err(Fault::new("tenant_denied", message))
            }
        }
    }
}
