//! [`Call`]: one call of one hook of one plugin.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::caller::Caller;
use crate::cancel::CancellationToken;
use crate::context::Context;
use crate::events::Emitter;
use crate::fault::Fault;
use crate::name::HookName;
use crate::payload::Payload;
use crate::peers::Answers;
use crate::trace::TraceContext;

/// One call of one hook of one plugin. Borrows everything, so that making it costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Which hook, for whom, until when, with which configuration and resources.
    pub context: CallContext<'a>,
    /// What the hook is called with; shared by all plugins of the dispatch.
    pub input: &'a Payload,
}

impl<'a> Call<'a> {
    /// The hook that is called.
    #[inline]
    pub fn hook(&self) -> &'a HookName {
        self.context.hook
    }
}

/// The surroundings of one call.
#[derive(Clone, Copy, Debug)]
pub struct CallContext<'a> {
    context: &'a Context,
    caller: &'a Caller,
    hook: &'a HookName,
    deadline: Option<Instant>,
    cancellation: Option<&'a CancellationToken>,
}

impl<'a> CallContext<'a> {
    /// The surroundings of a call whose deadline and token are the caller's.
    #[inline]
    pub fn new(context: &'a Context, caller: &'a Caller, hook: &'a HookName) -> Self {
        let (deadline, cancellation) = (caller.deadline(), caller.cancellation());
        Self { context, caller, hook, deadline, cancellation }
    }

    /// Replaces the deadline by an earlier one: the hook's or the plugin's.
    #[inline]
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Replaces the token by the one of this very call.
    #[inline]
    #[must_use]
    pub fn with_cancellation(mut self, token: &'a CancellationToken) -> Self {
        self.cancellation = Some(token);
        self
    }

    /// The plugin's context: its configuration, resources and log.
    #[inline]
    pub fn plugin(&self) -> &'a Context {
        self.context
    }

    /// Who dispatched.
    #[inline]
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// The hook that is called.
    #[inline]
    pub fn hook(&self) -> &'a HookName {
        self.hook
    }

    /// The plugin's configuration; `null` when it has none.
    #[inline]
    pub fn config(&self) -> &'a Value {
        self.context.config()
    }

    /// The caller's metadata.
    #[inline]
    pub fn metadata(&self) -> &'a Map<String, Value> {
        self.caller.metadata()
    }

    /// The trace that the call belongs to, if the caller gave a valid one.
    pub fn trace(&self) -> Option<TraceContext> {
        self.caller.trace()
    }

    /// The events of the host: what is emitted here is caused by what this call came of.
    pub fn bus(&self) -> Emitter<'a> {
        Emitter::new(self.context.services().bus(), self.context.plugin(), Some(self.caller))
    }

    /// While an event is handled: how many others were lost since the last one, because the queue was
    /// full (EVENT-9).
    pub fn lagged(&self) -> u64 {
        self.caller.cause().map_or(0, |cause| cause.lagged)
    }

    /// Dispatches a hook, of other plugins or of this one, as an application would: within this
    /// call's deadline and cancellation, with its metadata.
    ///
    /// # Errors
    /// `no_peers`: the runtime offers no way to other plugins. `call_cycle`: the call led to itself,
    /// whoever stands between; the message names them all. Whatever else ended the dispatch, under
    /// the code of the host's error.
    pub async fn dispatch(&self, kind: &str, hook: &str, input: Payload) -> Result<Answers, Fault> {
        let plugin = self.context.plugin();
        let Some(peers) = self.context.peers() else {
            return Err(Fault::new(
                "no_peers",
                format!("plugin `{plugin}` runs where no other plugins can be called"),
            ));
        };
        let mut caller = self.caller.clone().through(plugin.clone(), self.hook.clone());
        if let Some(deadline) = self.deadline {
            caller = caller.with_deadline(deadline);
        }
        if let Some(token) = self.cancellation {
            caller = caller.with_cancellation(token.child());
        }
        peers.dispatch(caller, kind, hook, input).await
    }

    /// When the host stops waiting for this call.
    #[inline]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How long the host still waits; `None` when it does not say, zero when time is up.
    #[inline]
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether the host still wants the answer. Long work asks now and then.
    ///
    /// On the `inline` executor dropping the future is the cancellation, and what this reports is
    /// the caller's token and the deadline.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_some_and(CancellationToken::is_cancelled)
            || self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    /// The token of this call, to be handed to work that outlives the hook's own future.
    #[inline]
    pub fn cancellation(&self) -> Option<&'a CancellationToken> {
        self.cancellation
    }
}
