//! What the answer of a library means.

use std::panic::resume_unwind;

use hookspec_plugin::guard::ForeignPanic;
use hookspec_plugin::{Fault, Payload, Reply};
use serde_json::Value;

use super::calls::Completion;
use crate::dylib::abi::{
    HOOKSPEC_FAULT, HOOKSPEC_PANIC, HOOKSPEC_STOP, HOOKSPEC_UNCHANGED, HOOKSPEC_VALUE,
};

/// What a completion means. A panic over there becomes one here, so that it ends the call as any
/// other panic does.
pub(super) fn answered(completion: Completion) -> Result<Reply, Fault> {
    let Completion { status, answer } = completion;
    let Some(answer) = answer else {
        return Err(Fault::new("abi", "the plugin gave an answer that cannot be read"));
    };
    match status {
        HOOKSPEC_VALUE if answer.is_empty() => Ok(Reply::Value(Payload::from_json(Value::Null))),
        HOOKSPEC_VALUE => Ok(Reply::Value(Payload::from_bytes(answer))),
        HOOKSPEC_UNCHANGED => Ok(Reply::Unchanged),
        HOOKSPEC_STOP => Ok(Reply::Stop),
        HOOKSPEC_FAULT => Err(fault(&answer)),
        HOOKSPEC_PANIC => resume_unwind(Box::new(panic(&answer))),
        other => Err(Fault::new("abi", format!("the plugin answered the unknown status {other}"))),
    }
}

fn fault(answer: &[u8]) -> Fault {
    let told: Value = serde_json::from_slice(answer).unwrap_or_default();
    let text = |member: &str| told.get(member).and_then(Value::as_str);
    let (Some(code), Some(message)) = (text("code"), text("message")) else {
        let told = String::from_utf8_lossy(&answer[..answer.len().min(1024)]);
        return Fault::new("fault", format!("the plugin failed, and said: {told}"));
    };
    let fault = Fault::new(code, message);
    let fault = match told.get("data") {
        Some(data) => fault.with_data(data.clone()),
        None => fault,
    };
    if told.get("retryable") == Some(&Value::Bool(true)) { fault.retryable() } else { fault }
}

fn panic(answer: &[u8]) -> ForeignPanic {
    let told: Value = serde_json::from_slice(answer).unwrap_or_default();
    let number = |member: &str| {
        told.get(member).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok())
    };
    let file = told.get("file").and_then(Value::as_str);
    let message = told.get("message").and_then(Value::as_str);
    ForeignPanic {
        message: message.unwrap_or("a panic that says nothing").to_owned(),
        location: file.map(|file| {
            (file.to_owned(), number("line").unwrap_or(0), number("column").unwrap_or(0))
        }),
    }
}

#[cfg(test)]
mod tests {
    use hookspec_plugin::guard::catch;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever a plugin answers is an answer, a fault or a panic of its own.
        #[test]
        fn any_bytes_with_any_status_are_judged(
            status in -3_i32..8,
            answer in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..64)),
        ) {
            let known = answer.is_some();
            let judged = catch(|| answered(Completion { status, answer }));
            match judged {
                Err(_) => prop_assert_eq!(status, HOOKSPEC_PANIC),
                Ok(Ok(_)) => prop_assert!(known && (HOOKSPEC_VALUE..=HOOKSPEC_STOP).contains(&status)),
                Ok(Err(fault)) => prop_assert!(!fault.message().is_empty()),
            }
        }
    }

    #[test]
    fn a_fault_crosses_whole() {
        let told = Fault::new("own", "why").retryable().with_data(Value::from(3));
        let answer = serde_json::to_vec(&told).unwrap();
        let crossed = answered(Completion { status: HOOKSPEC_FAULT, answer: Some(answer) });
        assert_eq!(crossed.unwrap_err(), told);
    }
}
