//! Start, stop, add and remove: one change at a time, while dispatches run.
//!
//! - START-1 by runtime, then by dependency, a group in parallel. START-2 a setup that does not end
//!   well, and START-3 whatever is missing, makes the plugin and its dependents `unavailable`.
//! - START-4 a cycle or an open choice fails the start. START-5 stopping is the exact reverse.
//!   START-6 what does not end is `leaked`. START-7 a stop ends a start.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::{Either, join, join_all, select};
use hookspec_plugin::{Plugin, PluginName, Teardown};
use hookspec_spec::Found;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

use super::entry::Entry;
use super::events::bind_hooks;
use super::load::{self, Origin, name_of};
use super::register::{admit, ambiguity};
use super::shared::{Phase, Shared};
use crate::bus::News;
use crate::error::{RegistrationError, RemoveError, StartError, TeardownErrors, TeardownFailure};
use crate::foreign::{self, Trouble};
use crate::order;
use crate::settings::later;
use crate::state::State;

impl Shared {
    pub(crate) async fn start(&self) -> Result<(), StartError> {
        let mut phase = self.changes.lock().await;
        if !matches!(*phase, Phase::Built) {
            return Err(StartError::AlreadyStarted);
        }
        let runtime = Handle::try_current().map_err(|_| {
            let how = "`start` needs an async runtime: call it inside one, or use `start_blocking`";
            StartError::Runtime { reason: how.into() }
        })?;
        let entries = self.snapshot().plugins.clone();
        let plan = order::plan(entries.values().map(|entry| &entry.manifest))
            .map_err(|cycle| StartError::DependencyCycle { cycle })?;
        self.settle(&entries)?;
        // Kept if it was set already: a second start was refused above.
        let _ = self.runtime.set(runtime.clone());
        self.bus.run_on(&runtime);
        bind_hooks(self);
        self.warn_of_circles();
        for (name, lacks) in &plan.unresolved {
            let lacks: Vec<String> =
                lacks.iter().map(|need| lacking(need, entries.contains_key(need))).collect();
            let entry = &entries[name];
            if self.is_disabled(name) {
                entry.status.set(State::Disabled, TURNED_OFF);
            } else if entry.refused.is_none() {
                // Else that it could not be opened says more, and was said.
                entry.blocked.store(true, Ordering::Release);
                NotReady::because(lacks.join("; ")).tell(entry);
            }
        }
        let mut started = Vec::new();
        for group in &plan.groups {
            let group: Vec<&Arc<Entry>> = group.iter().map(|name| &entries[name]).collect();
            started.extend(self.set_up(&runtime, &group).await);
        }
        self.bus.tell(News::Started { plugins: started.len() });
        *phase = Phase::Running(started);
        if self.stopping.is_cancelled() { Err(StartError::Stopped) } else { Ok(()) }
    }

    pub(crate) async fn stop(&self, own: usize) -> Result<(), TeardownErrors> {
        let mut phase = self.changes.lock().await;
        let started = match std::mem::replace(&mut *phase, Phase::Stopped) {
            Phase::Built => Vec::new(),
            Phase::Running(started) => started,
            Phase::Stopped => return Ok(()),
        };
        // First, while everybody is there who is to handle what was taken (EVENT-14).
        self.bus.stop(own).await;
        let entries = self.snapshot().plugins.clone();
        let stopping: Vec<&Arc<Entry>> = started.iter().rev().map(|name| &entries[name]).collect();
        for entry in &stopping {
            entry.status.set(State::Stopping, "the registry stops");
        }
        self.close();
        let patience = stopping.iter().map(|entry| entry.teardown_timeout()).max();
        let mut errors = Vec::new();
        let Some(runtime) = self.runtime().cloned() else { return Ok(()) };
        // All at once: a plugin that holds its calls must not use up the patience of the others.
        let drains = join_all(stopping.iter().map(|entry| self.drain(entry)));
        let _ =
            join(timeout(patience.unwrap_or_default(), self.detached().drained()), drains).await;
        for entry in stopping {
            errors.extend(self.tear_down(&runtime, entry).await);
        }
        if errors.is_empty() { Ok(()) } else { Err(TeardownErrors(errors)) }
    }

