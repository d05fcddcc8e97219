//! [`Entry`]: one plugin in a registry, with everything a call of it needs.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    Context, HookName, Isolation, Manifest, Plugin, PluginName, Services, Subscription,
};
use hookspec_spec::Kind;
use serde_json::Value;
use tokio::sync::Notify;

use super::health::Illness;
use super::load::Origin;
use crate::changes::{Changes, StatusCell};
use crate::executor::Workers;
use crate::gate::Gates;
use crate::outcome::Failure;
use crate::services::HostServices;
use crate::settings::Limits;
use crate::state::State;
use crate::stats::Stats;

/// One plugin in a registry.
pub(crate) struct Entry {
    pub(crate) name: PluginName,
    pub(crate) kind: Arc<Kind>,
    pub(crate) manifest: Manifest,
    pub(crate) hooks: Vec<HookName>,
    /// The events it wants, as its manifest and its code say.
    pub(crate) wants: Vec<Subscription>,
    pub(crate) context: Context,
    /// What stands behind the context.
    pub(crate) services: Arc<HostServices>,
    pub(crate) executor: Isolation,
    /// The plugin's own limit on each of its calls.
    pub(crate) timeout: Option<Duration>,
    pub(crate) output_bytes: usize,
    /// What stands before its calls; `None` where the manifest asks for nothing.
    pub(crate) gates: Option<Box<Gates>>,
    pub(crate) stats: Stats,
    pub(crate) status: StatusCell,
    /// It runs in its chains and changes nothing (SHADOW-1).
    pub(crate) shadow: bool,
    /// Where it came from.
    pub(crate) origin: Origin,
    /// Why nothing stands behind this entry: it could not be opened or was refused.
    pub(crate) refused: Option<String>,
    /// Its setup was begun: the instance cannot be set up again.
    pub(crate) begun: AtomicBool,
    /// It was not set up because of what it depends on.
    pub(crate) blocked: AtomicBool,
    /// What its health came to, when it was asked last.
    pub(crate) ill: Mutex<Illness>,
    /// How often it is asked how it is, and nothing has come of it yet.
    pub(crate) questions: AtomicUsize,
    limits: Limits,
    workers: OnceLock<Workers>,
    revoked: AtomicBool,
    /// How many [`Lease`]s of it there are: more than one while plans that were replaced are held.
    leases: AtomicUsize,
    drained: Notify,
    quiet: Notify,
    // Last, so that it is dropped after whatever may still refer to it.
    plugin: Guarded<Arc<dyn Plugin>>,
}

/// What an entry is made of.
pub(crate) struct Parts {
    pub(crate) kind: Arc<Kind>,
    pub(crate) manifest: Manifest,
    pub(crate) hooks: Vec<HookName>,
    pub(crate) wants: Vec<Subscription>,
    pub(crate) services: Arc<HostServices>,
    pub(crate) changes: Changes,
    pub(crate) executor: Isolation,
    pub(crate) limits: Limits,
    pub(crate) shadow: bool,
    pub(crate) origin: Origin,
    pub(crate) refused: Option<String>,
    pub(crate) plugin: Arc<dyn Plugin>,
}

