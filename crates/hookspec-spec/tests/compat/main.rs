//! What changed between two versions of a kind, and whom it breaks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod properties;

use std::sync::Arc;

use hookspec_spec::compat::{Bump, Change, Comparison, What, compare};
use hookspec_spec::{Catalog, Kind, Source};
use serde_json::{Value, json};

fn kind(text: &str, schemas: &[(&str, &Value)]) -> Arc<Kind> {
    let files = schemas.iter().map(|(name, schema)| Source::new(*name, schema.to_string()));
    let file = Source::new("v1.yaml", text);
    let catalog = Catalog::from_sources(files.chain([file])).unwrap_or_else(|e| panic!("{e}"));
    catalog.kinds().next().unwrap().clone()
}

/// A kind of one hook, `h`, by its fields.
fn hook(fields: &str) -> Arc<Kind> {
    kind(&format!("kind: k\nkind_api_version: 1.0.0\nhooks:\n  - {{ name: h, {fields} }}\n"), &[])
}

/// The changes of the input schema of a singleton.
fn input(old: &Value, new: &Value) -> Vec<Change> {
    let text = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - { name: h, dispatch: singleton, input_schema: s.json }\n";
    compare(&kind(text, &[("s.json", old)]), &kind(text, &[("s.json", new)])).changes
}

fn told(comparison: &Comparison) -> Vec<(&'static str, &'static str, Bump)> {
    comparison.changes.iter().map(|c| (c.what.as_str(), c.whom(), c.bump)).collect()
}

const NOTIFY: &str = "dispatch: broadcast_notify";
const BOUND: &str = "dispatch: broadcast_notify, event: user.created";

#[test]
fn nothing_changed_demands_nothing() {
    let one = hook("dispatch: singleton");
    let comparison = compare(&one, &one);
    assert_eq!((comparison.changes.len(), comparison.demanded()), (0, Bump::None));
    assert!(comparison.suffices());
}

#[test]
fn each_field_of_a_hook_breaks_whom_it_breaks() {
    use Bump::{Major, Minor, Patch};
    let collect = "dispatch: broadcast_collect";
    for (old, new, what, whom, bump) in [
        ("dispatch: singleton", collect, "class", "plugins and callers", Major),
        (collect, "dispatch: broadcast_collect, mode: sync", "mode", "plugins", Major),
        (
            "dispatch: singleton, mode: sync",
            "dispatch: singleton",
            "mode",
            "plugins and callers",
            Major,
        ),
        (
            collect,
            "dispatch: broadcast_collect, error_policy: best_effort",
            "error_policy",
            "callers",
            Major,
        ),
        (collect, "dispatch: broadcast_collect, required: true", "required", "plugins", Major),
        ("dispatch: singleton, required: true", "dispatch: singleton", "required", "nobody", Minor),
        (collect, "dispatch: broadcast_collect, timeout_ms: 5", "timeout", "plugins", Major),
        ("dispatch: chain, writable: [/a]", "dispatch: chain", "writable", "callers", Major),
        ("dispatch: chain", "dispatch: chain, writable: []", "writable", "plugins", Major),
        (collect, "dispatch: broadcast_collect, idempotent: true", "idempotent", "plugins", Major),
        (
            "dispatch: singleton, idempotent: true",
            "dispatch: singleton",
            "idempotent",
            "callers",
            Major,
        ),
        (NOTIFY, BOUND, "event", "nobody", Minor),
        (BOUND, NOTIFY, "event", "plugins", Major),
        (BOUND, "dispatch: broadcast_notify, event: user.*", "event", "plugins", Major),
        (collect, "dispatch: broadcast_collect, mcp_exposed: false", "mcp", "callers", Major),
        (collect, "dispatch: broadcast_collect, deprecated: use g", "deprecated", "nobody", Minor),
        (collect, "dispatch: broadcast_collect, description: d", "description", "nobody", Patch),
    ] {
        let comparison = compare(&hook(old), &hook(new));
        assert_eq!(told(&comparison), [(what, whom, bump)], "{old} to {new}");
        assert_eq!(comparison.demanded(), bump);
        assert!(!comparison.suffices(), "{old} to {new}");
    }
}

