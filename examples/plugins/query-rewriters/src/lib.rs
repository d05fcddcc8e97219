//! Three `query_rewriter` plugins, one file each: [`Normaliser`], [`Synonymiser`],
//! [`TenantEnricher`]. A chain runs them in this order, each on what the one before it returned.
//!
//! A link that has nothing to change answers [`Reply::Unchanged`](hookspec_plugin::Reply::Unchanged):
//! the value goes on as it is, and nothing is validated or copied again.
//!
//! Absent on purpose: `language` is never touched. It is the caller's own statement, and the kind
//! does not list it as writable.

#![forbid(unsafe_code)]

mod normaliser;
mod synonymiser;
mod tenant_enricher;

use std::sync::Arc;

use hookspec_plugin::{Fault, Flow, HookName, Manifest, Plugin};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use normaliser::Normaliser;
pub use synonymiser::Synonymiser;
pub use tenant_enricher::TenantEnricher;

/// All three, in the order a chain runs them.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![Arc::new(Normaliser::new()), Arc::new(Synonymiser::new()), Arc::new(TenantEnricher::new())]
}

/// The query as these plugins see it. The links of a chain share one value of this type, so that
/// no JSON is made between them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// What is searched for.
    pub text: String,
    /// What the caller says the text is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Further terms that match as well as the text.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Exact values that results must have, by field.
    #[serde(default)]
    pub filters: Map<String, Value>,
    /// The tenant whose documents are searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
}

const HOOKS: &[HookName] = &[HookName::from_static("rewrite")];

fn manifest(name: &str, description: &str, priority: u32) -> Manifest {
    Manifest {
        version: Some(env!("CARGO_PKG_VERSION").into()),
        description: Some(description.into()),
        license: Some("MIT OR Apache-2.0".into()),
        priority,
        ..Manifest::new(name, "query_rewriter")
    }
}

fn unknown_hook(hook: &HookName) -> Result<Flow<Query>, Fault> {
    Err(Fault::new("unknown_hook", format!("no hook `{hook}` here")))
}

#[cfg(test)]
mod testing;
