//! [`TenantEnricher`]: puts the caller's tenant into the query. Shows the caller's metadata, which
//! every plugin of a dispatch sees and none can change. Absent: any check of who may see what.

use hookspec_plugin::{
    Call, Caller, Fault, Flow, HookFuture, HookName, Manifest, Plugin, Reply, metadata,
};
use serde_json::Value;

use crate::{HOOKS, Query, manifest, unknown_hook};

/// Sets `tenant_id` to the one in the caller's metadata; without one the query goes on as it is.
///
/// The metadata comes from the host and the query from outside, so a query that names another
/// tenant is corrected.
#[derive(Debug)]
pub struct TenantEnricher(Manifest);

impl TenantEnricher {
    /// A tenant enricher; it needs no setup.
    pub fn new() -> Self {
        Self(manifest("tenant-enricher", "Puts the caller's tenant into the query", 10))
    }

    fn rewrite(query: &Query, caller: &Caller) -> Result<Flow<Query>, Fault> {
        match caller.metadata().get(metadata::TENANT_ID) {
            None | Some(Value::Null) => Ok(Flow::Unchanged),
            Some(Value::String(tenant)) if query.tenant_id.as_ref() == Some(tenant) => {
                Ok(Flow::Unchanged)
            }
            Some(Value::String(tenant)) => {
                Ok(Flow::Next(Query { tenant_id: Some(tenant.clone()), ..query.clone() }))
            }
            Some(other) => Err(Fault::new(
                "tenant_invalid",
                format!("the caller's metadata `tenant_id` is {other}, and not text"),
            )),
        }
    }

    fn answer(call: &Call<'_>) -> Result<Flow<Query>, Fault> {
        match call.hook().as_str() {
            "rewrite" => Self::rewrite(&*call.input.typed::<Query>()?, call.context.caller()),
            _ => unknown_hook(call.hook()),
        }
    }
}

impl Default for TenantEnricher {
    fn default() -> Self {
        Self::new()
    }
}

impl Plugin for TenantEnricher {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn hooks(&self) -> &[HookName] {
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(Self::answer(&call).map(Reply::from))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::rewrite;

    #[test]
    fn the_callers_tenant_wins() {
        let acme = Caller::new().with_metadata(metadata::TENANT_ID, "acme");
        let rows = [
            (&acme, json!({}), Some("acme")),
            (&acme, json!({ "tenant_id": "other" }), Some("acme")),
            (&acme, json!({ "tenant_id": "acme" }), None),
            (&Caller::new(), json!({ "tenant_id": "other" }), None),
            (&Caller::new(), json!({}), None),
        ];
        for (caller, mut query, expected) in rows {
            query["text"] = "car".into();
            let after = rewrite(&TenantEnricher::new(), caller, query.clone()).unwrap();
            let tenant = after.map(|query| query["tenant_id"].clone());
            assert_eq!(tenant, expected.map(Value::from), "{query}");
        }
    }

    #[test]
    fn a_tenant_that_is_no_text_is_a_fault() {
        let caller = Caller::new().with_metadata(metadata::TENANT_ID, 7);
        let query = json!({ "text": "car" });
        let fault = rewrite(&TenantEnricher::new(), &caller, query).unwrap_err();
        assert_eq!(fault.code(), "tenant_invalid");
    }
}
