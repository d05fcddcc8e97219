//! [`DylibPlugin`]: a plugin of a shared library as any other plugin.

use std::ffi::c_void;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{self, Poll};

use hookspec_plugin::guard::ForeignPanic;
use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Manifest, Payload, Plugin,
    Reply, Teardown,
};
use serde_json::{Map, Value};

use super::calls::Completion;
use super::descriptor::Found;
use super::file::Image;
use super::side::{HOST, Side};
use crate::dylib::abi::{
    self, Bytes, HOOKSPEC_FAULT, HOOKSPEC_PANIC, HOOKSPEC_REQUIRES_RESTART, HOOKSPEC_STOP,
    HOOKSPEC_UNCHANGED, HOOKSPEC_VALUE,
};

/// Calls that one instance may have open: cancelled ones that the library never ends add up.
const MOST_OPEN: usize = 4096;

/// A plugin of a shared library.
#[derive(Debug)]
pub(super) struct DylibPlugin {
    manifest: Manifest,
    found: Found,
    facts: Map<String, Value>,
    side: Arc<Side>,
    begun: AtomicBool,
    /// Its setup went well.
    ready: AtomicBool,
    /// Its teardown was begun: what is called from here on has nothing to stand on.
    ended: AtomicBool,
    /// It holds nothing any more that only a teardown gives back.
    torn_down: AtomicBool,
    /// What `create` returned.
    instance: OnceLock<Instance>,
}

/// What a library knows an instance by.
#[derive(Clone, Copy, Debug)]
struct Instance(*mut c_void);

// SAFETY: the interface says that it may be used from any thread.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl DylibPlugin {
    pub(super) fn new(manifest: Manifest, found: Found, file: Image) -> Self {
        let mut facts = Map::new();
        facts.insert("file".into(), file.path.display().to_string().into());
        facts.insert("sha256".into(), file.sha256.into());
        facts.insert("built_with".into(), found.built_with.as_str().into());
        let side = Side::new(manifest.name.clone());
        let no = || AtomicBool::new(false);
        let (begun, ready, ended, torn_down) = (no(), no(), no(), no());
        let instance = OnceLock::new();
        Self { manifest, found, facts, side, begun, ready, ended, torn_down, instance }
    }

    /// The instance, once its setup went well.
    fn instance(&self) -> Result<Instance, Fault> {
        if self.ended.load(Ordering::Acquire) {
            return Err(Fault::new("torn_down", "the plugin was called after its teardown"));
        }
        let not_set_up = || Fault::new("not_set_up", "the plugin was called before its setup");
        let instance = self.instance.get().filter(|_| self.ready.load(Ordering::Acquire));
        instance.copied().ok_or_else(not_set_up)
    }

    /// Asks something that is completed by its number.
    fn ask(&self, ask: impl FnOnce(u64)) -> Asked<'_> {
        let id = self.side.calls.begin();
        let asked = Asked { plugin: self, id, ended: false };
        ask(id);
        asked
    }

    fn start(&self, context: &Context) -> Result<Asked<'_>, Fault> {
        if let Some(name) = self.manifest.resources.required.first() {
            return Err(Fault::new(
                "resource_cannot_cross",
                format!(
                    "it requires the resource `{name}`, and no resource crosses into a shared \
                     library; run it in_process, or make the resource optional"
                ),
            ));
        }
        if self.begun.swap(true, Ordering::AcqRel) {
            return Err(Fault::new("set_up", "the plugin was set up already"));
        }
        // Nobody else sets it: see above.
        let _ = self.side.config.set(serde_json::to_vec(context.config()).unwrap_or_default());
        let Some(create) = self.found.descriptor.create else {
            return Err(Fault::new("abi", "its function `create` is null"));
        };
        Ok(self.ask(|id| {
            // SAFETY: as the interface says; the side is never freed.
            let made = unsafe { create(self.found.descriptor, &HOST, self.side.context(), id) };
            let _ = self.instance.set(Instance(made));
        }))
    }
}

