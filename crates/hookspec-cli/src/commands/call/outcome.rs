//! [`Outcome`]: what came of one dispatch, as programs read it. For people: [`super::show`].

use hookspec_host::{Answer, Cause, Chained, Collected, DispatchError, Failure, Notified, Partial};
use hookspec_plugin::{Payload, PluginName, Violations};
use serde_json::{Map, Value, json};

use crate::app::Status;
use crate::text::millis;

/// What came of one dispatch.
#[derive(Debug)]
pub(super) struct Outcome(pub(super) Result<Answered, DispatchError>);

/// What a class answers.
#[derive(Debug)]
pub(super) enum Answered {
    Notified(Notified),
    Collected(Collected<Value>),
    Chained(Chained<Value>),
    One(Answer<Value>),
}

impl Outcome {
    /// Whether every plugin that was called did what it was called for.
    pub(super) fn is_ok(&self) -> bool {
        self.0.is_ok() && self.failures().is_empty()
    }

    /// Why there is no answer.
    pub(super) fn error(&self) -> Option<&DispatchError> {
        self.0.as_ref().err()
    }

    /// Who failed, whether or not the dispatch ended with it.
    pub(super) fn failures(&self) -> &[Failure] {
        match &self.0 {
            Ok(Answered::Notified(notified)) => &notified.failures,
            Ok(Answered::Collected(collected)) => &collected.failures,
            Ok(Answered::Chained(chained)) => &chained.failures,
            Ok(Answered::One(_)) => &[],
            Err(DispatchError::PluginFailed { failure, .. }) => std::slice::from_ref(failure),
            Err(_) => &[],
        }
    }

    pub(super) fn status(&self) -> Status {
        match &self.0 {
            // Nothing was asked of any plugin, and the input has nothing to do with it.
            Err(
                DispatchError::UnknownKind { .. }
                | DispatchError::UnknownHook { .. }
                | DispatchError::DispatchMismatch { .. }
                | DispatchError::ShuttingDown,
            ) => Status::CouldNotRun,
            _ if self.is_ok() => Status::Fine,
            _ => Status::Failed,
        }
    }

    /// `outcome`, `failures` and `error`, as the README describes them.
    pub(super) fn object(&self) -> Map<String, Value> {
        let (answered, problem) = match &self.0 {
            Ok(answered) => (answered.object(), Value::Null),
            Err(problem) => (Value::Null, error(problem)),
        };
        let failures = self.failures().iter().map(failure).collect();
        Map::from_iter([
            ("outcome".into(), answered),
            ("failures".into(), Value::Array(failures)),
            ("error".into(), problem),
        ])
    }
}

impl Answered {
    fn object(&self) -> Value {
        match self {
            Self::Notified(notified) => {
                json!({ "delivered": notified.delivered, "late": names(&notified.late) })
            }
            Self::Collected(collected) => {
                json!({ "replies": collected.replies.iter().map(answer).collect::<Vec<_>>() })
            }
            Self::Chained(chained) => json!({
                "value": *chained.value,
                "ran": names(&chained.ran),
                "changed": names(&chained.changed),
                "stopped_by": chained.stopped_by.as_ref().map(PluginName::as_str),
                "late": names(&chained.late),
            }),
            Self::One(one) => answer(one),
        }
    }
}

fn answer(answer: &Answer<Value>) -> Value {
    json!({ "plugin": answer.plugin.as_str(), "value": *answer.value, "late": answer.late })
}

fn failure(failure: &Failure) -> Value {
    let (code, retryable, data) = match &failure.cause {
        Cause::Faulted(fault) => (Some(fault.code()), Some(fault.is_retryable()), fault.data()),
        _ => (None, None, &Value::Null),
    };
    let location = match &failure.cause {
        Cause::Panicked { location, .. } => location.as_ref().map(ToString::to_string),
        _ => None,
    };
    let found = match &failure.cause {
        Cause::InvalidOutput(found) => violations(found),
        _ => Value::Null,
    };
    json!({
        "plugin": failure.plugin.as_str(),
        "hook": failure.hook.as_str(),
        "cause": failure.cause.name(),
        "message": failure.cause.to_string(),
        "code": code,
        "retryable": retryable,
        "data": data,
        "location": location,
        "violations": found,
        "elapsed_ms": millis(failure.elapsed),
        "late": failure.late,
    })
}

fn error(error: &DispatchError) -> Value {
    let found = match error {
        DispatchError::InvalidInput { violations: found, .. } => violations(found),
        _ => Value::Null,
    };
    let partial = match error {
        DispatchError::PluginFailed { partial, .. } => partial_of(partial),
        _ => Value::Null,
    };
    json!({
        "code": error.code(),
        "message": error.to_string(),
        "violations": found,
        "partial": partial,
    })
}

fn partial_of(partial: &Partial) -> Value {
    match partial {
        Partial::None => Value::Null,
        Partial::Replies(replies) => {
            let reply = |(plugin, payload): &(PluginName, Payload)| json!({ "plugin": plugin.as_str(), "value": value(payload) });
            json!({ "replies": replies.iter().map(reply).collect::<Vec<_>>() })
        }
        Partial::Value(payload) => json!({ "value": value(payload) }),
    }
}

/// A payload that was validated: it has JSON.
pub(super) fn value(payload: &Payload) -> Value {
    payload.json().cloned().unwrap_or_default()
}

fn violations(found: &Violations) -> Value {
    let violation = found.iter().map(
        |each| json!({ "pointer": each.instance, "schema": each.schema, "message": each.message }),
    );
    violation.collect()
}

fn names(plugins: &[PluginName]) -> Vec<&str> {
    plugins.iter().map(PluginName::as_str).collect()
}
