//! What animals that receive events want, make of them, and emit.

use std::future::pending;
use std::thread;
use std::time::{Duration, Instant};

use hookspec_plugin::{
    CallContext, Context, EventDraft, Events, Fault, HookFuture, Pattern, Predicate, Reply,
    Subscription,
};
use serde_json::{Value, json};

use crate::effects;
use crate::flaw::Flaw;

/// Whether the animal of a name receives events.
pub(crate) fn has(name: &str) -> bool {
    name == "honest-events" || name.starts_with("evt-")
}

/// What a manifest says of events.
pub(crate) fn declared(flaw: Option<Flaw>) -> Events {
    let mut emit = patterns(&["zoo.counted"]);
    let mut arrived = patterns(&["zoo.arrived"]);
    let mut gate = "/data/gate";
    match flaw {
        Some(Flaw::MisspeltPattern) => arrived = patterns(&["zoo.arived"]),
        Some(Flaw::SetsItselfOff) => emit.extend(patterns(&["zoo.arrived"])),
        Some(Flaw::VainFilter) => gate = "/data/colour",
        _ => {}
    }
    let north = Predicate {
        pointer: Some(gate.into()),
        equals: Some("north".into()),
        ..Predicate::default()
    };
    let arrived = arrived.into_iter().map(Subscription::of);
    let left = patterns(&["zoo.left"]).into_iter().map(Subscription::of);
    let subscribe = arrived
        .map(|wants| wants.concurrency(4).timeout_ms(500))
        .chain(left.map(|wants| wants.filter(north.clone())))
        .collect();
    Events { emit, cancel: Vec::new(), subscribe }
}

/// What the code asks for, beside that.
pub(crate) fn asked_for(flaw: Option<Flaw>, instance: u64) -> Vec<Subscription> {
    let fed = patterns(&["zoo.fed.*"]).into_iter().map(Subscription::of);
    let priority = i32::try_from(instance).unwrap_or_default();
    match flaw {
        Some(Flaw::SubscribesOtherwise) => fed.map(|wants| wants.priority(priority)).collect(),
        _ => fed.collect(),
    }
}

/// Handles an event: whoever arrives is counted in the answer, the rest through the bus.
///
/// # Errors
/// `bad_event`: it is not what is told of such a type.
pub(crate) fn handle<'a>(
    flaw: Option<Flaw>,
    context: &CallContext<'_>,
    event: &Value,
) -> Result<HookFuture<'a>, Fault> {
    let data = &event["data"];
    let bad = || Fault::new("bad_event", "the data is not what is told of such an event");
    if flaw == Some(Flaw::PanicsOnOtherData) && event["type"] == "zoo.fed.lion" {
        assert!(data.get("meals").is_some(), "a lion that was fed nothing was not thought of");
    }
    if event["type"] != "zoo.arrived" {
        let known = ["gate", "meals"].iter().any(|field| data.get(field).is_some());
        return if known { publish(context, counted(1)) } else { Err(bad()) };
    }
    let text = data.get("text").and_then(Value::as_str).ok_or_else(bad)?;
    match flaw {
        Some(Flaw::PanicsOnEvent) if text.is_empty() => panic!("nobody has no name"),
        Some(Flaw::HandlesForever) if text.is_empty() => Ok(HookFuture::boxed(pending())),
        Some(Flaw::AnswersNonsense) => answer(json!("done")),
        Some(Flaw::EmitsUnlisted) => {
            publish(context, json!({ "type": "zoo.fed.lion", "data": { "meals": 1 } }))
        }
        Some(Flaw::EmitsWrongData) => {
            answer(json!([{ "type": "zoo.counted", "data": { "count": "many" } }]))
        }
        Some(Flaw::SetsItselfOff) => answer(json!([{ "type": "zoo.arrived", "data": data }])),
        _ => answer(json!([counted(text.chars().count())])),
    }
}

/// What a flawed setup leaves behind on the bus.
///
/// # Errors
/// There is no thread left.
pub(crate) fn leave(flaw: Option<Flaw>, context: &Context) -> Result<(), Fault> {
    if flaw != Some(Flaw::EmitsOnAndOn) {
        return Ok(());
    }
    let (context, until) = (context.clone(), Instant::now() + effects::LONG);
    thread::Builder::new().name("zoo-emits".into()).spawn(move || {
        while Instant::now() < until {
            // Whether anybody takes it is not its matter.
            let draft = EventDraft::new("zoo.counted").json(json!({ "count": 1 }));
            let _ = context.bus().try_emit(draft);
            thread::sleep(Duration::from_millis(20));
        }
    })?;
    Ok(())
}

fn counted(count: usize) -> Value {
    json!({ "type": "zoo.counted", "data": { "count": count } })
}

/// Emits an event through the bus; where the host lends none, by returning it.
fn publish<'a>(context: &CallContext<'_>, event: Value) -> Result<HookFuture<'a>, Fault> {
    if !context.bus().is_there() {
        return answer(json!([event]));
    }
    let data = event["data"].clone();
    let draft = EventDraft::new(event["type"].as_str().unwrap_or_default()).json(data);
    // What is refused is looked at by the suite, and not here.
    let _ = context.bus().try_emit(draft);
    answer(json!(null))
}

fn answer<'a>(answer: Value) -> Result<HookFuture<'a>, Fault> {
    Ok(HookFuture::Ready(Ok(Reply::value(answer))))
}

/// Texts that are patterns.
fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().filter_map(|text| Pattern::parse(text).ok()).collect()
}
