//! [`Target`]: who handles the events of a subscription, and how one is handed over.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use std::time::Duration;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{BoxFuture, Caller, Cause, Event, Fault, Handled, Pattern, metadata};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::Flush;
use super::parcel::Parcel;
use super::rights::Rights;
use crate::dispatch::event;
use crate::panic::contain;
use crate::registry::{HookPlan, Lease, Link};

/// Who handles the events of a subscription.
pub(crate) enum Target {
    /// Code of the application.
    Code { handler: Guarded<Arc<Handler>>, may_cancel: bool, sums_up: Option<Arc<dyn Flush>> },
    /// A plugin, through its hook `$event`.
    Plugin(Box<PluginTarget>),
}

/// Code of the application that handles events.
pub(crate) type Handler =
    dyn Fn(Delivery) -> BoxFuture<'static, Result<Handled, Fault>> + Send + Sync;

/// An event, handed over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// How many others were lost since the last one, because the queue was full (EVENT-9).
    pub lagged: u64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// A plugin that handles events.
pub(crate) struct PluginTarget {
    pub(crate) plan: HookPlan,
    pub(crate) cancels: Vec<Pattern>,
    /// Its instance as of now, gone while it is not to be called, and what that may emit.
    instance: Mutex<(Weak<Lease>, Arc<Rights>)>,
    /// Told when there is another.
    changed: Notify,
}

/// Why an event was not handled.
pub(crate) enum Unhandled {
    /// Its subscriber failed.
    Failed(String),
    /// There is nobody to hand it to, as of now.
    Away,
}

impl PluginTarget {
    pub(crate) fn new(plan: HookPlan, cancels: Vec<Pattern>, instance: &Arc<Lease>) -> Self {
        Self { plan, cancels, instance: Mutex::new(of(instance)), changed: Notify::new() }
    }

    /// Another instance takes the events from here on (EVENT-13).
    pub(crate) fn retarget(&self, instance: &Arc<Lease>) {
        *self.lock() = of(instance);
        self.changed.notify_waiters();
    }

    /// Waits until there is an instance to call; `false`: it is over before.
    pub(crate) async fn there(&self, is_over: impl Fn() -> bool) -> bool {
        loop {
            // Before anything is looked at: what changes from here on wakes it.
            let changed = self.changed.notified();
            if is_over() {
                return false;
            }
            if self.instance().is_some() {
                return true;
            }
            changed.await;
        }
    }

    /// Those who wait look again.
    pub(crate) fn look_again(&self) {
        self.changed.notify_waiters();
    }

    pub(crate) fn instance(&self) -> Option<Link> {
        self.lock().0.upgrade().map(Link)
    }

    pub(crate) fn rights(&self) -> Arc<Rights> {
        Arc::clone(&self.lock().1)
    }

    fn lock(&self) -> MutexGuard<'_, (Weak<Lease>, Arc<Rights>)> {
        self.instance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of(instance: &Arc<Lease>) -> (Weak<Lease>, Arc<Rights>) {
    (Arc::downgrade(instance), Arc::clone(&instance.entry().services.bus.rights))
}

impl Target {
    /// Whether it must never see what came of itself.
    pub(crate) fn sums_up(&self) -> bool {
        matches!(self, Self::Code { sums_up: Some(_), .. })
    }

    /// Whether it may cancel an event of a type.
    pub(crate) fn may_cancel(&self, event_type: &str) -> bool {
        match self {
            Self::Code { may_cancel, .. } => *may_cancel,
            Self::Plugin(plugin) => {
                plugin.cancels.iter().any(|pattern| pattern.matches(event_type))
            }
        }
    }

    /// Hands an event over, once.
    pub(crate) async fn hand_over(
        &self,
        parcel: &Parcel,
        cause: &Cause,
        limit: Duration,
        runtime: &Handle,
    ) -> Result<Handled, Unhandled> {
        match self {
            Self::Code { handler, .. } => {
                let Some(handler) = handler.get() else { return Err(Unhandled::Away) };
                let delivery = Delivery {
                    event: parcel.event.clone(),
                    lagged: cause.lagged,
                    attempt: cause.attempt,
                };
                match timeout(limit, contained(handler, delivery)).await {
                    Ok(handled) => handled.map_err(Unhandled::Failed),
                    Err(_) => Err(Unhandled::Failed(format!("it took longer than {limit:?}"))),
                }
            }
            Self::Plugin(plugin) => {
                let Some(link) = plugin.instance() else { return Err(Unhandled::Away) };
                let caller = caller(&parcel.event, Some(cause.clone()));
                let deadline = Instant::now() + limit;
                let payload = parcel.payload();
                // Boxed: it is large, and every delivery to code would have room for it.
                Box::pin(event::deliver(&plugin.plan, &link, &caller, payload, runtime, deadline))
                    .await
                    .map_err(Unhandled::Failed)
            }
        }
    }
}

/// Runs code of the application: started, polled and dropped under care.
async fn contained(handler: &Arc<Handler>, delivery: Delivery) -> Result<Handled, String> {
    let started = contain(|| handler(delivery)).map_err(|cause| cause.to_string())?;
    let mut future = Guarded::new(started);
    let polled = poll_fn(|cx| {
        let Some(future) = future.get_mut() else { return Poll::Pending };
        match contain(|| future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(handled)) => Poll::Ready(handled.map_err(|fault| fault.to_string())),
            Err(cause) => Poll::Ready(Err(cause.to_string())),
        }
    });
    polled.await
}

/// Who calls a plugin with an event: on whose behalf, and as part of what, is the event's matter.
pub(crate) fn caller(event: &Event, cause: Option<Cause>) -> Caller {
    let mut caller = Caller::new();
    if let Some(cause) = cause {
        caller = caller.caused_by(cause);
    }
    if let Some(tenant) = &event.tenant {
        caller = caller.with_metadata(metadata::TENANT_ID, tenant.as_str());
    }
    match &event.trace {
        Some(trace) => caller.with_trace(trace),
        None => caller,
    }
}
