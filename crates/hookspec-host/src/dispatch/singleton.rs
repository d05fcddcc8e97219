//! `singleton`: one plugin answers, and it is settled beforehand which one.
//!
//! - SINGLETON-1 a name given to the call; SINGLETON-2 else the application's routing policy;
//!   SINGLETON-3 else the variable `HOOKSPEC_ACTIVE_<KIND>` (or `DAGSTACK_ACTIVE_<KIND>`);
//!   SINGLETON-4 else the highest priority. SINGLETON-5 a tie that none of them settles is
//!   `AmbiguousPlugin`, which names the variable.
//! - SINGLETON-6 the caller gets the reply with its plugin; it is validated.
//! - SINGLETON-7 a plugin fails: `Err(PluginFailed)`. SINGLETON-8 nobody there: `NoCapableHandler`.

use std::fmt;
use std::marker::PhantomData;

use hookspec_plugin::{Caller, IntoPayload, Payload};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Target;
use super::choose::{ask, ask_sync, one_of};
use crate::error::DispatchError;
use crate::outcome::Answer;
use crate::registry::Choice;

/// Asks the one plugin that a singleton kind has. Cheap to clone.
pub struct Singleton<I = Value, O = Value> {
    target: Target,
    types: PhantomData<fn(I) -> O>,
}

impl<I, O> Singleton<I, O>
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
    /// [`DispatchError::NoCapableHandler`], [`DispatchError::AmbiguousPlugin`]: nobody was asked;
    /// register a plugin, or settle which. [`DispatchError::InvalidInput`]: nobody was asked; mend
    /// the input. [`DispatchError::PluginFailed`]: it was asked and failed.
    /// [`DispatchError::ShuttingDown`].
    pub async fn dispatch(&self, caller: &Caller, input: I) -> Result<Answer<O>, DispatchError> {
        ask(&self.target, caller, Payload::of(input), None, one_of).await
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
        ask(&self.target, caller, Payload::of(input), Some(&choice), one_of).await
    }

    /// As [`dispatch`](Self::dispatch), without an async runtime.
    /// An answer that came after the deadline is kept and marked [`late`](Answer::late).
    ///
    /// # Errors
    /// As `dispatch`, and [`DispatchError::NotInline`] where the plugin cannot answer at once.
    pub fn dispatch_sync(&self, caller: &Caller, input: I) -> Result<Answer<O>, DispatchError> {
        ask_sync(&self.target, caller, Payload::of(input), None, one_of)
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
        ask_sync(&self.target, caller, Payload::of(input), Some(&choice), one_of)
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
        ask(&self.target, caller, input.into_payload(), None, one_of).await
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
        ask(&self.target, caller, input.into_payload(), Some(&choice), one_of).await
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
        ask_sync(&self.target, caller, input.into_payload(), None, one_of)
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
        ask_sync(&self.target, caller, input.into_payload(), Some(&choice), one_of)
    }
}

impl<I, O> Clone for Singleton<I, O> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), types: PhantomData }
    }
}

impl<I, O> fmt::Debug for Singleton<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Singleton({:?})", self.target)
    }
}
