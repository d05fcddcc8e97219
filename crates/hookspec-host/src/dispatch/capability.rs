//! `capability`: the one plugin that can take this input.
//!
//! - CAPABILITY-1 the caller's filter first, also for the order; CAPABILITY-2 then the index:
//!   `extension`, `language`, `mime_type` against `supports_*` (any match suffices, whatever the
//!   case), `capabilities.required` against `capabilities` (all of them); CAPABILITY-3 then
//!   `matches`, which only narrows: one that panics is no match, and is logged.
//! - CAPABILITY-4 several: dispatch order; those that declare nothing come after those that do.
//!   CAPABILITY-5 none: the plugin with `fallback`, which never competes.
//! - CAPABILITY-6 the caller gets the reply with its plugin; it is validated.
//! - CAPABILITY-7 a plugin fails: `Err(PluginFailed)`, never silently another one.
//!   CAPABILITY-8 nobody can: `NoCapableHandler`.

use std::fmt;
use std::marker::PhantomData;

use hookspec_plugin::{Caller, IntoPayload, Payload};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Target;
use super::choose::{able, ask, ask_sync};
use crate::error::DispatchError;
use crate::outcome::Answer;
use crate::registry::Choice;

/// Asks the plugin that can take an input. Cheap to clone.
pub struct Capability<I = Value, O = Value> {
    target: Target,
    types: PhantomData<fn(I) -> O>,
}

impl<I, O> Capability<I, O>
where
    I: Serialize + Send + Sync + 'static,
    O: DeserializeOwned + Send + Sync + 'static,
{
    pub(crate) fn new(target: Target) -> Self {
        Self { target, types: PhantomData }
    }

    /// Whether anybody could be asked.
    pub fn has_plugins(&self) -> bool {
        self.target.has_plugins()
    }

    /// Asks the plugin that the rules settle on.
    ///
    /// # Errors
    /// [`DispatchError::NoCapableHandler`]: nobody was asked; register a plugin that declares it,
    /// or a fallback. [`DispatchError::InvalidInput`]: nobody was asked; mend the input.
    /// [`DispatchError::PluginFailed`]: it was asked and failed. [`DispatchError::ShuttingDown`].
    pub async fn dispatch(&self, caller: &Caller, input: I) -> Result<Answer<O>, DispatchError> {
        ask(&self.target, caller, Payload::of(input), None, able).await
    }

    /// As [`dispatch`](Self::dispatch), with a choice made for this call.
    ///
    /// # Errors
    /// As `dispatch`, and [`DispatchError::ChoicePanicked`].
    pub async fn dispatch_with(
        &self,
        caller: &Caller,
        input: I,
        choice: Choice,
    ) -> Result<Answer<O>, DispatchError> {
        ask(&self.target, caller, Payload::of(input), Some(&choice), able).await
    }

    /// As [`dispatch`](Self::dispatch), without an async runtime.
    /// An answer that came after the deadline is kept and marked [`late`](Answer::late).
    ///
    /// # Errors
    /// As `dispatch`, and [`DispatchError::NotInline`] where the plugin cannot answer at once.
    pub fn dispatch_sync(&self, caller: &Caller, input: I) -> Result<Answer<O>, DispatchError> {
        ask_sync(&self.target, caller, Payload::of(input), None, able)
    }

    /// As [`dispatch_sync`](Self::dispatch_sync), with a choice made for this call.
    ///
    /// # Errors
    /// As `dispatch_sync`, and [`DispatchError::ChoicePanicked`].
    pub fn dispatch_sync_with(
        &self,
        caller: &Caller,
        input: I,
        choice: Choice,
    ) -> Result<Answer<O>, DispatchError> {
        ask_sync(&self.target, caller, Payload::of(input), Some(&choice), able)
    }

    /// As [`dispatch`](Self::dispatch), from a value of a generated type, a reference to one, or a
    /// [`Payload`] that was made before: no JSON is made where the type knows its schema.
    ///
    /// # Errors
    /// As `dispatch`.
    pub async fn dispatch_payload(
        &self,
        caller: &Caller,
        input: impl IntoPayload<I>,
    ) -> Result<Answer<O>, DispatchError> {
        ask(&self.target, caller, input.into_payload(), None, able).await
    }

    /// As [`dispatch_payload`](Self::dispatch_payload), with a choice made for this call.
    ///
    /// # Errors
    /// As `dispatch_with`.
    pub async fn dispatch_payload_with(
        &self,
        caller: &Caller,
        input: impl IntoPayload<I>,
        choice: Choice,
    ) -> Result<Answer<O>, DispatchError> {
        ask(&self.target, caller, input.into_payload(), Some(&choice), able).await
    }

    /// As [`dispatch_payload`](Self::dispatch_payload), without an async runtime.
    ///
    /// # Errors
    /// As `dispatch_sync`.
    pub fn dispatch_payload_sync(
        &self,
        caller: &Caller,
        input: impl IntoPayload<I>,
    ) -> Result<Answer<O>, DispatchError> {
        ask_sync(&self.target, caller, input.into_payload(), None, able)
    }

    /// As [`dispatch_payload_sync`](Self::dispatch_payload_sync), with a choice made for this
    /// call.
    ///
    /// # Errors
    /// As `dispatch_sync_with`.
    pub fn dispatch_payload_sync_with(
        &self,
        caller: &Caller,
        input: impl IntoPayload<I>,
        choice: Choice,
    ) -> Result<Answer<O>, DispatchError> {
        ask_sync(&self.target, caller, input.into_payload(), Some(&choice), able)
    }
}

impl<I, O> Clone for Capability<I, O> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), types: PhantomData }
    }
}

impl<I, O> fmt::Debug for Capability<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Capability({:?})", self.target)
    }
}
