//! [`Outcome`]: what came of one dispatch, whatever its class, as far as one plugin is concerned.

use std::fmt;
use std::time::{Duration, Instant};

use hookspec_host::{Cause, CauseClass, DispatchError, Failure, Registry};
use hookspec_plugin::Caller;
use hookspec_spec::{DispatchClass, Hook};
use serde_json::Value;

use crate::short::short;

/// What came of one dispatch, as far as one plugin is concerned.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Answer {
        by: String,
        value: Value,
    },
    Chained {
        value: Value,
        ran: bool,
        changed: bool,
        stopped: bool,
    },
    Delivered,
    /// It was not among those that were called.
    NotCalled,
    Failed {
        plugin: String,
        cause: CauseClass,
        code: Option<String>,
        text: String,
        data: Value,
    },
    Refused {
        error: &'static str,
        text: String,
    },
}

/// An outcome, and how long it took.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    pub(crate) outcome: Outcome,
    pub(crate) elapsed: Duration,
}

/// Dispatches a hook once and looks at what `who` made of it. Where one plugin answers, the class
/// chooses it.
pub(crate) async fn dispatch(
    registry: &Registry,
    kind: &str,
    hook: &Hook,
    caller: &Caller,
    input: Value,
    who: &str,
) -> Timed {
    let start = Instant::now();
    let outcome = of_class(registry, kind, hook, caller, input, who).await;
    Timed { outcome: outcome.unwrap_or_else(failed), elapsed: start.elapsed() }
}

async fn of_class(
    registry: &Registry,
    kind: &str,
    hook: &Hook,
    caller: &Caller,
    input: Value,
    who: &str,
) -> Result<Outcome, DispatchError> {
    let name = hook.name.as_str();
    let of_who = |failures: &[Failure]| {
        failures.iter().find(|failure| failure.plugin == *who).map(of_failure)
    };
    Ok(match hook.dispatch {
        DispatchClass::BroadcastNotify => {
            let told = registry.broadcast_notify::<Value>(kind, name)?;
            let told = told.dispatch(caller, input).await?;
            match of_who(&told.failures) {
                Some(failed) => failed,
                None if told.delivered > 0 => Outcome::Delivered,
                None => Outcome::NotCalled,
            }
        }
        DispatchClass::BroadcastCollect => {
            let asked = registry.broadcast_collect::<Value, Value>(kind, name)?;
            let asked = asked.dispatch(caller, input).await?;
            let own = asked.replies.iter().find(|reply| reply.plugin == *who);
            match (of_who(&asked.failures), own) {
                (Some(failed), _) => failed,
                (None, Some(reply)) => {
                    Outcome::Answer { by: who.to_owned(), value: (*reply.value).clone() }
                }
                (None, None) => Outcome::NotCalled,
            }
        }
        DispatchClass::Chain => {
            let passed = registry.chain::<Value>(kind, name)?.dispatch(caller, input).await?;
            let own = |plugins: &[hookspec_plugin::PluginName]| plugins.iter().any(|p| *p == *who);
            match of_who(&passed.failures) {
                Some(failed) => failed,
                None => Outcome::Chained {
                    ran: own(&passed.ran),
                    changed: own(&passed.changed),
                    stopped: passed.stopped_by.is_some_and(|plugin| plugin == *who),
                    value: (*passed.value).clone(),
                },
            }
        }
        DispatchClass::Singleton => {
            let asked = registry.singleton::<Value, Value>(kind, name)?;
            let answer = asked.dispatch(caller, input).await?;
            Outcome::Answer { by: answer.plugin.to_string(), value: (*answer.value).clone() }
        }
        DispatchClass::Capability => {
            let asked = registry.capability::<Value, Value>(kind, name)?;
            let answer = asked.dispatch(caller, input).await?;
            Outcome::Answer { by: answer.plugin.to_string(), value: (*answer.value).clone() }
        }
    })
}

fn failed(error: DispatchError) -> Outcome {
    let refusal = match &error {
        DispatchError::PluginFailed { failure, .. } => return of_failure(failure),
        DispatchError::InvalidInput { .. } => "invalid_input",
        DispatchError::NoCapableHandler { .. } => "no_capable_handler",
        DispatchError::AmbiguousPlugin { .. } => "ambiguous_plugin",
        // Cases have no word for it: whatever they expect, they are told the code and the text.
        other => other.code(),
    };
    Outcome::Refused { error: refusal, text: error.to_string() }
}

fn of_failure(failure: &Failure) -> Outcome {
    let (code, data) = match &failure.cause {
        Cause::Faulted(fault) => (Some(fault.code().to_owned()), fault.data().clone()),
        _ => (None, Value::Null),
    };
    Outcome::Failed {
        plugin: failure.plugin.to_string(),
        cause: failure.cause.class(),
        code,
        text: failure.cause.to_string(),
        data,
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { by, value } => write!(f, "an answer of {by}: {}", short(value)),
            Self::Chained { value, ran, changed, stopped } => {
                let how = match (ran, stopped, changed) {
                    (false, ..) => "not called",
                    (_, true, _) => "stopped the chain",
                    (_, _, true) => "changed it",
                    (_, _, false) => "left it unchanged",
                };
                write!(f, "a value that the plugin {how}: {}", short(value))
            }
            Self::Delivered => f.write_str("delivered"),
            Self::NotCalled => f.write_str("the plugin was not called"),
            Self::Failed { plugin, cause, code, text, data } => {
                write!(f, "{plugin} {cause}")?;
                if let Some(code) = code {
                    write!(f, " with code {code}")?;
                }
                write!(f, ": {text}")?;
                if data.is_null() { Ok(()) } else { write!(f, " (data {})", short(data)) }
            }
            Self::Refused { error, text } => write!(f, "refused as {error}: {text}"),
        }
    }
}
