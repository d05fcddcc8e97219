//! [`script`]: the behaviour of a hook in a vector, as a behaviour of the shipped puppet.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookspec_host::testing::{Behaviour, Script};
use hookspec_plugin::{Call, Fault, Reply};
use serde_json::{Map, Number, Value};

use crate::unserved::{Served, Unserved, flag, object, text, unserved, whole};

/// What hooks leave behind beside their answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Arc<Mutex<Traces>>);

#[derive(Debug, Default)]
struct Traces {
    completed: Vec<String>,
    read: Map<String, Value>,
}

impl Trace {
    /// The plugins in the order in which their hooks ended.
    pub(crate) fn completed(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).completed.clone()
    }

    /// What each plugin last read of its metadata or its configuration.
    pub(crate) fn read(&self) -> Map<String, Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).read.clone()
    }

    fn ended(&self, plugin: &str) {
        let mut traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        traces.completed.push(plugin.to_owned());
    }

    fn found(&self, plugin: &str, value: &Value) {
        let mut traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        traces.read.insert(plugin.to_owned(), value.clone());
    }
}

/// What a hook does.
#[derive(Clone, Debug)]
enum Action {
    Return(Value),
    Raise(String),
    ReturnArgument(u64),
    ReadMetadata(String),
    ReadConfig(String),
    Upper,
    TrimLower,
    Passthrough,
    Stop,
    Append(Value),
    AppendNamed,
    Wrap(String, String),
    Replace(String, String),
    Add(Number),
    Multiply(Number),
}

const KNOWN: [&str; 19] = [
    "return",
    "raise",
    "fail_times",
    "return_arg",
    "read_metadata",
    "read_config",
    "upper",
    "append",
    "append_kwarg",
    "wrap",
    "add",
    "mul",
    "passthrough",
    "trim_lower",
    "replace",
    "stop_chain",
    "async",
    "delay_ms",
    "signature",
];

/// What says how a hook answers, not what.
const MODIFIERS: [&str; 4] = ["async", "delay_ms", "signature", "fail_times"];

/// Reads a behaviour. `sync`: nobody waits for a future, so that real time is spent on the thread.
pub(crate) fn script(value: &Value, plugin: &str, trace: &Trace, sync: bool) -> Served<Script> {
    let place = format!("the behaviour of plugin `{plugin}`");
    let fields = object(value, &place, &KNOWN)?;
    // Whatever parameters another language names, a hook here is called with one input.
    fields.get("signature").map(|signature| text(signature, "signature")).transpose()?;
    let failures = fields.get("fail_times").map(|times| whole(times, "fail_times")).transpose()?;
    let mut actions = fields
        .iter()
        .filter(|(key, _)| !MODIFIERS.contains(&key.as_str()))
        // Beside `fail_times` it is the message of those failures.
        .filter(|(key, _)| failures.is_none() || *key != "raise");
    let action = match (actions.next(), actions.next()) {
        (Some((key, value)), None) => action(key, value)?,
        (None, _) => return unserved(format!("{place} says nothing to do")),
        (Some((one, _)), Some((other, _))) => {
            return unserved(format!("{place} says two things to do: `{one}` and `{other}`"));
        }
    };
    let message = match fields.get("raise") {
        Some(message) => text(message, "raise")?.to_owned(),
        None => "it fails at first".to_owned(),
    };
    let delay = fields.get("delay_ms").map(|delay| whole(delay, "delay_ms")).transpose()?;
    let delay = delay.map(Duration::from_millis);
    let pending = fields.get("async").map(|pending| flag(pending, "async")).transpose()?;
    let pending = pending.unwrap_or_default();
    let block = delay.filter(|_| sync && !pending);
    let (plugin, trace, left) =
        (plugin.to_owned(), trace.clone(), AtomicU64::new(failures.unwrap_or(0)));
    let behaviour = Behaviour::compute(move |call| {
        if let Some(delay) = block {
            std::thread::sleep(delay);
        }
        let fails = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        let answer = match fails {
            Ok(_) => Err(Fault::new("vector", message.clone())),
            Err(_) => perform(&action, call, &plugin, &trace),
        };
        trace.ended(&plugin);
        answer
    });
    let behaviour = match delay {
        Some(delay) if block.is_none() => behaviour.late(delay),
        _ => behaviour,
    };
    Ok(if pending { behaviour.pending() } else { behaviour.into() })
}

