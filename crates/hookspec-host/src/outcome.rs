//! What a dispatch answers: replies with names on them, and failures with names on them.

use std::any::TypeId;
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::time::Duration;

use hookspec_plugin::{Fault, HookName, Payload, PluginName, View, Violations};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One plugin, one reason: why it did not contribute.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The plugin that failed.
    pub plugin: PluginName,
    /// The hook that was called.
    pub hook: HookName,
    /// Why.
    pub cause: Cause,
    /// From the start of the call to the moment the failure was known.
    pub elapsed: Duration,
    /// The call did end, but only after its deadline.
    pub late: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin `{}` failed in hook `{}`: {}", self.plugin, self.hook, self.cause)
    }
}

impl std::error::Error for Failure {}

/// Why a plugin did not contribute.
#[derive(Clone, Debug)]
pub enum Cause {
    /// It said so itself.
    Faulted(Fault),
    /// It panicked; the panic was contained.
    Panicked {
        /// What it panicked with.
        message: String,
        /// Where; known only after [`install_panic_hook`](crate::install_panic_hook).
        location: Option<PanicLocation>,
    },
    /// It had not answered when the deadline passed.
    TimedOut,
    /// It answered something that its hook does not allow.
    InvalidOutput(Violations),
    /// What ran it is gone: its process died, its thread ended.
    Gone,
    /// The caller, or the registry while stopping, no longer wanted the answer.
    Cancelled,
    /// It was not called: a bound was reached.
    Rejected {
        /// Which bound.
        reason: String,
    },
}

impl Cause {
    /// The name of the variant, as in metrics and in `outcome` of the call's span.
    pub const fn name(&self) -> &'static str {
        self.class().as_str()
    }

    /// The variant without its content.
    pub const fn class(&self) -> CauseClass {
        match self {
            Self::Faulted(_) => CauseClass::Faulted,
            Self::Panicked { .. } => CauseClass::Panicked,
            Self::TimedOut => CauseClass::TimedOut,
            Self::InvalidOutput(_) => CauseClass::InvalidOutput,
            Self::Gone => CauseClass::Gone,
            Self::Cancelled => CauseClass::Cancelled,
            Self::Rejected { .. } => CauseClass::Rejected,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faulted(fault) => write!(f, "{fault}"),
            Self::Panicked { message, location: Some(location) } => {
                write!(f, "panicked at {location}: {message}")
            }
            Self::Panicked { message, location: None } => write!(f, "panicked: {message}"),
            Self::TimedOut => f.write_str("did not answer before its deadline"),
            Self::InvalidOutput(violations) => write!(f, "invalid output: {violations}"),
            Self::Gone => f.write_str("is gone: what ran it ended without an answer"),
            Self::Cancelled => f.write_str("was cancelled"),
            Self::Rejected { reason } => write!(f, "was not called: {reason}"),
        }
    }
}

/// A [`Cause`] without its content: what metrics are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseClass {
    /// [`Cause::Faulted`]
    Faulted,
    /// [`Cause::Panicked`]
    Panicked,
    /// [`Cause::TimedOut`]
    TimedOut,
    /// [`Cause::InvalidOutput`]
    InvalidOutput,
    /// [`Cause::Gone`]
    Gone,
    /// [`Cause::Cancelled`]
    Cancelled,
    /// [`Cause::Rejected`]
    Rejected,
}

impl CauseClass {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::Faulted,
        Self::Panicked,
        Self::TimedOut,
        Self::InvalidOutput,
        Self::Gone,
        Self::Cancelled,
        Self::Rejected,
    ];

    /// The name used in metrics, logs and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Faulted => "faulted",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed_out",
            Self::InvalidOutput => "invalid_output",
            Self::Gone => "gone",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }

    /// Whether the plugin is to blame: the other causes are the caller's or the host's doing and
    /// do not make a plugin `degraded`.
    pub const fn blames_plugin(self) -> bool {
        match self {
            Self::Faulted | Self::Panicked | Self::TimedOut | Self::InvalidOutput | Self::Gone => {
                true
            }
            Self::Cancelled | Self::Rejected => false,
        }
    }
}

impl fmt::Display for CauseClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where a panic happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicLocation {
    /// Source file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl From<(String, u32, u32)> for PanicLocation {
    fn from((file, line, column): (String, u32, u32)) -> Self {
        Self { file, line, column }
    }
}

