//! [`builder`]: the plugins of the pipeline, configured.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hookspec::events::SubscriberPlugin;
use hookspec::resources::{HttpClient, HttpLimits, UreqClient};
use hookspec::{Registry, RegistryBuilder};
use serde_json::json;

use crate::pipeline::PipelinePlugin;
use crate::plugins::{AuditLog, Deployer, EventMetrics, Gatekeeper, Notifier, Releases};

/// The folder of the hookspecs and of the declared events.
pub const HOOKSPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/hookspecs");

/// What of a pipeline an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the audit log is written.
    pub audit: PathBuf,
    /// Whom to notify; nobody is, without it.
    pub webhook: Option<String>,
    /// Where versions are brought.
    pub releases: PathBuf,
    /// Environments into which nothing is brought.
    pub frozen: Vec<String>,
}

/// The plugins of the pipeline, configured.
pub fn builder(settings: &Settings) -> RegistryBuilder {
    let limits = HttpLimits { timeout: Duration::from_secs(4), ..HttpLimits::default() };
    let builder = Registry::builder()
        .plugin(SubscriberPlugin::<AuditLog>::new())
        .config("audit-log", json!({ "path": settings.audit }))
        .plugin(SubscriberPlugin::<EventMetrics>::from(EventMetrics))
        .plugin(SubscriberPlugin::<Gatekeeper>::from(Gatekeeper))
        .config("gatekeeper", json!({ "frozen": settings.frozen }))
        .plugin(SubscriberPlugin::<Deployer>::from(Deployer))
        .plugin(PipelinePlugin::<Releases>::new())
        .config("releases", json!({ "folder": settings.releases }));
    match &settings.webhook {
        Some(url) => builder
            .resource::<dyn HttpClient>("http_client", Arc::new(UreqClient::new(limits)))
            .plugin(SubscriberPlugin::<Notifier>::from(Notifier))
            .config("notifier", json!({ "url": url })),
        None => builder,
    }
}
