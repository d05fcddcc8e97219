//! [`RegistrySnapshot`]: a registry as plain data.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookspec_plugin::{Isolation, Pattern, RuntimeName};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::entry::Entry;
use super::folder::SkippedPlugin;
use super::load::Origin;
use super::plan::HookPlan;
use super::shared::Shared;
use crate::gate::{Bulkhead, CircuitSnapshot};
use crate::outcome::CauseClass;
use crate::panic::contain_text;
use crate::state::{State, Status};

/// A registry as plain data, at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct RegistrySnapshot {
    /// Counts the changes of the registry: equal numbers mean the same plugins in the same places.
    pub generation: u64,
    /// It is stopping or has stopped.
    pub closed: bool,
    /// The kinds it knows, by name and major.
    pub kinds: Vec<KindSnapshot>,
    /// Its plugins, by name.
    pub plugins: Vec<PluginSnapshot>,
    /// Detached notifications that are outstanding.
    pub detached: usize,
    /// What its plugin folders hold and it does not.
    pub skipped: Vec<SkippedPlugin>,
}

/// One kind.
#[derive(Clone, Debug, Serialize)]
pub struct KindSnapshot {
    /// Its name.
    pub name: String,
    /// Its full version.
    pub api_version: String,
    /// Its hooks, as declared.
    pub hooks: Vec<HookSnapshot>,
    /// How many registered plugins are of this kind.
    pub plugins: usize,
}

/// One hook.
#[derive(Clone, Debug, Serialize)]
pub struct HookSnapshot {
    /// Its name.
    pub name: String,
    /// Its dispatch class.
    pub dispatch: String,
    /// Inputs and outputs that were Rust values and had to be made JSON to be validated.
    pub made_json: u64,
    /// How often a plugin asked for an input as another Rust type than it keeps, so that it crossed
    /// as JSON.
    pub crossings: u64,
}

/// One plugin.
#[derive(Clone, Debug, Serialize)]
pub struct PluginSnapshot {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The major version of the kind it is registered under.
    pub kind_major: u64,
    /// Its own version.
    pub version: Option<String>,
    /// How it was loaded.
    pub runtime: RuntimeName,
    /// Which executor runs its hooks.
    pub isolation: Isolation,
    /// Its priority.
    pub priority: u32,
    /// The hooks it implements.
    pub hooks: Vec<String>,
    /// Where it is in its life.
    pub state: State,
    /// Why; empty where the state says it all.
    pub reason: String,
    /// Since when.
    pub since: SystemTime,
    /// The states before and this one, the oldest first; bounded (STATE-2).
    pub history: Vec<Status>,
    /// What it says it is capable of.
    pub capabilities: Vec<String>,
    /// The languages it says it supports.
    pub supports_languages: Vec<String>,
    /// The file extensions it says it supports.
    pub supports_extensions: Vec<String>,
    /// The MIME types it says it supports.
    pub supports_mime_types: Vec<String>,
    /// Patterns of the events that it may emit.
    pub emits: Vec<String>,
    /// Patterns of the events that it may cancel while they are dispatched.
    pub cancels: Vec<String>,
    /// Patterns of the events that it wants.
    pub subscribes: Vec<String>,
    /// Calls that somebody awaits.
    pub in_flight: usize,
    /// Calls that nobody awaits any more and that still hold a task or a thread.
    pub abandoned: usize,
    /// Calls that wait for a place, of a plugin with `max_concurrency` (BULKHEAD-2).
    pub waiting: usize,
    /// Its circuit breaker, if its manifest asks for one.
    pub circuit: Option<CircuitSnapshot>,
    /// Calls that ended, well or not.
    pub calls: u64,
    /// Failures by cause; causes that never occurred are absent.
    pub failures: BTreeMap<CauseClass, u64>,
    /// Failures in a row, up to now.
    pub consecutive_failures: u32,
    /// Failures that were known only after their deadline.
    pub late: u64,
    /// Polls that held their thread longer than the limit (ISO-1).
    pub long_polls: u64,
    /// The time of all its calls together: what plugins are ranked by.
    pub total: Duration,
    /// The mean duration of a call.
    pub mean: Duration,
    /// The longest duration of a call.
    pub longest: Duration,
    /// The last failure: when, in which hook, which cause, and its text.
    pub last_failure: Option<(SystemTime, String, CauseClass, String)>,
    /// The manifest file, of a plugin from a folder.
    pub manifest_path: Option<PathBuf>,
    /// What the plugin tells of how it was loaded, such as a file and its digest; under `panicked`
    /// what it panicked with instead.
    pub facts: Map<String, Value>,
}