    pub(crate) async fn add(&self, plugin: Arc<dyn Plugin>) -> Result<(), RegistrationError> {
        let mut phase = self.changes.lock().await;
        self.join(&mut phase, plugin, Origin::Value).await
    }

    /// Opens what a manifest describes and adds it, with whatever else its file holds.
    pub(crate) async fn open(&self, found: Found) -> Result<(), RegistrationError> {
        let mut phase = self.changes.lock().await;
        let name = &found.manifest.name;
        if matches!(*phase, Phase::Stopped) {
            return Err(RegistrationError::ShuttingDown { plugin: name.clone() });
        }
        let mut opened = load::open(self, &found.manifest, found.folder()).await?;
        let mut plugins = opened.take().unwrap_or_default();
        // First, so that nothing that came with it takes its name.
        plugins.sort_by_key(|plugin| name_of(plugin) != *name);
        let mut first = None;
        for plugin in plugins {
            let own = name_of(&plugin);
            let origin = Origin::File { path: found.path.clone(), main: name.clone() };
            let joined = self.join(&mut phase, plugin, origin).await;
            if let (Err(error), true) = (&joined, first.is_some()) {
                let path = found.path.display();
                tracing::warn!(plugin = %own, %path, %error, "skipping the plugin");
            }
            first.get_or_insert(joined);
        }
        first.unwrap_or(Ok(()))
    }

