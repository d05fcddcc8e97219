//! Orders: who is called first (ORDER-1), who starts first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use hookspec_plugin::{Manifest, PluginName};

/// The place of a plugin in every dispatch (ORDER-1): the `tryfirst` band, then the normal one,
/// then `trylast`; inside a band priority descending, then name by code point.
pub(crate) fn rank(manifest: &Manifest) -> (u8, Reverse<u32>, &PluginName) {
    (band(manifest), Reverse(manifest.priority), &manifest.name)
}

/// Whether nothing but their names tells two plugins apart.
pub(crate) fn tied(one: &Manifest, other: &Manifest) -> bool {
    (band(one), one.priority) == (band(other), other.priority)
}

fn band(manifest: &Manifest) -> u8 {
    match (manifest.tryfirst, manifest.trylast) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    }
}

/// The order in which plugins start: what a registry would do, without one.
///
/// ```
/// # use hookspec_host::StartPlan;
/// # use hookspec_plugin::Manifest;
/// let first = Manifest::new("first", "k");
/// let second = Manifest { depends_on: vec!["first".into()], ..Manifest::new("second", "k") };
/// let plan = StartPlan::new([&second, &first]).map_err(|cycle| format!("{cycle:?}"))?;
/// assert_eq!(plan.order, ["first", "second"]);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartPlan {
    /// Groups, one after another; the members of a group start in parallel.
    pub groups: Vec<Vec<PluginName>>,
    /// One ready queue, ranked by runtime, priority descending and name, and ranked again after
    /// each pick: the order that is printed.
    pub order: Vec<PluginName>,
    /// Plugins that cannot start, with what they lack; what depends on them is among them.
    pub unresolved: Vec<(PluginName, Vec<PluginName>)>,
}

impl StartPlan {
    /// Plans the start of plugins with these manifests.
    ///
    /// # Errors
    /// A dependency cycle, as the path that closes it. Cut it somewhere.
    pub fn new<'a>(
        manifests: impl IntoIterator<Item = &'a Manifest>,
    ) -> Result<Self, Vec<PluginName>> {
        plan(manifests)
    }

    /// The plugins that do not start because one does not: those that depend on it, and on them.
    pub fn blocked_by<'a>(
        failed: &str,
        manifests: impl IntoIterator<Item = &'a Manifest> + Clone,
    ) -> Vec<PluginName> {
        let mut blocked: BTreeSet<&PluginName> = BTreeSet::new();
        loop {
            let before = blocked.len();
            for manifest in manifests.clone() {
                let lacks = |need: &PluginName| *need == failed || blocked.contains(need);
                if manifest.name != failed && manifest.depends_on.iter().any(lacks) {
                    blocked.insert(&manifest.name);
                }
            }
            if blocked.len() == before {
                return blocked.into_iter().cloned().collect();
            }
        }
    }
}

/// Plans a start.
///
/// # Errors
/// A dependency cycle, as the path that closes it.
pub(crate) fn plan<'a>(
    manifests: impl IntoIterator<Item = &'a Manifest>,
) -> Result<StartPlan, Vec<PluginName>> {
    let all: BTreeMap<&PluginName, &Manifest> =
        manifests.into_iter().map(|manifest| (&manifest.name, manifest)).collect();
    let unresolved = unresolved(&all);
    let lacking: BTreeSet<&PluginName> = unresolved.iter().map(|(name, _)| *name).collect();
    let mut waiting: BTreeMap<&PluginName, BTreeSet<&PluginName>> = all
        .values()
        .filter(|manifest| !lacking.contains(&manifest.name))
        .map(|manifest| (&manifest.name, manifest.depends_on.iter().collect()))
        .collect();
    let groups = groups(&all, waiting.clone());
    // Who waits for a plugin: so that a pick costs only those it frees.
    let mut dependents: BTreeMap<&PluginName, Vec<&PluginName>> = BTreeMap::new();
    for (name, needs) in &waiting {
        for need in needs {
            dependents.entry(need).or_default().push(name);
        }
    }
    let key = |name: &'a PluginName| {
        let manifest = all[name];
        (manifest.runtime, Reverse(manifest.priority), name)
    };
    let mut ready: BTreeSet<_> =
        waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(name, _)| key(name)).collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some((_, _, name)) = ready.pop_first() {
        waiting.remove(name);
        order.push(name.clone());
        for dependent in dependents.remove(name).unwrap_or_default() {
            if let Some(needs) = waiting.get_mut(dependent) {
                needs.remove(name);
                if needs.is_empty() {
                    ready.insert(key(dependent));
                }
            }
        }
    }
    if let Some(start) = waiting.keys().next() {
        return Err(cycle(start, &waiting));
    }
    let unresolved = unresolved.into_iter().map(|(name, lacks)| (name.clone(), lacks)).collect();
    Ok(StartPlan { groups, order, unresolved })
}

/// Groups by runtime; inside a runtime, whoever needs nobody that has not started.
fn groups<'a>(
    all: &BTreeMap<&'a PluginName, &'a Manifest>,
    mut waiting: BTreeMap<&'a PluginName, BTreeSet<&'a PluginName>>,
) -> Vec<Vec<PluginName>> {
    let mut groups = Vec::new();
    loop {
        let ready: Vec<_> =
            waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(name, _)| *name).collect();
        let Some(runtime) = ready.iter().map(|name| all[name].runtime).min() else {
            return groups;
        };
        let mut group: Vec<_> =
            ready.into_iter().filter(|name| all[name].runtime == runtime).collect();
        group.sort_by_key(|name| (Reverse(all[name].priority), *name));
        for name in &group {
            waiting.remove(name);
        }
        for needs in waiting.values_mut() {
            needs.retain(|need| !group.contains(need));
        }
        groups.push(group.into_iter().cloned().collect());
    }
}

/// Plugins that lack a dependency, directly or through one that does.
fn unresolved<'a>(
    all: &BTreeMap<&'a PluginName, &'a Manifest>,
) -> Vec<(&'a PluginName, Vec<PluginName>)> {
    let mut lacking: BTreeMap<&PluginName, Vec<PluginName>> = BTreeMap::new();
    loop {
        let before = lacking.len();
        for (name, manifest) in all {
            let lacks: Vec<_> = manifest
                .depends_on
                .iter()
                .filter(|need| !all.contains_key(need) || lacking.contains_key(need))
                .cloned()
                .collect();
            if !lacks.is_empty() && !lacking.contains_key(name) {
                lacking.insert(name, lacks);
            }
        }
        if lacking.len() == before {
            return lacking.into_iter().collect();
        }
    }
}

/// Walks what is left of the dependencies until a name comes up again.
fn cycle(
    start: &PluginName,
    waiting: &BTreeMap<&PluginName, BTreeSet<&PluginName>>,
) -> Vec<PluginName> {
    let mut path: Vec<&PluginName> = vec![start];
    loop {
        let last = path[path.len() - 1];
        // Whoever still waits needs somebody who still waits: else it would have been picked.
        let Some(next) = waiting.get(last).and_then(|needs| needs.first()) else {
            return path.into_iter().cloned().collect();
        };
        if let Some(seen) = path.iter().position(|name| name == next) {
            let mut cycle: Vec<PluginName> = path[seen..].iter().map(|n| (*n).clone()).collect();
            cycle.push((*next).clone());
            return cycle;
        }
        path.push(next);
    }
}
