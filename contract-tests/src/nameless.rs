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
/// - `calls_in_order: true`: those that were called were called in dispatch order.
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
        let calls = observed.facts.get("calls").and_then(Value::as_array).into_iter().flatten();
        let calls: Vec<&str> = calls.filter_map(Value::as_str).collect();
        let expected: Vec<&str> =
            order.iter().copied().filter(|name| calls.contains(name)).collect();
        if calls != expected {
            found.push(format!("calls: in dispatch order {expected:?}, got {calls:?}"));
        }
    }
    Ok(found)
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
}
