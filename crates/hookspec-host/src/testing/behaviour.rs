//! [`Behaviour`]: what a puppet does when it is called.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{Call, Event, EventDraft, Fault, Handled, Payload, Reply};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::gate::Gate;
use crate::registry::Registry;

/// A function that a puppet answers with.
pub type Compute = dyn Fn(&Call<'_>) -> Result<Reply, Fault> + Send + Sync;

/// A function that says which events a puppet emits.
pub type Drafts = dyn Fn(&Call<'_>) -> Result<Vec<EventDraft>, Fault> + Send + Sync;

/// What a puppet does when a hook of it is called.
#[derive(Clone)]
pub enum Behaviour {
    /// Answers a value.
    Answer(Payload),
    /// Answers what it was called with: the very same payload.
    Echo,
    /// Answers what a function makes of the call.
    Compute(Arc<Compute>),
    /// Leaves a chain's value as it is.
    Unchanged,
    /// Ends a chain.
    Stop,
    /// Says that something went wrong.
    Fault(Fault),
    /// Fails a number of times, then does something else.
    FailTimes(usize, Fault, Box<Behaviour>),
    /// Panics while it is called.
    Panic(PanicPayload),
    /// Answers a value of which no JSON can be made: making it fails, or panics.
    NotJson {
        /// It panics rather than fails.
        panics: bool,
    },
    /// Answers a text of that many bytes.
    Huge(usize),
    /// Answers arrays nested that deep.
    Deep(usize),
    /// Never answers; its future waits for ever.
    Hang,
    /// Waits for ever, and panics when its future is dropped.
    HangAndPanicWhenDropped,
    /// Blocks its thread until the gate is open, then does something else.
    Block(Gate, Box<Behaviour>),
    /// Waits, without blocking, until the gate is open, then does something else.
    Wait(Gate, Box<Behaviour>),
    /// Answers after a time.
    Late(Duration, Box<Behaviour>),
    /// Emits events through `ctx.bus()`, one after another, and answers nothing; a refusal is its
    /// fault.
    Emit(Arc<Drafts>),
    /// Dispatches a hook of the registry it lives in and answers what came of it.
    CallBack {
        /// The registry, as soon as there is one.
        registry: Arc<std::sync::OnceLock<Registry>>,
        /// The kind of the hook, of class `broadcast_collect`.
        kind: String,
        /// The hook.
        hook: String,
    },
}

impl Behaviour {
    /// Answers a JSON value.
    pub fn answer(value: impl Into<Value>) -> Self {
        Self::Answer(Payload::from_json(value.into()))
    }

    /// Answers what a function makes of the call.
    pub fn compute<F>(function: F) -> Self
    where
        F: Fn(&Call<'_>) -> Result<Reply, Fault> + Send + Sync + 'static,
    {
        Self::Compute(Arc::new(function))
    }

    /// Emits an event through `ctx.bus()`.
    pub fn emit(draft: EventDraft) -> Self {
        Self::Emit(Arc::new(move |_| Ok(vec![draft.clone()])))
    }

    /// Emits what a function makes of an event that it receives, through `ctx.bus()`.
    pub fn emit_with<F>(function: F) -> Self
    where
        F: Fn(&Event) -> Vec<EventDraft> + Send + Sync + 'static,
    {
        Self::Emit(Arc::new(move |call| Ok(function(&*call.input.typed::<Event>()?))))
    }

    /// Answers an event that it receives with the events that a function makes of it.
    pub fn return_with<F>(function: F) -> Self
    where
        F: Fn(&Event) -> Vec<EventDraft> + Send + Sync + 'static,
    {
        Self::compute(move |call| {
            let drafts = function(&*call.input.typed::<Event>()?);
            Ok(Reply::value(Handled::from(drafts)))
        })
    }

    /// Says that something went wrong, under the code `puppet`.
    pub fn fault(message: impl Into<String>) -> Self {
        Self::Fault(Fault::new("puppet", message))
    }

    /// Panics with a text.
    pub fn panic(message: impl Into<String>) -> Self {
        Self::Panic(PanicPayload::Text(message.into()))
    }

    /// Does this after a time.
    #[must_use]
    pub fn late(self, delay: Duration) -> Self {
        Self::Late(delay, Box::new(self))
    }

    /// Does this from a pending future, even where it could be done at once.
    #[must_use]
    pub fn pending(self) -> Script {
        Script { behaviour: self, pending: true }
    }
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Answer(_) => "Answer",
            Self::Echo => "Echo",
            Self::Compute(_) => "Compute",
            Self::Unchanged => "Unchanged",
            Self::Stop => "Stop",
            Self::Fault(_) => "Fault",
            Self::FailTimes(..) => "FailTimes",
            Self::Panic(_) => "Panic",
            Self::NotJson { .. } => "NotJson",
            Self::Huge(_) => "Huge",
            Self::Deep(_) => "Deep",
            Self::Hang => "Hang",
            Self::HangAndPanicWhenDropped => "HangAndPanicWhenDropped",
            Self::Block(..) => "Block",
            Self::Wait(..) => "Wait",
            Self::Late(..) => "Late",
            Self::Emit(_) => "Emit",
            Self::CallBack { .. } => "CallBack",
        };
        write!(f, "Behaviour::{name}")
    }
}

/// A behaviour, and how it is carried out.
#[derive(Clone, Debug)]
pub struct Script {
    /// What is done.
    pub behaviour: Behaviour,
    /// It is done from a future that is pending at first.
    pub pending: bool,
}

impl From<Behaviour> for Script {
    fn from(behaviour: Behaviour) -> Self {
        Self { behaviour, pending: false }
    }
}

/// What a puppet panics with.
#[derive(Clone, Debug)]
pub enum PanicPayload {
    /// A text, as `panic!` makes it.
    Text(String),
    /// A value that is no text.
    Number(i64),
    /// A value that panics again when it is dropped.
    Bomb,
}

impl PanicPayload {
    pub(crate) fn throw(&self) -> ! {
        match self {
            Self::Text(text) => std::panic::panic_any(text.clone()),
            Self::Number(number) => std::panic::panic_any(*number),
            Self::Bomb => std::panic::panic_any(Bomb),
        }
    }
}

/// Panics when it is dropped.
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a puppet panics while it is dropped");
    }
}

/// A value of which no JSON can be made.
pub(crate) struct NotJson {
    pub(crate) panics: bool,
}

impl Serialize for NotJson {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        assert!(!self.panics, "a puppet panics while it is serialised");
        Err(serde::ser::Error::custom("a puppet cannot be serialised"))
    }
}
