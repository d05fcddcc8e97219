//! What a plugin has to satisfy to be registered, in the order of ADR-0001.

use std::sync::Arc;

use hookspec_plugin::{
    AFTER, BEFORE, EVENT, ExecutionModel, HookName, Isolation, Manifest, Plugin, PluginName,
    RuntimeName, Subscription,
};
use hookspec_spec::{CoreRequirement, Hook, Kind, manifest};
use serde_json::Value;

use super::configured;
use super::entry::{Entry, Parts};
use super::events;
use super::folder::NotOpened;
use super::load::Origin;
use super::shadow;
use super::shared::{Shared, variable};
use crate::error::{Ambiguity, RegistrationError};
use crate::order;
use crate::panic::contain_text;
use crate::state::State;

/// Checks a plugin and makes its entry; enters nothing.
pub(crate) fn admit(
    shared: &Shared,
    plugin: Arc<dyn Plugin>,
    origin: Origin,
) -> Result<Arc<Entry>, RegistrationError> {
    make(shared, plugin, origin, &unique)
}

/// As [`admit`], for a plugin that takes the place of one that is registered under its name.
pub(crate) fn readmit(
    shared: &Shared,
    plugin: Arc<dyn Plugin>,
    origin: Origin,
) -> Result<Arc<Entry>, RegistrationError> {
    make(shared, plugin, origin, &|_, _| Ok(()))
}

/// The entry of a plugin that could not be opened, or was refused: it is seen with the reason, and
/// never called. Its kind may be one that no hookspec declares.
pub(crate) fn stand_in(
    shared: &Shared,
    manifest: &Manifest,
    origin: Origin,
    reason: String,
) -> Arc<Entry> {
    let major = parts(&manifest.kind_api_version).first().copied().unwrap_or(0);
    let kind = shared.catalog().kind(manifest.kind.as_str(), major).cloned();
    let kind = kind.unwrap_or_else(|| Arc::new(Kind::undeclared(manifest.kind.clone(), major)));
    let home = shared.home.clone();
    let lending = &shared.settings.lending;
    let services = lending.services(manifest, &kind.name, Value::Null, home, &shared.bus);
    let entry = Entry::new(Parts {
        services: Arc::new(services),
        changes: shared.changes_told.clone(),
        executor: executor(shared, manifest),
        limits: shared.settings.limits_of(&manifest.name),
        shadow: false,
        kind,
        hooks: Vec::new(),
        wants: Vec::new(),
        origin,
        refused: Some(reason.clone()),
        plugin: Arc::new(NotOpened(manifest.clone())),
        manifest: manifest.clone(),
    });
    entry.status.set(State::Unavailable, reason);
    Arc::new(entry)
}

/// A rule about a plugin's name.
type Naming = dyn Fn(&Shared, &PluginName) -> Result<(), RegistrationError>;

fn unique(shared: &Shared, name: &PluginName) -> Result<(), RegistrationError> {
    if !shared.snapshot().plugins.contains_key(name) {
        return Ok(());
    }
    Err(RegistrationError::ManifestInvalid {
        plugin: name.clone(),
        field: "name",
        reason: "name: a plugin of that name is already registered; names are unique".into(),
    })
}

fn make(
    shared: &Shared,
    plugin: Arc<dyn Plugin>,
    origin: Origin,
    naming: &Naming,
) -> Result<Arc<Entry>, RegistrationError> {
    let Examined { kind, manifest, hooks, wants, config } = match examine(shared, &*plugin, naming)
    {
        Ok(examined) => examined,
        Err(error) => {
            // One that is refused is dropped here, and that is foreign code too.
            let _ = contain_text(|| drop(plugin));
            return Err(error);
        }
    };
    warn(&manifest, &hooks);
    let settings = &shared.settings;
    let (lending, home) = (&settings.lending, shared.home.clone());
    let services = lending.services(&manifest, &kind.name, config, home, &shared.bus);
    Ok(Arc::new(Entry::new(Parts {
        services: Arc::new(services),
        changes: shared.changes_told.clone(),
        executor: executor(shared, &manifest),
        limits: settings.limits_of(&manifest.name),
        shadow: settings.shadows.contains(&manifest.name),
        kind,
        hooks,
        wants,
        origin,
        refused: None,
        plugin,
        manifest,
    })))
}

/// A plugin that satisfies what is asked of it.
struct Examined {
    kind: Arc<Kind>,
    manifest: Manifest,
    hooks: Vec<HookName>,
    wants: Vec<Subscription>,
    config: Value,
}

