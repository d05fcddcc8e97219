//! `EVT-012`: whether a filter can ever hold, as far as the schemas say.

use hookspec_host::bus::Bus;
use hookspec_plugin::{Predicate, Subscription};
use hookspec_spec::{EventDeclaration, Schema};
use serde_json::Value;

use super::{Listener, named};
use crate::found::{Checked, Found};
use crate::report::Finding;
use crate::scene::Scene;
use crate::stage::empty;

/// What is known of a condition, from bad to good.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Can {
    /// It holds of no event, and why.
    Never(String),
    /// Nothing says that it ever holds, and why.
    Unsaid(String),
    Hold,
}

pub(super) async fn can_hold(scene: &Scene) -> Checked {
    let own = Listener::subscribed(scene).await?;
    let filtered: Vec<_> = own.wants.iter().filter(|wants| wants.filter.is_some()).collect();
    if filtered.is_empty() {
        return Ok(Found::not_applicable("none of its subscriptions has a filter"));
    }
    // The host that the subject asks for may have opened namespaces.
    let registry = scene.subject.host(empty(&scene.catalog)).start().await;
    let registry =
        registry.map_err(|why| Found::not_verified(format!("its host does not start: {why}")))?;
    let bus = registry.bus();
    let (mut never, mut unsaid) = (Vec::new(), Vec::new());
    for wants in &filtered {
        let finding = |why: &str| Finding {
            message: format!("the filter of {} cannot hold: {why}", named(wants)),
            ..Finding::default()
        };
        match best(&bus, wants) {
            Can::Never(why) => never.push(finding(&why)),
            Can::Unsaid(why) => unsaid.push(Finding {
                message: format!("the filter of {} may never hold: {why}", named(wants)),
                ..Finding::default()
            }),
            Can::Hold => {}
        }
    }
    // What it is stopped with matters to nobody.
    let _ = registry.stop().await;
    Ok(match (never.is_empty(), unsaid.is_empty()) {
        (false, _) => Found::of(never, ""),
        (true, false) => Found::warn(unsaid),
        (true, true) => Found::pass(format!("{} filters", filtered.len())),
    })
}

/// What is known of a filter for the type that suits it best.
fn best(bus: &Bus, wants: &Subscription) -> Can {
    let Some(filter) = &wants.filter else { return Can::Hold };
    // A type that is matched and not declared may have any data.
    if wants.patterns.iter().any(|pattern| bus.may_be_undeclared(pattern)) {
        return Can::Hold;
    }
    let declared = bus.catalog().declarations().filter(|own| wants.wants(own.event_type.as_str()));
    declared.map(|own| judge(filter, own)).max().unwrap_or(Can::Hold)
}

fn judge(filter: &Predicate, declared: &EventDeclaration) -> Can {
    let needed = filter.exists == Some(true)
        || filter.equals.is_some()
        || filter.prefix.is_some()
        || filter.suffix.is_some();
    let pointer = filter.pointer.as_deref().unwrap_or_default();
    let mut can = if needed { reach(pointer, declared) } else { Can::Hold };
    if pointer == "/type"
        && let Some(wanted) = filter.equals.as_ref()
        && wanted.as_str() != Some(declared.event_type.as_str())
    {
        can = Can::Never(format!("the type is `{}`", declared.event_type));
    }
    for part in filter.all.iter().flatten() {
        can = can.min(judge(part, declared));
    }
    if let Some(any) = &filter.any {
        let none = || Can::Never("`any` has no part".into());
        can = can.min(any.iter().map(|part| judge(part, declared)).max().unwrap_or_else(none));
    }
    can
}

/// What every event may have beside its data; the keys of its metadata are free.
const ATTRIBUTES: [&str; 16] = [
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "subject",
    "datacontenttype",
    "dataschema",
    "correlationid",
    "causationid",
    "depth",
    "tenant",
    "traceparent",
    "tracestate",
    "securitylevel",
    "metadata",
];

