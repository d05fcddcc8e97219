//! Who has to do with the events of a type, as the bus and the manifests say.

use hookspec_host::bus::{Bus, BusMode};
use hookspec_host::{PluginSnapshot, RegistrySnapshot};
use hookspec_plugin::{AwfUse, Pattern};

/// The plugins whose manifests let them emit a type.
pub(super) fn emitters<'a>(
    bus: &Bus,
    snapshot: &'a RegistrySnapshot,
    event_type: &str,
) -> Vec<&'a str> {
    if bus.is_reserved(event_type) {
        return Vec::new();
    }
    named(bus, snapshot, |plugin| &plugin.emits, event_type)
}

/// The plugins whose manifests let them cancel a type.
pub(super) fn cancellers<'a>(
    bus: &Bus,
    snapshot: &'a RegistrySnapshot,
    event_type: &str,
) -> Vec<&'a str> {
    named(bus, snapshot, |plugin| &plugin.cancels, event_type)
}

/// The subscribers that want a type, each once, in the order of a dispatch.
pub(super) fn receivers(bus: &Bus, event_type: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for one in bus.explain(event_type).into_iter().filter(|one| one.receives) {
        if !names.contains(&one.subscriber) {
            names.push(one.subscriber);
        }
    }
    names
}

fn named<'a>(
    bus: &Bus,
    snapshot: &'a RegistrySnapshot,
    patterns: impl Fn(&PluginSnapshot) -> &Vec<String>,
    event_type: &str,
) -> Vec<&'a str> {
    let read = |text: &str| match bus.options().mode {
        BusMode::Awf => Ok(Pattern::awf(text, AwfUse::Emit)),
        BusMode::Native => Pattern::parse(text),
    };
    let matches = |text: &String| read(text).is_ok_and(|pattern| pattern.matches(event_type));
    let plugins = snapshot.plugins.iter().filter(|plugin| patterns(plugin).iter().any(matches));
    plugins.map(|plugin| plugin.name.as_str()).collect()
}
