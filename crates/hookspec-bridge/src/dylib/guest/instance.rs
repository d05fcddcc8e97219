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

use futures::future::{Either, select};
use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    CancellationToken, Context, Fault, Health, Payload, Plugin, Reconfigured, Reply, Teardown,
};
use serde_json::Value;

use super::asked::{self, Asked};
use super::asks::Asks;
use super::crossing;
use super::executor::{Contained, spawn};
use super::exports::Exported;
use super::link::Link;
use super::panic::{Panicked, contain, install_hook};
use super::services::GuestServices;
use super::trace;
use crate::dylib::abi::{
    Bytes, Call, Descriptor, HOOKSPEC_NEEDS_RELOAD, HOOKSPEC_REQUIRES_RESTART, HOOKSPEC_STOP,
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
pub(super) unsafe extern "C" fn call(instance: *mut c_void, call: *const Call) {
    // SAFETY: `instance` is what `create` returned, and was not freed.
    let Some(instance) = (unsafe { borrow(instance) }) else { return };
    // SAFETY: what the host gave.
    let id = unsafe { asked::id(call) };
    let read = contain(|| {
        // SAFETY: lent until this function returns; all of it is copied.
        unsafe { Asked::read(call, instance.plugin.hooks()) }
    });
    match read {
        Ok(Ok(asked)) => {
            let (own, token) = (Arc::clone(&instance), asked.token.clone());
            run(&instance, id, token, async move {
                match asked.answer(&*own.plugin, &own.context).await {
                    Ok(Reply::Value(payload)) => End::Done(HOOKSPEC_VALUE, Some(payload)),
                    Ok(Reply::Unchanged) => End::Done(HOOKSPEC_UNCHANGED, None),
                    Ok(Reply::Stop) => End::Done(HOOKSPEC_STOP, None),
                    Err(fault) => End::Fault(fault),
                }
            });
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
        Ok(End::Done(status, Some(payload))) => match crossing::written(payload) {
            Ok(bytes) => return link.done(id, status, &bytes),
            Err(fault) => fault,
        },
        Ok(End::Fault(fault)) => fault,
        Err(panicked) => return link.panicked(id, &panicked),
    };
    link.fault(id, &fault);
}

impl Instance {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, CancellationToken>> {
        // The lock guards a plain map: a panic elsewhere cannot leave it half-written.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
