//! What a plugin **is**: [`Plugin`], an asynchronous function from a hook call to a JSON-shaped
//! value, and the types that function speaks.
//!
//! Plugin authors depend on this crate (mostly through `hookspec`), the host calls it, and every
//! runtime (linked in, shared library, child process) ends at its one trait.
//!
//! | where | what |
//! |---|---|
//! | [`Plugin`] | the trait; [`Health`], [`Teardown`] |
//! | [`Manifest`] | what a plugin says about itself |
//! | [`Call`], [`CallContext`], [`Caller`] | one call: of which hook, for whom, until when |
//! | [`Payload`] | what goes in and out: a Rust value, JSON or bytes, each made at most once |
//! | [`Reply`], [`Flow`], [`HookFuture`] | what comes back |
//! | [`Fault`], [`Violations`] | what went wrong: in the plugin's words, against the schema |
//! | [`Context`], [`Resource`] | what the host lends to a plugin |
//! | [`resources`] | the resources that plugins may expect anywhere, as traits |
//! | [`Metrics`], [`ProgressSink`], [`CheckpointStore`] | what a plugin tells and keeps there |
//! | [`RemoteResource`] | a resource that is asked by JSON |
//! | [`Tenant`], [`Peers`], [`TraceContext`] | on whose behalf, beside whom, as part of what |
//! | [`Middleware`], [`Intercepted`], [`Concluded`] | standing before and after the calls of others |
//! | [`EventDraft`], [`Event`], [`Subscriber`], [`Emitter`] | what happened: telling it, and being told |
//! | [`CancellationToken`] | how work is asked to stop |
//! | [`TypedPayload`], [`IntoPayload`], [`Routing`] | what is generated from a payload schema |
//! | [`Component`], [`Instance`] | a typed plugin: state that setup builds, and its life |
//! | [`Linked`], [`Constructor`] | plugins that linked crates registered |
//! | [`Runtime`], [`LoadEnv`] | how a host loads plugins that are not linked |
//! | [`check`], [`codec`] | what payload types are checked and read by |
//! | [`guard`] | how foreign code is kept from unwinding into the host |
//!
//! **Absent on purpose** (invariant 1): input and output, an async runtime, unsafe code, YAML,
//! JSON Schema, and any knowledge of how a plugin was loaded or which class a hook has.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod __private;
mod call;
mod caller;
mod cancel;
pub mod check;
mod checkpoint;
pub mod codec;
mod component;
mod concluded;
mod context;
mod contract;
mod declared;
mod events;
mod fault;
mod findings;
mod forms;
pub mod guard;
mod intercepted;
mod key;
mod linked;
mod manifest;
mod metrics;
mod middleware;
mod name;
mod payload;
mod peers;
mod plugin;
mod predicate;
mod progress;
mod remote;
mod reply;
pub mod resources;
mod runtime;
#[doc(hidden)]
pub mod size;
mod tenant;
mod trace;
mod typed;
mod violation;

pub use async_trait::async_trait;
pub use call::{Call, CallContext};
pub use caller::{Caller, Cause, metadata};
pub use cancel::{CancellationToken, Cancelled};
pub use checkpoint::{Checkpoint, CheckpointStore, CheckpointVersion};
pub use component::{Component, Instance};
pub use concluded::{Concluded, Conclusion, Ended, Failed, Replied, SharedValue};
pub use context::{Context, Level, Resource, Services};
#[doc(hidden)]
pub use events::deliver;
pub use events::{
    Attributes, AwfUse, CancelledBy, Dispatched, EVENT, Emitter, Event, EventBus, EventDraft,
    EventType, Handled, HandlerOutcome, InvalidEventType, InvalidPattern, InvalidTimestamp,
    Overflow, Pattern, Receipt, Retries, SecurityLevel, Segment, Subscriber, SubscriberPlugin,
    Subscription, Timestamp, Trail,
};
pub use fault::Fault;
#[doc(hidden)]
pub use findings::Findings;
pub use intercepted::Intercepted;
pub use key::{LONGEST_KEY, check_key};
pub use linked::{Constructor, Linked, LoadError};
pub use manifest::{
    ChainWrap, CircuitBreaker, Events, ExecutionModel, IdempotencyMode, Isolation, Limits,
    Manifest, ResourceNeeds, RuntimeName, UnitOfWork,
};
pub use metrics::{Metrics, NoMetrics};
pub use middleware::{AFTER, BEFORE, Middleware, MiddlewarePlugin, Passed};
pub use name::{HookName, KindName, PluginName};
pub use payload::{Payload, View};
pub use peers::{Answers, Peer, Peers};
pub use plugin::{Health, Plugin, Reconfigured, Teardown};
pub use predicate::Predicate;
pub use progress::{NoProgress, Progress, ProgressSink};
pub use remote::RemoteResource;
pub use reply::{BoxFuture, Flow, HookFuture, Reply};
pub use runtime::{KnownKind, LoadEnv, Runtime};
pub use tenant::{NoTenant, Tenant, access_denied};
pub use trace::{InvalidTraceparent, TraceContext};
pub use typed::{IntoPayload, Routing, TypedPayload};
pub use violation::{Violation, Violations};
