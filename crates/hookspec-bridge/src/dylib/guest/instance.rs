//! One instance of a Rust plugin behind the C interface: what each function of its descriptor does.
//!
//! No panic leaves a function of this file: each does its work inside [`contain`], and what was
//! asked is then completed as a panic.

use std::collections::HashMap;
use std::ffi::c_void;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    Call, CallContext, Caller, CancellationToken, Context, Fault, Health, HookName, Payload,
    Plugin, Reconfigured, Reply, Teardown, size,
};
use serde_json::{Map, Value};

use super::asks::Asks;
use super::executor::{Contained, spawn};
use super::exports::Exported;
use super::link::Link;
use super::panic::{Panicked, contain, install_hook};
use super::services::GuestServices;
use super::trace;
use crate::dylib::abi::{
    self, Bytes, Descriptor, HOOKSPEC_NEEDS_RELOAD, HOOKSPEC_REQUIRES_RESTART, HOOKSPEC_STOP,
    HOOKSPEC_UNCHANGED, HOOKSPEC_VALUE, Host,
};

struct Instance {
    plugin: Arc<dyn Plugin>,
    context: Context,
    link: Link,
    services: Arc<GuestServices>,
    asks: Arc<Asks>,
    /// Calls that were not ready at once.
    pending: Mutex<HashMap<u64, CancellationToken>>,
}

/// What something comes to.
enum End {
    Done(i32, Option<Payload>),
    Fault(Fault),
}

/// See [`Descriptor::create`].
pub(super) unsafe extern "C" fn create(
    plugin: *const Descriptor,
    host: *const Host,
    context: *mut c_void,
    id: u64,
) -> *mut c_void {
    install_hook();
    // SAFETY: both come from a host that was just called by.
    let link = unsafe { Link::new(host, context) };
    trace::install(link);
    // SAFETY: every descriptor of this library was made by `Exported`.
    let exported = unsafe { Exported::of(plugin) };
    let made = contain(|| {
        let plugin = exported.make().map_err(|error| Fault::new("load", error.to_string()))?;
        let manifest = exported.manifest();
        let asks = Arc::new(Asks::default());
        let services = Arc::new(GuestServices::new(link, &asks));
        let (name, kind) = (manifest.name.clone(), manifest.kind.clone());
        let context = Context::new(name, kind, Arc::<GuestServices>::clone(&services));
        let pending = Mutex::default();
        Ok(Arc::new(Instance { plugin, context, link, services, asks, pending }))
    });
    match made {
        Ok(Ok(instance)) => {
            let own = Arc::clone(&instance);
            run(&instance, id, CancellationToken::new(), async move {
                well(own.plugin.setup(&own.context).await)
            });
            Arc::into_raw(instance).cast_mut().cast()
        }
        Ok(Err(fault)) => {
            link.fault(id, &fault);
            ptr::null_mut()
        }
        Err(panicked) => {
            link.panicked(id, &panicked);
            ptr::null_mut()
        }
    }
}

/// See [`Descriptor::call`].
pub(super) unsafe extern "C" fn call(instance: *mut c_void, call: *const abi::Call) {
    // SAFETY: `instance` is what `create` returned, and was not freed.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    // SAFETY: a host that speaks another version refused this library; in this one, a call has at
    // least these members.
    let call = unsafe { &*call };
    let id = call.id;
    let read = contain(|| {
        // SAFETY: lent until this function returns; all of it is copied.
        unsafe { Asked::read(call, &instance) }
    });
    match read {
        Ok(Ok(asked)) => {
            let (own, token) = (Arc::clone(&instance), asked.token.clone());
            run(&instance, id, token, async move { asked.answer(&own).await });
        }
        Ok(Err(fault)) => instance.link.fault(id, &fault),
        Err(panicked) => instance.link.panicked(id, &panicked),
    }
}

/// See [`Descriptor::cancel`].
pub(super) unsafe extern "C" fn cancel(instance: *mut c_void, id: u64) -> i32 {
    // SAFETY: as for `call`.
    let Some(instance) = (unsafe { borrow(instance) }) else { return 1 };
    let token = instance.lock().remove(&id);
    if let Some(token) = token {
        // Wakers of the plugin run here.
        let _ = contain(|| token.cancel());
    }
    // Whatever still runs holds the instance.
    1
}

