//! Events that a plugin would receive, made from the data schemas of the catalogue.

use std::collections::BTreeMap;

use hookspec_host::bus::Bus;
use hookspec_plugin::{EventDraft, Pattern, Predicate, Segment, Subscription};
use hookspec_spec::EventDeclaration;
use serde_json::{Map, Value, json};

use super::named;
use crate::generate::{Generator, Sort};

/// One event to be sent.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) draft: EventDraft,
    /// As it is written: what a report shows.
    pub(super) written: Value,
    /// What the subscription that it is for is called by its plugin.
    pub(super) name: Option<std::sync::Arc<str>>,
    /// How long that subscription gives one, and how many it takes at once.
    pub(super) timeout_ms: u64,
    pub(super) concurrency: usize,
}

/// What was made, and why nothing was where there should be something.
#[derive(Default)]
pub(super) struct Lot {
    pub(super) made: Vec<Made>,
    pub(super) missing: Vec<String>,
}

/// Types of one subscription that are tried, of those with the same first segment before all others,
/// and events of each.
const TYPES: usize = 6;
const OF_NAMESPACE: usize = 2;
const OF_TYPE: usize = 12;

/// Events that the subscriptions of a plugin would receive from a bus.
pub(super) fn lot(bus: &Bus, plugin: &str, wants: &[Subscription], seed: u64) -> Lot {
    let mut lot = Lot::default();
    for one in wants {
        let before = lot.made.len();
        for event_type in types(bus, one) {
            for written in written(bus, &event_type, one, seed) {
                let Ok(draft) = serde_json::from_value::<EventDraft>(written.clone()) else {
                    continue;
                };
                // The bus itself knows best what it would publish, and who would receive it.
                let receptions = bus.explain_draft(draft.clone()).unwrap_or_default();
                if receptions.iter().any(|own| own.subscriber == plugin && own.receives) {
                    let (timeout_ms, concurrency) = (one.timeout_ms, one.concurrency);
                    let name = one.name.clone();
                    lot.made.push(Made { draft, written, name, timeout_ms, concurrency });
                }
            }
        }
        if lot.made.len() == before {
            lot.missing.push(format!("no event was found that reaches {}", named(one)));
        }
    }
    lot
}

/// Declared types that a subscription matches; of a pattern that matches none, one that it could.
fn types(bus: &Bus, wants: &Subscription) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for pattern in &wants.patterns {
        let declared = bus.catalog().declarations().map(|own| own.event_type.as_str());
        let matching: Vec<&str> = declared.filter(|own| pattern.matches(own)).collect();
        match matching.is_empty() {
            true => found.push(any_of(pattern)),
            false => found.extend(matching.into_iter().map(str::to_owned)),
        }
    }
    found.sort();
    found.dedup();
    chosen(found, |own| bus.is_reserved(own))
}

/// Of types in their order those that are tried: some of each namespace, the host's own last.
fn chosen(mut types: Vec<String>, is_reserved: impl Fn(&str) -> bool) -> Vec<String> {
    types.sort_by_key(|own| is_reserved(own));
    let mut of_namespace: BTreeMap<String, usize> = BTreeMap::new();
    let (some, more): (Vec<_>, Vec<_>) = types.into_iter().partition(|own| {
        let first = own.split('.').next().unwrap_or_default();
        let count = of_namespace.entry(first.to_owned()).or_default();
        *count += 1;
        *count <= OF_NAMESPACE
    });
    some.into_iter().chain(more).take(TYPES).collect()
}

/// A type that a pattern matches.
pub(super) fn any_of(pattern: &Pattern) -> String {
    let segments = pattern.segments().iter().map(|segment| match segment {
        Segment::Exact(text) => text,
        Segment::One | Segment::Rest => "unheard-of",
    });
    segments.collect::<Vec<_>>().join(".")
}

/// Data of any shape.
pub(super) fn any_data() -> Vec<Value> {
    vec![
        json!({}),
        Value::Null,
        json!("text"),
        json!(""),
        json!([1, "a"]),
        json!({ "id": 1, "name": "äöü" }),
        json!(-1.5),
    ]
}

fn written(bus: &Bus, event_type: &str, wants: &Subscription, seed: u64) -> Vec<Value> {
    let declared = bus.catalog().find(event_type);
    let data = match declared.filter(|own| own.has_schema) {
        Some(own) => samples(own, seed),
        None => any_data(),
    };
    let metadata: Map<String, Value> = declared
        .into_iter()
        .flat_map(|own| own.metadata.keys())
        .map(|key| (key.clone(), "some text".into()))
        .collect();
    let event = |data: Value| {
        let mut event = json!({ "type": event_type, "data": data, "metadata": metadata });
        if let Some(source) = wants.sources.first() {
            event["source"] = source.as_str().into();
        }
        if let Some(tenant) = &wants.tenant {
            event["tenant"] = tenant.as_str().into();
        }
        if let Some(filter) = &wants.filter {
            satisfy(filter, &mut event);
        }
        event
    };
    data.into_iter().map(event).collect()
}