/// Asked anew for every snapshot: what was irregular is counted on.
fn facts(entry: &Entry) -> Map<String, Value> {
    contain_text(|| entry.plugin().facts())
        .unwrap_or_else(|message| Map::from_iter([("panicked".to_owned(), message.into())]))
}

fn patterns<'a>(patterns: impl IntoIterator<Item = &'a Pattern>) -> Vec<String> {
    patterns.into_iter().map(ToString::to_string).collect()
}

fn hook(plan: &Arc<HookPlan>) -> HookSnapshot {
    HookSnapshot {
        name: plan.hook.name.to_string(),
        dispatch: plan.hook.dispatch.to_string(),
        made_json: plan.rules.input.made_json() + plan.rules.output.made_json(),
        crossings: plan.rules.crossings(),
    }
}

pub(crate) fn take(shared: &Shared) -> RegistrySnapshot {
    // Not the guard: plugins are asked meanwhile.
    let current = Arc::clone(&shared.snapshot());
    let plugins: Vec<PluginSnapshot> = current
        .plugins
        .values()
        .map(|entry| {
            let (status, stats) = (entry.status.get(), &entry.stats);
            let (bulkhead, breaker) = entry
                .gates
                .as_deref()
                .map_or((None, None), |own| (own.bulkhead.as_ref(), own.breaker.as_ref()));
            let events = entry.manifest.events.as_ref();
            let failures = CauseClass::ALL.map(|cause| (cause, stats.failures(cause)));
            PluginSnapshot {
                name: entry.name.to_string(),
                kind: entry.kind.name.to_string(),
                kind_major: entry.kind.major(),
                version: entry.manifest.version.clone(),
                runtime: entry.manifest.runtime,
                isolation: entry.executor,
                priority: entry.manifest.priority,
                hooks: entry.hooks.iter().map(ToString::to_string).collect(),
                state: status.state,
                reason: status.reason,
                since: status.since,
                history: entry.status.history(),
                capabilities: entry.manifest.capabilities.clone(),
                supports_languages: entry.manifest.supports_languages.clone(),
                supports_extensions: entry.manifest.supports_extensions.clone(),
                supports_mime_types: entry.manifest.supports_mime_types.clone(),
                emits: patterns(events.into_iter().flat_map(|own| &own.emit)),
                cancels: patterns(events.into_iter().flat_map(|own| &own.cancel)),
                subscribes: patterns(entry.wants.iter().flat_map(|wants| &wants.patterns)),
                in_flight: stats.in_flight.load(std::sync::atomic::Ordering::Acquire),
                abandoned: stats.abandoned.load(std::sync::atomic::Ordering::Acquire),
                waiting: bulkhead.map_or(0, Bulkhead::waiting),
                circuit: breaker.map(|breaker| breaker.snapshot(Instant::now())),
                calls: stats.calls(),
                failures: failures.into_iter().filter(|(_, count)| *count > 0).collect(),
                consecutive_failures: stats.consecutive(),
                late: stats.late(),
                long_polls: stats.long_polls(),
                total: stats.total(),
                mean: stats.mean(),
                longest: stats.longest(),
                last_failure: stats
                    .last_failure()
                    .map(|last| (last.at, last.hook, last.cause, last.message)),
                manifest_path: match &entry.origin {
                    Origin::File { path, .. } => Some(path.clone()),
                    Origin::Value | Origin::Linked { .. } | Origin::Manifest(_) => None,
                },
                facts: facts(entry),
            }
        })
        .collect();
    let of_kind = |name: &str, major| {
        plugins.iter().filter(|plugin| plugin.kind == name && plugin.kind_major == major).count()
    };
    let plans = |name: &str, major| {
        let name = name.to_owned();
        let own = move |plan: &&Arc<HookPlan>| {
            plan.kind.name == name.as_str() && plan.kind.major() == major
        };
        current.plans.iter().filter(own)
    };
    let kinds = shared.catalog().kinds().map(|kind| KindSnapshot {
        name: kind.name.to_string(),
        api_version: kind.api_version.to_string(),
        hooks: plans(kind.name.as_str(), kind.major()).map(hook).collect(),
        plugins: of_kind(kind.name.as_str(), kind.major()),
    });
    RegistrySnapshot {
        generation: current.generation,
        closed: current.closed,
        kinds: kinds.collect(),
        plugins,
        detached: shared.detached().outstanding(),
        skipped: shared.skipped.get().cloned().unwrap_or_default(),
    }
}
