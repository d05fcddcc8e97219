//! Plugins whose events can set them off again (EVENT-6): told when they come, not when it happens.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hookspec_plugin::PluginName;

use super::entry::Entry;
use super::shared::Shared;

impl Shared {
    /// Warns of every circle among the plugins.
    pub(super) fn warn_of_circles(&self) {
        let entries = &self.snapshot().plugins;
        let mut told = BTreeSet::new();
        for start in entries.values() {
            let Some(way) = circle(start, entries) else { continue };
            let members: BTreeSet<&PluginName> = way.iter().copied().collect();
            if told.insert(members) {
                self.warn_of(&way);
            }
        }
    }

    /// Warns of a circle that a plugin closes which comes, or is another than before.
    pub(super) fn warn_of_circles_through(&self, plugin: &PluginName) {
        let entries = &self.snapshot().plugins;
        if let Some(way) = entries.get(plugin).and_then(|start| circle(start, entries)) {
            self.warn_of(&way);
        }
    }

    fn warn_of(&self, way: &[&PluginName]) {
        let limit = self.bus.options.max_depth;
        let names: Vec<&str> = way.iter().map(|name| name.as_str()).collect();
        tracing::warn!(
            plugin = names[0],
            way = names.join(" -> "),
            limit,
            "events of these plugins can set them off again; only the depth limit would end that"
        );
    }
}

/// Whether what one may emit can be what another wants.
fn sets_off(one: &Entry, other: &Entry) -> bool {
    let emits = one.manifest.events.as_ref().map(|events| events.emit.as_slice());
    let mut wanted = other.wants.iter().flat_map(|wants| &wants.patterns);
    wanted.any(|wanted| emits.unwrap_or_default().iter().any(|own| own.overlaps(wanted)))
}

/// The shortest way from a plugin to itself; it ends where it began.
fn circle<'a>(
    start: &'a Entry,
    entries: &'a BTreeMap<PluginName, Arc<Entry>>,
) -> Option<Vec<&'a PluginName>> {
    let mut came_from: BTreeMap<&PluginName, &PluginName> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for next in entries.values().filter(|next| sets_off(at, next)) {
            if next.name == start.name {
                let mut way = vec![&start.name];
                let mut at = &at.name;
                while *at != start.name {
                    way.push(at);
                    // Everybody but the first was reached from somebody.
                    at = came_from.get(at).copied().unwrap_or(&start.name);
                }
                way.push(&start.name);
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(&next.name) {
                came_from.insert(&next.name, &at.name);
                open.push_back(next);
            }
        }
    }
    None
}
