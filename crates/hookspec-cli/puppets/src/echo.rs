//! [`Echo`]: answers what it was asked, or does what the question says.

use std::time::Duration;

use hookspec_plugin::{Call, Fault, HookFuture, HookName, Manifest, Plugin, Reply};
use serde_json::Value;
use tokio::sync::Barrier;

/// Answers its input. `{"fault": text}` fails, `{"panic": text}` panics, `{"meet": true}` waits for
/// a second such call, `{"late_ms": n}` takes its time.
pub(crate) struct Echo {
    manifest: Manifest,
    meeting: Barrier,
}

impl Echo {
    pub(crate) fn new() -> Self {
        Self { manifest: Manifest::new("echo", "stage"), meeting: Barrier::new(2) }
    }

    async fn answer(&self, input: &Value) -> Result<Reply, Fault> {
        if let Some(text) = input["fault"].as_str() {
            return Err(Fault::new("asked", text));
        }
        if let Some(text) = input["panic"].as_str() {
            std::panic::panic_any(text.to_owned());
        }
        if input["meet"] == true {
            self.meeting.wait().await;
        }
        if let Some(millis) = input["late_ms"].as_u64() {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        Ok(Reply::value(input.clone()))
    }
}

impl Plugin for Echo {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("echo")];
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::boxed(async move { self.answer(call.input.json()?).await })
    }
}
