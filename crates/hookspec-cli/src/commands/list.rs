//! `list`: the plugins and the kinds, as they are after the start.

use std::time::{SystemTime, UNIX_EPOCH};

use hookspec_host::{KindSnapshot, PluginSnapshot, Registry, RegistrySnapshot, State, Status};
use serde_json::{Map, Value, json};

use super::{circuit, declares, origin};
use crate::app;
use crate::grid::{Cell, Grid};
use crate::output::{Format, Output, Tone};
use crate::text::{complain, millis, plural};

pub(crate) fn list(registry: &Registry, output: &mut Output) -> app::Status {
    let snapshot = registry.snapshot();
    let down: Vec<&str> = snapshot
        .plugins
        .iter()
        .filter(|plugin| plugin.state == State::Unavailable)
        .map(|plugin| plugin.name.as_str())
        .collect();
    let ok = down.is_empty() && snapshot.skipped.is_empty();
    match output.format() {
        Format::Json => output.json(&object(&snapshot, ok)),
        Format::Human => show(&snapshot, output),
    }
    output.flush();
    if !down.is_empty() {
        let count = plural(snapshot.plugins.len(), "plugin");
        complain(&format!("{} of {count} unavailable: {}", down.len(), down.join(", ")));
    }
    if !snapshot.skipped.is_empty() {
        let paths = snapshot.skipped.iter().map(|skipped| skipped.path.display().to_string());
        complain(&format!("skipped: {}", paths.collect::<Vec<_>>().join(", ")));
    }
    if ok { app::Status::Fine } else { app::Status::Failed }
}

fn show(snapshot: &RegistrySnapshot, output: &mut Output) {
    let plugins = plural(snapshot.plugins.len(), "plugin");
    output.line(format_args!("{plugins}, {}", plural(snapshot.kinds.len(), "kind")));
    for kind in &snapshot.kinds {
        output.heading(&format!("{} {}", kind.name, kind.api_version));
        let hooks = kind.hooks.iter().map(|hook| format!("{} ({})", hook.name, hook.dispatch));
        output.paragraph("  ", &hooks.collect::<Vec<_>>().join(", "));
        let of_kind: Vec<&PluginSnapshot> =
            snapshot.plugins.iter().filter(|plugin| belongs(plugin, kind)).collect();
        match of_kind.is_empty() {
            true => output.line("  no plugin"),
            false => plugins_of(Some(kind), &of_kind, output),
        }
    }
    let strangers: Vec<&PluginSnapshot> = snapshot
        .plugins
        .iter()
        .filter(|plugin| !snapshot.kinds.iter().any(|kind| belongs(plugin, kind)))
        .collect();
    if !strangers.is_empty() {
        output.heading("Of kinds that no hookspec declares");
        plugins_of(None, &strangers, output);
    }
    let mut grid = Grid::new(["plugin", "state", "why"]);
    let why = |plugin: &&PluginSnapshot| plugin.state != State::Ready && !plugin.reason.is_empty();
    for plugin in snapshot.plugins.iter().filter(why) {
        let name = Cell::new(&plugin.name, Tone::Strong);
        grid.row([name, state(plugin.state), Cell::from(&plugin.reason)]);
    }
    section("Reasons", &grid, output);
    section("What holds their calls back", &held_back(snapshot), output);
    section("What they declare", &declared(snapshot), output);
    origin::show_files(snapshot, output);
    origin::show_skipped(snapshot, output);
}

fn section(title: &str, grid: &Grid, output: &mut Output) {
    if !grid.is_empty() {
        output.heading(title);
        output.grid(grid);
    }
}

/// Circuits that are not closed, and queues.
fn held_back(snapshot: &RegistrySnapshot) -> Grid {
    let mut grid = Grid::new(["plugin", "what", "how it is"]);
    for plugin in &snapshot.plugins {
        let name = || Cell::new(&plugin.name, Tone::Strong);
        if let Some(held) = plugin.circuit.as_ref().and_then(circuit::holds_back) {
            grid.row([name(), "circuit".into(), Cell::new(held, Tone::Bad)]);
        }
        if plugin.waiting > 0 {
            let text = format!("{} waiting for a place", plural(plugin.waiting, "call"));
            grid.row([name(), "max_concurrency".into(), Cell::new(text, Tone::Warn)]);
        }
    }
    grid
}

/// What they say they are for.
fn declared(snapshot: &RegistrySnapshot) -> Grid {
    let mut grid = Grid::new(["plugin", "what it is for"]);
    for plugin in &snapshot.plugins {
        let declares = declares::of(plugin);
        if !declares.is_empty() {
            let name = Cell::new(&plugin.name, Tone::Strong);
            grid.row([name, declares::sentence(&declares).into()]);
        }
    }
    grid
}

