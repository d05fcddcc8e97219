//! What a library does with the events of its host: it publishes at once by a function, and asks for
//! what has to be awaited as it asks a resource.
//!
//! Who emits, in which call, and so what the event came of, the host knows by itself: the library says
//! which call it means, and of its calls there are those that the host made and that have not ended.

use std::ffi::c_void;
use std::ptr;
use std::time::Duration;

use hookspec_plugin::{BoxFuture, Caller, Context, Event, EventBus, EventDraft, Fault, Receipt};
use serde_json::{Value, json};

use super::remote::{text, unknown};
use super::requests::{Answer, faulted};
use super::side::Side;
use super::slots::{LARGEST_REQUEST, lent};
use crate::dylib::abi::{
    Bytes, HOOKSPEC_DENIED, HOOKSPEC_FAULT, HOOKSPEC_GONE, HOOKSPEC_INVALID, HOOKSPEC_OK,
    HOOKSPEC_TOO_MUCH, HOOKSPEC_UNSUPPORTED, HOOKSPEC_VALUE,
};

/// What the events are asked by: not a resource of the host, and so not a name of one.
pub(super) const NAME: &str = "$events";

pub(super) unsafe extern "C" fn emit(context: *mut c_void, event: Bytes) -> i32 {
    // SAFETY: what this one was given.
    unsafe { emit_in(context, 0, event, None, ptr::null_mut()) }
}

/// Who takes the answer.
type Take = unsafe extern "C" fn(to: *mut c_void, status: i32, answer: Bytes);

pub(super) unsafe extern "C" fn emit_in(
    context: *mut c_void,
    id: u64,
    event: Bytes,
    take: Option<Take>,
    to: *mut c_void,
) -> i32 {
    let mut published = None;
    let work = |side: &Side, context: &Context| {
        let bus = context.services().bus().ok_or(HOOKSPEC_UNSUPPORTED)?;
        // Looked at first: what belongs to nothing is not worth the reading.
        let caller = match id {
            0 => None,
            id => side.calls.caller(id).ok_or(HOOKSPEC_GONE)?,
        };
        if event.len > LARGEST_REQUEST {
            return Err(HOOKSPEC_TOO_MUCH);
        }
        // SAFETY: lent until this function returns.
        let event = unsafe { event.read() }.ok_or(HOOKSPEC_INVALID)?;
        let draft = serde_json::from_slice(event).map_err(|error| {
            published = Some(Err(unreadable(&error)));
            HOOKSPEC_INVALID
        })?;
        published = Some(bus.emit(caller.as_ref(), draft));
        Ok(())
    };
    // SAFETY: the plugin gives what it was given.
    let asked = unsafe { lent(context, work) };
    let published = published.unwrap_or_else(|| Err(refused(asked)));
    let (code, status, answer) = match published {
        Ok(receipt) => (HOOKSPEC_OK, HOOKSPEC_VALUE, written(&receipt)),
        Err(fault) => (code(&fault), HOOKSPEC_FAULT, faulted(&fault)),
    };
    if let Some(take) = take {
        // SAFETY: as the interface says; the answer is lent until it returns.
        unsafe { take(to, status, Bytes::of(&answer)) }
    }
    if asked == HOOKSPEC_OK { code } else { asked }
}

fn written(receipt: &Receipt) -> Vec<u8> {
    // Texts and numbers: that cannot fail.
    serde_json::to_vec(receipt).unwrap_or_default()
}

fn unreadable(error: &serde_json::Error) -> Fault {
    Fault::new("event_invalid", format!("the event cannot be read: {error}"))
}

/// Why the bus was not even asked.
fn refused(code: i32) -> Fault {
    let (code, why) = match code {
        HOOKSPEC_UNSUPPORTED => ("no_bus", "the plugin runs where there are no events"),
        HOOKSPEC_GONE => ("cancelled", "the call that emits, or the instance, has ended"),
        HOOKSPEC_TOO_MUCH => ("event_invalid", "the event is larger than 16 MiB"),
        _ => ("event_invalid", "the event cannot be read"),
    };
    Fault::new(code, why)
}

/// What a function answers where the bus refuses.
fn code(fault: &Fault) -> i32 {
    match fault.code() {
        "event_denied" => HOOKSPEC_DENIED,
        "event_depth" | "event_rate" => HOOKSPEC_TOO_MUCH,
        "bus_closed" => HOOKSPEC_GONE,
        _ => HOOKSPEC_INVALID,
    }
}

/// What is asked of the events, for a call of somebody: `emit` (`event`), `dispatch` (`event`),
/// `request` (`event`, `timeout_ms`), `wait_for` (`pattern`, `timeout_ms`).
///
/// # Errors
/// `no_bus`: there are none.
pub(super) fn answer(context: &Context, caller: Option<Caller>, request: Value) -> Answer {
    if let Some(bus) = context.services().bus()
        && request.get("op").and_then(Value::as_str) == Some("wait_for")
    {
        // Registered here, not when it is first polled (EVENT-12).
        let event = awaited(bus, &request);
        return Box::pin(async move { Ok(serde_json::to_value(event?.await?)?) });
    }
    let context = context.clone();
    Box::pin(async move {
        let bus: &dyn EventBus =
            context.services().bus().ok_or_else(|| refused(HOOKSPEC_UNSUPPORTED))?;
        let caller = caller.as_ref();
        match text(&request, "op")? {
            "emit" => Ok(json!(bus.emit_when_there_is_room(caller, draft(&request)?).await?)),
            "dispatch" => Ok(json!(bus.dispatch(caller, draft(&request)?).await?)),
            "request" => {
                let (draft, timeout) = (draft(&request)?, timeout(&request)?);
                bus.request(caller, draft, timeout).await?.into_json()
            }
            op => Err(unknown(op, "emit, dispatch, request, wait_for")),
        }
    })
}

fn awaited(
    bus: &dyn EventBus,
    request: &Value,
) -> Result<BoxFuture<'static, Result<Event, Fault>>, Fault> {
    Ok(bus.wait_for(text(request, "pattern")?, timeout(request)?))
}

fn draft(request: &Value) -> Result<EventDraft, Fault> {
    let event = request.get("event").cloned().unwrap_or_default();
    serde_json::from_value(event).map_err(|error| unreadable(&error))
}

fn timeout(request: &Value) -> Result<Duration, Fault> {
    let millis = request.get("timeout_ms").and_then(Value::as_u64);
    let missing = || Fault::new("resource_request", "`timeout_ms` is no whole number");
    millis.map(Duration::from_millis).ok_or_else(missing)
}
