//! [`Explanation`]: who would be called for a hook, in which order, and why others would not.

use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{
    AFTER, BEFORE, CircuitBreaker, Isolation, KindName, Manifest, PluginName, Predicate,
};
use hookspec_spec::{Hook, Kind};
use tokio::time::Instant;

use super::entry::Entry;
use super::shared::{Settings, Shared};
use super::wraps::{is_middleware, matches};
use crate::error::DispatchError;
use crate::gate::{Breaker, Bulkhead, CircuitSnapshot};
use crate::order;
use crate::state::Status;

/// Who would be called for a hook.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The kind.
    pub kind: Arc<Kind>,
    /// The hook.
    pub hook: Arc<Hook>,
    /// How long a dispatch may take.
    pub timeout: Duration,
    /// Every plugin of the kind: those that would be called first, in dispatch order.
    pub plugins: Vec<PluginPlace>,
    /// Every plugin of any kind whose `chain_wrap` matches the hook: those that would wrap it
    /// first, in the order of their `$before`; `$after` is called in the reverse one (WRAP-2).
    pub middleware: Vec<MiddlewarePlace>,
    /// A singleton: the plugin that the environment names, with the variable.
    pub active: Option<(String, PluginName)>,
    /// A singleton: the variable that would name one.
    pub variable: String,
    /// A singleton: the application routes this kind itself.
    pub routed: bool,
}

/// One plugin's place.
#[derive(Clone, Debug)]
pub struct PluginPlace {
    /// The plugin.
    pub plugin: PluginName,
    /// `tryfirst`, empty, or `trylast` (ORDER-1).
    pub band: &'static str,
    /// Its priority.
    pub priority: u32,
    /// Which executor runs it.
    pub isolation: Isolation,
    /// Its state, since when and why.
    pub status: Status,
    /// Its own, shorter limit on a call.
    pub timeout: Option<Duration>,
    /// How many of its calls may run at once (BULKHEAD-1).
    pub max_concurrency: Option<u32>,
    /// Calls that wait for a place (BULKHEAD-2).
    pub waiting: usize,
    /// Its circuit breaker, and where that is now.
    pub breaker: Option<(CircuitBreaker, CircuitSnapshot)>,
    /// It is called, and what it would have done is compared and never used (SHADOW-1).
    pub shadow: bool,
    /// It is called only for inputs of which this holds.
    pub when: Option<Predicate>,
    /// What the host's configuration file decides about it, whatever its manifest says: fields and
    /// values as the file writes them (CONFIG-7).
    pub overrides: Vec<(&'static str, String)>,
    /// What capability dispatch may route to it: `extension`, `language`, `mime_type` or
    /// `capability`, each with a value.
    pub declares: Vec<(&'static str, String)>,
    /// It is chosen by capability dispatch only when nobody else matches.
    pub fallback: bool,
    /// Why it would not be called; `None` when it would.
    pub why_not: Option<String>,
}

/// One middleware's place around a hook.
#[derive(Clone, Debug)]
pub struct MiddlewarePlace {
    /// The plugin; its `why_not` says why it would not wrap the hook.
    pub place: PluginPlace,
    /// Its own kind, which may be another than the hook's.
    pub kind: KindName,
    /// Its `$before` is called.
    pub before: bool,
    /// Its `$after` is called.
    pub after: bool,
}

pub(crate) fn explain(
    shared: &Shared,
    kind: &str,
    hook: &str,
) -> Result<Explanation, DispatchError> {
    let (index, _) = shared.find(kind, hook)?;
    let current = shared.snapshot();
    let plan = &current.plans[index];
    let ranked = |among: &dyn Fn(&Entry) -> bool| {
        let mut entries: Vec<&Arc<Entry>> =
            current.plugins.values().filter(|entry| among(entry)).collect();
        entries.sort_by(|one, other| order::rank(&one.manifest).cmp(&order::rank(&other.manifest)));
        entries
    };
    let settings = &shared.settings;
    let of_kind = ranked(&|entry| Arc::ptr_eq(&entry.kind, &plan.kind));
    let mut plugins: Vec<PluginPlace> = of_kind
        .into_iter()
        .map(|entry| place(settings, entry, lacks_hook(entry, &plan.hook)))
        .collect();
    plugins.sort_by_key(|place| place.why_not.is_some());
    let around = ranked(&|entry| matches(entry, plan));
    let mut middleware: Vec<MiddlewarePlace> =
        around.into_iter().map(|entry| around_it(settings, entry)).collect();
    middleware.sort_by_key(|around| around.place.why_not.is_some());
    Ok(Explanation {
        kind: Arc::clone(&plan.kind),
        hook: Arc::clone(&plan.hook),
        timeout: plan.timeout,
        plugins,
        middleware,
        active: plan.active.clone(),
        variable: plan.variable.clone(),
        routed: plan.policy.is_some(),
    })
}

fn lacks_hook(entry: &Entry, hook: &Hook) -> Option<String> {
    // What was never opened cannot be asked for its hooks.
    let lacks = entry.refused.is_none() && !entry.hooks.contains(&hook.name);
    lacks.then(|| format!("it does not implement `{}`", hook.name))
}

fn around_it(settings: &Settings, entry: &Entry) -> MiddlewarePlace {
    let has_neither = entry.refused.is_none() && !is_middleware(entry);
    let lacks = has_neither.then(|| "it has neither `$before` nor `$after`".to_owned());
    MiddlewarePlace {
        place: place(settings, entry, lacks),
        kind: entry.kind.name.clone(),
        before: entry.hooks.contains(&BEFORE),
        after: entry.hooks.contains(&AFTER),
    }
}

/// A plugin's place; `lacks` is what keeps it from being called whatever its state.
fn place(settings: &Settings, entry: &Entry, lacks: Option<String>) -> PluginPlace {
    let (manifest, status) = (&entry.manifest, entry.status.get());
    let why_not = lacks.or_else(|| {
        let reason =
            if status.reason.is_empty() { String::new() } else { format!(": {}", status.reason) };
        (!status.state.is_callable()).then(|| format!("it is {}{reason}", status.state))
    });
    let gates = entry.gates.as_deref();
    let circuit = gates.and_then(|own| own.breaker.as_ref());
    let circuit = circuit.map(|breaker: &Breaker| breaker.snapshot(Instant::now()));
    let file = settings.file.as_ref().and_then(|file| file.overrides(entry.name.as_str()));
    PluginPlace {
        plugin: entry.name.clone(),
        band: match (manifest.tryfirst, manifest.trylast) {
            (true, _) => "tryfirst",
            (_, true) => "trylast",
            _ => "",
        },
        priority: manifest.priority,
        isolation: entry.executor,
        status,
        timeout: entry.timeout,
        max_concurrency: manifest.max_concurrency,
        waiting: gates.and_then(|own| own.bulkhead.as_ref()).map_or(0, Bulkhead::waiting),
        breaker: manifest.circuit_breaker.zip(circuit),
        shadow: entry.shadow,
        when: manifest.when.clone(),
        overrides: file.map(|own| own.shown()).unwrap_or_default(),
        declares: declares(manifest),
        fallback: manifest.fallback,
        why_not,
    }
}

fn declares(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let declares = [
        ("extension", &manifest.supports_extensions),
        ("language", &manifest.supports_languages),
        ("mime_type", &manifest.supports_mime_types),
        ("capability", &manifest.capabilities),
    ];
    let each = declares
        .into_iter()
        .flat_map(|(field, values)| values.iter().map(move |value| (field, value.clone())));
    each.collect()
}