impl From<&Location<'_>> for PanicLocation {
    fn from(location: &Location<'_>) -> Self {
        Self { file: location.file().into(), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for PanicLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What a `broadcast_notify` answers (NOTIFY-3).
#[derive(Clone, Debug, Default)]
pub struct Notified {
    /// How many plugins took the notification.
    pub delivered: usize,
    /// Who did not, and why, in dispatch order.
    pub failures: Vec<Failure>,
    /// Who took it after the deadline, in a dispatch that could not be interrupted.
    pub late: Vec<PluginName>,
}

/// What a `broadcast_collect` answers (COLLECT-3).
#[derive(Clone, Debug)]
pub struct Collected<O> {
    /// Every reply with its plugin's name, in dispatch order.
    pub replies: Vec<Answer<O>>,
    /// Under `best_effort`: who failed, and why, in dispatch order.
    pub failures: Vec<Failure>,
}

/// What a `chain` answers (CHAIN-3).
#[derive(Clone, Debug)]
pub struct Chained<T> {
    /// The last value.
    pub value: Output<T>,
    /// Who was called and did not fail, in order.
    pub ran: Vec<PluginName>,
    /// Who handed on another value than it received, in order.
    pub changed: Vec<PluginName>,
    /// Who ended the chain early.
    pub stopped_by: Option<PluginName>,
    /// Under `best_effort`: whose link was skipped, and why.
    pub failures: Vec<Failure>,
    /// Who answered after the deadline, in a dispatch that could not be interrupted.
    pub late: Vec<PluginName>,
    /// What plugins that run as shadows would have done, in dispatch order (SHADOW-2).
    pub shadowed: Vec<Shadowed>,
}

/// What a plugin that runs as a shadow would have done to a chain.
#[derive(Clone, Debug)]
pub struct Shadowed {
    /// The plugin.
    pub plugin: PluginName,
    /// What it would have done.
    pub would: Would,
}

/// What a shadow would have done.
#[derive(Clone, Debug)]
pub enum Would {
    /// It would have left the value as it is.
    Leave,
    /// It would have ended the chain.
    Stop,
    /// It would have handed on this value.
    Change(Payload),
    /// It failed.
    Fail(Failure),
}

/// One plugin's reply: what a `singleton` or a `capability` answers.
#[derive(Clone, Debug)]
pub struct Answer<O> {
    /// The plugin that answered.
    pub plugin: PluginName,
    /// What it answered.
    pub value: Output<O>,
    /// It answered after the deadline, and the dispatch was one that could not be interrupted.
    pub late: bool,
}

/// A value that a plugin answered, shared with whoever else holds it; reads as a `&T`.
pub struct Output<T>(Held<T>);

enum Held<T> {
    // The payload keeps a `T` (or `T` is its JSON): seen to in `Output::read`.
    Shared(Payload),
    // Read from the payload, which keeps another type.
    Own(Box<(T, Payload)>),
}

impl<T> Output<T> {
    /// What the value was read from.
    pub(crate) fn payload(&self) -> &Payload {
        match &self.0 {
            Held::Shared(payload) => payload,
            Held::Own(own) => &own.1,
        }
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Output<T> {
    #[inline]
    pub(crate) fn read(payload: Payload) -> Result<Self, Fault> {
        if TypeId::of::<T>() == TypeId::of::<Value>() {
            payload.json()?;
            return Ok(Self(Held::Shared(payload)));
        }
        Self::read_typed(payload)
    }

    #[inline]
    fn read_typed(payload: Payload) -> Result<Self, Fault> {
        let own = match payload.typed::<T>()? {
            View::Shared(_) => None,
            View::Own(value) => Some(*value),
        };
        Ok(Self(match own {
            None => Held::Shared(payload),
            Some(value) => Held::Own(Box::new((value, payload))),
        }))
    }

    /// What the value was read from, taken out.
    pub(crate) fn into_payload(self) -> Payload {
        match self.0 {
            Held::Shared(payload) => payload,
            Held::Own(own) => own.1,
        }
    }

    /// The value itself: moved out where this is the last holder, else a clone.
    pub fn into_inner(self) -> T
    where
        T: Clone,
    {
        match self.0 {
            Held::Own(own) => own.0,
            Held::Shared(payload) if payload.is_unique() => match payload.into_typed() {
                Ok(value) => value,
                // `read` saw it hold a `T`, and nobody else can have taken it.
                Err(_) => unreachable!("a payload never changes its forms"),
            },
            shared @ Held::Shared(_) => (*Self(shared)).clone(),
        }
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Deref for Output<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Held::Own(own) => &own.0,
            Held::Shared(payload) => match payload.typed::<T>() {
                Ok(View::Shared(value)) => value,
                // A payload never changes, and `read` saw it share a `T`.
                Ok(View::Own(_)) | Err(_) => unreachable!("a payload never changes its forms"),
            },
        }
    }
}

impl<T> fmt::Debug for Output<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Held::Shared(payload) => payload.fmt(f),
            Held::Own(..) => f.write_str("Output(own)"),
        }
    }
}

impl<T: Clone> Clone for Output<T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Held::Shared(payload) => Held::Shared(payload.clone()),
            Held::Own(own) => Held::Own(own.clone()),
        })
    }
}
