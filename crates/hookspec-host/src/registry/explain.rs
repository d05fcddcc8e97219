//! [`Explanation`]: who would be called for a hook, in which order, and why others would not.

use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::{Isolation, PluginName};
use hookspec_spec::{Hook, Kind};

use super::entry::Entry;
use super::shared::Shared;
use crate::error::DispatchError;
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
    /// What capability dispatch may route to it: `extension`, `language`, `mime_type` or
    /// `capability`, each with a value.
    pub declares: Vec<(&'static str, String)>,
    /// It is chosen by capability dispatch only when nobody else matches.
    pub fallback: bool,
    /// Why it would not be called; `None` when it would.
    pub why_not: Option<String>,
}

pub(crate) fn explain(
    shared: &Shared,
    kind: &str,
    hook: &str,
) -> Result<Explanation, DispatchError> {
    let (index, _) = shared.find(kind, hook)?;
    let current = shared.snapshot();
    let plan = &current.plans[index];
    let mut entries: Vec<&Arc<Entry>> =
        current.plugins.values().filter(|entry| Arc::ptr_eq(&entry.kind, &plan.kind)).collect();
    entries.sort_by(|one, other| order::rank(&one.manifest).cmp(&order::rank(&other.manifest)));
    let mut plugins: Vec<PluginPlace> =
        entries.into_iter().map(|entry| place(entry, &plan.hook)).collect();
    plugins.sort_by_key(|place| place.why_not.is_some());
    Ok(Explanation {
        kind: Arc::clone(&plan.kind),
        hook: Arc::clone(&plan.hook),
        timeout: plan.timeout,
        plugins,
        active: plan.active.clone(),
        variable: plan.variable.clone(),
        routed: plan.policy.is_some(),
    })
}

fn place(entry: &Entry, hook: &Hook) -> PluginPlace {
    let (manifest, status) = (&entry.manifest, entry.status.get());
    let why_not = if entry.refused.is_none() && !entry.hooks.contains(&hook.name) {
        Some(format!("it does not implement `{}`", hook.name))
    } else if !status.state.is_callable() {
        let reason =
            if status.reason.is_empty() { String::new() } else { format!(": {}", status.reason) };
        Some(format!("it is {}{reason}", status.state))
    } else {
        None
    };
    let declares = [
        ("extension", &manifest.supports_extensions),
        ("language", &manifest.supports_languages),
        ("mime_type", &manifest.supports_mime_types),
        ("capability", &manifest.capabilities),
    ];
    let declares = declares
        .into_iter()
        .flat_map(|(field, values)| values.iter().map(move |value| (field, value.clone())));
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
        declares: declares.collect(),
        fallback: manifest.fallback,
        why_not,
    }
}
