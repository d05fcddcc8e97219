//! What every clone of a registry shares: the catalog, the current snapshot, the runtime.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use arc_swap::{ArcSwap, Guard};
use hookspec_plugin::{CancellationToken, Isolation, KindName, PluginName};
use hookspec_spec::configuration::HostConfiguration;
use hookspec_spec::{Catalog, CoreVersion, Hook, Kind};
use serde_json::Value;
use tokio::runtime::Handle;

use super::builder::Lookup;
use super::capability::CapabilityIndex;
use super::entry::{Entry, Lease};
use super::folder::SkippedPlugin;
use super::lending::Lending;
use super::load::Loading;
use super::overrides::TimeLimits;
use super::peers::Home;
use super::plan::{HookPlan, Link, Rules};
use super::policy::RoutingPolicy;
use super::wraps::rewrap;
use crate::bus::{BusOptions, Hub};
use crate::changes::Changes;
use crate::detached::Detached;
use crate::error::DispatchError;
use crate::order;
use crate::settings::Limits;

/// What every clone of a registry shares.
pub(crate) struct Shared {
    catalog: Catalog,
    /// First hook of each kind in [`Snapshot::plans`].
    offsets: HashMap<(KindName, u64), usize>,
    pub(crate) settings: Settings,
    current: ArcSwap<Snapshot>,
    /// For each plan, whether a dispatch has to look at it at all: a dispatch that reaches nobody
    /// costs one load of this instead of one of the snapshot.
    occupied: Vec<AtomicBool>,
    /// Serialises the changes: start, stop, add, open, remove, reload, disable, enable, reconfigure,
    /// and what follows from a plugin's health.
    pub(crate) changes: tokio::sync::Mutex<Phase>,
    leases: Mutex<BTreeMap<PluginName, Arc<Lease>>>,
    published: Mutex<Vec<Weak<HookPlan>>>,
    detached: Detached,
    pub(crate) runtime: OnceLock<Handle>,
    /// How plugins reach this registry.
    pub(crate) home: Home,
    /// Who is told of state changes.
    pub(crate) changes_told: Changes,
    /// Set when the registry is asked to stop, before it gets to it: what is being started ends.
    pub(crate) stopping: CancellationToken,
    /// Its events.
    pub(crate) bus: Arc<Hub>,
    /// Plugins that were turned off.
    disabled: Mutex<BTreeSet<PluginName>>,
    /// What configurations were changed to, as they were given: each instance's schema says what
    /// becomes of them.
    configs: Mutex<HashMap<PluginName, Value>>,
    pub(crate) loading: Loading,
    /// What its plugin folders hold and it does not.
    pub(crate) skipped: OnceLock<Vec<SkippedPlugin>>,
}

/// What the application gave to the builder.
pub(crate) struct Settings {
    pub(crate) core_version: CoreVersion,
    pub(crate) core_version_text: String,
    pub(crate) limits: Limits,
    pub(crate) config: HashMap<PluginName, Value>,
    pub(crate) file: Option<HostConfiguration>,
    /// Plugins that are not set up and never called.
    pub(crate) disabled: BTreeSet<PluginName>,
    pub(crate) environment: Arc<Lookup>,
    pub(crate) lending: Lending,
    pub(crate) isolation: HashMap<PluginName, Isolation>,
    pub(crate) isolation_for_all: Option<Isolation>,
    /// Plugins that run as shadows.
    pub(crate) shadows: BTreeSet<PluginName>,
    pub(crate) time_limits: TimeLimits,
    pub(crate) bus: BusOptions,
    pub(crate) policies: HashMap<KindName, RoutingPolicy>,
    pub(crate) active: HashMap<KindName, (String, PluginName)>,
}

/// Where the registry is in its own life.
pub(crate) enum Phase {
    Built,
    /// With the plugins that were set up, in that order.
    Running(Vec<PluginName>),
    Stopped,
}

/// Everything a dispatch may see. Immutable; replaced whole when something changes (invariant 8).
pub(crate) struct Snapshot {
    pub(crate) generation: u64,
    pub(crate) plans: Vec<Arc<HookPlan>>,
    pub(crate) plugins: BTreeMap<PluginName, Arc<Entry>>,
    pub(crate) closed: bool,
}