/// Whether events of a type have something at a place.
fn reach(pointer: &str, declared: &EventDeclaration) -> Can {
    let keys: Vec<String> =
        pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    let event_type = &declared.event_type;
    match keys.split_first() {
        None => Can::Hold,
        Some((first, rest)) if first == "data" => {
            let keys: Vec<&str> = rest.iter().map(String::as_str).collect();
            let schema = &declared.schema;
            let what = |why| format!("the data of `{event_type}` {why} `{pointer}`");
            match field(schema, schema.document(), &keys, DEEPEST) {
                Field::Forbidden => Can::Never(what("has no")),
                Field::Unnamed if declared.has_schema => {
                    Can::Unsaid(what("may have anything, but its schema does not name"))
                }
                Field::Unnamed | Field::Named => Can::Hold,
            }
        }
        Some((first, _)) if ATTRIBUTES.contains(&first.as_str()) => Can::Hold,
        Some((first, _)) => {
            Can::Never(format!("an event has no attribute `{first}`; its data is below `/data`"))
        }
    }
}

/// What a schema says of a place in its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Forbidden,
    Unnamed,
    Named,
}

/// How far references and combinations are followed; beyond it, anything may be.
const DEEPEST: usize = 32;

fn field(whole: &Schema, schema: &Value, keys: &[&str], left: usize) -> Field {
    let Some((key, rest)) = keys.split_first() else { return Field::Named };
    let Some(schema) = schema.as_object() else {
        return if *schema == Value::Bool(false) { Field::Forbidden } else { Field::Unnamed };
    };
    let Some(left) = left.checked_sub(1) else { return Field::Named };
    let here = own(whole, schema, key, rest, left);
    // Every part has to allow it, and it is enough that one names it.
    let mut parts = vec![here];
    for keyword in ["$ref", "$dynamicRef"] {
        if let Some(reference) = schema.get(keyword).and_then(Value::as_str) {
            // What a reference leads to that nobody finds may say anything.
            let target = whole.resolver().resolve(reference);
            parts.push(target.map_or(Field::Named, |own| field(whole, own, keys, left)));
        }
    }
    let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array);
    let of = |each: &Value| field(whole, each, keys, left);
    parts.extend(list("allOf").into_iter().flatten().map(of));
    for keyword in ["anyOf", "oneOf"] {
        // One of them has to.
        parts.extend(list(keyword).and_then(|each| each.iter().map(of).max()));
    }
    for keyword in ["if", "then", "else", "dependentSchemas"] {
        if schema.contains_key(keyword) {
            parts.push(Field::Named);
        }
    }
    match parts.contains(&Field::Forbidden) {
        true => Field::Forbidden,
        false => parts.into_iter().max().unwrap_or(Field::Unnamed),
    }
}

/// What the keywords of one object of a schema say of a place below it.
fn own(
    whole: &Schema,
    schema: &serde_json::Map<String, Value>,
    key: &str,
    rest: &[&str],
    left: usize,
) -> Field {
    let may_be = |wanted: &str| match schema.get("type") {
        Some(Value::String(own)) => own == wanted,
        Some(Value::Array(own)) => own.iter().any(|own| own == wanted),
        _ => true,
    };
    let is_index = key.parse::<usize>().is_ok();
    if may_be("array") && is_index {
        return Field::Named;
    }
    if !may_be("object") {
        return Field::Forbidden;
    }
    let properties = schema.get("properties").and_then(|own| own.get(key));
    if let Some(property) = properties {
        return field(whole, property, rest, left);
    }
    // Which names a pattern means is not looked into.
    if schema.contains_key("patternProperties") {
        return Field::Named;
    }
    match schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties")) {
        Some(Value::Bool(false)) if schema.contains_key("additionalProperties") => Field::Forbidden,
        Some(Value::Object(own)) => match field(whole, &Value::Object(own.clone()), rest, left) {
            Field::Forbidden => Field::Forbidden,
            _ => Field::Named,
        },
        _ => Field::Unnamed,
    }
}

#[cfg(test)]
mod tests {
    use hookspec_host::bus::{BusMode, BusOptions};
    use hookspec_spec::{Catalog, Source};
    use serde_json::json;

