//! Outcomes that name no plugin, so that a decision can speak of plugins it has never seen.

use std::cmp::Reverse;

use serde_json::{Map, Value};

use crate::observed::Observed;
use crate::unserved::{Served, flag, text};
use crate::vector::Vector;

/// Takes the outcomes of this kind out of `ours`, and says how what happened differs from them:
///
/// - `selected_without: key`: the plugin selected has no such key in the scenario;
/// - `selected_first: true`: it is the first in dispatch order of those that have the hook;
/// - `calls_in_order: true`: those that were called were called in dispatch order;
/// - `in_start_order: true`: `order` is the order of a start, or the error a cycle where there is one;
/// - `each_once: true`: nothing in `events` happened twice.
pub(crate) fn differences(
    ours: &mut Map<String, Value>,
    vector: &Vector,
    observed: &Observed,
) -> Served<Vec<String>> {
    let mut found = Vec::new();
    let plugins = vector.input.get("plugins").and_then(Value::as_array);
    let plugins = plugins.map(Vec::as_slice).unwrap_or_default();
    let selected = observed.facts.get("selected");
    if let Some(key) = ours.shift_remove("selected_without") {
        let key = text(&key, "selected_without")?;
        let plugin = plugins.iter().find(|plugin| plugin.get("name") == selected);
        if plugin.is_none_or(|plugin| plugin.get(key).is_some()) {
            found.push(format!("selected {selected:?}, and not a plugin without `{key}`"));
        }
    }
    let order = order(plugins, vector.input.pointer("/call/hook"));
    if let Some(first) = ours.shift_remove("selected_first")
        && flag(&first, "selected_first")?
        && selected.and_then(Value::as_str) != order.first().copied()
    {
        found.push(format!("selected {selected:?}, and the first is {:?}", order.first()));
    }
    if let Some(in_order) = ours.shift_remove("calls_in_order")
        && flag(&in_order, "calls_in_order")?
    {
        let calls = listed(observed, "calls");
        let expected: Vec<&str> =
            order.iter().copied().filter(|name| calls.contains(name)).collect();
        if calls != expected {
            found.push(format!("calls: in dispatch order {expected:?}, got {calls:?}"));
        }
    }
    if let Some(in_order) = ours.shift_remove("in_start_order")
        && flag(&in_order, "in_start_order")?
    {
        let manifests = vector.input.get("manifests").and_then(Value::as_array);
        let expected = start_order(manifests.map(Vec::as_slice).unwrap_or_default());
        let cycle = observed.error.as_ref().is_some_and(|e| e.names.contains(&"DependencyCycle"));
        let order = listed(observed, "order");
        if expected.as_ref().map_or(!cycle, |expected| order != *expected) {
            found.push(format!("order: a start has {expected:?}, got {order:?}"));
        }
    }
    if let Some(once) = ours.shift_remove("each_once")
        && flag(&once, "each_once")?
    {
        let mut events = listed(observed, "events");
        events.sort_unstable();
        if events.windows(2).any(|pair| pair[0] == pair[1]) {
            found.push(format!("events: something happened twice: {events:?}"));
        }
    }
    Ok(found)
}

fn listed<'a>(observed: &'a Observed, key: &str) -> Vec<&'a str> {
    let items = observed.facts.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}

/// The order of a start, written down a second time and as plainly as can be: again and again the
/// first by runtime, priority and name of those that need nobody any more. `None`: a cycle.
fn start_order(manifests: &[Value]) -> Option<Vec<&str>> {
    let mut left: Vec<&Value> = manifests.iter().collect();
    // Whoever lacks somebody does not start, and is lacked in turn.
    loop {
        let there: Vec<&str> = left.iter().map(|one| name(one)).collect();
        let before = left.len();
        left.retain(|one| needs(one).all(|need| there.contains(&need)));
        if left.len() == before {
            break;
        }
    }
    let mut order = Vec::new();
    while !left.is_empty() {
        let ready = left.iter().enumerate();
        let ready = ready.filter(|(_, one)| needs(one).all(|need| order.contains(&need)));
        let (first, _) = ready.min_by_key(|(_, one)| {
            let runtimes = [Some("mcp_http"), Some("mcp_stdio")];
            let runtime = one.get("runtime").map(Value::as_str);
            let runtime = runtimes.iter().position(|known| runtime == Some(*known));
            let priority = one.get("priority").and_then(Value::as_u64).unwrap_or(0);
            (Reverse(runtime.map_or(9, |place| place)), Reverse(priority), name(one))
        })?;
        order.push(name(left.remove(first)));
    }
    Some(order)
}