    async fn join(
        &self,
        phase: &mut Phase,
        plugin: Arc<dyn Plugin>,
        origin: Origin,
    ) -> Result<(), RegistrationError> {
        let entry = admit(self, plugin, origin)?;
        if matches!(phase, Phase::Stopped) {
            return Err(RegistrationError::ShuttingDown { plugin: entry.name.clone() });
        }
        let (snapshot, kind) = (self.snapshot().plugins.clone(), Arc::clone(&entry.kind));
        let same_kind: Vec<&Arc<Entry>> = snapshot
            .values()
            .chain([&entry])
            .filter(|other| Arc::ptr_eq(&other.kind, &kind))
            .collect();
        if let Some(ambiguity) = ambiguity(self, &kind, &same_kind) {
            let plugin = entry.name.clone();
            return Err(RegistrationError::AmbiguousPlugin { plugin, ambiguity });
        }
        let manifests = snapshot.values().chain([&entry]).map(|entry| &entry.manifest);
        // One that was there before `start` told of it is not this plugin's.
        if let Err(cycle) = order::plan(manifests)
            && cycle.contains(&entry.name)
        {
            return Err(RegistrationError::DependencyCycle { plugin: entry.name.clone(), cycle });
        }
        self.enter(Arc::clone(&entry));
        if let (Phase::Running(started), Some(runtime)) = (phase, self.runtime().cloned()) {
            self.warn_of_circles_through(&entry.name);
            let ready = self.set_up(&runtime, &[&entry]).await;
            if !ready.is_empty() {
                started.extend(ready);
                self.revive(&runtime, started).await;
            }
        }
        Ok(())
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<(), RemoveError> {
        let mut phase = self.changes.lock().await;
        let entry = self.free(name)?;
        if let Phase::Running(started) = &mut *phase
            && let Some(position) = started.iter().position(|own| own == name)
        {
            started.remove(position);
            self.retire(&entry, "it is removed").await;
        }
        self.forget(&entry.name);
        self.forget_changes(&entry.name);
        // Whom it kept from being called may be called now.
        self.publish(std::slice::from_ref(&entry));
        Ok(())
    }

    /// A plugin that no other needs.
    pub(super) fn free(&self, name: &str) -> Result<Arc<Entry>, RemoveError> {
        let plugins = self.snapshot().plugins.clone();
        let Some(entry) = plugins.get(name) else {
            return Err(RemoveError::UnknownPlugin { plugin: name.into() });
        };
        let dependents: Vec<PluginName> = plugins
            .values()
            .filter(|other| other.is_set_up())
            .filter(|other| other.manifest.depends_on.iter().any(|need| need == name))
            .map(|other| other.name.clone())
            .collect();
        if dependents.is_empty() {
            return Ok(Arc::clone(entry));
        }
        Err(RemoveError::Needed { plugin: entry.name.clone(), dependents })
    }

    /// Takes a plugin out of what is called, waits for its calls, and tears it down.
    pub(super) async fn retire(&self, entry: &Arc<Entry>, why: &str) {
        self.bus.settle(entry.name.as_str(), entry.teardown_timeout()).await;
        entry.status.set(State::Stopping, why);
        self.publish(std::slice::from_ref(entry));
        self.drain(entry).await;
        if let Some(runtime) = self.runtime().cloned() {
            // Its state and the log tell; the caller wanted it gone, and it is.
            let _ = self.tear_down(&runtime, entry).await;
        }
    }

    /// Refuses what would leave a choice open.
    fn settle(&self, entries: &BTreeMap<PluginName, Arc<Entry>>) -> Result<(), StartError> {
        let mut kinds: BTreeMap<_, Vec<&Arc<Entry>>> = BTreeMap::new();
        for entry in entries.values() {
            kinds.entry((&entry.kind.name, entry.kind.major())).or_default().push(entry);
        }
        for plugins in kinds.values() {
            if let Some(found) = ambiguity(self, &plugins[0].kind, plugins) {
                return Err(StartError::AmbiguousPlugin { ambiguity: found });
            }
        }
        Ok(())
    }

    /// Sets a group up in parallel; answers those that are ready, in the order they got there.
    pub(super) async fn set_up(&self, runtime: &Handle, group: &[&Arc<Entry>]) -> Vec<PluginName> {
        let plugins = self.snapshot().plugins.clone();
        let setups = group.iter().map(|entry| self.ready(runtime, entry, &plugins));
        let finished = std::sync::Mutex::new(Vec::new());
        join_all(group.iter().zip(setups).map(|(entry, setup)| async {
            match self.unless_stopping(setup).await {
                Ok(()) => {
                    entry.status.set(State::Ready, "");
                    let mut finished =
                        finished.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    finished.push(entry.name.clone());
                }
                Err(lacks) => {
                    // Whatever ended it: also a setup that was given up.
                    entry.services.take_back().await;
                    entry.blocked.store(lacks.blocked, Ordering::Release);
                    lacks.tell(entry);
                }
            }
        }))
        .await;
        let changed: Vec<Arc<Entry>> = group.iter().map(|entry| Arc::clone(entry)).collect();
        self.publish(&changed);
        finished.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A setup, given up when the registry is asked to stop meanwhile.
    async fn unless_stopping(
        &self,
        setup: impl Future<Output = Result<(), NotReady>>,
    ) -> Result<(), NotReady> {
        match select(pin!(setup), self.stopping.cancelled()).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => {
                Err(NotReady::because("the registry was stopped while it started".into()))
            }
        }
    }

    /// Sets one plugin up. Where that does not end well, the caller takes back what it was lent.
    ///
    /// # Errors
    /// What it lacks, or why its setup did not end well.
    pub(super) async fn ready(
        &self,
        runtime: &Handle,
        entry: &Arc<Entry>,
        plugins: &BTreeMap<PluginName, Arc<Entry>>,
    ) -> Result<(), NotReady> {
        if self.is_disabled(&entry.name) {
            return Err(NotReady {
                state: State::Disabled,
                ..NotReady::because(TURNED_OFF.into())
            });
        }
        if let Some(reason) = &entry.refused {
            return Err(NotReady { said: true, ..NotReady::because(reason.clone()) });
        }
        let state = |need: &PluginName| plugins.get(need).map(|other| other.status.state());
        for need in &entry.manifest.depends_on {
            let reason = match state(need) {
                Some(state) if state.is_callable() => continue,
                Some(state) => format!("it depends on `{need}`, which is {state}"),
                None => lacking(need, false),
            };
            return Err(NotReady { blocked: true, ..NotReady::because(reason) });
        }
        entry.blocked.store(false, Ordering::Release);
        let lending = &self.settings.lending;
        lending.lend(&entry.manifest, &entry.services).map_err(NotReady::because)?;
        entry.status.set(State::Starting, "");
        let limit = entry.startup_timeout();
        let setup: foreign::Method<()> = Box::new(|entry| entry.plugin().setup(&entry.context));
        entry.begun.store(true, Ordering::Release);
        let ended = foreign::run(entry, runtime, limit, "setup", setup).await;
        ended.map_err(|trouble| NotReady::because(trouble.reason))
    }

    /// Waits until no dispatch can call the plugin; when that takes too long, ends its calls.
    pub(super) async fn drain(&self, entry: &Arc<Entry>) {
        let limit = entry.teardown_timeout();
        if timeout(limit, entry.drained()).await.is_err() {
            self.revoke(entry);
            // What is revoked ends as soon as its dispatch is polled.
            let _ = timeout(limit.min(Duration::from_secs(1)), entry.drained()).await;
        }
    }

    pub(super) async fn tear_down(
        &self,
        runtime: &Handle,
        entry: &Arc<Entry>,
    ) -> Option<TeardownFailure> {
        let failure = |reason| Some(TeardownFailure { plugin: entry.name.clone(), reason });
        let limit = entry.teardown_timeout();
        let until = later(Instant::now(), limit);
        // Calls that nobody awaits may still run in the plugin. They get half of the time to end
        // before it is torn down under them, and the rest in case it is teardown that ends them.
        let _ = timeout(limit / 2, entry.quiet()).await;
        let left = until.saturating_duration_since(Instant::now());
        let teardown: foreign::Method<Teardown> = Box::new(|entry| entry.plugin().teardown());
        let torn = foreign::run(entry, runtime, left, "teardown", teardown).await;
        entry.close_workers();
        entry.services.bus.rights.end();
        entry.services.take_back().await;
        let quiet = timeout_at(until, entry.quiet()).await.is_ok();
        match torn {
            _ if !quiet => {
                let reason = "calls that nobody awaits still hold a task or a thread";
                entry.status.set(State::Leaked, reason);
                tracing::warn!(plugin = %entry.name, reason, "plugin leaked");
                failure(reason.into())
            }
            Ok(Teardown::Clean) => {
                entry.status.set(State::Stopped, "");
                None
            }
            Ok(Teardown::RequiresRestart) => {
                entry.status.set(State::RequiresRestart, "its teardown said so");
                None
            }
            Err(Trouble { reason, timed_out }) => {
                let state = if timed_out { State::Leaked } else { State::Stopped };
                entry.status.set(state, reason.as_str());
                tracing::warn!(plugin = %entry.name, error = %reason, "plugin failed in teardown");
                failure(reason)
            }
        }
    }
}

/// Why a plugin was not set up.
pub(super) struct NotReady {
    pub(super) reason: String,
    state: State,
    /// For what it depends on: it may be set up once that is there.
    blocked: bool,
    /// The log has it already.
    said: bool,
}

impl NotReady {
    fn because(reason: String) -> Self {
        Self { reason, state: State::Unavailable, blocked: false, said: false }
    }

    fn tell(self, entry: &Entry) {
        if !self.said {
            tracing::warn!(plugin = %entry.name, error = %self.reason, "plugin is {}", self.state);
        }
        entry.status.set(self.state, self.reason);
    }
}

/// Why a plugin waits for another, and what ends that.
fn lacking(need: &PluginName, registered: bool) -> String {
    let why = match registered {
        true => "which lacks something itself",
        false => "which is not registered; add it, or mend `depends_on`",
    };
    format!("it depends on `{need}`, {why}")
}

/// Why a plugin is `disabled`.
pub(super) const TURNED_OFF: &str = "turned off by whoever runs this host";
