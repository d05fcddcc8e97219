//! What becomes bytes to cross. One that is nested too deeply is not written, nor dropped, by
//! recursion: that would overflow the stack, which nothing can catch.

use std::sync::Arc;

use hookspec_plugin::{EventDraft, Fault, Payload, size};
use serde_json::Value;

/// An answer as bytes.
///
/// # Errors
/// `invalid_output`: it is nested too deeply. Or it cannot be written as JSON.
pub(super) fn written(payload: Payload) -> Result<Arc<[u8]>, Fault> {
    shallow(payload, "invalid_output")?.bytes().cloned()
}

/// An event as JSON.
///
/// # Errors
/// `event_invalid`: its data is nested too deeply. Or it cannot be written as JSON.
pub(super) fn draft(mut draft: EventDraft) -> Result<Value, Fault> {
    let data = std::mem::replace(&mut draft.data, Payload::from_json(Value::Null));
    draft.data = shallow(data, "event_invalid")?;
    Ok(serde_json::to_value(&draft)?)
}

fn shallow(payload: Payload, code: &str) -> Result<Payload, Fault> {
    if !payload.has_json() && payload.known_bytes().is_none() {
        // A value of the plugin's own type: what it becomes is measured below.
        payload.json()?;
    }
    match size::check(&payload, usize::MAX) {
        Ok(()) => Ok(payload),
        Err(violations) => {
            size::dismantle(payload);
            Err(Fault::new(code, violations.to_string()))
        }
    }
}