fn examine(
    shared: &Shared,
    plugin: &dyn Plugin,
    naming: &Naming,
) -> Result<Examined, RegistrationError> {
    let (mut manifest, hooks) =
        contain_text(|| (plugin.manifest().clone(), plugin.hooks().to_vec())).map_err(
            |message| RegistrationError::ManifestInvalid {
                plugin: PluginName::from_static("(unnamed)"),
                field: "",
                reason: format!("it panicked while it was asked for its manifest: {message}"),
            },
        )?;
    configured::apply(&shared.settings, &mut manifest);
    well_formed(&manifest)?;
    naming(shared, &manifest.name)?;
    let kind = fits(shared, &manifest)?;
    check_hooks(&manifest, &kind, &hooks)?;
    if shared.settings.shadows.contains(&manifest.name) {
        shadow::check(&manifest, &kind, &hooks)?;
    }
    let config = configured::value(shared, &manifest)?;
    let wants = events::wants(&shared.bus, plugin, &manifest, &hooks)?;
    Ok(Examined { kind, manifest, hooks, wants, config })
}

/// Checks what a manifest alone tells, before anything of the plugin is touched.
pub(crate) fn check(shared: &Shared, manifest: &Manifest) -> Result<(), RegistrationError> {
    well_formed(manifest)?;
    fits(shared, manifest).map(drop)
}

fn well_formed(manifest: &Manifest) -> Result<(), RegistrationError> {
    let checked = manifest::check(manifest).and_then(|()| manifest::check_loadable(manifest));
    checked.map_err(|diagnostics| RegistrationError::ManifestMistakes {
        plugin: manifest.name.clone(),
        diagnostics,
    })
}

/// Whether this host has the plugin's kind and is what it was written for.
fn fits(shared: &Shared, manifest: &Manifest) -> Result<Arc<Kind>, RegistrationError> {
    let kind = kind(shared, manifest)?;
    // The diagnostics above have seen to it that it parses.
    let fits = CoreRequirement::parse(&manifest.core_version)
        .is_ok_and(|required| required.matches(&shared.settings.core_version));
    if !fits {
        return Err(RegistrationError::VersionIncompatible {
            plugin: manifest.name.clone(),
            what: "host version".into(),
            required: manifest.core_version.clone(),
            offered: shared.settings.core_version_text.clone(),
        });
    }
    if manifest.runtime != RuntimeName::InProcess
        && (manifest.in_process_only || kind.constraints.in_process_only)
    {
        let who = if manifest.in_process_only { "the manifest" } else { "its kind" };
        let reason =
            format!("runtime: {who} says in_process_only, and this is {}", manifest.runtime);
        return Err(RegistrationError::ManifestInvalid {
            plugin: manifest.name.clone(),
            field: "runtime",
            reason,
        });
    }
    Ok(kind)
}

