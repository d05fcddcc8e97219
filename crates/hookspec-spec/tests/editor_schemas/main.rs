//! `schemas/*.schema.json`, which editors read, and the parsers say the same.
//!
//! Rules that no JSON Schema can state, and that only the parsers check:
//! - hookspec: hook names are unique (uniqueness of one field of the items), the major in the file
//!   name, that schema files exist, that examples satisfy them, that a chain has one schema (all
//!   need other files); notation (duplicate keys, ambiguous scalars).
//! - events: types lie below the namespace and are unique, the namespace is the file's name (all
//!   compare values), that schemas are schemas.
//! - manifest: the grammar of `core_version` (PEP 440 is not a regular language one would read),
//!   `url` equal to `endpoint` (compares two values), `config_schema` being a schema (the
//!   meta-schema is a remote document).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![recursion_limit = "256"]

mod events;

use hookspec_spec::manifest::{self, Dialect};
use hookspec_spec::{Catalog, Schema, Source};
use serde_json::{Value, json};

fn schema(text: &str) -> Schema {
    Schema::compile(serde_json::from_str(text).unwrap()).unwrap()
}

fn hookspec() -> Schema {
    schema(include_str!("../../../../schemas/hookspec.schema.json"))
}

fn manifest() -> Schema {
    schema(include_str!("../../../../schemas/manifest.schema.json"))
}

/// A document with one field replaced or added, or, without a value, removed.
fn mutated(base: &Value, pointer: &str, value: Option<Value>) -> Value {
    let mut document = base.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let fields = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(fields.insert(key.to_owned(), value)),
        None => drop(fields.shift_remove(key).unwrap()),
    }
    document
}

/// Every replacement by a value of another type, for every field that is there.
fn type_mutations(base: &Value, pointer: &str, value: &Value, rows: &mut Vec<Value>) {
    let others = [
        json!(null),
        json!(true),
        json!(7),
        json!(7.5),
        json!(-1),
        json!("text"),
        json!([]),
        json!({}),
    ];
    if !pointer.is_empty() && pointer.rsplit('/').next().unwrap().parse::<usize>().is_err() {
        rows.extend(others.into_iter().map(|other| mutated(base, pointer, Some(other))));
        rows.push(mutated(base, pointer, None));
    }
    match value {
        Value::Object(fields) => {
            rows.push(mutated(base, &format!("{pointer}/surprise"), Some(json!(1))));
            for (key, value) in fields {
                type_mutations(base, &format!("{pointer}/{key}"), value, rows);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                type_mutations(base, &format!("{pointer}/{index}"), value, rows);
            }
        }
        _ => {}
    }
}

/// Both say the same of every row but those of which the parser tells what no schema states.
fn agree(
    schema: &Schema,
    rows: Vec<Value>,
    read: impl Fn(&Value) -> Result<(), String>,
    unstated: impl Fn(&str) -> bool,
) {
    for row in rows {
        let read = read(&row);
        if read.as_ref().is_err_and(|text| unstated(text)) {
            continue;
        }
        assert_eq!(
            schema.is_valid(&row),
            read.is_ok(),
            "{row}\n{read:?}\n{:?}",
            schema.validate(&row)
        );
    }
}

/// Reads a document as the file of that path.
fn reads(path: &str, document: &Value) -> Result<(), String> {
    let files = [
        Source::new(path, document.to_string()),
        Source::new("any.json", "true"),
        Source::new("text", "true"),
    ];
    Catalog::from_sources(files).map(drop).map_err(|found| found.to_string())
}

