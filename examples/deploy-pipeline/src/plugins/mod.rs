//! The plugins of the pipeline. Each is a file, and knows the others by their events only; the deployer
//! alone knows a name, that of the gatekeeper, without which it deploys nothing.

mod audit;
mod deployer;
mod gatekeeper;
mod metrics;
mod notifier;
mod releases;

pub(crate) use audit::AuditLog;
pub(crate) use deployer::Deployer;
pub(crate) use gatekeeper::Gatekeeper;
pub(crate) use metrics::{EVENTS, EventMetrics, TYPE};
pub(crate) use notifier::Notifier;
pub(crate) use releases::Releases;
use serde::{Deserialize, Serialize};

use crate::pipeline::Version;

/// The data of `deploy.requested` and `deploy.started`; more of the other events below `deploy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deployment {
    pub(crate) workflow: String,
    pub(crate) version: String,
    pub(crate) environment: String,
}

impl From<Deployment> for Version {
    fn from(own: Deployment) -> Self {
        Self { workflow: own.workflow, version: own.version, environment: own.environment }
    }
}