fn kind(shared: &Shared, manifest: &Manifest) -> Result<Arc<Kind>, RegistrationError> {
    let catalog = shared.catalog();
    let majors = catalog.majors(manifest.kind.as_str());
    if majors.is_empty() {
        return Err(RegistrationError::UnknownKind {
            plugin: manifest.name.clone(),
            kind: manifest.kind.to_string(),
            known: catalog.kinds().map(|kind| kind.name.to_string()).collect(),
        });
    }
    let asked = parts(&manifest.kind_api_version);
    let found = asked.first().and_then(|major| catalog.kind(manifest.kind.as_str(), *major));
    // A plugin may be written for an older minor of the kind, not for a newer one.
    let found = found.filter(|kind| {
        let offered = [kind.api_version.major, kind.api_version.minor, kind.api_version.patch];
        asked.len() < 2 || asked.as_slice() <= &offered[..asked.len()]
    });
    found.cloned().ok_or_else(|| RegistrationError::VersionIncompatible {
        plugin: manifest.name.clone(),
        what: format!("kind `{}`", manifest.kind),
        required: manifest.kind_api_version.clone(),
        offered: majors
            .iter()
            .filter_map(|major| catalog.kind(manifest.kind.as_str(), *major))
            .map(|kind| kind.api_version.to_string())
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// `1` or `1.2.0` as numbers.
fn parts(version: &str) -> Vec<u64> {
    version.splitn(3, '.').map_while(|part| part.parse().ok()).collect()
}

/// Hooks that plugins of any kind may have.
const RESERVED: [HookName; 3] = [BEFORE, AFTER, EVENT];

fn check_hooks(
    manifest: &Manifest,
    kind: &Kind,
    hooks: &[HookName],
) -> Result<(), RegistrationError> {
    let unknown: Vec<String> = hooks
        .iter()
        .filter(|hook| !RESERVED.contains(hook))
        .filter(|hook| kind.hook(hook.as_str()).is_none())
        .map(HookName::to_string)
        .collect();
    if !unknown.is_empty() {
        return Err(RegistrationError::UnknownHook {
            plugin: manifest.name.clone(),
            hooks: unknown,
            kind: kind.name.to_string(),
            known: kind.hooks.iter().map(|hook| hook.name.to_string()).collect(),
        });
    }
    // Who only looks on, as middleware or for events, can be of any kind.
    if !hooks.is_empty() && hooks.iter().all(|hook| RESERVED.contains(hook)) {
        return Ok(());
    }
    let lacks = |hook: &&Arc<Hook>| hook.required && !hooks.contains(&hook.name);
    let missing: Vec<String> =
        kind.hooks.iter().filter(lacks).map(|hook| hook.name.to_string()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(RegistrationError::MissingHook {
        plugin: manifest.name.clone(),
        hooks: missing,
        kind: kind.name.to_string(),
    })
}

/// ISO-1: the host's word, else the manifest's, else what the execution model asks for.
fn executor(shared: &Shared, manifest: &Manifest) -> Isolation {
    let settings = &shared.settings;
    let file = settings.file.as_ref().and_then(|file| file.overrides(manifest.name.as_str()));
    let file = file.and_then(|own| own.isolation);
    let host =
        file.or(settings.isolation.get(&manifest.name).copied()).or(settings.isolation_for_all);
    host.or(manifest.isolation).unwrap_or(match manifest.execution_model {
        ExecutionModel::Sync | ExecutionModel::Async => Isolation::Inline,
        ExecutionModel::ThreadCpuBound => Isolation::Thread,
        ExecutionModel::ProcessCpuBound => match manifest.runtime {
            RuntimeName::Process => Isolation::Inline,
            _ => Isolation::Thread,
        },
    })
}

fn warn(manifest: &Manifest, hooks: &[HookName]) {
    for warning in manifest::warnings(manifest) {
        tracing::warn!(plugin = %manifest.name, "{}", warning.message);
    }
    if manifest.health_check.is_some() {
        tracing::warn!(
            plugin = %manifest.name,
            field = "health_check",
            "this host reads the field and does not act on it"
        );
    }
    warn_of_half_a_middleware(manifest, hooks);
}

fn warn_of_half_a_middleware(manifest: &Manifest, hooks: &[HookName]) {
    let lists = hooks.contains(&BEFORE) || hooks.contains(&AFTER);
    let why = match (lists, manifest.chain_wrap.is_some()) {
        (true, false) => "it has `$before` or `$after` and its manifest no `chain_wrap`",
        (false, true) => "its manifest has `chain_wrap` and it neither `$before` nor `$after`",
        (true, true) | (false, false) => return,
    };
    tracing::warn!(plugin = %manifest.name, "the plugin wraps nothing: {why}");
}

/// What would leave a choice open in the plugins of one kind: two fallbacks, or, for a kind that
/// is a singleton per runtime, a tie that neither a policy nor the environment settles.
pub(crate) fn ambiguity(
    shared: &Shared,
    kind: &Kind,
    plugins: &[&Arc<Entry>],
) -> Option<Ambiguity> {
    let of = |candidates: Vec<PluginName>, variable| Ambiguity {
        kind: kind.name.to_string(),
        candidates,
        variable,
    };
    // What could not be opened, or is turned off, competes for nothing.
    let competes =
        |entry: &&Arc<Entry>| entry.refused.is_none() && !shared.is_disabled(&entry.name);
    let mut ordered: Vec<&Arc<Entry>> = plugins.iter().copied().filter(competes).collect();
    ordered.sort_by(|one, other| order::rank(&one.manifest).cmp(&order::rank(&other.manifest)));
    let fallbacks: Vec<_> =
        ordered.iter().filter(|e| e.manifest.fallback).map(|e| e.name.clone()).collect();
    if fallbacks.len() > 1 {
        return Some(of(fallbacks, None));
    }
    let settings = &shared.settings;
    let settled =
        settings.policies.contains_key(&kind.name) || settings.active.contains_key(&kind.name);
    if !kind.constraints.singleton_per_runtime || settled {
        return None;
    }
    let first = ordered.first()?;
    let tied: Vec<_> = ordered
        .iter()
        .take_while(|entry| order::tied(&first.manifest, &entry.manifest))
        .map(|entry| entry.name.clone())
        .collect();
    (tied.len() > 1).then(|| of(tied, Some(variable("HOOKSPEC", &kind.name))))
}