fn action(key: &str, value: &Value) -> Served<Action> {
    let number = || match value {
        Value::Number(number) => Ok(number.clone()),
        other => unserved(format!("`{key}` is not a number: {other}")),
    };
    let pair = || match value.as_array().map(Vec::as_slice) {
        Some([one, other]) => Ok((text(one, key)?.to_owned(), text(other, key)?.to_owned())),
        _ => unserved(format!("`{key}` is not a pair: {value}")),
    };
    let word = || text(value, key).map(str::to_owned);
    let says = |action: Action| match flag(value, key)? {
        true => Ok(action),
        false => unserved(format!("`{key}` is false")),
    };
    match key {
        "return" => Ok(Action::Return(value.clone())),
        "raise" => word().map(Action::Raise),
        "return_arg" => whole(value, key).map(Action::ReturnArgument),
        "read_metadata" => word().map(Action::ReadMetadata),
        "read_config" => word().map(Action::ReadConfig),
        "upper" => says(Action::Upper),
        "trim_lower" => says(Action::TrimLower),
        "passthrough" => says(Action::Passthrough),
        "stop_chain" => says(Action::Stop),
        "append" => Ok(Action::Append(value.clone())),
        "append_kwarg" => word().map(|_| Action::AppendNamed),
        "wrap" => pair().map(|(left, right)| Action::Wrap(left, right)),
        "replace" => pair().map(|(from, to)| Action::Replace(from, to)),
        "add" => number().map(Action::Add),
        "mul" => number().map(Action::Multiply),
        other => Err(Unserved(format!("unknown behaviour `{other}`"))),
    }
}

fn perform(action: &Action, call: &Call<'_>, plugin: &str, trace: &Trace) -> Result<Reply, Fault> {
    let input = call.input.json()?;
    let words = || {
        input.as_str().ok_or_else(|| Fault::new("vector", format!("the input is no text: {input}")))
    };
    let found = |value: Option<&Value>| {
        let value = value.cloned().unwrap_or_default();
        trace.found(plugin, &value);
        value
    };
    Ok(Reply::value(match action {
        Action::Return(value) => value.clone(),
        Action::Raise(message) => return Err(Fault::new("vector", message.clone())),
        Action::Passthrough | Action::ReturnArgument(0) => input.clone(),
        Action::ReturnArgument(index) => {
            return Err(Fault::new("vector", format!("there is no argument {index}: one input")));
        }
        Action::ReadMetadata(key) => found(call.context.metadata().get(key)),
        Action::ReadConfig(key) => found(call.context.config().get(key)),
        Action::Stop => return Ok(Reply::Stop),
        Action::Upper => words()?.to_uppercase().into(),
        Action::TrimLower => words()?.trim().to_lowercase().into(),
        Action::Wrap(left, right) => format!("{left}{}{right}", words()?).into(),
        Action::Replace(from, to) => words()?.replace(from, to).into(),
        Action::Append(tail) => append(input, tail)?,
        // It appends a named argument to another one: there is never a second input (rule 5).
        Action::AppendNamed => {
            return Err(Fault::new("vector", "there is no named argument beside the input"));
        }
        Action::Add(number) => calculate(input, number, i64::checked_add, |a, b| a + b)?,
        Action::Multiply(number) => calculate(input, number, i64::checked_mul, |a, b| a * b)?,
    }))
}

fn append(input: &Value, tail: &Value) -> Result<Value, Fault> {
    match (input, tail) {
        (Value::String(head), Value::String(tail)) => Ok(format!("{head}{tail}").into()),
        (Value::Array(items), tail) => {
            Ok(items.iter().chain(std::iter::once(tail)).cloned().collect())
        }
        _ => Err(Fault::new("vector", format!("cannot append {tail} to {input}"))),
    }
}

fn calculate(
    input: &Value,
    number: &Number,
    whole: fn(i64, i64) -> Option<i64>,
    real: fn(f64, f64) -> f64,
) -> Result<Value, Fault> {
    let wrong = || Fault::new("vector", format!("cannot calculate with {input} and {number}"));
    if let (Some(one), Some(other)) = (input.as_i64(), number.as_i64()) {
        return whole(one, other).map(Value::from).ok_or_else(wrong);
    }
    match (input.as_f64(), number.as_f64()) {
        (Some(one), Some(other)) => Ok(real(one, other).into()),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(behaviour: Value) -> String {
        script(&behaviour, "p", &Trace::default(), false).unwrap_err().0
    }

    #[test]
    fn an_unknown_behaviour_is_refused() {
        assert!(refused(json!({ "retrun": 1 })).contains("unknown key `retrun`"));
        assert!(refused(json!({ "return": 1, "upper": true })).contains("two things"));
        assert!(refused(json!({ "async": true })).contains("nothing to do"));
        assert!(refused(json!({ "upper": "yes" })).contains("upper"));
        assert!(refused(json!({ "wrap": ["["] })).contains("pair"));
        assert!(refused(json!({ "add": "1" })).contains("number"));
        assert!(refused(json!("return")).contains("not an object"));
    }

    #[test]
    fn the_whole_vocabulary_is_known() {
        for behaviour in [
            json!({ "return": null, "async": true, "delay_ms": 1, "signature": "(self)" }),
            json!({ "fail_times": 2, "return": 1 }),
            json!({ "fail_times": 2, "raise": "no", "return": 1 }),
            json!({ "return_arg": 0 }),
            json!({ "append_kwarg": "suffix" }),
            json!({ "replace": ["a", "b"] }),
            json!({ "trim_lower": true }),
            json!({ "mul": 2.5 }),
        ] {
            assert!(script(&behaviour, "p", &Trace::default(), false).is_ok(), "{behaviour}");
        }
    }
}
