//! The [`Registry`] of an application's plugins, and the five [dispatchers](dispatch) that call
//! them concurrently with isolated failures.
//!
//! | where | what |
//! |---|---|
//! | [`Registry`], [`RegistryBuilder`] | hookspecs and plugins in, dispatchers out |
//! | [`dispatch`] | one dispatcher per class; the laws of each stand in its file |
//! | [`Notified`], [`Collected`], [`Chained`], [`Answer`] | what a dispatch answers |
//! | [`Failure`], [`Cause`] | which plugin failed, and why |
//! | [`DispatchError`], [`StartError`] | the caller was wrong, or the class ends there |
//! | [`Choice`], [`RoutingPolicy`] | how an application chooses a plugin |
//! | [`RegistrySnapshot`], [`Explanation`] | what an operator looks at |
//! | [`Limits`] | every bound, with its default |
//! | [`bus`] | events: published, dispatched, subscribed to, requested |
//! | [`resources`], [`FileCheckpoints`], [`TracingProgress`] | what a host lends to plugins |
//! | [`metrics`] | what plugins measure, as plain data and as OpenMetrics text |
//! | [`testing`] | the puppet: a plugin that misbehaves on demand |
//!
//! **Absent on purpose**: how a plugin was loaded. This crate knows `dyn Plugin`; the runtimes end
//! there. No YAML and no JSON Schema either: those are `hookspec-spec`'s.

#![forbid(unsafe_code)]

mod accepts;
pub mod bus;
mod changes;
mod checkpoints;
pub mod codes;
mod detached;
pub mod dispatch;
mod error;
mod executor;
mod files;
mod foreign;
mod gate;
pub mod metrics;
mod order;
mod outcome;
mod panic;
mod registry;
pub mod resources;
mod services;
mod settings;
mod sinks;
mod state;
mod stats;
pub mod testing;

pub use changes::{StateChange, StateChanges, Told};
pub use checkpoints::{FileCheckpoints, MemoryCheckpoints};
pub use error::{
    Ambiguity, DispatchError, Partial, RegistrationError, ReloadError, RemoveError, StartError,
    TeardownErrors, TeardownFailure,
};
pub use gate::{CircuitSnapshot, CircuitState};
pub use hookspec_spec::PluginFolder;
pub use order::StartPlan;
pub use outcome::{
    Answer, Cause, CauseClass, Chained, Collected, Failure, Notified, Output, PanicLocation,
    Shadowed, Would,
};
pub use panic::install_panic_hook;
pub use registry::{
    BlockingRegistry, Borrower, Candidate, CandidateFilter, Choice, Explanation, HookSnapshot,
    KindSnapshot, KnownPlugins, MiddlewarePlace, PluginPlace, PluginSnapshot, Registry,
    RegistryBuilder, RegistrySnapshot, ReloadStep, RoutingPolicy, Selection, SkippedPlugin,
};
pub use settings::Limits;
pub use sinks::{RecordingProgress, TracingProgress};
pub use state::{State, Status};
