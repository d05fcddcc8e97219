//! What keeps an event from being published, or somebody from subscribing.

use std::time::Duration;

use hookspec_plugin::{EventType, Fault, InvalidEventType, InvalidPattern, Violations};
use hookspec_spec::Diagnostics;
use thiserror::Error;

/// Why an event was not published. Nobody received it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// Its type is no type.
    #[error("[{}] {error}", self.code())]
    InvalidType {
        /// What is wrong.
        error: InvalidEventType,
    },
    /// No file declares its type (EVENT-3).
    #[error("[{}] no event `{event_type}` is declared{}; declare it in `events/<namespace>.yaml` beside the hookspecs, or open its namespace", self.code(), nearest(near))]
    Undeclared {
        /// The type.
        event_type: EventType,
        /// One that is declared and is spelt alike.
        near: Option<String>,
    },
    /// Its data is not what the catalogue declares, or is too large (EVENT-3).
    #[error("[{}] event `{event_type}` was not published: its data {violations}", self.code())]
    InvalidData {
        /// The type.
        event_type: EventType,
        /// What is wrong with the data, by JSON pointers.
        violations: Violations,
    },
    /// An id or metadata that no event has.
    #[error("[{}] event `{event_type}` was not published: {reason}", self.code())]
    InvalidAttribute {
        /// The type.
        event_type: EventType,
        /// What is wrong, with the attribute.
        reason: String,
    },
    /// Its emitter may not publish it (EVENT-4).
    #[error("[{}] `{emitter}` may not publish `{event_type}`: {reason}", self.code())]
    Denied {
        /// The plugin.
        emitter: String,
        /// The type.
        event_type: EventType,
        /// Which rule denies it, and what would allow it.
        reason: String,
    },
    /// Too many events led to it (EVENT-6).
    #[error("[{}] `{event_type}` was not published: it is event {depth} of a chain, and {limit} are allowed: {way}; end the loop, or raise `max_depth`", self.code())]
    TooDeep {
        /// The type.
        event_type: EventType,
        /// How many events led to it.
        depth: i32,
        /// How many may.
        limit: i32,
        /// The events that led to it, the first one first, with their sources.
        way: String,
    },
    /// Its emitter published too many in too short a time.
    #[error("[{}] `{emitter}` publishes too often: more than {per_second} events a second; later", self.code())]
    TooOften {
        /// The plugin.
        emitter: String,
        /// How many it may.
        per_second: u32,
    },
    /// The bus stops.
    #[error("[{}] the bus takes no events any more: its host stops", self.code())]
    Closed,
}

fn nearest(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default()
}

impl PublishError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidType { .. } => "HS-E001",
            Self::Undeclared { .. } => "HS-E002",
            Self::InvalidData { .. } => "HS-E003",
            Self::InvalidAttribute { .. } => "HS-E004",
            Self::Denied { .. } => "HS-E005",
            Self::TooDeep { .. } => "HS-E006",
            Self::TooOften { .. } => "HS-E007",
            Self::Closed => "HS-E008",
        }
    }

    /// What a plugin that emitted it is told.
    pub(crate) fn fault(&self) -> Fault {
        let code = match self {
            Self::Denied { .. } => "event_denied",
            Self::TooDeep { .. } => "event_depth",
            Self::TooOften { .. } => "event_rate",
            Self::Closed => "bus_closed",
            _ => "event_invalid",
        };
        let fault = Fault::new(code, self.to_string());
        if matches!(self, Self::TooOften { .. }) { fault.retryable() } else { fault }
    }
}

/// Why nobody was subscribed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// It names no pattern.
    #[error("[{}] the subscription of `{subscriber}` has no pattern; name at least one", self.code())]
    NoPattern {
        /// Who subscribes.
        subscriber: String,
    },
    /// A pattern is none.
    #[error("[{}] {error}", self.code())]
    InvalidPattern {
        /// What is wrong.
        error: InvalidPattern,
    },
    /// No declared event matches, and no open namespace may hold one (EVENT-3).
    #[error("[{}] `{subscriber}` subscribes to `{pattern}`, which no declared event matches{}; mend the pattern, declare the event, or open its namespace", self.code(), nearest(near))]
    NothingMatches {
        /// Who subscribes.
        subscriber: String,
        /// The pattern.
        pattern: String,
        /// A declared type that is spelt alike.
        near: Option<String>,
    },
    /// How its events are to be delivered cannot be: a pointer is none, or a number is out of its bounds.
    #[error("[{}] the subscription of `{subscriber}` is not one: {mistakes}", self.code())]
    Invalid {
        /// Who subscribes.
        subscriber: String,
        /// All that is wrong, each with a JSON pointer into the subscription.
        mistakes: Diagnostics,
    },
    /// The bus stops.
    #[error("[{}] the bus takes no subscriptions any more: its host stops", self.code())]
    Closed,
}

impl SubscribeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPattern { .. } => "HS-E020",
            Self::InvalidPattern { .. } => "HS-E021",
            Self::NothingMatches { .. } => "HS-E022",
            Self::Invalid { .. } => "HS-E023",
            Self::Closed => "HS-E024",
        }
    }
}

/// Why a request has no reply.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// It was not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// What was awaited is named by no pattern.
    #[error(transparent)]
    Pattern(#[from] SubscribeError),
    /// Nobody is subscribed to it.
    #[error("[{}] nobody is subscribed to `{event_type}`; `explain` says why", self.code())]
    Unheard {
        /// The type.
        event_type: EventType,
    },
    /// Everybody who received it has handled it, and nobody replied.
    #[error("[{}] nobody replied to `{event_type}`{}", self.code(), because(error))]
    Unanswered {
        /// The type.
        event_type: EventType,
        /// Why the last one of them failed, if it did.
        error: Option<String>,
    },
    /// Nothing came in time.
    #[error("[{}] nothing came for `{awaited}` within {timeout:?}", self.code())]
    TimedOut {
        /// The type of the request, or the pattern.
        awaited: String,
        /// How long was waited.
        timeout: Duration,
    },
    /// The one who replied refused it.
    #[error("[{}] the request was refused: {fault}", self.code())]
    Refused {
        /// What it was refused with.
        fault: Fault,
    },
}

fn because(error: &Option<String>) -> String {
    error.as_ref().map(|error| format!(": {error}")).unwrap_or_default()
}

impl RequestError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Publish(error) => error.code(),
            Self::Pattern(error) => error.code(),
            Self::Unheard { .. } => "HS-E030",
            Self::Unanswered { .. } => "HS-E031",
            Self::TimedOut { .. } => "HS-E032",
            Self::Refused { .. } => "HS-E033",
        }
    }

    /// What a plugin that asked is told.
    pub(crate) fn fault(self) -> Fault {
        let code = match &self {
            Self::Publish(error) => return error.fault(),
            Self::Pattern(SubscribeError::Closed) => "bus_closed",
            Self::Pattern(_) => "event_invalid",
            Self::Unheard { .. } => "request_unheard",
            Self::Unanswered { .. } => "request_unanswered",
            Self::TimedOut { .. } => "request_timeout",
            Self::Refused { fault } => return fault.clone(),
        };
        Fault::new(code, self.to_string())
    }
}
