//! `explain`: who would be called for a hook, in which order, and why others would not.

use hookspec_host::{Explanation, PluginPlace, Registry, State};
use hookspec_plugin::PluginName;
use hookspec_spec::{DispatchClass, Schema};
use serde_json::{Value, json};

use super::{around, declares, limits, named, origin};
use crate::app::Status;
use crate::grid::{Cell, Grid};
use crate::laws;
use crate::output::{Format, Output, Tone};
use crate::text::{clean, complain, duration, millis};

pub(crate) fn explain(registry: &Registry, name: &str, output: &mut Output) -> Status {
    let explanation = match named::find(registry, name) {
        Ok(explanation) => explanation,
        Err(problem) => {
            complain(&problem);
            return Status::CouldNotRun;
        }
    };
    // One that should wrap the hook and is not there may stand for a permission.
    let around = explanation.middleware.iter().map(|around| &around.place);
    let down = explanation
        .plugins
        .iter()
        .chain(around)
        .any(|place| place.why_not.is_some() && place.status.state == State::Unavailable);
    match output.format() {
        Format::Json => {
            let mut object = object(&explanation, !down);
            object["skipped"] = origin::skipped(&registry.snapshot()).into();
            output.json(&object);
        }
        Format::Human => {
            show(&explanation, output);
            origin::show_skipped(&registry.snapshot(), output);
        }
    }
    if down { Status::Failed } else { Status::Fine }
}

fn show(explanation: &Explanation, output: &mut Output) {
    let Explanation { kind, hook, .. } = explanation;
    let name = format!("{}@{}.{}", kind.name, kind.major(), hook.name);
    let name = output.paint(Tone::Strong, &name).into_owned();
    output.line(format_args!("{name}: {}", hook.dispatch));
    if let Some(description) = &hook.description {
        output.paragraph("  ", &clean(description));
    }
    if let Some(instead) = &hook.deprecated {
        let text = format!("deprecated: {}", clean(instead));
        let text = output.paint(Tone::Warn, &text).into_owned();
        output.line(format_args!("  {text}"));
    }
    let mut facts = vec![
        ("declared in", format!("{} (version {})", kind.source.display(), kind.api_version)),
        ("input", schema(&hook.input)),
    ];
    match hook.dispatch {
        DispatchClass::BroadcastNotify => {}
        DispatchClass::Chain => {
            let writable = hook.writable.as_ref().map(|pointers| pointers.join(", "));
            facts.push(("output", "as the input".into()));
            facts.push(("writable", writable.unwrap_or_else(|| "everything".into())));
        }
        _ => facts.push(("output", schema(&hook.output))),
    }
    if matches!(hook.dispatch, DispatchClass::BroadcastCollect | DispatchClass::Chain) {
        facts.push(("policy", hook.error_policy.to_string()));
    }
    let whose = if hook.timeout.is_some() { "" } else { " (the host's default)" };
    facts.push(("timeout", format!("{}{whose}", duration(explanation.timeout))));
    for (what, text) in facts {
        let what = format!("{what:<12}");
        let what = output.paint(Tone::Dim, &what).into_owned();
        output.line(format_args!("  {what} {}", clean(&text)));
    }
    output.heading("Laws");
    let mut grid = Grid::new(["id", "what holds"]);
    for (id, law) in laws::of(hook.dispatch, hook.error_policy) {
        grid.row([Cell::new(id, Tone::Dim), law.into()]);
    }
    output.grid(&grid);
    around::show(explanation, output);
    plugins(explanation, output);
    limits::show(explanation, output);
    match hook.dispatch {
        DispatchClass::Singleton => choice(explanation, output),
        DispatchClass::Capability => index(explanation, output),
        _ => {}
    }
}

fn plugins(explanation: &Explanation, output: &mut Output) {
    let order = match explanation.hook.dispatch {
        DispatchClass::Singleton => "Who can answer, by rank",
        DispatchClass::Capability => "Who can answer, by rank among those that match",
        DispatchClass::Chain => "Who is called, one after another",
        _ => "Who is called, in the order of the outcome",
    };
    output.heading(order);
    let mut grid = Grid::new([">", "plugin", "band", ">prio", "executor", "state"]);
    for (index, place) in called(explanation).enumerate() {
        let name = format!("{}{}", place.plugin, if place.shadow { " (shadow)" } else { "" });
        grid.row([
            (index + 1).to_string().into(),
            Cell::new(name, Tone::Strong),
            band(place).into(),
            place.priority.to_string().into(),
            place.isolation.as_str().into(),
            super::list::state(place.status.state),
        ]);
    }
    match grid.is_empty() {
        true => output.line("  nobody"),
        false => output.grid(&grid),
    }
    let mut grid = Grid::new(["plugin", "why it is not called"]);
    for place in &explanation.plugins {
        if let Some(why_not) = &place.why_not {
            let plugin = Cell::new(place.plugin.as_str(), Tone::Strong);
            grid.row([plugin, Cell::new(why_not, Tone::Warn)]);
        }
    }
    if !grid.is_empty() {
        output.heading("Who is not");
        output.grid(&grid);
    }
}