/// See [`Descriptor::health`].
pub(super) unsafe extern "C" fn health(instance: *mut c_void, id: u64) {
    // SAFETY: as for `call`.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    let own = Arc::clone(&instance);
    run(&instance, id, CancellationToken::new(), async move {
        match own.plugin.health().await {
            Health::Ok => End::Done(HOOKSPEC_VALUE, None),
            Health::Degraded(how) => End::Done(HOOKSPEC_VALUE, Some(Payload::of(how))),
            Health::Failed(why) => End::Fault(Fault::new("unhealthy", why)),
        }
    });
}

/// See [`Descriptor::teardown`].
pub(super) unsafe extern "C" fn teardown(instance: *mut c_void, id: u64) {
    // SAFETY: as for `call`.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    let own = Arc::clone(&instance);
    run(&instance, id, CancellationToken::new(), async move {
        match own.plugin.teardown().await {
            Ok(Teardown::Clean) => End::Done(HOOKSPEC_VALUE, None),
            Ok(Teardown::RequiresRestart) => End::Done(HOOKSPEC_REQUIRES_RESTART, None),
            Err(fault) => End::Fault(fault),
        }
    });
}

/// See [`Descriptor::answered`].
pub(super) unsafe extern "C" fn answered(
    instance: *mut c_void,
    request: u64,
    status: i32,
    answer: Bytes,
) {
    // SAFETY: as for `call`.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    // Wakers of the plugin run here.
    let _ = contain(|| {
        // SAFETY: lent until this function returns; what is kept of it is copied.
        instance.asks.answered(request, status, unsafe { answer.read() });
    });
}

/// See [`Descriptor::quiesce`].
pub(super) unsafe extern "C" fn quiesce(instance: *mut c_void, id: u64) {
    // SAFETY: as for `call`.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    let own = Arc::clone(&instance);
    run(&instance, id, CancellationToken::new(), async move { well(own.plugin.quiesce().await) });
}

/// See [`Descriptor::resume`].
pub(super) unsafe extern "C" fn resume(instance: *mut c_void, id: u64) {
    // SAFETY: as for `call`.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    let own = Arc::clone(&instance);
    run(&instance, id, CancellationToken::new(), async move { well(own.plugin.resume().await) });
}

/// See [`Descriptor::config_change`].
pub(super) unsafe extern "C" fn config_change(instance: *mut c_void, id: u64, config: Bytes) {
    // SAFETY: as for `call`.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    // SAFETY: lent until this function returns; it is read into a value of our own.
    let config = unsafe { config.read() }.and_then(|text| serde_json::from_slice(text).ok());
    let Some(config): Option<Value> = config else {
        let fault = Fault::new("abi", "the host gave a configuration that cannot be read");
        return instance.link.fault(id, &fault);
    };
    let own = Arc::clone(&instance);
    run(&instance, id, CancellationToken::new(), async move {
        match own.plugin.on_config_change(&config).await {
            Ok(Reconfigured::Applied) => {
                own.services.reconfigure(config);
                End::Done(HOOKSPEC_VALUE, None)
            }
            Ok(Reconfigured::NeedsReload) => End::Done(HOOKSPEC_NEEDS_RELOAD, None),
            Err(fault) => End::Fault(fault),
        }
    });
}

fn well(ended: Result<(), Fault>) -> End {
    match ended {
        Ok(()) => End::Done(HOOKSPEC_VALUE, None),
        Err(fault) => End::Fault(fault),
    }
}

/// See [`Descriptor::free`].
pub(super) unsafe extern "C" fn free(instance: *mut c_void) {
    if instance.is_null() {
        return;
    }
    // SAFETY: `create` made it, and this is called once.
    let instance = unsafe { Arc::from_raw(instance.cast_const().cast::<Instance>()) };
    let _ = contain(|| drop(instance));
}

/// # Safety
/// Not null means that `create` made it and `free` did not take it.
unsafe fn borrow(instance: *mut c_void) -> Option<Arc<Instance>> {
    if instance.is_null() {
        return None;
    }
    let instance = instance.cast_const().cast::<Instance>();
    // SAFETY: it came from `Arc::into_raw`, and `free` has not been called: at least one reference
    // is left, and the one that is added here is the one that is taken.
    unsafe {
        Arc::increment_strong_count(instance);
        Some(Arc::from_raw(instance))
    }
}

