//! What the gateway tells Prometheus, in its text format.

use std::fmt::{Display, Write as _};

use hookspec::{PluginSnapshot, RegistrySnapshot};

use crate::traffic::Traffic;

/// The plugins of a registry, in the text format of Prometheus.
pub(crate) fn plugins(snapshot: &RegistrySnapshot) -> String {
    let plugins = &snapshot.plugins;
    let own = |value: fn(&PluginSnapshot) -> f64| {
        plugins.iter().map(move |plugin| (labels(plugin, &[]), value(plugin)))
    };
    let mut text = String::new();
    let calls = own(|plugin| plugin.calls as f64);
    family(&mut text, "hookspec_plugin_calls_total", "counter", "Calls that ended.", calls);
    let failures = plugins.iter().flat_map(|plugin| {
        let failures = plugin.failures.iter();
        failures.map(|(cause, n)| (labels(plugin, &[("cause", cause.as_str())]), *n as f64))
    });
    let help = "Calls that failed, by cause.";
    family(&mut text, "hookspec_plugin_failures_total", "counter", help, failures);
    let seconds = own(|plugin| plugin.mean.as_secs_f64() * plugin.calls as f64);
    let help = "Seconds that calls took, in all.";
    family(&mut text, "hookspec_plugin_call_seconds_total", "counter", help, seconds);
    let in_flight = own(|plugin| plugin.in_flight as f64);
    let help = "Calls that somebody awaits.";
    family(&mut text, "hookspec_plugin_in_flight", "gauge", help, in_flight);
    let abandoned = own(|plugin| plugin.abandoned as f64);
    let help = "Calls that nobody awaits and that have not ended.";
    family(&mut text, "hookspec_plugin_abandoned", "gauge", help, abandoned);
    let states =
        plugins.iter().map(|plugin| (labels(plugin, &[("state", plugin.state.as_str())]), 1.0));
    let help = "The state each plugin is in.";
    family(&mut text, "hookspec_plugin_state", "gauge", help, states);
    let detached = [(String::new(), snapshot.detached as f64)].into_iter();
    let help = "Detached notifications that are outstanding.";
    family(&mut text, "hookspec_detached_notifications", "gauge", help, detached);
    text
}

/// The requests of the gateway itself.
pub(crate) fn traffic(traffic: &Traffic) -> String {
    let mut text = String::new();
    for (name, kind, help, value) in [
        (
            "gateway_requests_in_flight",
            "gauge",
            "Requests without an answer yet.",
            traffic.in_flight() as u64,
        ),
        ("gateway_requests_answered_total", "counter", "Requests answered.", traffic.answered()),
        (
            "gateway_requests_failed_total",
            "counter",
            "Requests that ended unanswered.",
            traffic.failed(),
        ),
        ("gateway_events_untold_total", "counter", "Events nobody was told of.", traffic.untold()),
    ] {
        family(&mut text, name, kind, help, [(String::new(), value)].into_iter());
    }
    text
}

fn family<V: Display>(
    text: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    samples: impl Iterator<Item = (String, V)>,
) {
    // Writing to a String cannot fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

fn labels(plugin: &PluginSnapshot, more: &[(&str, &str)]) -> String {
    let own = [("plugin", plugin.name.as_str()), ("kind", plugin.kind.as_str())];
    let pairs =
        own.iter().chain(more).map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_can_hold_anything() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
