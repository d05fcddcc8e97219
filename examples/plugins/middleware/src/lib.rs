//! Three middleware plugins, one file each: [`TenantPermission`], [`Quota`], [`Audit`]. They wrap every
//! hook of every kind, the audit outermost, so that it hears of refusals, too.
//!
//! The kind that a middleware is registered under does not matter for what it wraps; these are of kind
//! `lifecycle_listener`, which requires no hook.
//!
//! Absent on purpose: a store. The quota counts in memory, and what it counted is gone with it.

#![forbid(unsafe_code)]

mod audit;
mod quota;
mod tenant_permission;

use std::sync::Arc;

use hookspec::{ChainWrap, Manifest, MiddlewarePlugin, Plugin};

pub use audit::Audit;
pub use quota::Quota;
pub use tenant_permission::TenantPermission;

/// All three, in the order in which they come before a call.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![
        Arc::new(MiddlewarePlugin::value(manifest("audit", 3000), Arc::new(Audit))),
        Arc::new(MiddlewarePlugin::<TenantPermission>::component(manifest(
            "tenant-permission",
            2000,
        ))),
        Arc::new(MiddlewarePlugin::<Quota>::component(manifest("quota", 1000))),
    ]
}

fn manifest(name: &str, priority: u32) -> Manifest {
    let everything = || vec!["*".to_owned()];
    Manifest {
        priority,
        version: Some("0.1.0".into()),
        license: Some("MIT OR Apache-2.0".into()),
        // Whoever asks for permission, or counts, must not be passed by while it is away.
        chain_wrap: Some(ChainWrap {
            kinds: everything(),
            hooks: everything(),
            required: name != "audit",
        }),
        ..Manifest::new(name, "lifecycle_listener")
    }
}

#[cfg(test)]
mod tests;
