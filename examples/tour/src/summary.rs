//! The plugins at the end of the demo: which one is bad, and why.

use hookspec::{PluginSnapshot, Registry, State};
use hookspec_cli::{Cell, Grid, Output, Tone, duration};
use serde_json::{Value, json};

pub(crate) fn show(registry: &Registry, output: &mut Output) {
    output.heading("The plugins afterwards, the worst first");
    let mut grid = Grid::new(["plugin", "kind", "state", ">calls", ">mean", "failures"]);
    let mut reasons = Grid::new(["plugin", "why"]);
    for plugin in worst_first(registry) {
        let failures = plugin.failures.iter().map(|(cause, count)| format!("{cause} {count}"));
        let tone = match (plugin.state, plugin.failures.is_empty()) {
            (State::Ready, true) => Tone::Good,
            (State::Ready | State::Degraded, _) => Tone::Warn,
            _ => Tone::Bad,
        };
        grid.row([
            Cell::new(&plugin.name, Tone::Strong),
            plugin.kind.as_str().into(),
            Cell::new(plugin.state.as_str(), tone),
            plugin.calls.to_string().into(),
            if plugin.calls == 0 { "-".to_owned() } else { duration(plugin.mean) }.into(),
            failures.collect::<Vec<_>>().join(", ").into(),
        ]);
        if plugin.state != State::Ready {
            let name = Cell::new(&plugin.name, Tone::Strong);
            reasons.row([name, Cell::from(without_place(&plugin.reason))]);
        }
    }
    output.grid(&grid);
    if !reasons.is_empty() {
        output.heading("Why some are not ready");
        output.grid(&reasons);
    }
}

pub(crate) fn object(registry: &Registry) -> Value {
    let plugin = |plugin: PluginSnapshot| {
        json!({
            "name": plugin.name,
            "kind": plugin.kind,
            "state": plugin.state.as_str(),
            "reason": plugin.reason,
            "calls": plugin.calls,
            "mean_ms": plugin.mean.as_secs_f64() * 1e3,
            "failures": plugin.failures.iter().map(|(cause, count)| (cause.as_str().to_owned(), json!(count)))
                .collect::<serde_json::Map<_, _>>(),
            "last_failure": plugin.last_failure.map(|(_, hook, cause, message)| {
                json!({ "hook": hook, "cause": cause.as_str(), "message": message })
            }),
        })
    };
    worst_first(registry).into_iter().map(plugin).collect()
}

fn worst_first(registry: &Registry) -> Vec<PluginSnapshot> {
    let mut plugins = registry.snapshot().plugins;
    let failed = |plugin: &PluginSnapshot| plugin.failures.values().sum::<u64>();
    // Sorting keeps the order by name among equals.
    plugins.sort_by_key(|plugin| (plugin.state.is_callable(), std::cmp::Reverse(failed(plugin))));
    plugins
}

/// A reason without the place in the source: the sections before say it.
fn without_place(text: &str) -> String {
    const PLACE: &str = "panicked at ";
    let place = text.find(PLACE).and_then(|at| Some((at, text[at..].find(": ")? + at)));
    match place {
        Some((from, to)) => format!("{}panicked{}", &text[..from], &text[to..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_left_out_and_nothing_else() {
        assert_eq!(
            without_place("last: panicked at src/lib.rs:1:2: oh: no"),
            "last: panicked: oh: no"
        );
        assert_eq!(without_place("plain: text"), "plain: text");
    }
}
