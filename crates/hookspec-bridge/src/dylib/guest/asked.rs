//! [`Asked`]: a call, copied out of what the host lends.

use std::mem::offset_of;
use std::time::{Duration, Instant};

use hookspec_plugin::{
    Call, CallContext, Caller, CancellationToken, Cause, Context, EVENT, Event, Fault, HookName,
    Payload, Plugin, Reply,
};
use serde_json::{Map, Value};

use crate::dylib::abi::{self, Bytes};

/// A call, copied out of what the host lends.
pub(super) struct Asked {
    hook: HookName,
    caller: Caller,
    pub(super) token: CancellationToken,
    input: Payload,
}

/// The number of a call.
///
/// # Safety
/// `call` is what a host gave.
pub(super) unsafe fn id(call: *const abi::Call) -> u64 {
    // SAFETY: a host that speaks another version refused this library; in this one, a call has it.
    unsafe { (*call).id }
}

impl Asked {
    /// Copies a call of one of these hooks.
    ///
    /// # Safety
    /// `call` is what a host gave, and lent until this returns.
    pub(super) unsafe fn read(call: *const abi::Call, hooks: &[HookName]) -> Result<Self, Fault> {
        let unreadable = || Fault::new("abi", "the host gave a call that cannot be read");
        // SAFETY: in this version every call has these members.
        let (id, hook, input, metadata, remaining_ns) = unsafe {
            let (input, metadata) = ((*call).input, (*call).metadata);
            ((*call).id, (*call).hook, input, metadata, (*call).remaining_ns)
        };
        // SAFETY: the caller's promise.
        let (hook, input, metadata, cause) = unsafe {
            let cause = appended(call).read().ok_or_else(unreadable)?;
            let input = input.read().ok_or_else(unreadable)?;
            let metadata = metadata.read().ok_or_else(unreadable)?;
            (hook.text().ok_or_else(unreadable)?, input, metadata, cause)
        };
        let known = hooks.iter().find(|known| known.as_str() == hook);
        let hook = known.cloned().unwrap_or_else(|| HookName::new(hook));
        let input = Payload::from_bytes(input);
        let token = CancellationToken::new();
        let mut caller = Caller::new().with_cancellation(token.clone()).numbered(id);
        if let Ok(nanos) = u64::try_from(remaining_ns)
            && let Some(deadline) = Instant::now().checked_add(Duration::from_nanos(nanos))
        {
            caller = caller.with_deadline(deadline);
        }
        if metadata.len() > EMPTY_OBJECT.len() {
            let metadata: Map<String, Value> = serde_json::from_slice(metadata)?;
            for (key, value) in metadata {
                caller = caller.with_metadata(key, value);
            }
        }
        if !cause.is_empty() {
            caller = caller.caused_by(caused(cause, &hook, &input)?);
        }
        Ok(Self { hook, caller, token, input })
    }

    /// Has a plugin answer it.
    ///
    /// # Errors
    /// The plugin's own.
    pub(super) async fn answer(
        self,
        plugin: &dyn Plugin,
        context: &Context,
    ) -> Result<Reply, Fault> {
        let context = CallContext::new(context, &self.caller, &self.hook);
        plugin.call(Call { context, input: &self.input }).into_future().await
    }
}

const EMPTY_OBJECT: &[u8] = b"{}";

/// What the call says of its cause; nothing, where the host is too old to say.
///
/// # Safety
/// As for `read`.
unsafe fn appended(call: *const abi::Call) -> Bytes {
    let end = offset_of!(abi::Call, cause) + size_of::<Bytes>();
    // SAFETY: the caller's promise; the first member says how much of it is there.
    unsafe { if (*call).size as usize >= end { (*call).cause } else { Bytes::NONE } }
}

/// The event that a call is part of.
fn caused(told: &[u8], hook: &HookName, input: &Payload) -> Result<Cause, Fault> {
    let mut told: Value = serde_json::from_slice(told)?;
    let number = |member: &str| told.get(member).and_then(Value::as_u64).unwrap_or_default();
    let (subscription, lagged, attempt) =
        (number("subscription"), number("lagged"), number("attempt"));
    let name = told.get("name").and_then(Value::as_str).map(Into::into);
    let event = if *hook == EVENT {
        // Read once: the plugin is given what is read here.
        input.typed::<Event>()?.clone()
    } else {
        serde_json::from_value(told.get_mut("event").map(Value::take).unwrap_or_default())?
    };
    let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
    Ok(Cause { event, subscription, name, lagged, attempt })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(size: usize, hook: &'static str, input: &[u8], cause: &[u8]) -> abi::Call {
        abi::Call {
            size: size as u32,
            reserved: 0,
            id: 7,
            hook: Bytes::of(hook.as_bytes()),
            input: Bytes::of(input),
            metadata: Bytes::NONE,
            remaining_ns: -1,
            cause: Bytes::of(cause),
        }
    }

    fn read(call: &abi::Call) -> Result<Asked, Fault> {
        // SAFETY: it is whole, or says that it is not.
        unsafe { Asked::read(call, &[EVENT]) }
    }

    const CAUSE: &[u8] = br#"{"name":"a","subscription":3,"lagged":2,"attempt":1,"event":null}"#;

    /// A host says how much of a call is there, and no more of it is looked at.
    #[test]
    fn a_host_that_knows_no_cause_says_none() {
        let end = offset_of!(abi::Call, cause);
        for size in [end, end + 8, end + size_of::<Bytes>() - 1] {
            let old = call(size, "$event", b"{}", CAUSE);
            assert!(read(&old).is_ok_and(|asked| asked.caller.cause().is_none()), "{size}");
        }
    }

    #[test]
    fn a_cause_that_cannot_be_read_is_a_fault() {
        let size = size_of::<abi::Call>();
        for (hook, input, cause) in [
            ("$event", &b"{}"[..], CAUSE),
            ("$event", b"{", CAUSE),
            ("ask", b"{}", CAUSE),
            ("ask", b"{}", b"{"),
            ("ask", b"{}", b"[]"),
            ("ask", b"{}", b"null"),
        ] {
            assert!(read(&call(size, hook, input, cause)).is_err(), "{hook}");
        }
    }

    #[test]
    fn an_event_that_is_handled_is_the_input() {
        let event = json!({
            "id": "e1", "source": "ci", "type": "a.b", "time": "2025-01-15T10:30:00Z", "data": 5,
        });
        let event = event.to_string();
        let told = call(size_of::<abi::Call>(), "$event", event.as_bytes(), CAUSE);
        let asked = read(&told).unwrap_or_else(|fault| panic!("{fault}"));
        let cause = asked.caller.cause().expect("there is one");
        assert_eq!((cause.event.id.as_str(), cause.subscription), ("e1", 3));
        assert_eq!((cause.name.as_deref(), cause.lagged, cause.attempt), (Some("a"), 2, 1));
        assert_eq!(asked.caller.number(), 7);
    }
}