#[test]
fn hooks_come_go_and_are_renamed() {
    let with = |hooks: &[&str]| {
        let hooks: String = hooks.iter().map(|hook| format!("  - {{ {hook} }}\n")).collect();
        let text = format!("kind: k\nkind_api_version: 1.0.0\nhooks:\n{hooks}");
        kind(&text, &[("s.json", &json!({ "type": "string" }))])
    };
    let (a, b) = ("name: a, dispatch: singleton", "name: b, dispatch: singleton");
    let required = "name: b, dispatch: singleton, required: true";
    let stringy = "name: b, dispatch: singleton, input_schema: s.json";
    for (old, new, expected) in [
        (&[a][..], &[a, b][..], &[("hook_added", "nobody", Bump::Minor)][..]),
        (&[a], &[a, required], &[("hook_added", "plugins", Bump::Major)]),
        (&[a, b], &[a], &[("hook_removed", "plugins and callers", Bump::Major)]),
        (&[a], &[b], &[("hook_renamed", "plugins and callers", Bump::Major)]),
        (
            &[a],
            &[stringy],
            &[
                ("hook_added", "nobody", Bump::Minor),
                ("hook_removed", "plugins and callers", Bump::Major),
            ],
        ),
        (&[a, b], &[b, a], &[]),
    ] {
        assert_eq!(told(&compare(&with(old), &with(new))), expected, "{old:?} to {new:?}");
    }
    let renamed = compare(&with(&[a]), &with(&[b]));
    assert_eq!(renamed.changes[0].hook.as_ref().unwrap(), "b");
    assert!(renamed.changes[0].message.contains("`a`"));
}

#[test]
fn sides_and_classes_decide_who_is_broken() {
    let text = |class: &str, side: &str| {
        format!(
            "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - {{ name: h, dispatch: {class}, {side}_schema: s.json }}\n"
        )
    };
    let (narrow, wide) = (json!({ "type": "string" }), json!({ "type": ["string", "null"] }));
    for (class, side, old, new, what, whom, shown) in [
        ("singleton", "input", &wide, &narrow, What::SchemaNarrowed, "callers", "input"),
        ("singleton", "input", &narrow, &wide, What::SchemaWidened, "plugins", "input"),
        ("singleton", "output", &wide, &narrow, What::SchemaNarrowed, "plugins", "output"),
        ("singleton", "output", &narrow, &wide, What::SchemaWidened, "callers", "output"),
        ("broadcast_notify", "input", &wide, &narrow, What::SchemaNarrowed, "callers", "input"),
        ("chain", "input", &wide, &narrow, What::SchemaNarrowed, "plugins and callers", "value"),
        ("chain", "input", &narrow, &wide, What::SchemaWidened, "plugins and callers", "value"),
    ] {
        let of = |schema| kind(&text(class, side), &[("s.json", schema)]);
        let changes = compare(&of(old), &of(new)).changes;
        assert_eq!(changes.len(), 1, "{class} {side}: {changes:#?}");
        let change = &changes[0];
        assert_eq!((change.what, change.whom()), (what, whom), "{class} {side}");
        assert_eq!(change.side.unwrap().as_str(), shown);
        assert_eq!((change.pointer.as_str(), change.undecided), ("/type", false));
    }
}

