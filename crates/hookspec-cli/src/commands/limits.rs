//! What holds for calls of a plugin: its limits, its circuit, its condition, and what the host's
//! file decides.

use std::collections::BTreeSet;

use hookspec_host::{CircuitState, Explanation, PluginPlace};
use serde_json::{Map, Value, json};

use super::circuit;
use crate::grid::{Cell, Grid};
use crate::output::{Output, Tone};
use crate::text::{duration, millis, plural};

/// Every plugin of the explanation of which something is to be said.
pub(super) fn show(explanation: &Explanation, output: &mut Output) {
    let around = explanation.middleware.iter().map(|around| &around.place);
    // A middleware of the hook's own kind is in both lists.
    let mut seen = BTreeSet::new();
    let mut grid = Grid::new(["plugin", "what", "holds for its calls"]);
    for place in around.chain(&explanation.plugins).filter(|place| seen.insert(&place.plugin)) {
        for (index, (what, text)) in rows(place).into_iter().enumerate() {
            let name = if index == 0 { place.plugin.as_str() } else { "" };
            grid.row([Cell::new(name, Tone::Strong), Cell::new(what, Tone::Dim), text]);
        }
    }
    if !grid.is_empty() {
        output.heading("Limits and conditions");
        output.grid(&grid);
    }
}

fn rows(place: &PluginPlace) -> Vec<(&'static str, Cell)> {
    let mut rows = Vec::new();
    if let Some(limit) = place.timeout {
        rows.push(("timeout", duration(limit).into()));
    }
    if let Some(most) = place.max_concurrency {
        let waiting = match place.waiting {
            0 => String::new(),
            waiting => format!("; {waiting} waiting"),
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        rows.push(("at once", format!("{}{waiting}", plural(most, "call")).into()));
    }
    if let Some((asked, now)) = &place.breaker {
        let failures = usize::try_from(asked.fail_threshold).unwrap_or(usize::MAX);
        let failures = plural(failures, "failure");
        let rule = format!("{failures} in a row open it for {} s", asked.open_seconds);
        let (state, tone) = match circuit::holds_back(now) {
            Some(held) => (held, Tone::Bad),
            None if now.failures > 0 => (format!("closed, {} so far", now.failures), Tone::Warn),
            None => (circuit::name(CircuitState::Closed).to_owned(), Tone::Plain),
        };
        rows.push(("circuit", Cell::new(format!("{state} ({rule})"), tone)));
    }
    if let Some(when) = &place.when {
        // As the manifest states it, without its spaces.
        let condition = serde_json::to_string(when).unwrap_or_default();
        rows.push(("when", condition.into()));
    }
    if place.shadow {
        let text = "it is called, and nothing of what it does is applied";
        rows.push(("shadow", Cell::new(text, Tone::Warn)));
    }
    if !place.overrides.is_empty() {
        let decided = place.overrides.iter().map(|(field, value)| format!("{field} = {value}"));
        let decided = decided.collect::<Vec<_>>().join(", ");
        rows.push(("overridden", format!("{decided} (by the configuration file)").into()));
    }
    rows
}

/// Adds to the object of a place what is said above.
pub(super) fn add(place: &PluginPlace, object: &mut Value) {
    let breaker = place.breaker.as_ref().map(|(asked, now)| {
        let mut breaker = circuit::object(now);
        breaker["fail_threshold"] = asked.fail_threshold.into();
        breaker["open_seconds"] = asked.open_seconds.into();
        breaker
    });
    let overrides = place.overrides.iter();
    let overrides = overrides.map(|(field, value)| ((*field).to_owned(), value.as_str().into()));
    object["timeout_ms"] = json!(place.timeout.map(millis));
    object["max_concurrency"] = json!(place.max_concurrency);
    object["waiting"] = json!(place.waiting);
    object["breaker"] = json!(breaker);
    object["when"] = json!(place.when);
    object["shadow"] = json!(place.shadow);
    object["overrides"] = overrides.collect::<Map<_, _>>().into();
}
