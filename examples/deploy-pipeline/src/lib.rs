//! Runs commands as the steps of workflows, and lets plugins do the rest by events.
//!
//! The pipeline publishes what happens to workflows and steps, and calls nobody. Whoever wants to know
//! is subscribed: an audit log, metrics, a notifier, and a deployer whose own events go to the first
//! three again.
//!
//! ```text
//! Runner -> workflow.* step.* -> audit-log, event-metrics; notifier (workflow.failed)
//!               workflow.completed -> deployer
//!                    dispatches deploy.requested -> gatekeeper cancels, fails, or is not there
//!                        -> deploy.refused
//!                    deploy.started, the hook pipeline.deploy, deploy.completed or deploy.failed
//!                        -> audit-log, event-metrics, notifier
//! ```
//!
//! | where | what |
//! |---|---|
//! | [`Workflow`] | what is run, as its file says |
//! | [`Runner`] | runs it and publishes the events |
//! | [`Settings`], [`builder`] | the plugins, configured |
//! | [`Summary`] | what became of the events, at the end |
//!
//! Absent on purpose: any call from the pipeline to a plugin, and steps that run side by side.

#![forbid(unsafe_code)]

mod command;
mod plugins;
mod run;
mod settings;
mod summary;
mod workflow;

hookspec::kind!("hookspecs/pipeline/v1.yaml");

pub use run::{Ended, Runner};
pub use settings::{HOOKSPECS, Settings, builder};
pub use summary::Summary;
pub use workflow::{Step, Workflow};
