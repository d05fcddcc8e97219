//! The order in which plugins of a folder start, or the circle that prevents it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use hookspec_plugin::PluginName;

use super::Found;
use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Sorts by one ready queue: whoever needs nobody that is still to come, and of those the first
/// by runtime, priority descending and name. Needs that are not below the folder are met, or not,
/// elsewhere.
pub(super) fn ordered(found: Vec<Found>) -> Result<Vec<Found>, Diagnostics> {
    let mut rest: BTreeMap<PluginName, Found> =
        found.into_iter().map(|each| (each.manifest.name.clone(), each)).collect();
    let mut waiting: BTreeMap<PluginName, BTreeSet<PluginName>> = BTreeMap::new();
    let mut dependents: BTreeMap<PluginName, Vec<PluginName>> = BTreeMap::new();
    for (name, each) in &rest {
        let needs: BTreeSet<_> =
            each.manifest.depends_on.iter().filter(|need| rest.contains_key(*need)).collect();
        for need in &needs {
            dependents.entry((*need).clone()).or_default().push(name.clone());
        }
        waiting.insert(name.clone(), needs.into_iter().cloned().collect());
    }
    let key = |rest: &BTreeMap<PluginName, Found>, name: &PluginName| {
        let manifest = rest.get(name).map(|each| &each.manifest);
        let place = manifest.map(|manifest| (manifest.runtime, Reverse(manifest.priority)));
        (place, name.clone())
    };
    let free = waiting.iter().filter(|(_, needs)| needs.is_empty());
    let mut ready: BTreeSet<_> = free.map(|(name, _)| key(&rest, name)).collect();
    let mut ordered = Vec::with_capacity(rest.len());
    while let Some((_, name)) = ready.pop_first() {
        waiting.remove(&name);
        for dependent in dependents.remove(&name).unwrap_or_default() {
            if let Some(needs) = waiting.get_mut(&dependent) {
                needs.remove(&name);
                if needs.is_empty() {
                    ready.insert(key(&rest, &dependent));
                }
            }
        }
        ordered.extend(rest.remove(&name));
    }
    match circle(&waiting) {
        None => Ok(ordered),
        Some(circle) => {
            let names: Vec<&str> = circle.iter().map(|name| name.as_str()).collect();
            let message = format!("dependency cycle: {}", names.join(" -> "));
            let mistake = Diagnostic::error(codes::PLUGIN_CYCLE, message);
            let mistake = match rest.get(circle[0]) {
                Some(first) => mistake.at(&first.path),
                None => mistake,
            };
            Err(mistake.hint("cut the circle: take one of them out of `depends_on`").into())
        }
    }
}

/// Walks what is left until a name comes up again. The path ends where it began.
fn circle(waiting: &BTreeMap<PluginName, BTreeSet<PluginName>>) -> Option<Vec<&PluginName>> {
    let mut path = vec![waiting.keys().next()?];
    loop {
        // Whoever still waits needs somebody who still waits: else it would have been picked.
        let next = waiting.get(*path.last()?).and_then(|needs| needs.first())?;
        let seen = path.iter().position(|name| *name == next);
        path.push(next);
        if let Some(start) = seen {
            return Some(path.split_off(start));
        }
    }
}