fn plugins_of(kind: Option<&KindSnapshot>, plugins: &[&PluginSnapshot], output: &mut Output) {
    let titles = ["plugin", "version", "loaded", ">prio", "state", ">failed", "hooks"];
    let mut grid = Grid::new(titles);
    for plugin in plugins {
        let failed: u64 = plugin.failures.values().sum();
        let all = kind.is_some_and(|kind| plugin.hooks.len() == kind.hooks.len());
        grid.row([
            Cell::new(&plugin.name, Tone::Strong),
            plugin.version.as_deref().unwrap_or("-").into(),
            format!("{} {}", plugin.runtime, plugin.isolation).into(),
            plugin.priority.to_string().into(),
            state(plugin.state),
            format!("{failed} of {}", plugin.calls).into(),
            if all { "all".to_owned() } else { plugin.hooks.join(", ") }.into(),
        ]);
    }
    output.grid(&grid);
}

/// A kind may be there in several majors.
fn belongs(plugin: &PluginSnapshot, kind: &KindSnapshot) -> bool {
    let major = kind.api_version.split('.').next();
    plugin.kind == kind.name && major == Some(&plugin.kind_major.to_string())
}

/// A state in the tone it deserves.
pub(crate) fn state(state: State) -> Cell {
    let tone = match state {
        State::Ready => Tone::Good,
        State::Degraded | State::RequiresRestart => Tone::Warn,
        State::Unavailable | State::Leaked => Tone::Bad,
        State::Registered
        | State::Starting
        | State::Stopping
        | State::Stopped
        | State::Disabled => Tone::Dim,
    };
    Cell::new(state.as_str(), tone)
}

fn object(snapshot: &RegistrySnapshot, ok: bool) -> Value {
    let kind = |kind: &KindSnapshot| {
        let hooks: serde_json::Map<_, _> = kind
            .hooks
            .iter()
            .map(|hook| (hook.name.clone(), hook.dispatch.as_str().into()))
            .collect();
        json!({
            "name": kind.name,
            "api_version": kind.api_version,
            "hooks": hooks,
            "plugins": kind.plugins,
        })
    };
    json!({
        "command": "list",
        "ok": ok,
        "plugins": snapshot.plugins.iter().map(plugin).collect::<Vec<_>>(),
        "kinds": snapshot.kinds.iter().map(kind).collect::<Vec<_>>(),
        "skipped": origin::skipped(snapshot),
    })
}

fn plugin(plugin: &PluginSnapshot) -> Value {
    let failures: Map<String, Value> = plugin
        .failures
        .iter()
        .map(|(cause, count)| (cause.as_str().to_owned(), (*count).into()))
        .collect();
    json!({
        "name": plugin.name,
        "kind": plugin.kind,
        "kind_major": plugin.kind_major,
        "version": plugin.version,
        "runtime": plugin.runtime.as_str(),
        "isolation": plugin.isolation.as_str(),
        "priority": plugin.priority,
        "hooks": plugin.hooks,
        "state": plugin.state.as_str(),
        "reason": plugin.reason,
        "since_ms": at(plugin.since),
        "history": plugin.history.iter().map(was).collect::<Vec<_>>(),
        "declares": declares::object(&declares::of(plugin)),
        "circuit": plugin.circuit.as_ref().map(circuit::object),
        "events": {
            "emits": plugin.emits,
            "cancels": plugin.cancels,
            "subscribes": plugin.subscribes,
        },
        "in_flight": plugin.in_flight,
        "waiting": plugin.waiting,
        "abandoned": plugin.abandoned,
        "calls": plugin.calls,
        "failures": failures,
        "consecutive_failures": plugin.consecutive_failures,
        "late": plugin.late,
        "long_polls": plugin.long_polls,
        "mean_ms": millis(plugin.mean),
        "longest_ms": millis(plugin.longest),
        "manifest_path": plugin.manifest_path.as_ref().map(|path| path.to_string_lossy()),
        "facts": plugin.facts,
    })
}

fn was(status: &Status) -> Value {
    json!({
        "state": status.state.as_str(),
        "since_ms": at(status.since),
        "reason": status.reason,
    })
}

/// Milliseconds since 1970; `null` before that.
fn at(time: SystemTime) -> Option<u64> {
    time.duration_since(UNIX_EPOCH).ok().and_then(|since| u64::try_from(since.as_millis()).ok())
}