    use super::*;

    const EVENTS: &str = r##"
namespace: a
version: 1.0.0
events:
  - type: a.closed
    data_schema:
      type: object
      additionalProperties: false
      properties: { city: { $ref: "#/$defs/city" }, list: { type: array } }
      $defs: { city: { type: object, properties: { name: { type: string } } } }
  - type: a.open
    data_schema: { type: object, properties: { id: { type: integer } } }
  - type: a.free
"##;

    const OPEN: &str = "
namespace: o
version: 1.0.0
open: true
events:
  - type: o.started
    data_schema: { type: object, additionalProperties: false }
";

    fn found(pattern: &str, filter: Value) -> Can {
        found_in(BusOptions::default(), pattern, filter)
    }

    fn found_in(options: BusOptions, pattern: &str, filter: Value) -> Can {
        let sources = [Source::new("events/a.yaml", EVENTS), Source::new("events/o.yaml", OPEN)];
        let catalog = Catalog::from_sources(sources).unwrap();
        let wants = json!({ "pattern": pattern, "filter": filter });
        let bus = Bus::new(catalog.events(), options);
        best(&bus, &serde_json::from_value(wants).unwrap())
    }

    fn at(pointer: &str) -> Value {
        json!({ "pointer": pointer, "equals": 1 })
    }

    #[test]
    fn what_is_forbidden_never_holds_and_what_nobody_names_is_doubted() {
        let never = [
            ("a.closed", at("/data/colour")),
            ("a.closed", at("/data/city/name/first")),
            ("a.closed", at("/city")),
            ("a.closed", json!({ "all": [at("/data/city"), at("/data/colour")] })),
            ("a.closed", json!({ "any": [at("/data/size"), at("/data/colour")] })),
            ("a.*", json!({ "pointer": "/type", "equals": "b.closed" })),
        ];
        for (pattern, filter) in never {
            assert!(matches!(found(pattern, filter.clone()), Can::Never(_)), "{filter}");
        }
        for pointer in ["/data/city/colour", "/data/city/zip"] {
            assert!(matches!(found("a.closed", at(pointer)), Can::Unsaid(_)), "{pointer}");
        }
        assert!(matches!(found("a.open", at("/data/colour")), Can::Unsaid(_)));
    }

    #[test]
    fn what_may_hold_is_let_alone() {
        for (pattern, filter) in [
            ("a.closed", at("/data/city/name")),
            ("a.closed", at("/data/list/0/x")),
            ("a.closed", at("/metadata/colour")),
            ("a.closed", json!({ "not": at("/data/colour") })),
            ("a.closed", json!({ "pointer": "/data/colour", "exists": false })),
            ("a.closed", json!({ "any": [at("/data/colour"), at("/data/city")] })),
            ("a.free", at("/data/colour")),
            ("a.*", at("/data/colour")),
            ("other.*", at("/data/colour")),
            ("a.*", json!({ "pointer": "/type", "equals": "a.open" })),
        ] {
            assert_eq!(found(pattern, filter.clone()), Can::Hold, "{filter}");
        }
    }

    #[test]
    fn what_need_not_be_declared_may_have_any_data() {
        let open = |namespace: &str| BusOptions {
            open_namespaces: vec![namespace.into()],
            ..BusOptions::default()
        };
        let awf = BusOptions { mode: BusMode::Awf, ..BusOptions::default() };
        for (options, pattern, holds) in [
            (BusOptions::default(), "o.*", true),
            (BusOptions::default(), "o.**", true),
            (BusOptions::default(), "o.other", true),
            (BusOptions::default(), "o.started", false),
            (BusOptions::default(), "a.closed", false),
            (open("a"), "a.closed", false),
            (open("a"), "a.*.closed", true),
            (open("a.closed"), "a.closed.**", true),
            (open("*"), "*.closed", true),
            (open("*"), "a.closed", false),
            (awf, "a.closed", true),
        ] {
            let found = found_in(options, pattern, at("/data/x"));
            assert_eq!(found == Can::Hold, holds, "{pattern}: {found:?}");
        }
    }
}
