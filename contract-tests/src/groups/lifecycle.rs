//! lifecycle: plugins and operations of a registry in, what their setups and teardowns did out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookspec_host::testing::Journal;
use hookspec_host::{Registry, RegistryBuilder, StartError, State};
use hookspec_plugin::{Manifest, Plugin, RuntimeName};
use hookspec_spec::DispatchClass;
use serde_json::{Map, Value, json};

use super::host::{Make, found, host, loaders};
use super::kinds::{Hooks, declare};
use super::watched::{Watch, Watched};
use crate::logs::Logs;
use crate::observed::Observed;
use crate::puppets::{Stage, complete, puppet};
use crate::script::Trace;
use crate::seen::Seen;
use crate::unserved::{Served, flag, text, texts, unserved, whole};

pub(super) const EXPECTATIONS: [&str; 10] = [
    "events",
    "failed",
    "leaked",
    "unavailable",
    "returns",
    "candidates",
    "ctx_config",
    "ctx_resources",
    "started_together",
    "elapsed_ms_below",
];

const KEYS: [&str; 7] =
    ["plugins", "ops", "config", "resources", "supported_runtimes", "installed", "env"];

/// What a plugin says beside what it says in every group.
const OWN_KEYS: [&str; 4] =
    ["attached", "setup_calls_get_plugin", "startup_timeout_ms", "teardown_timeout_ms"];

pub(super) async fn observe(input: &Value) -> Served<Observed> {
    let fields = crate::unserved::object(input, "input", &KEYS)?;
    let ops = texts(fields.get("ops").unwrap_or(&Value::Null), "ops")?;
    let mut observed = Observed::of(input);
    let (logs, watch) = (Logs::default(), Watch::new());
    let guard = logs.install();
    match cast(fields, &watch)? {
        Ok(cast) => play(cast, fields, &ops, &watch, &mut observed).await?,
        Err(error) => observed.failed(error),
    }
    drop(guard);
    observed.records = logs.records();
    Ok(observed)
}

/// The plugins of a scenario.
struct Cast {
    members: Vec<Member>,
    hooks: Hooks,
}

struct Member {
    plugin: Arc<dyn Plugin>,
    manifest: Manifest,
    /// It is added to the registry rather than given to its builder.
    attached: bool,
    startup: Option<Duration>,
    teardown: Option<Duration>,
}

/// The plugins, or why a manifest is refused.
fn cast(fields: &Map<String, Value>, watch: &Watch) -> Served<Result<Cast, Seen>> {
    let Some(Value::Array(entries)) = fields.get("plugins") else {
        return unserved("input has no list `plugins`");
    };
    let hooks = Hooks::from([("k".to_owned(), ["h".to_owned()].into())]);
    let mut cast = Cast { members: Vec::new(), hooks };
    for entry in entries {
        match member(entry, &mut cast.hooks, watch)? {
            Ok(member) => cast.members.push(member),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(cast))
}

fn member(entry: &Value, hooks: &mut Hooks, watch: &Watch) -> Served<Result<Member, Seen>> {
    let mut plain = entry.clone();
    let mut own = BTreeMap::new();
    if let Value::Object(fields) = &mut plain {
        own.extend(OWN_KEYS.map(|key| (key, fields.shift_remove(key))));
    }
    let own = |key| own.get(key).and_then(Option::as_ref);
    let time = |key| -> Served<Option<Duration>> {
        own(key).map(|time| whole(time, key).map(Duration::from_millis)).transpose()
    };
    let (startup, teardown) = (time("startup_timeout_ms")?, time("teardown_timeout_ms")?);
    let attached = own("attached").map(|value| flag(value, "attached")).transpose()?;
    let needs = own("setup_calls_get_plugin")
        .map(|name| text(name, "setup_calls_get_plugin").map(str::to_owned))
        .transpose()?;
    let (manifest, scripts) = complete(&plain, "k")?;
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(diagnostics) => return Ok(Err(Seen::manifest(&diagnostics))),
    };
    hooks.entry(manifest.kind.to_string()).or_default().extend(scripts.keys().cloned());
    let (journal, trace) = (Journal::new(), Trace::default());
    let stage = Stage { kind: "k", journal: &journal, trace: &trace, sync: false };
    let says = |key, word| plain.get(key).and_then(Value::as_str) == Some(word);
    let plugin = Watched {
        plugin: Arc::new(puppet(&plain, manifest.clone(), &scripts, &stage)?),
        watch: watch.clone(),
        sets_up: !says("setup", "absent"),
        tears_down: !says("teardown", "absent"),
        waits: says("setup", "async"),
        needs,
    };
    let attached = attached.unwrap_or_default();
    Ok(Ok(Member { plugin: Arc::new(plugin), manifest, attached, startup, teardown }))
}