fn choice(explanation: &Explanation, output: &mut Output) {
    output.heading("How the choice is settled");
    let kind = &explanation.kind.name;
    let routed = match explanation.routed {
        true => "there is one; it sees the input of each call".to_owned(),
        false => format!("none for `{kind}`"),
    };
    let variable = match &explanation.active {
        Some((variable, plugin)) => format!("{variable}={plugin}"),
        None => format!("{} is not set", explanation.variable),
    };
    let top = top(explanation);
    let priority = match top.as_slice() {
        [] => "nobody is there: NoCapableHandler".to_owned(),
        [only] => only.to_string(),
        tied => format!("a tie: {}; settle it in one of the ways above", names(tied)),
    };
    let mut grid = Grid::new([">", "by", "which says"]);
    let rows = [
        ("a name given to the call", "depends on the call".to_owned()),
        ("the routing policy", routed),
        ("the environment", variable),
        ("the highest priority", priority),
    ];
    for (index, (by, says)) in rows.into_iter().enumerate() {
        grid.row([(index + 1).to_string().into(), by.into(), says.into()]);
    }
    output.grid(&grid);
}

fn index(explanation: &Explanation, output: &mut Output) {
    output.heading("What they declare");
    let mut grid = Grid::new(["plugin", "what it is for"]);
    for place in called(explanation) {
        let says = match (place.fallback, place.declares.is_empty()) {
            (true, _) => Cell::new("the fallback: only when nobody else matches", Tone::Dim),
            (false, true) => {
                Cell::new("nothing: matches every input, after those that do", Tone::Dim)
            }
            (false, false) => declares::sentence(&place.declares).into(),
        };
        grid.row([Cell::new(place.plugin.as_str(), Tone::Strong), says]);
    }
    output.grid(&grid);
}

/// The band of a plugin, of which the one in the middle has a name here.
pub(super) fn band(place: &PluginPlace) -> &'static str {
    if place.band.is_empty() { "normal" } else { place.band }
}

fn called(explanation: &Explanation) -> impl Iterator<Item = &PluginPlace> {
    explanation.plugins.iter().filter(|place| place.why_not.is_none())
}

/// Who shares the first rank: more than one is a tie.
fn top(explanation: &Explanation) -> Vec<&PluginName> {
    let first = called(explanation).next().map(|first| (first.band, first.priority));
    let tied = called(explanation).filter(|place| first == Some((place.band, place.priority)));
    tied.map(|place| &place.plugin).collect()
}

fn names(plugins: &[&PluginName]) -> String {
    plugins.iter().map(|plugin| plugin.as_str()).collect::<Vec<_>>().join(", ")
}

fn schema(schema: &Schema) -> String {
    match schema.source() {
        Some(path) => path.display().to_string(),
        None => "anything".into(),
    }
}

fn object(explanation: &Explanation, ok: bool) -> Value {
    let Explanation { kind, hook, .. } = explanation;
    let path = |schema: &Schema| schema.source().map(|path| path.to_string_lossy().into_owned());
    let laws = laws::of(hook.dispatch, hook.error_policy)
        .map(|(id, text)| json!({ "id": id, "text": text }));
    let places = explanation.plugins.iter().enumerate().map(|(index, place)| {
        let mut object = json!({
            "position": place.why_not.is_none().then_some(index + 1),
            "plugin": place.plugin,
            "called": place.why_not.is_none(),
            "why_not": place.why_not,
            "band": band(place),
            "priority": place.priority,
            "isolation": place.isolation.as_str(),
            "state": place.status.state.as_str(),
            "reason": place.status.reason,
            "declares": declares::object(&place.declares),
            "fallback": place.fallback,
        });
        limits::add(place, &mut object);
        object
    });
    let choice = (hook.dispatch == DispatchClass::Singleton).then(|| {
        let top = top(explanation);
        json!({
            "routing_policy": explanation.routed,
            "active": explanation.active.as_ref().map(|(_, plugin)| plugin),
            "active_by": explanation.active.as_ref().map(|(variable, _)| variable),
            "variable": explanation.variable,
            "highest_priority": if top.len() == 1 { top.first() } else { None },
            "tie": if top.len() > 1 { top.as_slice() } else { &[] },
        })
    });
    json!({
        "command": "explain",
        "ok": ok,
        "kind": kind.name,
        "api_version": kind.api_version.to_string(),
        "hook": hook.name,
        "class": hook.dispatch.as_str(),
        "description": hook.description,
        "source": kind.source.to_string_lossy(),
        "error_policy": hook.error_policy.as_str(),
        "mode": hook.mode.as_str(),
        "timeout_ms": millis(explanation.timeout),
        "idempotent": hook.idempotent,
        "deprecated": hook.deprecated,
        "input_schema": path(&hook.input),
        "output_schema": path(&hook.output),
        "writable": hook.writable,
        "digest": hook.digest,
        "laws": laws.collect::<Vec<_>>(),
        "choice": choice,
        "middleware": around::objects(explanation),
        "plugins": places.collect::<Vec<_>>(),
    })
}
