//! Start, stop, add and remove: one change at a time, while dispatches run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{join, join_all};
use hookspec_plugin::{Plugin, PluginName, Teardown};
use hookspec_spec::Found;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

use super::entry::Entry;
use super::load::{self, Origin, name_of};
use super::register::{admit, ambiguity};
use super::shared::{Phase, Shared};
use crate::error::{RegistrationError, RemoveError, StartError, TeardownErrors, TeardownFailure};
use crate::foreign::{self, Trouble};
use crate::order;
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
        for (name, lacks) in &plan.unresolved {
            let lacks: Vec<&str> = lacks.iter().map(PluginName::as_str).collect();
            // That it could not be opened says more, and was said.
            if entries[name].refused.is_none() {
                unavailable(&entries[name], format!("it depends on {}", lacks.join(", ")));
            }
        }
        let mut started = Vec::new();
        for group in &plan.groups {
            let group: Vec<&Arc<Entry>> = group.iter().map(|name| &entries[name]).collect();
            started.extend(self.set_up(&runtime, &group).await);
        }
        *phase = Phase::Running(started);
        Ok(())
    }

    pub(crate) async fn stop(&self) -> Result<(), TeardownErrors> {
        let mut phase = self.changes.lock().await;
        let started = match std::mem::replace(&mut *phase, Phase::Stopped) {
            Phase::Built => Vec::new(),
            Phase::Running(started) => started,
            Phase::Stopped => return Ok(()),
        };
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
        self.enter(Arc::clone(&entry));
        if let (Phase::Running(started), Some(runtime)) = (phase, self.runtime()) {
            started.extend(self.set_up(&runtime.clone(), &[&entry]).await);
        }
        Ok(())
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<(), RemoveError> {
        let mut phase = self.changes.lock().await;
        let plugins = self.snapshot().plugins.clone();
        let Some(entry) = plugins.get(name) else {
            return Err(RemoveError::UnknownPlugin { plugin: name.into() });
        };
        let dependents: Vec<PluginName> = plugins
            .values()
            .filter(|other| other.status.state().is_callable())
            .filter(|other| other.manifest.depends_on.iter().any(|need| need == name))
            .map(|other| other.name.clone())
            .collect();
        if !dependents.is_empty() {
            return Err(RemoveError::Needed { plugin: entry.name.clone(), dependents });
        }
        if let Phase::Running(started) = &mut *phase
            && let Some(position) = started.iter().position(|own| own == name)
        {
            started.remove(position);
            entry.status.set(State::Stopping, "it is removed");
            self.publish(std::slice::from_ref(entry));
            self.drain(entry).await;
            if let Some(runtime) = self.runtime().cloned() {
                // Its state and the log tell; the caller wanted it gone, and it is.
                let _ = self.tear_down(&runtime, entry).await;
            }
        }
        self.forget(&entry.name);
        Ok(())
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
    async fn set_up(&self, runtime: &Handle, group: &[&Arc<Entry>]) -> Vec<PluginName> {
        let plugins = self.snapshot().plugins.clone();
        let setups = group.iter().map(|entry| self.ready(runtime, entry, &plugins));
        let finished = std::sync::Mutex::new(Vec::new());
        join_all(group.iter().zip(setups).map(|(entry, setup)| async {
            match setup.await {
                Ok(()) => {
                    entry.status.set(State::Ready, "");
                    let mut finished =
                        finished.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    finished.push(entry.name.clone());
                }
                // Said when it was not opened.
                Err(reason) if entry.refused.is_some() => {
                    entry.status.set(State::Unavailable, reason);
                }
                Err(reason) => unavailable(entry, reason),
            }
        }))
        .await;
        let changed: Vec<Arc<Entry>> = group.iter().map(|entry| Arc::clone(entry)).collect();
        self.publish(&changed);
        finished.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Sets one plugin up.
    ///
    /// # Errors
    /// What it lacks, or why its setup did not end well.
    pub(super) async fn ready(
        &self,
        runtime: &Handle,
        entry: &Arc<Entry>,
        plugins: &BTreeMap<PluginName, Arc<Entry>>,
    ) -> Result<(), String> {
        if let Some(reason) = &entry.refused {
            return Err(reason.clone());
        }
        let ready = |need: &PluginName| {
            plugins.get(need).is_some_and(|other| other.status.state().is_callable())
        };
        if let Some(need) = entry.manifest.depends_on.iter().find(|need| !ready(need)) {
            return Err(format!("it depends on `{need}`, which is not ready"));
        }
        self.settings.lending.lend(&entry.manifest, &entry.services)?;
        entry.status.set(State::Starting, "");
        let limit = entry.startup_timeout();
        let setup =
            foreign::run(entry, runtime, limit, "setup", |e| e.plugin().setup(&e.context)).await;
        if setup.is_err() {
            entry.services.take_back().await;
        }
        setup.map_err(|trouble| trouble.reason)
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
        let until = Instant::now() + limit;
        // Calls that nobody awaits may still run in the plugin. They get half of the time to end
        // before it is torn down under them, and the rest in case it is teardown that ends them.
        let _ = timeout(limit / 2, entry.quiet()).await;
        let left = until.saturating_duration_since(Instant::now());
        let torn =
            foreign::run(entry, runtime, left, "teardown", |entry| entry.plugin().teardown()).await;
        entry.close_workers();
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

fn unavailable(entry: &Entry, reason: String) {
    tracing::warn!(plugin = %entry.name, error = %reason, "plugin is unavailable");
    entry.status.set(State::Unavailable, reason);
}
