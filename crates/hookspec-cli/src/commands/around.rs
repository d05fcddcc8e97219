//! The middleware of a hook: which wraps it, in which order, and which matches and does not.

use hookspec_host::{Explanation, MiddlewarePlace};
use hookspec_plugin::{AFTER, BEFORE};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use super::limits;
use crate::grid::{Cell, Grid};
use crate::output::{Output, Tone};

/// Both lists; nothing where no plugin is middleware of this hook.
pub(super) fn show(explanation: &Explanation, output: &mut Output) {
    if explanation.middleware.is_empty() {
        return;
    }
    output.heading("What wraps it: $before in this order, $after in reverse");
    let mut grid = Grid::new([">", "plugin", "kind", "hooks", ">prio", "executor", "state"]);
    let mut idle = Grid::new(["plugin", "why it does not wrap the hook"]);
    for around in &explanation.middleware {
        let place = &around.place;
        let name = Cell::new(place.plugin.as_str(), Tone::Strong);
        if let Some(why_not) = &place.why_not {
            idle.row([name, Cell::new(why_not, Tone::Bad)]);
            continue;
        }
        let number =
            explanation.middleware.iter().take_while(|own| own.place.plugin != place.plugin);
        grid.row([
            (number.count() + 1).to_string().into(),
            name,
            around.kind.as_str().into(),
            hooks(around).join(", ").into(),
            place.priority.to_string().into(),
            place.isolation.as_str().into(),
            super::list::state(place.status.state),
        ]);
    }
    match grid.is_empty() {
        true => output.line("  nothing"),
        false => output.grid(&grid),
    }
    let nobody = explanation.plugins.iter().all(|place| place.why_not.is_some());
    let needs_nobody =
        matches!(explanation.hook.dispatch, DispatchClass::Singleton | DispatchClass::Capability);
    if !grid.is_empty() && nobody && !needs_nobody {
        output.paragraph(
            "  ",
            "As long as there is nobody to call, it is not called either (WRAP-9).",
        );
    }
    if !idle.is_empty() {
        output.heading("What matches it and does not wrap it");
        output.grid(&idle);
    }
}

fn hooks(around: &MiddlewarePlace) -> Vec<String> {
    let own = [(around.before, BEFORE), (around.after, AFTER)];
    own.into_iter().filter(|(has, _)| *has).map(|(_, hook)| hook.to_string()).collect()
}

/// As the README describes `middleware`.
pub(super) fn objects(explanation: &Explanation) -> Vec<Value> {
    let object = |(index, around): (usize, &MiddlewarePlace)| {
        let place = &around.place;
        let wraps = place.why_not.is_none();
        let mut object = json!({
            "position": wraps.then_some(index + 1),
            "plugin": place.plugin,
            "kind": around.kind,
            "hooks": hooks(around),
            "wraps": wraps,
            "why_not": place.why_not,
            "band": super::explain::band(place),
            "priority": place.priority,
            "isolation": place.isolation.as_str(),
            "state": place.status.state.as_str(),
            "reason": place.status.reason,
        });
        limits::add(place, &mut object);
        object
    };
    explanation.middleware.iter().enumerate().map(object).collect()
}