impl Plugin for DylibPlugin {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        &self.found.hooks
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let completion = self.start(context)?.await?;
            let well = completion.status == HOOKSPEC_VALUE;
            self.torn_down
                .store(!well || self.found.descriptor.teardown.is_none(), Ordering::Release);
            self.ready.store(well, Ordering::Release);
            answered(completion).map(drop)
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let begun = self.instance().and_then(|instance| {
            let Some(function) = self.found.descriptor.call else {
                return Err(Fault::new("abi", "its function `call` is null"));
            };
            if self.side.calls.open() >= MOST_OPEN {
                return Err(Fault::new(
                    "too_many_open",
                    format!("the plugin has {MOST_OPEN} calls that it did not end, cancelled ones included"),
                )
                .retryable());
            }
            let input = call.input.bytes()?;
            let metadata = match call.context.metadata() {
                none if none.is_empty() => Vec::new(),
                some => serde_json::to_vec(some)?,
            };
            let remaining = call.context.remaining().map(|left| left.as_nanos());
            let asked = self.ask(|id| {
                let call = abi::Call {
                    size: size_of::<abi::Call>() as u32,
                    reserved: 0,
                    id,
                    hook: Bytes::of(call.hook().as_str().as_bytes()),
                    input: Bytes::of(input),
                    metadata: Bytes::of(if metadata.is_empty() { b"{}" } else { &metadata }),
                    remaining_ns: remaining.map_or(-1, |ns| i64::try_from(ns).unwrap_or(i64::MAX)),
                };
                // SAFETY: as the interface says; all that is lent lives until it returns.
                unsafe { function(instance.0, &raw const call) }
            });
            Ok(asked)
        });
        match begun.map(Asked::at_once) {
            Ok(Ok(completion)) => HookFuture::Ready(completion.and_then(answered)),
            Ok(Err(asked)) => HookFuture::boxed(async move { answered(asked.await?) }),
            Err(fault) => HookFuture::Ready(Err(fault)),
        }
    }

    fn facts(&self) -> Map<String, Value> {
        let mut facts = self.facts.clone();
        let strays = self.side.calls.strays();
        let open = self.side.calls.open();
        for (name, count) in [("stray_completions", strays), ("open_calls", open as u64)] {
            if count > 0 {
                facts.insert(name.into(), count.into());
            }
        }
        facts
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        Box::pin(async move {
            let (Some(health), Ok(instance)) = (self.found.descriptor.health, self.instance())
            else {
                return Health::Ok;
            };
            // SAFETY: as the interface says.
            let asked = self.ask(|id| unsafe { health(instance.0, id) });
            match asked.await.and_then(answered) {
                Ok(Reply::Value(payload)) => match payload.json() {
                    Ok(Value::Null) => Health::Ok,
                    Ok(Value::String(how)) => Health::Degraded(how.clone()),
                    Ok(other) => Health::Degraded(other.to_string()),
                    Err(fault) => Health::Failed(fault.to_string()),
                },
                Ok(Reply::Unchanged | Reply::Stop) => Health::Ok,
                Err(fault) => Health::Failed(fault.to_string()),
            }
        })
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async move {
            let instance = self.instance()?;
            if self.ended.swap(true, Ordering::AcqRel) {
                return Err(Fault::new("torn_down", "the plugin is torn down once"));
            }
            let Some(teardown) = self.found.descriptor.teardown else {
                return Ok(Teardown::Clean);
            };
            // SAFETY: as the interface says; a host tears down once, after the last call.
            let completion = self.ask(|id| unsafe { teardown(instance.0, id) }).await?;
            self.torn_down.store(true, Ordering::Release);
            if completion.status == HOOKSPEC_REQUIRES_RESTART {
                return Ok(Teardown::RequiresRestart);
            }
            answered(completion).map(|_| Teardown::Clean)
        })
    }
}

impl Drop for DylibPlugin {
    /// Frees the instance, unless the library may still be at work in it, or was not asked to give
    /// back what it holds: then it stays, as the library itself does.
    fn drop(&mut self) {
        if let (Some(Instance(instance)), Some(free)) =
            (self.instance.get(), self.found.descriptor.free)
            && !instance.is_null()
            && self.torn_down.load(Ordering::Acquire)
            && self.side.calls.open() == 0
        {
            // SAFETY: as the interface says: once, after everything was completed.
            unsafe { free(*instance) }
        }
    }
}

/// What was asked, until it is answered. Dropped before that, it is cancelled.
struct Asked<'a> {
    plugin: &'a DylibPlugin,
    id: u64,
    ended: bool,
}

impl Asked<'_> {
    /// The answer, if it is there already.
    fn at_once(mut self) -> Result<Result<Completion, Fault>, Self> {
        match self.plugin.side.calls.poll(self.id, None) {
            Poll::Ready(completion) => {
                self.ended = true;
                Ok(completion.ok_or_else(forgotten))
            }
            Poll::Pending => Err(self),
        }
    }
}

impl Future for Asked<'_> {
    type Output = Result<Completion, Fault>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let polled = self.plugin.side.calls.poll(self.id, Some(cx.waker()));
        if polled.is_ready() {
            self.ended = true;
        }
        polled.map(|completion| completion.ok_or_else(forgotten))
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let calls = &self.plugin.side.calls;
        if self.ended || !calls.abandon(self.id) {
            return;
        }
        if let (Some(cancel), Some(instance)) =
            (self.plugin.found.descriptor.cancel, self.plugin.instance.get())
        {
            // SAFETY: as the interface says.
            let ended = unsafe { cancel(instance.0, self.id) };
            if ended != 0 {
                calls.ended(self.id);
            }
        }
    }
}

fn forgotten() -> Fault {
    Fault::new("abi", "the call was forgotten before it was answered")
}

/// What a completion means. A panic over there becomes one here, so that it ends the call as any
/// other panic does.
fn answered(completion: Completion) -> Result<Reply, Fault> {
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
