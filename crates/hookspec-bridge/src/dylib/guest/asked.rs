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
        serde_json::from_value(told["event"].take())?
    };
    let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
    Ok(Cause { event, subscription, name, lagged, attempt })
}
