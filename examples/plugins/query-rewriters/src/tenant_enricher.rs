//! [`TenantEnricher`]: puts the caller's tenant into the query. Shows the caller's metadata, which
//! every plugin of a dispatch sees and none can change. Absent: any check of who may see what.

use hookspec::kinds::query_rewriter::{Query, QueryRewriter};
use hookspec::{CallContext, Fault, Flow, metadata};
use serde_json::Value;

/// Sets `tenant_id` to the one in the caller's metadata; without one the query goes on as it is.
///
/// The metadata comes from the host and the query from outside, so a query that names another
/// tenant is corrected.
#[derive(Debug, Default)]
pub struct TenantEnricher;

#[hookspec::plugin(
    name = "tenant-enricher",
    version = "0.1.0",
    description = "Puts the caller's tenant into the query",
    license = "MIT OR Apache-2.0",
    priority = 10
)]
impl QueryRewriter for TenantEnricher {
    async fn rewrite(&self, ctx: &CallContext<'_>, query: &Query) -> Result<Flow<Query>, Fault> {
        match ctx.metadata().get(metadata::TENANT_ID) {
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
}

#[cfg(test)]
mod tests {
    use hookspec::Caller;
    use hookspec::kinds::query_rewriter::QueryRewriterPlugin;

    use super::*;
    use crate::testing::{query, rewrite, start};

    #[test]
    fn the_callers_tenant_wins() {
        let registry = start(QueryRewriterPlugin::from(TenantEnricher), Value::Null);
        let nobody = Caller::new();
        let acme = Caller::new().with_metadata(metadata::TENANT_ID, "acme");
        for (caller, before, after) in [
            (&acme, None, Some("acme")),
            (&acme, Some("other"), Some("acme")),
            (&acme, Some("acme"), None),
            (&nobody, Some("other"), None),
            (&nobody, None, None),
        ] {
            let query = Query { tenant_id: before.map(str::to_owned), ..query("car") };
            let found = rewrite(&registry, caller, &query).unwrap();
            let expected = after.map(|tenant| Query { tenant_id: Some(tenant.into()), ..query });
            assert_eq!(found, expected, "{before:?}");
        }
    }

    #[test]
    fn a_tenant_that_is_no_text_is_a_fault() {
        let registry = start(QueryRewriterPlugin::from(TenantEnricher), Value::Null);
        let caller = Caller::new().with_metadata(metadata::TENANT_ID, 7);
        let code = rewrite(&registry, &caller, &query("car")).unwrap_err();
        assert_eq!(code, "tenant_invalid");
    }
}