fn name(manifest: &Value) -> &str {
    manifest.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn needs(manifest: &Value) -> impl Iterator<Item = &str> {
    let needs = manifest.get("depends_on").and_then(Value::as_array);
    needs.into_iter().flatten().filter_map(Value::as_str)
}

/// The plugins that have a hook, in dispatch order (ORDER-1).
fn order<'a>(plugins: &'a [Value], hook: Option<&Value>) -> Vec<&'a str> {
    let hook = hook.and_then(Value::as_str).unwrap_or_default();
    let says = |plugin: &Value, key: &str| plugin.get(key).and_then(Value::as_bool) == Some(true);
    let mut having: Vec<_> = plugins
        .iter()
        .filter(|plugin| plugin.get("hooks").is_some_and(|hooks| hooks.get(hook).is_some()))
        .filter_map(|plugin| {
            let band = match (says(plugin, "tryfirst"), says(plugin, "trylast")) {
                (true, _) => 0,
                (false, false) => 1,
                (false, true) => 2,
            };
            let priority = plugin.get("priority").and_then(Value::as_u64).unwrap_or(0);
            Some((band, Reverse(priority), plugin.get("name")?.as_str()?))
        })
        .collect();
    having.sort_unstable();
    having.into_iter().map(|(_, _, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differs(ours: Value, selected: &str, calls: &[&str]) -> bool {
        let vector = Vector::read(&json!({
            "id": "x", "group": "capability", "level": "open", "expected": {},
            "input": {
                "plugins": [
                    { "name": "a", "hooks": { "h": {} }, "matches": true },
                    { "name": "b", "hooks": { "h": {} }, "priority": 5 },
                    { "name": "c", "hooks": { "h": {} }, "trylast": true, "priority": 9 },
                    { "name": "d", "hooks": {}, "priority": 99 },
                ],
                "call": { "hook": "h" },
            },
        }));
        let mut observed = Observed::default();
        observed.fact("selected", selected);
        observed.fact("calls", calls.to_vec());
        let Value::Object(mut ours) = ours else { panic!("no object") };
        !differences(&mut ours, &vector, &observed).unwrap().is_empty() || !ours.is_empty()
    }

    #[test]
    fn each_of_them_holds_and_fails() {
        assert!(!differs(json!({ "selected_without": "matches" }), "b", &[]));
        assert!(differs(json!({ "selected_without": "matches" }), "a", &[]));
        assert!(differs(json!({ "selected_without": "matches" }), "nobody", &[]));
        assert!(!differs(json!({ "selected_first": true }), "b", &[]));
        assert!(differs(json!({ "selected_first": true }), "d", &[]));
        assert!(!differs(json!({ "calls_in_order": true }), "", &["b", "a", "c"]));
        assert!(!differs(json!({ "calls_in_order": true }), "", &["b", "c"]));
        assert!(differs(json!({ "calls_in_order": true }), "", &["c", "b"]));
        assert!(differs(json!({ "called_in_order": true }), "", &["b"]));
    }

    fn starts_otherwise(manifests: Value, observed: &Observed) -> bool {
        let vector = Vector::read(&json!({
            "id": "x", "group": "topo_sort", "level": "open", "expected": {},
            "input": { "manifests": manifests },
        }));
        let mut ours = Map::from_iter([("in_start_order".to_owned(), json!(true))]);
        !differences(&mut ours, &vector, observed).unwrap().is_empty()
    }

    #[test]
    fn the_order_of_a_start_is_known_without_the_planner() {
        let manifests = json!([
            { "name": "late", "runtime": "mcp_http", "priority": 99 },
            { "name": "mid", "runtime": "mcp_stdio" },
            { "name": "b" },
            { "name": "a", "depends_on": ["mid"], "priority": 1 },
            { "name": "lost", "depends_on": ["ghost"] },
            { "name": "lost too", "depends_on": ["lost"] },
            { "name": "z", "priority": 5, "trylast": true },
        ]);
        let mut observed = Observed::default();
        observed.fact("order", json!(["z", "b", "mid", "a", "late"]));
        assert!(!starts_otherwise(manifests.clone(), &observed));
        for wrong in [json!(["b", "z", "mid", "a", "late"]), json!(["z", "b", "mid", "a"])] {
            observed.fact("order", wrong);
            assert!(starts_otherwise(manifests.clone(), &observed));
        }
        let cycle = json!([{ "name": "a", "depends_on": ["a"] }]);
        assert!(starts_otherwise(cycle.clone(), &observed));
        observed.failed(crate::seen::Seen::new(&["DependencyCycle"], "a"));
        assert!(!starts_otherwise(cycle, &observed));
    }

    #[test]
    fn what_happens_twice_is_seen() {
        let vector = Vector::read(&json!({}));
        for (events, twice) in [(["setup:a", "setup:b"], false), (["setup:a", "setup:a"], true)] {
            let mut observed = Observed::default();
            observed.fact("events", events.to_vec());
            let mut ours = Map::from_iter([("each_once".to_owned(), json!(true))]);
            let found = differences(&mut ours, &vector, &observed).unwrap();
            assert_eq!(!found.is_empty(), twice, "{found:?}");
        }
    }
}