impl Entry {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            kind, manifest, hooks, wants, services, changes, executor, limits, shadow, ..
        } = parts;
        let (origin, refused, plugin) = (parts.origin, parts.refused, parts.plugin);
        let stats = Stats::counting(Arc::clone(&services.in_flight));
        let (name, own) = (manifest.name.clone(), kind.name.clone());
        let context = Context::new(name, own, Arc::clone(&services) as Arc<dyn Services>);
        let asked = manifest.limits.and_then(|limits| limits.output_bytes);
        let output_bytes = asked
            .and_then(|bytes| usize::try_from(bytes).ok())
            .map_or(limits.output_bytes, |bytes| bytes.min(limits.output_bytes));
        Self {
            name: manifest.name.clone(),
            kind,
            hooks,
            wants,
            context,
            services,
            executor,
            timeout: manifest.timeout_ms.map(Duration::from_millis),
            output_bytes,
            status: StatusCell::new(manifest.name.clone(), changes),
            gates: Gates::new(&manifest, &limits),
            manifest,
            stats,
            shadow,
            begun: AtomicBool::new(false),
            blocked: AtomicBool::new(false),
            ill: Mutex::new(Illness::default()),
            questions: AtomicUsize::new(0),
            origin,
            refused,
            limits,
            workers: OnceLock::new(),
            revoked: AtomicBool::new(false),
            leases: AtomicUsize::new(0),
            drained: Notify::new(),
            quiet: Notify::new(),
            plugin: Guarded::new(plugin),
        }
    }

    /// The plugin. Its `call` belongs to `dispatch/invoke.rs` alone.
    #[inline]
    pub(crate) fn plugin(&self) -> &dyn Plugin {
        match self.plugin.get() {
            Some(plugin) => &**plugin,
            None => unreachable!("a guarded value is taken only by its own drop"),
        }
    }

    /// Failures in a row that make it `degraded`.
    pub(crate) fn degraded_after(&self) -> u32 {
        self.limits.degraded_after
    }

    pub(crate) fn startup_timeout(&self) -> Duration {
        let own = Duration::from_secs(self.manifest.startup_timeout_sec);
        self.limits.startup_timeout.unwrap_or(own)
    }

    pub(crate) fn teardown_timeout(&self) -> Duration {
        let own = Duration::from_secs(self.manifest.teardown_timeout_sec);
        self.limits.teardown_timeout.unwrap_or(own)
    }

    pub(crate) fn workers(&self) -> &Workers {
        self.workers.get_or_init(|| {
            Workers::new(self.name.as_str(), self.limits.worker_threads, self.limits.worker_queue)
        })
    }

    /// Lets idle threads of the plugin end; those that are held stay.
    pub(crate) fn close_workers(&self) {
        if let Some(workers) = self.workers.get() {
            workers.close();
        }
    }

    /// Records a poll that held its thread too long (ISO-1).
    #[inline]
    pub(crate) fn held_thread_for(&self, held: Duration) {
        if held > self.limits.long_poll {
            self.held_too_long(held);
        }
    }

    #[cold]
    fn held_too_long(&self, held: Duration) {
        if self.stats.held_its_thread() {
            tracing::warn!(
                plugin = %self.name,
                ?held,
                "a poll held its thread; set `isolation = \"thread\"` for work that blocks"
            );
        }
    }

    /// A failure was counted.
    pub(crate) fn failing(&self, in_a_row: u32, failure: &Failure) {
        // Exactly once per row, although calls run concurrently.
        if in_a_row != self.limits.degraded_after {
            return;
        }
        let reason = format!("{in_a_row} failures in a row, the last: {}", failure.cause);
        if self.status.change(State::Ready, State::Degraded, reason.as_str()) {
            tracing::warn!(plugin = %self.name, error = %failure.cause, "plugin is degraded");
            // A success that came between the count and the change found nothing to restore.
            if self.stats.consecutive() == 0 {
                self.recovered();
            }
        }
    }

    /// A success ended a row of failures. What the plugin says of its own health stands.
    pub(crate) fn recovered(&self) {
        if self.ill().is_ill() {
            return;
        }
        if self.status.change(State::Degraded, State::Ready, "answered again") {
            tracing::info!(plugin = %self.name, "plugin is ready again");
        }
    }

    /// The state of its health.
    pub(crate) fn ill(&self) -> MutexGuard<'_, Illness> {
        // Nothing foreign runs under this lock.
        self.ill.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plugin took another configuration.
    pub(crate) fn reconfigured(&self, config: Value) {
        self.services.config.follow(config);
    }

    /// Whether the registry no longer waits for this plugin's calls.
    pub(crate) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Acquire)
    }

    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    /// One abandoned call ended.
    pub(crate) fn no_longer_abandoned(&self) {
        if self.stats.abandoned.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.quiet.notify_one();
        }
    }

    /// Waits until no abandoned call holds a task or a thread.
    pub(crate) async fn quiet(&self) {
        while self.stats.abandoned.load(Ordering::Acquire) > 0 {
            self.quiet.notified().await;
        }
    }

    /// Waits until no dispatch holds a plan with this plugin in it: see [`Lease`].
    pub(crate) async fn drained(&self) {
        // Counted: the word of a lease that went long ago may be left, and says nothing of those now.
        while self.leases.load(Ordering::Acquire) > 0 {
            self.drained.notified().await;
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("executor", &self.executor).finish()
    }
}

/// Held by every plan that the plugin is part of, and so, through the plan, by every dispatch.
///
/// When the last one goes, the plugin is called no more and can be torn down. This costs a
/// dispatch nothing beyond the reference to its plan.
#[derive(Debug)]
pub(crate) struct Lease(Arc<Entry>);

impl Lease {
    pub(crate) fn new(entry: &Arc<Entry>) -> Self {
        entry.leases.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(entry))
    }

    #[inline]
    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.0.leases.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.drained.notify_one();
        }
    }
}
