//! `ask`, and all that can be wrong with it.

use std::collections::BTreeMap;
use std::env;
use std::future::pending;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use std::{fs, process};

use hookspec_plugin::{Fault, HookFuture, Reply};
use serde_json::{Map, Value};

use crate::flaw::Flaw;
use crate::input::Asked;
use crate::lossy::Lossy;
use crate::state::{State, next};
use crate::wait::yields;
use crate::{effects, hooks};

/// How often a call lets others go first, so that those made at once do overlap.
const YIELDS: usize = 200;

/// The answer of `ask`.
///
/// # Errors
/// `bad_input`, `refused`, as the honest; what a flaw refuses.
pub(crate) fn ask<'a>(
    flaw: Option<Flaw>,
    state: &'a State,
    input: &Value,
    config: &Value,
) -> Result<HookFuture<'a>, Fault> {
    if flaw == Some(Flaw::PanicsOnInvalid) {
        assert!(input.get("text").is_some_and(Value::is_string), "every input has a text");
    }
    let input = Asked::read(input)?;
    before(flaw, &input)?;
    if flaw == Some(Flaw::NeverAnswers) && input.is_empty() {
        return Ok(HookFuture::boxed(pending()));
    }
    let mut answer = hooks::ask(&input)?;
    if let Some(told) = told(flaw, state, config) {
        // The schema is open: there may be more than it names.
        answer.insert("told".into(), told);
    }
    let reply = match flaw {
        Some(Flaw::MixesCalls) => return Ok(HookFuture::boxed(mixed(state, answer))),
        Some(Flaw::LossyAnswer) if input.is_ordinary() => Lossy::reply(answer),
        Some(Flaw::WrongForm) if input.is_ordinary() => Reply::Unchanged,
        _ if is_wrong_for(flaw, &input) => spoilt(answer),
        _ => Reply::value(Value::Object(answer)),
    };
    Ok(HookFuture::Ready(Ok(reply)))
}

/// What happens before there is an answer.
fn before(flaw: Option<Flaw>, input: &Asked<'_>) -> Result<(), Fault> {
    match flaw {
        Some(Flaw::RefusesUnknown) if input.has_unknown() => {
            return Err(Fault::new("unknown_field", "the input has a field that nobody knows"));
        }
        Some(Flaw::RefusesExamples) if input.is_example() => {
            return Err(Fault::new("too_easy", "this one is in the book"));
        }
        Some(Flaw::PanicsOnEmpty) => assert!(!input.is_empty(), "nobody sends an empty text"),
        Some(Flaw::EndsTheProcess) if input.is_long() => effects::end(),
        Some(Flaw::Floods) if input.is_empty() => effects::flood(),
        Some(Flaw::TakesAllMemory) if input.is_empty() => effects::hoard(),
        _ => {}
    }
    Ok(())
}

fn is_wrong_for(flaw: Option<Flaw>, input: &Asked<'_>) -> bool {
    match flaw {
        Some(Flaw::WrongForOrdinary) => input.is_ordinary(),
        Some(Flaw::WrongForMaximum) => input.is_maximum(),
        Some(Flaw::WrongForDeep) => input.is_deep(),
        Some(Flaw::WrongForLarge) => input.is_large(),
        Some(Flaw::WrongForUnicode) => input.is_unicode(),
        _ => false,
    }
}

/// An answer without a field that its schema requires.
fn spoilt(mut answer: Map<String, Value>) -> Reply {
    answer.shift_remove("length");
    Reply::value(Value::Object(answer))
}

/// What an answer should not depend on, told all the same.
fn told(flaw: Option<Flaw>, state: &State, config: &Value) -> Option<Value> {
    let variables = |names: &[&str]| {
        let value = |name: &&str| env::var_os(name).map(|value| value.to_string_lossy().into());
        Value::Array(
            names.iter().map(|name| value(name).map_or(Value::Null, Value::String)).collect(),
        )
    };
    Some(match flaw? {
        Flaw::TellsCalls => next(&state.asked).into(),
        Flaw::TellsInstance => state.instance.into(),
        Flaw::TellsThread => is_on_a_runtime().into(),
        Flaw::TellsProcess => process::id().into(),
        Flaw::TellsFolder => env::current_dir().ok()?.to_string_lossy().into(),
        Flaw::TellsEnvironment => environment().into(),
        Flaw::TellsZone => variables(&["TZ"]),
        Flaw::TellsLocale => variables(&["LC_ALL", "LANG"]),
        Flaw::TellsSecret => config.get("token").cloned()?,
        _ => return None,
    })
}

/// Whether this thread is one of an async runtime's own. Asked of the system, because the standard
/// library of a shared library does not know threads of its host.
fn is_on_a_runtime() -> bool {
    fs::read_to_string("/proc/thread-self/comm").is_ok_and(|name| name.starts_with("tokio-"))
}

/// A digest, because the environment itself may hold secrets.
fn environment() -> u64 {
    let apart = |name: &str| ["TZ", "LANG"].contains(&name) || name.starts_with("LC_");
    let variables: BTreeMap<_, _> =
        env::vars_os().filter(|(name, _)| !apart(&name.to_string_lossy())).collect();
    let mut hasher = DefaultHasher::new();
    variables.hash(&mut hasher);
    hasher.finish()
}

/// Takes the calls that run at the same time for one of its own.
async fn mixed(state: &State, answer: Map<String, Value>) -> Result<Reply, Fault> {
    let running = Running::one_more(state);
    let mut overlap = false;
    for _ in 0..YIELDS {
        yields(1).await;
        overlap |= state.running.load(Ordering::Acquire) > 1;
    }
    drop(running);
    Ok(if overlap { spoilt(answer) } else { Reply::value(Value::Object(answer)) })
}

/// A call, until it ends or is dropped.
struct Running<'a>(&'a State);

impl<'a> Running<'a> {
    fn one_more(state: &'a State) -> Self {
        state.running.fetch_add(1, Ordering::AcqRel);
        Self(state)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}