async fn play(
    cast: Cast,
    fields: &Map<String, Value>,
    ops: &[String],
    watch: &Watch,
    observed: &mut Observed,
) -> Served<()> {
    let registry = match registry(&cast, fields).await? {
        Ok(registry) => registry,
        Err(error) => {
            observed.failed(error);
            return facts(observed, None, watch, None);
        }
    };
    let begun = Instant::now();
    // The operations go on after an error; of several the last one tells.
    let (mut error, mut torn) = (None, None);
    for op in ops {
        let failed: Option<Seen> = match op.split_once(':').unwrap_or((op, "")) {
            ("setup_all", "") => registry.start().await.err().map(Seen::from),
            ("teardown_all", "") => registry.stop().await.err().map(|errors| {
                torn = Some(errors.0.iter().map(|each| each.plugin.to_string()).collect());
                errors.into()
            }),
            ("get_plugin", name) if !name.is_empty() => {
                let plugins = registry.snapshot().plugins;
                let there = plugins.into_iter().find(|plugin| plugin.name == name);
                observed.fact("returns", there.as_ref().map(|plugin| plugin.name.clone()));
                there.is_none().then(|| Seen::new(&["KeyError"], "None"))
            }
            _ => return unserved(format!("unknown operation `{op}`")),
        };
        error = failed.or(error);
    }
    observed.fact("elapsed_ms_below", begun.elapsed().as_millis() as u64);
    if let Some(error) = error {
        let candidates = error.candidates.clone();
        observed.fact("candidates", candidates);
        observed.failed(error);
    }
    facts(observed, Some(&registry), watch, torn)?;
    // What a scenario leaves running ends with it, unseen.
    let _ = registry.stop().await;
    Ok(())
}

fn facts(
    observed: &mut Observed,
    registry: Option<&Registry>,
    watch: &Watch,
    torn: Option<Vec<String>>,
) -> Served<()> {
    let plugins = registry.map(|registry| registry.snapshot().plugins).unwrap_or_default();
    let in_state = |state: State| {
        let those = plugins.iter().filter(|plugin| plugin.state == state);
        json!(those.map(|plugin| plugin.name.as_str()).collect::<Vec<_>>())
    };
    observed.fact("leaked", in_state(State::Leaked));
    observed.fact("unavailable", in_state(State::Unavailable));
    observed.fact("events", watch.events());
    observed.fact("failed", torn.unwrap_or_else(|| watch.failed()));
    observed.fact("started_together", watch.setups());
    observed.fact("ctx_config", watch.configurations());
    observed.fact("ctx_resources", watch.resources());
    Ok(())
}

/// The registry with every plugin in it, in their order; nothing is set up.
async fn registry(cast: &Cast, fields: &Map<String, Value>) -> Served<Result<Registry, Seen>> {
    let kinds = match declare(&cast.hooks, DispatchClass::BroadcastCollect, None) {
        Ok(kinds) => kinds,
        Err(error) => return Ok(Err(error)),
    };
    let is_value = |member: &&Member| member.manifest.runtime == RuntimeName::InProcess;
    let given = cast.members.iter().filter(|member| is_value(member) && !member.attached);
    let mut builder = with_settings(Registry::builder().catalog(kinds), cast, fields)?;
    builder = builder.plugins(given.map(|member| Arc::clone(&member.plugin)));
    let registry = match builder.build() {
        Ok(registry) => registry,
        Err(error) => return Ok(Err(error.into())),
    };
    for member in &cast.members {
        let joined = match (is_value(&member), member.attached) {
            (true, false) => Ok(()),
            (true, true) => registry.add(Arc::clone(&member.plugin)).await,
            (false, _) => registry.open(found(member.manifest.clone())).await,
        };
        if let Err(error) = joined {
            return Ok(Err(StartError::Registration { errors: vec![error] }.into()));
        }
    }
    Ok(Ok(registry))
}

fn with_settings(
    builder: RegistryBuilder,
    cast: &Cast,
    fields: &Map<String, Value>,
) -> Served<RegistryBuilder> {
    let opened: BTreeMap<_, _> = cast
        .members
        .iter()
        .map(|member| (member.manifest.name.clone(), Arc::clone(&member.plugin)))
        .collect();
    // Opened is what is registered by its manifest, and that is of a member.
    let make: Make = Arc::new(move |manifest| Arc::clone(&opened[&manifest.name]));
    let mut builder = loaders(host(builder, fields)?, fields, &make)?;
    for Member { manifest, startup, teardown, .. } in &cast.members {
        if let Some(limit) = startup {
            builder = builder.startup_timeout_of(manifest.name.clone(), *limit);
        }
        if let Some(limit) = teardown {
            builder = builder.teardown_timeout_of(manifest.name.clone(), *limit);
        }
    }
    for name in fields.get("resources").map_or(Ok(Vec::new()), |all| texts(all, "resources"))? {
        builder = builder.resource(name.clone(), Arc::new(name));
    }
    match fields.get("config") {
        None => {}
        Some(Value::Object(configs)) => {
            for (plugin, config) in configs {
                builder = builder.config(plugin.as_str(), config.clone());
            }
        }
        Some(other) => return unserved(format!("config is no object: {other}")),
    }
    Ok(builder)
}
