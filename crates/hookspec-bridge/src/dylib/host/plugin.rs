//! [`DylibPlugin`]: a plugin of a shared library as any other plugin.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use hookspec_plugin::{
    BoxFuture, Call, Caller, Context, Fault, Health, HookFuture, HookName, Manifest, Plugin,
    Reconfigured, Reply, Subscription, Teardown,
};
use serde_json::{Map, Value};

use super::answer::answered;
use super::asked::Asked;
use super::cause;
use super::descriptor::Found;
use super::file::Image;
use super::remote;
use super::side::{HOST, Side};
use crate::dylib::abi::{
    self, Bytes, HOOKSPEC_NEEDS_RELOAD, HOOKSPEC_REQUIRES_RESTART, HOOKSPEC_VALUE,
};

/// Calls that one instance may have open: cancelled ones that the library never ends add up.
const MOST_OPEN: usize = 4096;

/// A plugin of a shared library.
#[derive(Debug)]
pub(super) struct DylibPlugin {
    manifest: Manifest,
    pub(super) found: Found,
    facts: Map<String, Value>,
    pub(super) side: Arc<Side>,
    begun: AtomicBool,
    /// Its setup went well.
    ready: AtomicBool,
    /// Its teardown was begun: what is called from here on has nothing to stand on.
    ended: AtomicBool,
    /// It holds nothing any more that only a teardown gives back.
    torn_down: AtomicBool,
    /// What `create` returned.
    pub(super) instance: OnceLock<Instance>,
}

/// What a library knows an instance by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance(pub(super) *mut c_void);

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
        let side = Side::new(manifest.name.clone(), found.descriptor.answered.is_some());
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
        self.ask_for(None, ask)
    }

    /// As `ask`, for somebody who calls.
    fn ask_for(&self, caller: Option<&Caller>, ask: impl FnOnce(u64)) -> Asked<'_> {
        let id = self.side.calls.begin(caller);
        let asked = Asked::new(self, id);
        ask(id);
        asked
    }

    fn start(&self, context: &Context) -> Result<Asked<'_>, Fault> {
        for name in &self.manifest.resources.required {
            self.can_be_asked(context, name)?;
        }
        if self.begun.swap(true, Ordering::AcqRel) {
            return Err(Fault::new("set_up", "the plugin was set up already"));
        }
        self.side.lent.give(context);
        let Some(create) = self.found.descriptor.create else {
            return Err(Fault::new("abi", "its function `create` is null"));
        };
        Ok(self.ask(|id| {
            // SAFETY: as the interface says; the side is never freed.
            let made = unsafe { create(self.found.place.0, &HOST, self.side.context(), id) };
            let _ = self.instance.set(Instance(made));
        }))
    }

    /// Whether a resource that it cannot do without reaches it.
    fn can_be_asked(&self, context: &Context, name: &str) -> Result<(), Fault> {
        let why = match remote::find(context, name) {
            Ok(_) if self.found.descriptor.answered.is_some() => return Ok(()),
            Ok(_) => "the library was built before resources crossed; build it again".to_owned(),
            Err(fault) => format!(
                "only what can be asked by JSON crosses into a shared library; register a \
                 `RemoteResource` under this name, run it in_process, or make the resource \
                 optional: {fault}"
            ),
        };
        let message = format!("it requires the resource `{name}`: {why}");
        Err(Fault::new("resource_cannot_cross", message))
    }

    /// Asks what has no answer but whether it went well.
    async fn tell(&self, function: Option<Told>) -> Result<(), Fault> {
        let Some(function) = function else { return Ok(()) };
        let instance = self.instance()?;
        // SAFETY: as the interface says.
        let asked = self.ask(|id| unsafe { function(instance.0, id) });
        answered(asked.await?).map(drop)
    }
}

/// A function of an instance that is completed, and takes nothing.
type Told = unsafe extern "C" fn(*mut c_void, u64);

impl Plugin for DylibPlugin {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        &self.found.hooks
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        self.found.subscriptions.clone()
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let completion = self.start(context)?.await?;
            let well = completion.status == HOOKSPEC_VALUE;
            self.torn_down
                .store(!well || self.found.descriptor.teardown.is_none(), Ordering::Release);
            self.ready.store(well, Ordering::Release);
            if !well {
                self.side.lent.take_back();
            }
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
            let cause = cause::written(&call);
            let asked = self.ask_for(Some(call.context.caller()), |id| {
                let call = abi::Call {
                    size: size_of::<abi::Call>() as u32,
                    reserved: 0,
                    id,
                    hook: Bytes::of(call.hook().as_str().as_bytes()),
                    input: Bytes::of(input),
                    metadata: Bytes::of(if metadata.is_empty() { b"{}" } else { &metadata }),
                    remaining_ns: remaining.map_or(-1, |ns| i64::try_from(ns).unwrap_or(i64::MAX)),
                    cause: Bytes::of(&cause),
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
        let counts = [
            ("stray_completions", strays),
            ("open_calls", open as u64),
            ("refused_requests", self.side.lent.refused()),
        ];
        for (name, count) in counts {
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

    fn on_config_change<'a>(
        &'a self,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        Box::pin(async move {
            let Some(function) = self.found.descriptor.config_change else {
                return Ok(Reconfigured::NeedsReload);
            };
            let instance = self.instance()?;
            let text = serde_json::to_vec(config)?;
            // SAFETY: as the interface says; the text is lent until it returns.
            let asked = self.ask(|id| unsafe { function(instance.0, id, Bytes::of(&text)) });
            let completion = asked.await?;
            if completion.status == HOOKSPEC_NEEDS_RELOAD {
                return Ok(Reconfigured::NeedsReload);
            }
            answered(completion)?;
            self.side.lent.reconfigure(text);
            Ok(Reconfigured::Applied)
        })
    }

    fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(self.tell(self.found.descriptor.quiesce))
    }

    fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(self.tell(self.found.descriptor.resume))
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async move {
            let instance = self.instance()?;
            if self.ended.swap(true, Ordering::AcqRel) {
                return Err(Fault::new("torn_down", "the plugin is torn down once"));
            }
            let Some(teardown) = self.found.descriptor.teardown else {
                self.side.lent.take_back();
                return Ok(Teardown::Clean);
            };
            // SAFETY: as the interface says; a host tears down once, after the last call.
            let completion = self.ask(|id| unsafe { teardown(instance.0, id) }).await?;
            self.torn_down.store(true, Ordering::Release);
            self.side.lent.take_back();
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
        self.side.lent.take_back();
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