fn samples(declared: &EventDeclaration, seed: u64) -> Vec<Value> {
    let generator = Generator::new(&declared.schema, &[], seed);
    let mut found: Vec<Value> = Vec::new();
    for (sort, most) in [(Sort::Valid, OF_TYPE / 2), (Sort::Boundary, OF_TYPE), (Sort::Unicode, 2)]
    {
        for sample in generator.samples(sort, most).unwrap_or_default() {
            if found.len() < OF_TYPE && !found.contains(&sample) {
                found.push(sample);
            }
        }
    }
    found
}

/// Changes an event so that a condition holds of it, as far as its parts say what they want.
fn satisfy(filter: &Predicate, event: &mut Value) {
    let wanted = filter.equals.clone().or_else(|| {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let affixes = filter.prefix.is_some() || filter.suffix.is_some();
        affixes.then(|| (text(&filter.prefix) + &text(&filter.suffix)).into())
    });
    let there = |event: &Value, pointer: &str| event.pointer(pointer).is_some();
    match (&filter.pointer, wanted) {
        (Some(pointer), Some(value)) => put(event, pointer, value),
        (Some(pointer), None) if filter.exists == Some(true) && !there(event, pointer) => {
            put(event, pointer, "x".into());
        }
        _ => {}
    }
    filter.all.iter().flatten().for_each(|part| satisfy(part, event));
    filter.any.iter().flatten().take(1).for_each(|part| satisfy(part, event));
}

/// Puts a value to a place in objects; where there is no object on the way, nothing.
fn put(event: &mut Value, pointer: &str, value: Value) {
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    let mut at = event;
    for key in keys {
        if at.is_null() {
            *at = json!({});
        }
        let Value::Object(fields) = at else { return };
        at = fields.entry(key).or_insert(Value::Null);
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use hookspec_host::bus::BusOptions;
    use hookspec_spec::EventCatalog;

    use super::*;

    /// What is made for a subscription to a bus with the shipped events and an open namespace.
    fn made(wants: Value) -> Lot {
        let options = BusOptions { open_namespaces: vec!["open".into()], ..BusOptions::default() };
        let bus = Bus::new(&EventCatalog::empty(), options);
        let wants: Subscription = serde_json::from_value(wants).unwrap();
        let _guard = bus.subscribe("me", wants.clone(), |_| async { Ok(()) }).unwrap();
        lot(&bus, "me", &[wants], 1)
    }

    #[test]
    fn a_wildcard_is_tried_with_more_than_the_events_of_the_host() {
        let chosen = |types: &[&str]| {
            let types = types.iter().map(|own| (*own).to_owned()).collect();
            chosen(types, |own| own.starts_with("core.")).join(" ")
        };
        let types = ["core.a", "core.b", "core.c", "deploy.a", "deploy.b", "deploy.c", "user.a"];
        assert_eq!(chosen(&types), "deploy.a deploy.b user.a core.a core.b deploy.c");
        assert_eq!(chosen(&types[..3]), "core.a core.b core.c");
        assert_eq!(chosen(&[]), "");
    }

    #[test]
    fn what_reaches_nobody_is_missing() {
        for wants in [
            json!({ "pattern": "user.login", "filter": { "pointer": "/type", "equals": "x.y" } }),
            json!({ "pattern": "user.login", "filter": { "any": [] } }),
            json!({ "pattern": "open.a", "permission": "of nobody", "sources": ["somebody"] }),
        ] {
            let lot = made(wants.clone());
            assert!(lot.made.is_empty(), "{wants}: {:?}", lot.made);
            assert_eq!(lot.missing.len(), 1);
        }
    }

    #[test]
    fn conditions_are_satisfied_where_they_say_what_they_want() {
        let at = |pointer: &str| json!({ "pointer": pointer, "equals": "x" });
        for wants in [
            json!("user.*"),
            json!("open.*.done"),
            json!("core.system.**"),
            json!({ "pattern": "open.**", "filter": at("/data/environment") }),
            json!({ "pattern": "open.a", "filter": { "all": [at("/subject"), at("/data/a/b")] } }),
            json!({ "pattern": "open.a", "filter": { "pointer": "/metadata/k", "prefix": "pre" } }),
            json!({ "pattern": "user.*", "sources": ["ci"], "tenant": "acme" }),
        ] {
            let lot = made(wants.clone());
            assert!(!lot.made.is_empty() && lot.missing.is_empty(), "{wants}: {:?}", lot.missing);
        }
    }
}
