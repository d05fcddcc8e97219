//! An event, delivered to a plugin through its hook `$event` (EVENT-4), as every call through
//! `invoke.rs`.

use hookspec_plugin::{Caller, Handled, Payload, Reply};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::chain::step;
use super::invoke::{self, Frame};
use crate::registry::{HookPlan, Link};

/// Calls one plugin with an event.
///
/// # Errors
/// Why it was not handled, for people.
pub(crate) async fn deliver(
    plan: &HookPlan,
    link: &Link,
    caller: &Caller,
    event: &Payload,
    runtime: &Handle,
    deadline: Instant,
) -> Result<Handled, String> {
    let started = Instant::now();
    let frame = Frame {
        plan,
        wraps: None,
        caller,
        runtime: Some(runtime),
        started,
        deadline: deadline.min(invoke::deadline(plan, caller, started)),
        sync: false,
        nested: caller.is_nested(),
    };
    match step(&frame, link, event, &mut { started }).await {
        Ok(Ok(answered)) => match answered.into_reply() {
            Reply::Value(payload) => payload
                .typed::<Handled>()
                .map(|handled| handled.clone())
                .map_err(|fault| format!("it answered what is no answer to an event: {fault}")),
            Reply::Unchanged | Reply::Stop => Ok(Handled::default()),
        },
        Ok(Err(failure)) => Err(failure.cause.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
