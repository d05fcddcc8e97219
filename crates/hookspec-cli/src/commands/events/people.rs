//! Who has to do with the events of a type, as the bus and the manifests say.

use hookspec_host::bus::{Bus, BusMode};
use hookspec_host::{PluginSnapshot, RegistrySnapshot};
use hookspec_plugin::Pattern;

/// The plugins whose manifests let them emit a type.
pub(super) fn emitters<'a>(
    bus: &Bus,
    snapshot: &'a RegistrySnapshot,
    event_type: &str,
) -> Vec<&'a str> {
    if bus.is_reserved(event_type) {
        return Vec::new();
    }
    named(snapshot, |plugin| &plugin.emits, event_type)
}

/// The plugins whose manifests let them cancel a type.
pub(super) fn cancellers<'a>(snapshot: &'a RegistrySnapshot, event_type: &str) -> Vec<&'a str> {
    named(snapshot, |plugin| &plugin.cancels, event_type)
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

/// Whether a type may be published without being declared.
pub(super) fn is_open(bus: &Bus, event_type: &str) -> bool {
    if bus.options().mode == BusMode::Awf {
        return true;
    }
    let below = |open: &String| {
        let rest = event_type.strip_prefix(open.as_str());
        match open.as_str() {
            "*" => !bus.is_reserved(event_type),
            _ => rest.is_some_and(|rest| rest.starts_with('.')),
        }
    };
    bus.catalog().namespace_of(event_type).is_some_and(|namespace| namespace.open)
        || bus.options().open_namespaces.iter().any(below)
}

fn named<'a>(
    snapshot: &'a RegistrySnapshot,
    patterns: impl Fn(&PluginSnapshot) -> &Vec<String>,
    event_type: &str,
) -> Vec<&'a str> {
    let matches =
        |pattern: &String| Pattern::parse(pattern).is_ok_and(|pattern| pattern.matches(event_type));
    let plugins = snapshot.plugins.iter().filter(|plugin| patterns(plugin).iter().any(matches));
    plugins.map(|plugin| plugin.name.as_str()).collect()
}
