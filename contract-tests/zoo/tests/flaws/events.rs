//! Flaws in what animals want of the bus, make of its events, and emit (EVT).

use hookspec_plugin::{EVENT, Subscription};
use serde_json::{Value, json};

use crate::support::{catalog, fresh, ready};

fn arrived(data: Value) -> Value {
    json!({ "type": "zoo.arrived", "data": data })
}

fn wants(name: &str) -> Vec<Subscription> {
    let plugin = fresh(name).plugin;
    let listed = plugin.manifest().events.clone().unwrap().subscribe;
    listed.into_iter().chain(plugin.subscriptions()).collect()
}

/// What somebody emits when a text arrives.
fn emitted(name: &str) -> Value {
    ready(name).call("$event", arrived(json!({ "text": "Ada" }))).unwrap()[0].clone()
}

#[test]
fn subscriptions_are_not_as_they_should_be() {
    let lists = |name: &str| fresh(name).plugin.hooks().contains(&EVENT);
    assert!(!lists("evt-001") && lists("honest-events"));
    let events = catalog().events().clone();
    let match_all = |name: &str| {
        let wants = wants(name);
        wants.iter().flat_map(|one| &one.patterns).all(|pattern| events.may_match(pattern))
    };
    assert!(!match_all("evt-002") && match_all("honest-events"));
    let agree = |name: &str| wants(name) == wants(name);
    assert!(!agree("evt-009") && agree("honest-events"));
    let left = json!({ "type": "zoo.left", "data": { "gate": "north" } });
    let holds = |name: &str| wants(name)[1].filter.clone().unwrap().holds(&left);
    assert!(!holds("evt-012") && holds("honest-events"));
}

#[test]
fn events_are_not_handled_as_they_should_be() {
    let empty = || arrived(json!({ "text": "" }));
    assert!(ready("evt-003").panics("$event", empty()));
    assert!(ready("evt-011").is_pending("$event", empty()));
    assert_eq!(ready("evt-004").call("$event", empty()).unwrap(), "done");
    let left = |data: Value| json!({ "type": "zoo.left", "data": data });
    let fed = |data: Value| json!({ "type": "zoo.fed.lion", "data": data });
    assert!(ready("evt-008").panics("$event", fed(Value::Null)));
    assert_eq!(ready("evt-008").code("$event", arrived(Value::Null)).as_deref(), Some("bad_event"));
    let honest = ready("honest-events");
    assert_eq!(honest.code("$event", left(Value::Null)).as_deref(), Some("bad_event"));
    assert_eq!(honest.code("$event", arrived(Value::Null)).as_deref(), Some("bad_event"));
    assert_eq!(honest.call("$event", empty()).unwrap()[0]["data"]["count"], 0);
    let fed = fed(json!({ "meals": 1 }));
    assert_eq!(honest.call("$event", fed).unwrap()[0]["type"], "zoo.counted");
}

#[test]
fn events_are_emitted_that_should_not_be() {
    let right = |name: &str| {
        let (event, catalog) = (emitted(name), catalog());
        let event_type = event["type"].as_str().unwrap().to_owned();
        let events = fresh(name).plugin.manifest().events.clone().unwrap();
        let declared = catalog.events().find(&event_type).unwrap();
        (
            events.emit.iter().any(|pattern| pattern.matches(&event_type)),
            declared.schema.is_valid(&event["data"]),
            !wants(name).iter().any(|one| one.wants(&event_type)),
        )
    };
    assert_eq!(right("honest-events"), (true, true, true));
    assert!(!right("evt-005").0 && right("evt-005").1);
    assert_eq!(right("evt-006"), (true, false, true));
    assert_eq!(right("evt-007"), (true, true, false));
}
