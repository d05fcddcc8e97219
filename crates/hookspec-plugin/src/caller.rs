//! [`Caller`]: who dispatches, until when, and with which metadata.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::cancel::CancellationToken;
use crate::events::Event;
use crate::name::{HookName, PluginName};
use crate::trace::TraceContext;

/// Given to a dispatch: its deadline, its cancellation token and its metadata. Cheap to clone.
///
/// ```
/// # use hookspec_plugin::{Caller, metadata};
/// # use std::time::Duration;
/// let caller = Caller::new()
///     .with_timeout(Duration::from_millis(200))
///     .with_metadata(metadata::TENANT_ID, "acme");
/// assert_eq!(caller.metadata()[metadata::TENANT_ID], "acme");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Caller(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    deadline: Option<Instant>,
    cancellation: Option<CancellationToken>,
    metadata: Map<String, Value>,
    /// The calls that led to this one, the last first; plugins that dispatch add to it.
    way: Option<Arc<Step>>,
    /// The event whose handling this is part of.
    cause: Option<Cause>,
    /// What the two ends of a runtime know the call by.
    number: u64,
}

/// The event that a call handles, and for which subscription.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The event.
    pub event: Event,
    /// The subscription, as the host counts them.
    pub subscription: u64,
    /// What the plugin calls the subscription: [`Subscription::name`](crate::Subscription::name).
    pub name: Option<Arc<str>>,
    /// How many events the subscription lost since it was handed one last.
    pub lagged: u64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// One call on the way that led to another.
#[derive(Debug)]
struct Step {
    plugin: PluginName,
    hook: HookName,
    before: Option<Arc<Step>>,
}

/// Metadata keys that mean the same everywhere.
pub mod metadata {
    /// The tenant on whose behalf the call is made.
    pub const TENANT_ID: &str = "tenant_id";
    /// The person or service that caused the call.
    pub const ACTOR: &str = "actor";
    /// What is left of the caller's quota.
    pub const QUOTA_BUDGET: &str = "quota_budget";
    /// W3C trace context: an object with `traceparent` and `tracestate`.
    pub const TRACE_CONTEXT: &str = "trace_context";
    /// The request that the call belongs to.
    pub const REQUEST_ID: &str = "request_id";
}

impl Caller {
    /// A caller without a deadline of its own, a token or metadata.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bounds the dispatch; the hook's own limit still holds, the earlier one wins.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        // A timeout beyond what the clock can express is no timeout.
        match Instant::now().checked_add(timeout) {
            Some(deadline) => self.with_deadline(deadline),
            None => self,
        }
    }

    /// Bounds the dispatch by an instant.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        Arc::make_mut(&mut self.0).deadline = Some(deadline);
        self
    }

    /// Lets whoever holds the token end the dispatch.
    #[must_use]
    pub fn with_cancellation(mut self, token: CancellationToken) -> Self {
        Arc::make_mut(&mut self.0).cancellation = Some(token);
        self
    }

    /// Adds one metadata value: any JSON, carried to every plugin as it is.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        Arc::make_mut(&mut self.0).metadata.insert(key.into(), value.into());
        self
    }

    /// Continues a distributed trace: the metadata value `trace_context`.
    #[must_use]
    pub fn with_trace(self, trace: &TraceContext) -> Self {
        self.with_metadata(metadata::TRACE_CONTEXT, trace.to_value())
    }

    /// Adds a call to the way that led here. Made where a plugin dispatches.
    #[must_use]
    pub fn through(mut self, plugin: PluginName, hook: HookName) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.way = Some(Arc::new(Step { plugin, hook, before: inner.way.take() }));
        self
    }

    /// Whether a plugin's call led here.
    #[inline]
    pub fn is_nested(&self) -> bool {
        self.0.way.is_some()
    }

    /// The calls that led here, the first one first, if this one would be on its own way: the plugin
    /// would call itself. `None` when it is not.
    #[inline]
    pub fn cycle(&self, plugin: &PluginName, hook: &HookName) -> Option<Vec<String>> {
        self.0.way.as_deref().and_then(|last| last.cycle(plugin, hook))
    }

    /// Says which event is handled. Made where a host delivers one; what plugins dispatch meanwhile
    /// keeps it.
    #[must_use]
    pub fn caused_by(mut self, cause: Cause) -> Self {
        Arc::make_mut(&mut self.0).cause = Some(cause);
        self
    }

    /// The event that is handled, if one is.
    #[inline]
    pub fn cause(&self) -> Option<&Cause> {
        self.0.cause.as_ref()
    }

    /// Says what the two ends of a runtime know the call by. Made by its guest end.
    #[doc(hidden)]
    #[must_use]
    pub fn numbered(mut self, number: u64) -> Self {
        Arc::make_mut(&mut self.0).number = number;
        self
    }

    /// That number; 0 where there is none.
    #[doc(hidden)]
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// The trace that the call belongs to, if its metadata have a valid one.
    pub fn trace(&self) -> Option<TraceContext> {
        self.0.metadata.get(metadata::TRACE_CONTEXT).and_then(TraceContext::from_value)
    }

    /// When the caller gives up.
    #[inline]
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// The token that ends the dispatch, if the caller gave one.
    #[inline]
    pub fn cancellation(&self) -> Option<&CancellationToken> {
        self.0.cancellation.as_ref()
    }

    /// The metadata; nobody can change it on the way.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.0.metadata
    }
}

impl Step {
    fn cycle(&self, plugin: &PluginName, hook: &HookName) -> Option<Vec<String>> {
        let steps = || std::iter::successors(Some(self), |step| step.before.as_deref());
        steps().any(|step| step.plugin == *plugin && step.hook == *hook).then(|| {
            let mut names: Vec<String> =
                steps().map(|step| format!("{}.{}", step.plugin, step.hook)).collect();
            names.reverse();
            names.push(format!("{plugin}.{hook}"));
            names
        })
    }
}
