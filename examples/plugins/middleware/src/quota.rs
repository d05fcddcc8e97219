//! [`Quota`]: so many dispatches for each tenant, and no more. Shows state that `setup` builds.
//!
//! Configuration: `{ "quota_budget": 100 }`. Absent: a window of time after which it is filled again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hookspec::{
    BEFORE, CallContext, Component, Context, Fault, HookName, Intercepted, Middleware, Passed,
    metadata,
};
use serde_json::Value;

/// Refuses a tenant that has used up its budget.
#[derive(Debug)]
pub struct Quota {
    budget: u64,
    // As many entries as there are tenants that were let in by `tenant-permission`.
    used: Mutex<BTreeMap<String, u64>>,
}

#[hookspec::async_trait]
impl Component for Quota {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        let budget = ctx.config()[metadata::QUOTA_BUDGET].as_u64();
        let missing = || Fault::new("config_missing", "configure { \"quota_budget\": 100 }");
        Ok(Self { budget: budget.ok_or_else(missing)?, used: Mutex::default() })
    }
}

#[hookspec::async_trait]
impl Middleware for Quota {
    const HOOKS: &'static [HookName] = &[BEFORE];

    async fn before(&self, ctx: &CallContext<'_>, _: &Intercepted) -> Result<Passed, Fault> {
        let tenant = ctx.metadata().get(metadata::TENANT_ID).and_then(Value::as_str);
        let tenant = tenant.unwrap_or_default();
        // Nothing that can panic runs under the lock.
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = used.entry(tenant.to_owned()).or_default();
        if *used >= self.budget {
            let message = format!("tenant `{tenant}` has used up its {} calls", self.budget);
            return Err(Fault::new("quota_exceeded", message));
        }
        *used += 1;
        Ok(Passed::Unchanged)
    }
}
