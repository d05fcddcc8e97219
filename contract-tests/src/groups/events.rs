//! event_*: patterns, depths, permissions, defaults and queues of the event bus.

mod buffer;
mod depth;
mod emission;
mod emit;
mod pattern;

use hookspec_host::bus::{Bus, BusMode, BusOptions};
use hookspec_host::testing::Puppet;
use hookspec_host::{Registry, RegistryBuilder, State};
use hookspec_plugin::{AwfUse, Event, InvalidPattern, Pattern, Subscription};
use hookspec_spec::{DispatchClass, EventCatalog};
use serde_json::{Map, Value};

use super::kinds::{Hooks, declare};
use crate::logs::{Logs, Record};
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, text, unserved};

pub(crate) use self::emit::described;

/// What each group can observe beside errors and warnings.
pub(super) fn expectations(group: &str) -> &'static [&'static str] {
    match group {
        "event_pattern" => &["matches"],
        "event_pattern_set" => &["received"],
        "event_depth" => &["delivered_depths"],
        "event_emit_authorization" => &["allowed"],
        "event_defaults" => &emit::ATTRIBUTES,
        "event_buffer" => &buffer::EXPECTATIONS,
        _ => &[],
    }
}

pub(super) async fn observe(group: &str, input: &Value) -> Served<Observed> {
    let mut observed = Observed::of(input);
    let logs = Logs::default();
    let guard = logs.install();
    match group {
        "event_pattern" => pattern::one(input, &mut observed).await?,
        "event_pattern_set" => pattern::several(input, &mut observed).await?,
        "event_depth" => depth::observe(input, &mut observed).await?,
        "event_emit_authorization" => emit::authorization(input, &mut observed).await?,
        "event_defaults" => emit::defaults(input, &mut observed).await?,
        "event_buffer" => buffer::observe(input, &mut observed).await?,
        other => return unserved(format!("unknown group `{other}`")),
    }
    drop(guard);
    observed.words.plugin(PLUGIN);
    observed.records = logs.records().iter().filter_map(of_depth).collect();
    Ok(observed)
}

/// The plugin of a scenario that names none.
const PLUGIN: &str = "vector-plugin";

/// What belongs to a scenario, and not to what a host tells of itself meanwhile.
const CORRELATION: &str = "vector";

/// `warnings` counts those of the depth limit; which plugin they are about depends on the chain.
fn of_depth(record: &Record) -> Option<Record> {
    let about_depth = record.text.contains("a chain of events is too deep");
    about_depth.then(|| Record { plugin: Some(PLUGIN.into()), text: record.text.clone() })
}

/// Whose rules a scenario follows.
fn mode(fields: &Map<String, Value>) -> Served<BusMode> {
    match fields.get("mode") {
        None if fields.contains_key("plugin_set_depth") => Ok(BusMode::Awf),
        None => Ok(BusMode::Native),
        Some(value) => match text(value, "mode")? {
            "awf" => Ok(BusMode::Awf),
            "native" => Ok(BusMode::Native),
            other => unserved(format!("unknown mode `{other}`")),
        },
    }
}

/// All namespaces but the reserved ones are open.
fn options(mode: BusMode) -> BusOptions {
    BusOptions { mode, open_namespaces: vec!["*".into()], ..BusOptions::default() }
}

/// A bus on which the host may publish whatever type a scenario names: what a pattern matches has
/// nothing to do with what is declared.
fn wide_open(mode: BusMode) -> BusOptions {
    let open = ["*", "core", "workflow", "step"].map(str::to_owned);
    BusOptions { open_namespaces: open.into(), ..options(mode) }
}

fn bus(options: BusOptions) -> Bus {
    Bus::new(&EventCatalog::empty(), options)
}

/// Reads a pattern by the rules of a mode.
fn read(pattern: &str, mode: BusMode, used: AwfUse) -> Result<Pattern, InvalidPattern> {
    match mode {
        BusMode::Native => Pattern::parse(pattern),
        BusMode::Awf => Ok(Pattern::awf(pattern, used)),
    }
}

/// A pattern that matches every type.
fn everything(mode: BusMode) -> Pattern {
    match mode {
        // The documentation of patterns has it as its example, and a test beside this holds it.
        BusMode::Native => Pattern::parse("**").expect("`**` is a pattern"),
        BusMode::Awf => Pattern::awf("*", AwfUse::Subscribe),
    }
}

/// One subscription to several patterns; none, if there are none.
fn subscription(patterns: Vec<Pattern>) -> Option<Subscription> {
    let mut patterns = patterns.into_iter();
    let first = Subscription::of(patterns.next()?);
    Some(patterns.fold(first, Subscription::or))
}

/// Starts a host with puppets of kind `k`.
async fn start(options: BusOptions, puppets: Vec<Puppet>) -> Result<Registry, Seen> {
    let registry = builder(options, puppets)?.start().await.map_err(Seen::from)?;
    all_there(&registry)?;
    Ok(registry)
}

fn builder(options: BusOptions, puppets: Vec<Puppet>) -> Result<RegistryBuilder, Seen> {
    let hooks = Hooks::from([("k".into(), ["h".into()].into())]);
    let kinds = declare(&hooks, DispatchClass::BroadcastNotify, None)?;
    let mut builder = Registry::builder().catalog(kinds).events(options).environment(|_| None);
    for puppet in puppets {
        builder = builder.plugin(puppet);
    }
    Ok(builder)
}

fn all_there(registry: &Registry) -> Result<(), Seen> {
    let mut plugins = registry.snapshot().plugins.into_iter();
    match plugins.find(|plugin| plugin.state == State::Unavailable) {
        Some(absent) => Err(Seen::new(&[], absent.reason)),
        None => Ok(()),
    }
}

/// Whether an event belongs to the scenario.
fn is_ours(event: &Event) -> bool {
    event.correlation_id == CORRELATION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_a_pattern() {
        assert!(everything(BusMode::Awf).matches("") && everything(BusMode::Native).matches("a.b"));
    }
}
