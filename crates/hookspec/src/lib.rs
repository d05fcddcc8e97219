#![doc = include_str!("../../../README.md")]
//!
//! # What is where
//!
//! This crate defines nothing. It is the one that applications and plugin authors depend on:
//!
//! | feature | brings |
//! |---|---|
//! | (always) | what a plugin is: [`Plugin`], [`Manifest`], [`Payload`], [`Fault`]; [`manifest`] and [`metadata`] |
//! | `host` (default) | `Registry` and the dispatchers, the `testing` puppet, and `spec`: what reads hookspecs |
//!
//! A crate that holds plugins and no application sets `default-features = false`, and then compiles
//! neither a YAML parser nor an async runtime.

#![forbid(unsafe_code)]

/// The puppet: a plugin that misbehaves on demand, for the tests of hosts and of plugins.
#[cfg(feature = "host")]
pub use hookspec_host::testing;
#[cfg(feature = "host")]
pub use hookspec_host::{
    Ambiguity, Answer, BlockingRegistry, Candidate, CandidateFilter, Cause, CauseClass, Chained,
    Choice, Collected, DispatchError, Explanation, Failure, KindSnapshot, Limits, Notified, Output,
    PanicLocation, Partial, PluginPlace, PluginSnapshot, RegistrationError, Registry,
    RegistryBuilder, RegistrySnapshot, RemoveError, RoutingPolicy, Selection, StartError, State,
    Status, TeardownErrors, TeardownFailure, codes, dispatch, install_panic_hook,
};
pub use hookspec_plugin::{
    BoxFuture, Call, CallContext, Caller, CancellationToken, Cancelled, Context, Fault, Flow,
    Health, HookFuture, HookName, KindName, Level, Manifest, Payload, Plugin, PluginName,
    Predicate, Reply, Resource, Services, Teardown, View, Violation, Violations, guard, metadata,
};
/// Hookspec YAML, manifests and JSON Schemas, read into checked values.
#[cfg(feature = "host")]
pub use hookspec_spec as spec;

/// The parts that a [`Manifest`] is made of.
pub mod manifest {
    pub use hookspec_plugin::{
        ChainWrap, CircuitBreaker, Events, ExecutionModel, IdempotencyMode, Isolation, Limits,
        Manifest, Predicate, ResourceNeeds, RuntimeName, UnitOfWork,
    };
}

/// What nearly every file that writes or calls plugins needs: `use hookspec::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "host")]
    pub use hookspec_host::{Cause, Choice, DispatchError, Registry};
    pub use hookspec_plugin::{
        BoxFuture, Call, Caller, Context, Fault, Flow, HookFuture, HookName, Manifest, Payload,
        Plugin, Reply, Teardown,
    };
}