#[test]
fn the_hookspec_schema_and_the_parser_agree() {
    let base = json!({
        "kind": "k", "kind_api_version": "1.2.3", "description": "d",
        "constraints": { "singleton_per_runtime": true, "in_process_only": false },
        "hooks": [
            { "name": "one", "dispatch": "singleton", "description": "d", "input_schema": "any.json",
              "output_schema": "any.json", "mcp_exposed": false, "mode": "sync", "timeout_ms": 5,
              "mcp_tool_name_template": "{kind}.{plugin}.{hook}.{function}", "required": true,
              "since": "1.1", "deprecated": "use two", "idempotent": true,
              "examples": [{ "input": 1, "output": null }] },
            { "name": "two", "dispatch": "broadcast_collect", "error_policy": "best_effort" },
            { "name": "three", "dispatch": "broadcast_notify", "examples": [{ "input": {} }],
              "event": "user.*" },
            { "name": "four", "dispatch": "chain", "writable": ["/a", ""], "error_policy": "fail_fast",
              "mcp_exposed": true },
            { "name": "five", "dispatch": "capability" }
        ]
    });
    let mut rows = vec![base.clone()];
    type_mutations(&base, "", &base, &mut rows);
    for (pointer, values) in [
        (
            "/kind",
            vec![
                json!("Kind"),
                json!("a__b"),
                json!("a_"),
                json!("a1_b"),
                json!(""),
                json!("1a"),
                json!("é"),
            ],
        ),
        (
            "/kind_api_version",
            vec![json!("1"), json!("1.0"), json!("1.0.0-rc.1+x"), json!("01.0.0"), json!("v1.0.0")],
        ),
        ("/hooks/0/name", vec![json!("OnX"), json!("on-x")]),
        ("/hooks/0/dispatch", vec![json!("broadcast"), json!("chains"), json!("Singleton")]),
        ("/hooks/0/timeout_ms", vec![json!(0), json!(1), json!(5.0)]),
        ("/hooks/0/error_policy", vec![json!("fail_fast")]),
        ("/hooks/0/writable", vec![json!([])]),
        (
            "/hooks/0/mcp_tool_name_template",
            vec![json!("{hooks}"), json!("{"), json!("a}"), json!(""), json!(" "), json!("x")],
        ),
        ("/hooks/1/error_policy", vec![json!("ignore")]),
        ("/hooks/2/output_schema", vec![json!("any.json")]),
        ("/hooks/0/event", vec![json!("user.created")]),
        ("/hooks/1/event", vec![json!("user.created")]),
        ("/hooks/3/event", vec![json!("user.created")]),
        ("/hooks/4/event", vec![json!("user.created")]),
        (
            "/hooks/2/event",
            vec![
                json!("user.created"),
                json!("**"),
                json!("user.**"),
                json!("user.**.x"),
                json!("user.c*"),
                json!(".user"),
                json!("user created"),
                json!(""),
            ],
        ),
        (
            "/hooks/2/examples",
            vec![
                json!([{ "input": 1, "output": 2 }]),
                json!([{}]),
                json!([{ "input": 1, "x": 2 }]),
            ],
        ),
        ("/hooks/3/mcp_exposed", vec![json!(false)]),
        ("/hooks/3/writable", vec![json!(["a"]), json!(["/~2"]), json!(["/~0~1/b"]), json!([1])]),
        ("/hooks/0/mode", vec![json!("async"), json!("blocking")]),
    ] {
        rows.extend(values.into_iter().map(|value| mutated(&base, pointer, Some(value))));
    }
    let schema = hookspec();
    let read = |document: &Value| reads("v1.yaml", document);
    assert!(schema.is_valid(&base) && read(&base).is_ok(), "{:?}", read(&base));
    assert!(rows.len() > 200);
    // Only one file of these names exists: the parser may ask for more than the schema.
    let missing = |text: &str| {
        (text.contains("HS-S03") || text.contains("HS-S028")) && !text.contains("HS-S01")
    };
    agree(&schema, rows, read, missing);
}

fn reads_manifest(document: &Value) -> Result<(), String> {
    let mut document = document.clone();
    if let Some(fields) = document.as_object_mut() {
        // What `plugin.toml` adds before it is read.
        for key in ["schema_version", "kind_api_version"] {
            fields.entry(key).or_insert_with(|| "1".into());
        }
    }
    manifest::from_value(&document, Dialect::Hookspec).map(drop).map_err(|found| found.to_string())
}

