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
//! | `macros` (default) | `kind!`, `#[plugin]` and `#[on]` |
//! | `http`, `https` | the resource `http_client`; with TLS, whose build needs a C compiler |
//! | `dylib` | `Dylib`, which opens plugins in shared libraries |
//! | `plugin` | `export!`, for a plugin that is a shared library |
//! | `contract` | `contract_tests!`, and the contract suite as a library |
//! | `kinds` | the shipped kinds as Rust, `kinds::query_rewriter` and the others; with `host`, typed callers too |
//!
//! A crate that holds plugins and no application sets `default-features = false` and takes `macros`
//! or `kinds`, and then no async runtime is part of it.

#![forbid(unsafe_code)]

#[cfg(feature = "dylib")]
pub use hookspec_bridge::dylib::Dylib;
#[cfg(feature = "plugin")]
pub use hookspec_bridge::export;
/// The contract suite: one set of checks for any plugin, in any runtime.
#[cfg(feature = "contract")]
pub use hookspec_contract as contract;
#[cfg(feature = "contract")]
pub use hookspec_contract::contract_tests;
/// The puppet: a plugin that misbehaves on demand, for the tests of hosts and of plugins.
#[cfg(feature = "host")]
pub use hookspec_host::testing;
#[cfg(feature = "host")]
pub use hookspec_host::{
    Ambiguity, Answer, BlockingRegistry, Borrower, Candidate, CandidateFilter, Cause, CauseClass,
    Chained, Choice, CircuitSnapshot, CircuitState, Collected, DispatchError, Explanation, Failure,
    FileCheckpoints, HookSnapshot, KindSnapshot, Limits, MemoryCheckpoints, MiddlewarePlace,
    Notified, Output, PanicLocation, Partial, PluginFolder, PluginPlace, PluginSnapshot,
    RecordingProgress, RegistrationError, Registry, RegistryBuilder, RegistrySnapshot, ReloadError,
    ReloadStep, RemoveError, RoutingPolicy, Selection, Shadowed, SkippedPlugin, StartError,
    StartPlan, State, StateChange, StateChanges, Status, TeardownErrors, TeardownFailure, Told,
    TracingProgress, Would, codes, dispatch, install_panic_hook, metrics,
};
/// The standard resources: traits for plugins, and what stands behind them in a host.
pub mod resources {
    #[cfg(feature = "host")]
    pub use hookspec_host::resources::*;
    pub use hookspec_plugin::resources::*;
}
/// The shipped kinds as Rust: payload types, traits, adapters.
#[cfg(feature = "kinds")]
pub use hookspec_kinds as kinds;
#[cfg(feature = "macros")]
pub use hookspec_macros::{kind, on, plugin};
#[doc(hidden)]
pub use hookspec_plugin::__private;
pub use hookspec_plugin::{
    AFTER, Answers, BEFORE, BoxFuture, Call, CallContext, Caller, CancellationToken, Cancelled,
    ChainWrap, Checkpoint, CheckpointStore, CheckpointVersion, CircuitBreaker, Component,
    Concluded, Conclusion, Constructor, Context, Ended, Failed, Fault, Flow, Health, HookFuture,
    HookName, Instance, Intercepted, IntoPayload, InvalidTraceparent, KindName, KnownKind,
    LONGEST_KEY, Level, Linked, LoadEnv, LoadError, Manifest, Metrics, Middleware,
    MiddlewarePlugin, NoMetrics, NoProgress, NoTenant, Passed, Payload, Peer, Peers, Plugin,
    PluginName, Predicate, Progress, ProgressSink, Reconfigured, RemoteResource, Replied, Reply,
    Resource, Routing, Runtime, Services, SharedValue, Teardown, Tenant, TraceContext,
    TypedPayload, View, Violation, Violations, access_denied, async_trait, check, check_key, guard,
    metadata,
};
// What a plugin names that subscribes; the rest of events is in `events`.
pub use hookspec_plugin::{Event, EventDraft, Handled, Subscriber, SubscriberPlugin, Subscription};
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

/// Events: published by hosts and plugins, told to those who subscribed.
pub mod events {
    #[cfg(feature = "host")]
    pub use hookspec_host::bus::*;
    pub use hookspec_plugin::{
        Attributes, AwfUse, CancelledBy, Cause, Dispatched, EVENT, Emitter, Event, EventBus,
        EventDraft, EventType, Handled, HandlerOutcome, InvalidEventType, InvalidPattern,
        InvalidTimestamp, Overflow, Pattern, Receipt, Retries, SecurityLevel, Segment, Subscriber,
        SubscriberPlugin, Subscription, Timestamp, Trail,
    };
}

/// What nearly every file that writes or calls plugins needs: `use hookspec::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "host")]
    pub use hookspec_host::{Cause, Choice, DispatchError, Registry};
    pub use hookspec_plugin::{
        BoxFuture, Call, CallContext, Caller, Component, Context, Event, EventDraft, Fault, Flow,
        Handled, HookFuture, HookName, Manifest, Payload, Plugin, Reply, Subscription, Teardown,
    };
}