/// Old, new, and what is found: `=` the same to everybody, `~` only said otherwise, `<` narrowed,
/// `>` widened, each with where.
#[test]
fn schemas_are_compared_by_what_they_accept() {
    let person = |extra: Value| {
        let mut schema = json!({
            "type": "object",
            "properties": { "name": { "type": "string" }, "age": { "type": "integer" } },
            "required": ["name"],
        });
        schema.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        schema
    };
    let kinds = |names: &[&str]| {
        let one = |name: &&str| json!({ "type": "object", "properties": { "kind": { "const": name } }, "required": ["kind"] });
        json!({ "oneOf": names.iter().map(one).collect::<Vec<_>>() })
    };
    let tree = |leaf: Value| {
        json!({
            "type": "object",
            "properties": { "value": leaf, "children": { "type": "array", "items": { "$ref": "#" } } },
        })
    };
    for (old, new, expected) in [
        (json!({ "type": "string" }), json!({ "type": "string", "description": "d" }), &["="][..]),
        (json!({ "type": "string" }), json!({ "type": "string", "title": "T" }), &["~"]),
        (
            json!({ "type": ["string", "null"] }),
            json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] }),
            &["~"],
        ),
        (
            json!({ "minimum": 1, "type": "integer" }),
            json!({ "exclusiveMinimum": 0, "type": "integer" }),
            &["~"],
        ),
        (json!({ "type": "boolean" }), json!({ "enum": [true, false] }), &["~"]),
        (json!({ "enum": ["a", "b"] }), json!({ "enum": ["a"] }), &["<"]),
        (json!({ "enum": ["a"] }), json!({ "type": "string" }), &[">/enum"]),
        (json!({ "enum": ["a"] }), json!({ "enum": ["b"] }), &["<", ">"]),
        (json!({ "type": "number" }), json!({ "type": "integer" }), &["</type"]),
        (json!({ "maxLength": 9 }), json!({ "maxLength": 8 }), &["</maxLength"]),
        (json!({ "maxLength": 9 }), json!({ "minLength": 1 }), &["</minLength", ">/maxLength"]),
        (json!({ "format": "date" }), json!({ "format": "uuid" }), &["</format", ">/format"]),
        (person(json!({})), person(json!({ "required": ["name", "age"] })), &["</required"]),
        (
            person(json!({})),
            person(json!({ "additionalProperties": false })),
            &["</additionalProperties"],
        ),
        (
            person(json!({ "additionalProperties": false })),
            person(json!({})),
            &[">/additionalProperties"],
        ),
        (
            json!({ "properties": { "a": {} }, "additionalProperties": false }),
            json!({ "properties": { "a": {}, "b": {} }, "additionalProperties": false }),
            &[">/additionalProperties"],
        ),
        (person(json!({})), person(json!({ "maxProperties": 2 })), &["</maxProperties"]),
        (
            json!({ "properties": { "a": { "items": { "type": "integer" } } } }),
            json!({ "properties": { "a": { "items": { "type": "string" } } } }),
            &["</properties/a/items/type", ">/properties/a/items/type"],
        ),
        (
            json!({ "$defs": { "x": { "minimum": 1 } }, "items": { "$ref": "#/$defs/x" } }),
            json!({ "$defs": { "x": { "minimum": 2 } }, "items": { "$ref": "#/$defs/x" } }),
            &["</$defs/x/minimum"],
        ),
        (
            json!({ "$defs": { "x": { "minimum": 1 } }, "items": { "$ref": "#/$defs/x" } }),
            json!({ "items": { "minimum": 1 } }),
            &["~"],
        ),
        (kinds(&["a", "b"]), kinds(&["b", "a"]), &["~"]),
        (kinds(&["a", "b"]), kinds(&["a"]), &["</oneOf"]),
        (kinds(&["a", "b"]), kinds(&["a", "b", "c"]), &[">/oneOf"]),
        (
            tree(json!({ "type": "integer" })),
            tree(json!({ "type": ["integer", "null"] })),
            &[">/properties/value/type"],
        ),
        (tree(json!(true)), tree(json!({ "title": "T" })), &["~"]),
        (
            json!({ "patternProperties": { "^a": { "type": "string" } } }),
            json!({ "patternProperties": { "^a": { "type": "string", "minLength": 1 } } }),
            &["</patternProperties/^a/minLength"],
        ),
        (
            json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }),
            json!({ "if": { "required": ["a"] }, "then": { "required": ["b", "c"] } }),
            &["</then"],
        ),
        (json!(true), json!(false), &["<"]),
        (json!({}), json!({ "unevaluatedProperties": false }), &["</unevaluatedProperties"]),
    ] {
        let changes = input(&old, &new);
        let told: Vec<String> = changes
            .iter()
            .map(|change| {
                let sign = match change.what {
                    What::SchemaRewritten if change.bump == Bump::Patch => "=",
                    What::SchemaRewritten => "~",
                    What::SchemaNarrowed => "<",
                    _ => ">",
                };
                format!("{sign}{}", change.pointer)
            })
            .collect();
        assert_eq!(told, expected, "{old} to {new}: {changes:#?}");
        assert!(changes.iter().all(|change| !change.undecided), "{changes:#?}");
    }
}

#[test]
fn what_is_undecided_says_so_and_counts_as_breaking() {
    let changes = input(&json!({ "pattern": "^a+$" }), &json!({ "pattern": "^(a|aa)+$" }));
    for change in &changes {
        assert!(change.undecided && change.bump == Bump::Major, "{change}");
        assert!(change.message.starts_with("undecided, treated as breaking, because "), "{change}");
        assert_eq!(change.pointer, "/pattern");
    }
    assert_eq!(changes.len(), 2, "{changes:#?}");
}

#[test]
fn what_is_too_large_to_be_compared_is_given_up() {
    let choices = |most: u64| {
        let branch =
            |n: u64, name: &str| json!({ "properties": { name: { "maximum": n * most } } });
        let choice = |at: u64| {
            let name = format!("p{at}");
            json!({ "anyOf": (1..5).map(|n| branch(n, &name)).collect::<Vec<_>>() })
        };
        json!({ "allOf": (0..12).map(choice).collect::<Vec<_>>() })
    };
    let changes = input(&choices(2), &choices(3));
    assert!(changes.iter().any(|change| change.undecided), "{changes:#?}");

    // One definition inside the other: deeper than a document may be.
    let nested = |leaf: Value| {
        let next = |n: usize| json!({ "properties": { "a": { "$ref": format!("#/$defs/d{n}") } } });
        let mut definitions: serde_json::Map<String, Value> =
            (0..120).map(|n| (format!("d{n}"), next(n + 1))).collect();
        definitions.insert("d120".into(), leaf);
        json!({ "$defs": definitions, "$ref": "#/$defs/d0" })
    };
    let changes = input(&nested(json!({ "type": "string" })), &nested(json!({ "type": "null" })));
    assert!(changes.iter().all(|change| change.bump == Bump::Major) && !changes.is_empty());
}