impl Shared {
    pub(crate) fn new(catalog: Catalog, settings: Settings, loading: Loading) -> Self {
        let (mut offsets, mut plans) = (HashMap::new(), Vec::new());
        for kind in catalog.kinds() {
            offsets.insert((kind.name.clone(), kind.major()), plans.len());
            plans.extend(kind.hooks.iter().map(|hook| Arc::new(empty(kind, hook, &settings))));
        }
        let occupied = plans.iter().map(|_| AtomicBool::new(false)).collect();
        let bus = Hub::new(catalog.events(), settings.bus.clone());
        let snapshot = Snapshot { generation: 0, plans, plugins: BTreeMap::new(), closed: false };
        Self {
            catalog,
            offsets,
            occupied,
            detached: Detached::new(settings.limits.detached),
            current: ArcSwap::from_pointee(snapshot),
            changes: tokio::sync::Mutex::new(Phase::Built),
            leases: Mutex::default(),
            published: Mutex::default(),
            runtime: OnceLock::new(),
            home: Home::default(),
            changes_told: Changes::new(Arc::clone(&bus)),
            bus,
            stopping: CancellationToken::new(),
            disabled: Mutex::new(settings.disabled.clone()),
            configs: Mutex::default(),
            settings,
            loading,
            skipped: OnceLock::new(),
        }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The registry as of now. Never held across an await: see [`arc_swap`].
    pub(crate) fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// Whether a dispatch of a hook has to look at the snapshot: somebody is there, or the registry
    /// is closed.
    #[inline]
    pub(crate) fn is_occupied(&self, hook: usize) -> bool {
        self.occupied[hook].load(Ordering::Acquire)
    }

    pub(crate) fn detached(&self) -> &Detached {
        &self.detached
    }

    pub(crate) fn is_disabled(&self, name: &PluginName) -> bool {
        lock(&self.disabled).contains(name)
    }

    pub(crate) fn set_disabled(&self, name: &PluginName, disabled: bool) {
        let mut all = lock(&self.disabled);
        if disabled {
            all.insert(name.clone());
        } else {
            all.remove(name);
        }
    }

    /// Forgets what was changed about a plugin: one that comes under its name begins anew.
    pub(crate) fn forget_changes(&self, name: &PluginName) {
        self.set_config(name, None);
        self.set_disabled(name, self.settings.disabled.contains(name));
    }

    /// What the configuration of a plugin was changed to.
    pub(crate) fn changed_config(&self, name: &PluginName) -> Option<Value> {
        lock(&self.configs).get(name).cloned()
    }

    /// Changes the configuration of a plugin for its next instance; answers what it was changed to
    /// before, to be put back.
    pub(crate) fn set_config(&self, name: &PluginName, config: Option<Value>) -> Option<Value> {
        let mut configs = lock(&self.configs);
        match config {
            Some(config) => configs.insert(name.clone(), config),
            None => configs.remove(name),
        }
    }

    /// The runtime that the registry was started in.
    pub(crate) fn runtime(&self) -> Option<&Handle> {
        self.runtime.get()
    }

    /// A hook and its place in [`Snapshot::plans`].
    pub(crate) fn find(
        &self,
        kind: &str,
        hook: &str,
    ) -> Result<(usize, &Arc<Hook>), DispatchError> {
        let unknown_kind = || {
            let known = self.catalog.kinds().map(|k| format!("{}@{}", k.name, k.major())).collect();
            DispatchError::UnknownKind { kind: kind.into(), known }
        };
        let (name, major) = match kind.split_once('@') {
            Some((name, major)) => (name, major.parse().ok()),
            None => (kind, self.catalog.majors(kind).pop()),
        };
        let found = major.and_then(|major| self.catalog.kind(name, major));
        let found = found.ok_or_else(unknown_kind)?;
        let position = found.hooks.iter().position(|own| own.name == hook);
        let position = position.ok_or_else(|| DispatchError::UnknownHook {
            kind: kind.into(),
            hook: hook.into(),
            known: found.hooks.iter().map(|hook| hook.name.to_string()).collect(),
        })?;
        let offset = self.offsets[&(found.name.clone(), found.major())];
        Ok((offset + position, &found.hooks[position]))
    }

    /// Enters a plugin; it is called only once its state says so and it was [published].
    ///
    /// [published]: Shared::publish
    pub(crate) fn enter(&self, entry: Arc<Entry>) {
        let current = self.current.load_full();
        let mut plugins = current.plugins.clone();
        plugins.insert(entry.name.clone(), entry);
        self.replace(&current, current.plans.clone(), plugins, current.closed);
    }

    /// Enters many plugins at once: the cost is theirs, not the square of it.
    pub(crate) fn enter_all(&self, entries: impl IntoIterator<Item = Arc<Entry>>) {
        let current = self.current.load_full();
        let mut plugins = current.plugins.clone();
        plugins.extend(entries.into_iter().map(|entry| (entry.name.clone(), entry)));
        self.replace(&current, current.plans.clone(), plugins, current.closed);
    }

    /// Forgets a plugin.
    pub(crate) fn forget(&self, name: &PluginName) {
        let current = self.current.load_full();
        let mut plugins = current.plugins.clone();
        plugins.remove(name);
        self.replace(&current, current.plans.clone(), plugins, current.closed);
    }

    /// Makes plans anew for the kinds of these plugins, from the states that plugins have now.
    pub(crate) fn publish(&self, changed: &[Arc<Entry>]) {
        let current = self.current.load_full();
        self.republish(&current, changed, current.plugins.clone());
    }

    /// Enters a plugin in the place of another of its name, and publishes that: no dispatch sees
    /// both or neither.
    pub(crate) fn swap(&self, old: &Arc<Entry>, new: &Arc<Entry>) {
        let current = self.current.load_full();
        let mut plugins = current.plugins.clone();
        plugins.insert(new.name.clone(), Arc::clone(new));
        self.republish(&current, &[Arc::clone(old), Arc::clone(new)], plugins);
    }

    fn republish(
        &self,
        current: &Snapshot,
        changed: &[Arc<Entry>],
        plugins: BTreeMap<PluginName, Arc<Entry>>,
    ) {
        let mut plans = current.plans.clone();
        let mut kinds: Vec<&Arc<Kind>> = changed.iter().map(|entry| &entry.kind).collect();
        kinds.sort_by_key(|kind| (&kind.name, kind.major()));
        kinds.dedup_by_key(|kind| (&kind.name, kind.major()));
        let mut leases = lock(&self.leases);
        for entry in changed {
            if entry.status.state().is_callable() {
                let lease = || Arc::new(Lease::new(entry));
                leases.entry(entry.name.clone()).or_insert_with(lease);
            } else {
                leases.remove(&entry.name);
            }
        }
        for kind in kinds {
            let of_kind = |lease: &&Arc<Lease>| {
                let own = &lease.entry().kind;
                (&own.name, own.major()) == (&kind.name, kind.major())
            };
            let mut ordered: Vec<&Arc<Lease>> = leases.values().filter(of_kind).collect();
            ordered.sort_by(|one, other| {
                order::rank(&one.entry().manifest).cmp(&order::rank(&other.entry().manifest))
            });
            // A plugin that could not be opened may be of a kind that no hookspec declares.
            let Some(offset) = self.offsets.get(&(kind.name.clone(), kind.major())) else {
                continue;
            };
            for (position, hook) in kind.hooks.iter().enumerate() {
                let links = ordered.iter().filter(|lease| lease.entry().hooks.contains(&hook.name));
                let links = links.map(|lease| Link(Arc::clone(lease))).collect();
                let plan = &mut plans[offset + position];
                *plan = Arc::new(plan.with_links(links));
            }
        }
        rewrap(&mut plans, changed, &leases, &plugins);
        let left = self.bus.follow(changed, &leases);
        drop(leases);
        drop(left);
        self.replace(current, plans, plugins, current.closed);
    }

    /// Refuses dispatches from here on; those that began go on.
    pub(crate) fn close(&self) {
        let current = self.current.load_full();
        let plans =
            current.plans.iter().map(|plan| Arc::new(plan.with(Vec::new(), None))).collect();
        lock(&self.leases).clear();
        self.replace(&current, plans, current.plugins.clone(), true);
    }

    /// Ends the pending calls of a plugin, in whichever plan they were made.
    pub(crate) fn revoke(&self, entry: &Entry) {
        entry.revoke();
        // Taken out of the lock: the last owner of a plan drops plugins.
        let plans: Vec<_> = lock(&self.published).iter().filter_map(Weak::upgrade).collect();
        for plan in plans {
            plan.tell_revoked();
        }
    }

    fn replace(
        &self,
        current: &Snapshot,
        plans: Vec<Arc<HookPlan>>,
        plugins: BTreeMap<PluginName, Arc<Entry>>,
        closed: bool,
    ) {
        {
            let mut published = lock(&self.published);
            published.retain(|plan| plan.strong_count() > 0);
            let fresh =
                plans.iter().zip(&current.plans).filter(|(new, old)| !Arc::ptr_eq(new, old));
            published.extend(fresh.map(|(new, _)| Arc::downgrade(new)));
        }
        // Somebody new is announced before, and nobody left after, the snapshot says so: whoever
        // reads `false` would have found nobody.
        for (plan, flag) in plans.iter().zip(&self.occupied) {
            if closed || !plan.links.is_empty() {
                flag.store(true, Ordering::Release);
            }
        }
        let vacated: Vec<usize> =
            (0..plans.len()).filter(|hook| !closed && plans[*hook].links.is_empty()).collect();
        let generation = current.generation + 1;
        self.current.store(Arc::new(Snapshot { generation, plans, plugins, closed }));
        for hook in vacated {
            self.occupied[hook].store(false, Ordering::Release);
        }
    }
}

fn empty(kind: &Arc<Kind>, hook: &Arc<Hook>, settings: &Settings) -> HookPlan {
    HookPlan {
        kind: Arc::clone(kind),
        hook: Arc::clone(hook),
        rules: Arc::new(Rules::new(hook)),
        links: Vec::new(),
        shadowed: false,
        wraps: None,
        index: CapabilityIndex::default(),
        timeout: hook.timeout.unwrap_or(settings.limits.dispatch_timeout),
        slow: settings
            .limits
            .slow_dispatch
            .filter(|limit| !limit.is_zero())
            .unwrap_or(std::time::Duration::MAX),
        input_bytes: settings.limits.input_bytes,
        policy: settings.policies.get(&kind.name).cloned(),
        active: settings.active.get(&kind.name).cloned(),
        variable: variable("HOOKSPEC", &kind.name),
        revoked: tokio::sync::Notify::new(),
    }
}

/// The environment variable that names a kind's active plugin.
pub(crate) fn variable(prefix: &str, kind: &KindName) -> String {
    format!("{prefix}_ACTIVE_{}", kind.as_str().to_uppercase())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing foreign runs under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