/// A call, copied out of what the host lends.
struct Asked {
    hook: HookName,
    caller: Caller,
    token: CancellationToken,
    input: Payload,
}

impl Asked {
    /// # Safety
    /// What `call` points to is valid until this returns.
    unsafe fn read(call: &abi::Call, instance: &Instance) -> Result<Self, Fault> {
        let unreadable = || Fault::new("abi", "the host gave a call that cannot be read");
        // SAFETY: the caller's promise.
        let (hook, input, metadata) = unsafe {
            let input = call.input.read().ok_or_else(unreadable)?;
            let metadata = call.metadata.read().ok_or_else(unreadable)?;
            (call.hook.text().ok_or_else(unreadable)?, input, metadata)
        };
        let known = instance.plugin.hooks().iter().find(|known| known.as_str() == hook);
        let hook = known.cloned().unwrap_or_else(|| HookName::new(hook));
        let token = CancellationToken::new();
        let mut caller = Caller::new().with_cancellation(token.clone());
        if let Ok(nanos) = u64::try_from(call.remaining_ns)
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
        Ok(Self { hook, caller, token, input: Payload::from_bytes(input) })
    }

    async fn answer(self, instance: &Instance) -> End {
        let context = CallContext::new(&instance.context, &self.caller, &self.hook);
        let answer = instance.plugin.call(Call { context, input: &self.input });
        match answer.into_future().await {
            Ok(Reply::Value(payload)) => End::Done(HOOKSPEC_VALUE, Some(payload)),
            Ok(Reply::Unchanged) => End::Done(HOOKSPEC_UNCHANGED, None),
            Ok(Reply::Stop) => End::Done(HOOKSPEC_STOP, None),
            Err(fault) => End::Fault(fault),
        }
    }
}

const EMPTY_OBJECT: &[u8] = b"{}";

/// Drives a future: one that is ready at once completes before this returns, any other on the
/// library's own threads.
fn run(
    instance: &Arc<Instance>,
    id: u64,
    token: CancellationToken,
    future: impl Future<Output = End> + Send + 'static,
) {
    let link = instance.link;
    let mut future = Contained::new(Box::pin(future));
    let mut poll = move |cx: &mut task::Context<'_>| {
        trace::within(link, id, || Pin::new(&mut future).poll(cx))
    };
    if let Poll::Ready(end) = poll(&mut task::Context::from_waker(Waker::noop())) {
        return finish(link, id, end);
    }
    let cancelled = token.cancelled();
    instance.lock().insert(id, token);
    // Dropped on a thread of the pool, where a panic of the plugin's own drop would end it.
    let own = Guarded::new(Arc::clone(instance));
    let task = async move {
        // Whoever cancelled knows; its future is dropped here.
        if let Either::Left((end, _)) = select(poll_fn(poll), cancelled).await {
            if let Some(own) = own.get() {
                own.lock().remove(&id);
            }
            finish(link, id, end);
        }
    };
    if let Err(task) = spawn(Box::pin(task)) {
        drop(task);
        instance.lock().remove(&id);
        let fault = Fault::new("no_threads", "the plugin waits, and the system has no thread left");
        link.fault(id, &fault);
    }
}

fn finish(link: Link, id: u64, end: Result<End, Panicked>) {
    let fault = match end {
        Ok(End::Done(status, None)) => return link.done(id, status, &[]),
        Ok(End::Done(status, Some(payload))) => match written(payload) {
            Ok(bytes) => return link.done(id, status, &bytes),
            Err(fault) => fault,
        },
        Ok(End::Fault(fault)) => fault,
        Err(panicked) => return link.panicked(id, &panicked),
    };
    link.fault(id, &fault);
}

/// An answer as bytes. One that is nested too deeply is not written, nor dropped, by recursion: that
/// would overflow the stack, which nothing can catch.
fn written(payload: Payload) -> Result<Arc<[u8]>, Fault> {
    if !payload.has_json() && payload.known_bytes().is_none() {
        // A value of the plugin's own type: what it becomes is measured below.
        payload.json()?;
    }
    if let Err(violations) = size::check(&payload, usize::MAX) {
        size::dismantle(payload);
        return Err(Fault::new("invalid_output", violations.to_string()));
    }
    payload.bytes().cloned()
}

impl Instance {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, CancellationToken>> {
        // The lock guards a plain map: a panic elsewhere cannot leave it half-written.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
