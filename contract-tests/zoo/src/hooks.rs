//! What the honest answer, hook by hook.

use std::thread;
use std::time::Duration;

use hookspec_plugin::{Call, Fault, HookFuture, Manifest, Reply};
use serde_json::{Map, Value, json};

use crate::flaw::Flaw;
use crate::input::{Asked, is_closed};
use crate::state::{State, next};
use crate::wait::Wait;
use crate::{answers, effects, events, files};

/// How long `slow` takes.
const A_WHILE: Duration = Duration::from_millis(20);

/// The answer of a hook that is served.
///
/// # Errors
/// Why it cannot be answered; the hooks say.
pub(crate) fn answer<'a>(
    flaw: Option<Flaw>,
    manifest: &Manifest,
    state: &'a State,
    call: Call<'a>,
) -> Result<HookFuture<'a>, Fault> {
    let input = call.input.json()?;
    let reply = match call.hook().as_str() {
        "tell" => note(input).map(|_| Reply::Unchanged),
        "gather" => ask(&Asked::read(input)?).map(|answer| Reply::value(Value::Object(answer))),
        "ask" => return answers::ask(flaw, state, input, call.context.config()),
        "pass" => pass(flaw, manifest, &Asked::read(input)?),
        "count" => note(input).map(|_| Reply::value(json!({ "count": next(&state.counted) }))),
        "slow" => return slow(flaw, note(input)?),
        "$event" => return events::handle(flaw, &call.context, input),
        "find" => files::find(flaw, manifest, input).map(Reply::value),
        _ => greet(input),
    };
    reply.map(|reply| HookFuture::Ready(Ok(reply)))
}

/// `ask` and `gather`: what is in the input.
///
/// # Errors
/// `refused`: it does not like the number 7.
pub(crate) fn ask(input: &Asked<'_>) -> Result<Map<String, Value>, Fault> {
    if input.is_unloved() {
        return Err(Fault::new("refused", "this number is refused; take another one"));
    }
    let mut answer = Map::new();
    answer.insert("text".into(), input.text.into());
    answer.insert("number".into(), input.fields.get("number").cloned().unwrap_or_default());
    answer.insert("length".into(), input.text.chars().count().into());
    answer.insert("tags".into(), input.tags.into());
    answer.insert("depth".into(), input.depth.into());
    Ok(answer)
}

fn pass(flaw: Option<Flaw>, manifest: &Manifest, input: &Asked<'_>) -> Result<Reply, Fault> {
    if manifest.name == "honest-stop" {
        // Nothing can be made of an empty text by those who come after.
        return Ok(if input.is_empty() { Reply::Stop } else { Reply::Unchanged });
    }
    let mut value = input.fields.clone();
    let text = input.text.trim().to_lowercase();
    value.insert("text".into(), text.trim().into());
    let tags = value.entry("tags").or_insert_with(|| json!([]));
    if let Value::Array(tags) = tags
        && !tags.iter().any(|tag| tag == "seen")
    {
        tags.push("seen".into());
    }
    if flaw == Some(Flaw::ChangesReadOnly) {
        let other = if input.is_maximum() { 0 } else { 10 };
        value.insert("number".into(), other.into());
    }
    Ok(if value == *input.fields { Reply::Unchanged } else { Reply::value(Value::Object(value)) })
}

fn slow<'a>(flaw: Option<Flaw>, text: &str) -> Result<HookFuture<'a>, Fault> {
    let answer = json!({ "text": text });
    if flaw == Some(Flaw::IgnoresCancellation) {
        thread::sleep(effects::LONG);
        return Ok(HookFuture::Ready(Ok(Reply::value(answer))));
    }
    if flaw == Some(Flaw::WorksOn) {
        effects::work_on();
    }
    let wait = Wait::begin(A_WHILE)?;
    Ok(HookFuture::boxed(async move {
        wait.await;
        Ok(Reply::value(answer))
    }))
}

fn greet(input: &Value) -> Result<Reply, Fault> {
    let name = input.get("name").and_then(Value::as_str);
    let name = name.ok_or_else(|| Fault::new("bad_input", "the input has no name"))?;
    Ok(Reply::value(json!({ "greeting": format!("Hello, {name}") })))
}

fn note(input: &Value) -> Result<&str, Fault> {
    let text = input.get("text").and_then(Value::as_str).filter(|_| is_closed(input, &["text"]));
    text.ok_or_else(|| Fault::new("bad_input", "the input is no text and nothing else"))
}