#[test]
fn the_manifest_schema_and_the_parser_agree() {
    let base = json!({
        "schema_version": "1", "name": "example", "kind": "tool", "kind_api_version": "1",
        "core_version": ">=0.1", "runtime": "mcp_http", "version": "0.1.0", "description": "d",
        "license": "MIT", "maintainer": "m", "homepage": "h", "entry_point": "a:B",
        "health_check": "c", "url": "http://h", "endpoint": "http://h", "command": ["x"],
        "env": { "A": "b" }, "auth": { "type": "bearer" }, "capabilities": ["a"],
        "depends_on": ["b"], "supports_languages": ["rust"], "supports_extensions": [".rs"],
        "supports_mime_types": ["text/plain"], "priority": 1000, "tryfirst": true,
        "trylast": false, "fallback": false, "in_process_only": false, "startup_timeout_sec": 1,
        "teardown_timeout_sec": 2, "execution_model": "async",
        "resources": { "required": ["clock"], "optional": [] },
        "unit_of_work": { "declared": true, "partition_key": "p", "estimated_duration_sec": 3,
                          "idempotency_mode": "none", "checkpointable": false },
        "isolation": "task", "timeout_ms": 4, "max_concurrency": 5,
        "circuit_breaker": { "fail_threshold": 6, "open_seconds": 7 },
        "chain_wrap": { "kinds": ["*"], "hooks": ["*"], "required": true }, "config_schema": { "type": "object" },
        "events": { "emit": ["a.b"], "cancel": ["a.*"], "subscribe": ["a.**", {
            "name": "n", "pattern": "a", "patterns": ["b.*"], "filter": { "pointer": "/type", "prefix": "a" },
            "sources": ["p"], "permission": "x", "tenant": "t", "observe": true, "priority": -1, "queue": 1,
            "overflow": "coalesce", "key": "/data/id", "concurrency": 2, "timeout_ms": 3,
            "retries": { "attempts": 1, "backoff_ms": 2 } }] }, "limits": { "output_bytes": 8 },
        "when": { "pointer": "/a", "exists": true, "all": [{ "not": { "pointer": "", "equals": null } }] }
    });
    let mut rows = vec![base.clone()];
    type_mutations(&base, "", &base, &mut rows);
    for (pointer, values) in [
        ("/schema_version", vec![json!("1.0.0"), json!("2"), json!("")]),
        ("/name", vec![json!(""), json!("a b"), json!("-a"), json!("A.b_c-1"), json!("ä")]),
        ("/kind", vec![json!(""), json!("Any Kind")]),
        (
            "/kind_api_version",
            vec![json!("1.0.0"), json!("1.0"), json!("one"), json!("01"), json!("+1"), json!("")],
        ),
        (
            "/runtime",
            vec![json!("in_process"), json!("process"), json!("wasm"), json!(["in_process"])],
        ),
        ("/priority", vec![json!(999), json!(1001.0), json!(4_294_967_296_u64), json!("1000")]),
        ("/trylast", vec![json!(true)]),
        ("/startup_timeout_sec", vec![json!(0)]),
        ("/execution_model", vec![json!("process_cpu_bound"), json!("fiber")]),
        ("/unit_of_work/estimated_duration_sec", vec![json!(0), json!(-1)]),
        ("/unit_of_work/idempotency_mode", vec![json!("weird")]),
        ("/isolation", vec![json!("inline"), json!("process")]),
        ("/max_concurrency", vec![json!(0)]),
        ("/circuit_breaker", vec![json!({}), json!({ "fail_threshold": 0 })]),
        ("/chain_wrap", vec![json!({ "kinds": [] })]),
        ("/limits", vec![json!({ "output_bytes": 0 }), json!({ "output_bytes": null })]),
        ("/config_schema", vec![json!("config.json"), json!(""), json!(true)]),
        (
            "/when",
            vec![
                json!({ "exists": true }),
                json!({ "pointer": "a", "exists": true }),
                json!({ "any": [{ "prefix": "a" }] }),
                json!({ "any": [] }),
                json!({ "all": 1 }),
            ],
        ),
        ("/events/emit", vec![json!(["a."]), json!(["*a"]), json!(["**"]), json!([1])]),
        ("/events/cancel", vec![json!(["a.**.b"]), json!([""]), json!([null])]),
        (
            "/events/subscribe",
            vec![
                json!(["a.b*"]),
                json!([{}]),
                json!([{ "patterns": [] }]),
                json!([{ "pattern": null, "patterns": ["a"] }]),
                json!([{ "pattern": null }]),
                json!([{ "pattern": "a", "overflow": "coalesce" }]),
                json!([{ "pattern": "a", "overflow": "coalesce", "key": null }]),
                json!([{ "pattern": "a", "overflow": "coalesce", "key": "" }]),
                json!([{ "pattern": "a", "overflow": "wait" }]),
                json!([{ "pattern": "a", "filter": { "equals": 1 } }]),
                json!([["a"]]),
            ],
        ),
        ("/events/subscribe/1/queue", vec![json!(0), json!(65_536), json!(65_537), json!(2.0)]),
        ("/events/subscribe/1/concurrency", vec![json!(0), json!(256), json!(257)]),
        ("/events/subscribe/1/timeout_ms", vec![json!(0), json!(1)]),
        ("/events/subscribe/1/key", vec![json!("data/id"), json!("/~2"), json!("")]),
        (
            "/events/subscribe/1/priority",
            vec![json!(i32::MIN), json!(i32::MAX), json!(2_147_483_648_u64), json!(0.0)],
        ),
        ("/events/subscribe/1/retries", vec![json!({}), json!({ "attempts": 101 })]),
        ("/events/subscribe/1/retries/backoff_ms", vec![json!(3_600_000), json!(3_600_001)]),
        ("/events/subscribe/1/name", vec![json!("")]),
        ("/url", vec![json!(""), json!(" ")]),
        ("/depends_on", vec![json!([1]), json!([{ "kind": "k" }])]),
        ("/env", vec![json!({ "A": 1 })]),
    ] {
        rows.extend(values.into_iter().map(|value| mutated(&base, pointer, Some(value))));
    }
    let minimal = json!({ "name": "n", "kind": "k", "core_version": "", "runtime": "mcp_http" });
    rows.extend([
        minimal.clone(),
        mutated(&minimal, "/endpoint", Some(json!("http://h"))),
        mutated(&minimal, "/url", Some(json!("http://h"))),
        mutated(&minimal, "/runtime", Some(json!("dylib"))),
    ]);
    for runtime in ["dylib", "in_process", "process"] {
        let base = mutated(&minimal, "/runtime", Some(json!(runtime)));
        let digests = [
            json!("0123456789abcdef".repeat(4)),
            json!("0123456789ABCDEF".repeat(4)),
            json!("0".repeat(63)),
            json!("g".repeat(64)),
            json!(""),
            json!(null),
            json!(7),
        ];
        rows.extend(digests.map(|digest| mutated(&base, "/sha256", Some(digest))));
    }
    let schema = manifest();
    assert!(
        schema.is_valid(&base) && reads_manifest(&base).is_ok(),
        "{:?} {:?}",
        reads_manifest(&base),
        schema.validate(&base)
    );
    assert!(rows.len() > 300);
    // These rules no JSON Schema can state; the top of this file says why.
    let unstated = ["HS-M013", "HS-S033", "two addresses"];
    let stated =
        |line: &str| line.starts_with("error[") && !unstated.iter().any(|each| line.contains(each));
    agree(&schema, rows, reads_manifest, |text| !text.lines().any(stated));
}

#[test]
fn a_manifest_file_is_flat_or_one_table() {
    let minimal = json!({ "name": "n", "kind": "k", "core_version": "", "runtime": "in_process" });
    let schema = manifest();
    assert!(schema.is_valid(&minimal) && schema.is_valid(&json!({ "plugin": minimal.clone() })));
    assert!(!schema.is_valid(&json!({ "plugin": minimal, "other": {} })));
}
