//! Which event a call is part of, as it crosses.

use hookspec_plugin::{Call, EVENT};
use serde_json::{Value, json};

/// The event whose handling a call is part of, for `hookspec_call.cause`; empty where there is none.
pub(super) fn written(call: &Call<'_>) -> Vec<u8> {
    let Some(cause) = call.context.caller().cause() else { return Vec::new() };
    let mut told = json!({
        "name": cause.name.as_deref(),
        "subscription": cause.subscription,
        "lagged": cause.lagged,
        "attempt": cause.attempt,
    });
    if *call.hook() != EVENT {
        // One that cannot be written has been delivered in this process alone: the library does not
        // hear of it.
        let Ok(event) = serde_json::to_value(&cause.event) else { return Vec::new() };
        told["event"] = event;
    }
    Value::to_string(&told).into_bytes()
}
