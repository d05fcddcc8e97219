//! Three `query_rewriter` plugins, one file each: [`Normaliser`], [`Synonymiser`],
//! [`TenantEnricher`]. A chain runs them in this order, each on what the one before it returned.
//!
//! A link that has nothing to change answers [`Flow::Unchanged`](hookspec::Flow::Unchanged): the
//! value goes on as it is, and nothing is validated or copied again.
//!
//! Absent on purpose: `language` is never touched. It is the caller's own statement, and the kind
//! does not list it as writable.

#![forbid(unsafe_code)]

mod normaliser;
mod synonymiser;
mod tenant_enricher;

use std::sync::Arc;

use hookspec::Plugin;
use hookspec::kinds::query_rewriter::QueryRewriterPlugin;

pub use normaliser::Normaliser;
pub use synonymiser::Synonymiser;
pub use tenant_enricher::TenantEnricher;

/// All three, in the order a chain runs them.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![
        Arc::new(QueryRewriterPlugin::from(Normaliser)),
        Arc::new(QueryRewriterPlugin::<Synonymiser>::new()),
        Arc::new(QueryRewriterPlugin::from(TenantEnricher)),
    ]
}

#[cfg(test)]
mod testing;
