//! Manifests from files, from values, and built in Rust.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use hookspec_plugin::{ChainWrap, Isolation, Manifest, PluginName, RuntimeName};
use hookspec_spec::Diagnostics;
use hookspec_spec::manifest::{self, Dialect, Loaded};
use serde_json::{Value, json};

fn minimal() -> Value {
    json!({
        "schema_version": "1", "name": "example", "kind": "tool", "kind_api_version": "1",
        "core_version": ">=0.1.0", "runtime": "in_process", "entry_point": "a:B"
    })
}

fn with(fields: &[(&str, Value)]) -> Value {
    let mut value = minimal();
    for (key, field) in fields {
        value[*key] = field.clone();
    }
    value
}

fn in_file(
    name: &str,
    text: &str,
    read: fn(&std::path::Path) -> Result<Loaded, Diagnostics>,
) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    read(&path).map_err(|found| found.to_string())
}

const FLAT: &str = "name = \"example\"\nkind = \"tool\"\ncore_version = \"\"\nruntime = \"in_process\"\nentry_point = \"a:B\"\n";
const VERSIONS: &str = "schema_version = \"1\"\nkind_api_version = \"1\"\n";

#[test]
fn a_field_of_ours_belongs_into_plugin_toml() {
    for (key, value) in
        [("version", json!("1.0")), ("isolation", json!("task")), ("when", json!({}))]
    {
        let document = with(&[(key, value)]);
        assert!(manifest::from_value(&document, Dialect::Hookspec).is_ok());
        let error = manifest::from_value(&document, Dialect::Specification).unwrap_err();
        assert_eq!(error.iter().next().unwrap().field(), key, "{error}");
    }
    for runtime in ["dylib", "process"] {
        let document = with(&[("runtime", json!(runtime))]);
        assert!(manifest::from_value(&document, Dialect::Hookspec).is_ok());
        assert!(manifest::from_value(&document, Dialect::Specification).is_err());
    }
}

#[test]
fn a_digest_pins_the_file_of_a_dylib_plugin() {
    let digest = "00ff".repeat(16);
    let dylib = |digest: &str| with(&[("runtime", json!("dylib")), ("sha256", json!(digest))]);
    for digest in [digest.clone(), digest.to_uppercase()] {
        let read = manifest::from_value(&dylib(&digest), Dialect::Hookspec).unwrap();
        assert_eq!(read.sha256.as_ref(), Some(&digest));
        assert_eq!(manifest::check(&read), Ok(()));
    }
    for digest in ["", "00ff", &"0g".repeat(32), &"00ff".repeat(17)] {
        let error = manifest::from_value(&dylib(digest), Dialect::Hookspec).unwrap_err();
        let first = error.iter().next().unwrap();
        assert_eq!((first.code, first.field()), ("HS-M023", "sha256"), "{error}");
    }
    let linked = with(&[("sha256", json!(digest))]);
    let error = manifest::from_value(&linked, Dialect::Hookspec).unwrap_err().to_string();
    assert!(error.contains("sha256 pins the file of a dylib plugin"), "{error}");
}

#[test]
fn names_are_free_in_the_specification_and_plain_in_ours() {
    for (name, specification, ours) in [
        ("a/b", true, false),
        (".", true, false),
        ("a.b-c_1", true, true),
        ("", false, false),
        ("a\n", false, false),
    ] {
        let document = with(&[("name", json!(name))]);
        assert_eq!(
            manifest::from_value(&document, Dialect::Specification).is_ok(),
            specification,
            "{name:?}"
        );
        assert_eq!(manifest::from_value(&document, Dialect::Hookspec).is_ok(), ours, "{name:?}");
        assert_eq!(manifest::check(&Manifest::new(name, "k")).is_ok(), specification, "{name:?}");
    }
}

#[test]
fn a_manifest_survives_being_written_and_read_again() {
    let document = with(&[("priority", json!(42)), ("depends_on", json!(["upstream"]))]);
    for dialect in [Dialect::Specification, Dialect::Hookspec] {
        let first = manifest::from_value(&document, dialect).unwrap();
        let again = manifest::from_value(&serde_json::to_value(&first).unwrap(), dialect).unwrap();
        assert_eq!(first, again);
        assert!(manifest::check(&first).is_ok());
    }
}

#[test]
fn every_mistake_is_reported_at_once() {
    let document = json!({
        "name": 5, "kind": "", "priority": "50", "tryfirst": true, "trylast": true, "surprise": 1,
        "unit_of_work": null, "resources": { "required": [1] }, "core_version": "?"
    });
    let found = manifest::from_value(&document, Dialect::Specification).unwrap_err();
    let mut fields: Vec<_> = found.iter().map(|each| each.field()).collect();
    fields.sort_unstable();
    let expected = [
        "core_version",
        "kind",
        "kind_api_version",
        "name",
        "priority",
        "required",
        "runtime",
        "schema_version",
        "surprise",
        "trylast",
        "unit_of_work",
    ];
    assert_eq!(fields, expected, "{found}");
    assert!(found.to_string().contains("item 0 is the number 1"));
}

#[test]
fn the_file_name_decides_where_the_manifest_stands() {
    let full = format!("{VERSIONS}{FLAT}");
    let section = format!("[tool.dagstack.plugin]\n{full}");
    let table = format!("[plugin]\n{full}");
    let rows = [
        ("plugin.toml", FLAT.to_owned(), true, true),
        ("plugin.toml", table.clone(), true, true),
        ("plugin.toml", format!("{table}[other]\n"), false, false),
        ("plugin.toml", section.clone(), false, false),
        ("dagstack.toml", FLAT.to_owned(), true, true),
        ("dagstack.toml", format!("{table}[plugin.metadata]\na = 1\n[other]\nb = 2\n"), true, true),
        ("dagstack.toml", section.clone(), true, false),
        ("dagstack_plugin.toml", section.clone(), true, false),
        ("dagstack-plugin.toml", full.clone(), true, true),
        ("dagstack-plugin.toml", FLAT.to_owned(), false, false),
        ("pyproject.toml", section, true, false),
        ("pyproject.toml", full, false, false),
        ("dagstack.json", json!({ "plugin": minimal(), "other": 1 }).to_string(), true, true),
        ("dagstack.json", "[]".into(), false, false),
        ("dagstack.json", "{ not json".into(), false, false),
    ];
    for (name, text, by_path, by_discovery) in rows {
        let read = in_file(name, &text, manifest::load);
        assert_eq!(read.is_ok(), by_path, "load {name}\n{text}\n{read:?}");
        let read = in_file(name, &text, manifest::found);
        if name != "pyproject.toml" {
            assert_eq!(read.is_ok(), by_discovery, "found {name}\n{text}\n{read:?}");
        }
    }
}

#[test]
fn discovery_wants_an_entry_point_and_takes_the_documented_tables() {
    let bare = FLAT.replace("entry_point = \"a:B\"\n", "");
    assert!(in_file("dagstack.toml", &bare, manifest::load).is_ok());
    assert!(in_file("dagstack.toml", &bare, manifest::found).unwrap_err().contains("entry_point"));
    let nested = |extra: &str| {
        let head = bare.replace("in_process", "mcp_stdio");
        in_file(
            "dagstack.toml",
            &format!("[plugin]\n{head}[plugin.mcp_stdio]\n{extra}"),
            manifest::found,
        )
    };
    let command =
        nested("command = [\"python\", \"-m\", \"x\"]\n").unwrap().manifest.command.unwrap();
    assert_eq!(command, ["python", "-m", "x"]);
    assert!(nested("command = 1\n").unwrap_err().contains("dagstack.toml:7:11"));
    assert!(nested("working_dir = \"/\"\n").unwrap_err().contains("mcp_stdio"));
}

#[test]
fn a_file_that_is_not_there_says_so() {
    let error = manifest::load("/nowhere/plugin.toml".as_ref()).unwrap_err().to_string();
    assert!(error.contains("not found") && error.contains("/nowhere/plugin.toml"), "{error}");
}

#[test]
fn a_manifest_built_in_rust_obeys_the_same_rules() {
    let base = || Manifest::new("p", "k");
    type Change = fn(&mut Manifest);
    let rows: [(&str, Change); 8] = [
        ("tryfirst", |m| (m.tryfirst, m.trylast) = (true, true)),
        ("startup_timeout_sec", |m| m.startup_timeout_sec = 0),
        ("max_concurrency", |m| m.max_concurrency = Some(0)),
        ("core_version", |m| m.core_version = "?".into()),
        ("kind_api_version", |m| m.kind_api_version = "one".into()),
        ("endpoint", |m| m.endpoint = Some("http://h".into())),
        ("chain_wrap", |m| {
            m.chain_wrap = Some(ChainWrap { kinds: vec![], hooks: vec![], required: false })
        }),
        ("name", |m| m.name = PluginName::new("")),
    ];
    assert!(manifest::check(&base()).is_ok() && manifest::warnings(&base()).is_empty());
    for (field, change) in rows {
        let mut broken = base();
        change(&mut broken);
        let error = manifest::check(&broken).unwrap_err().to_string();
        assert!(error.contains(field), "{field}: {error}");
    }
}

#[test]
fn an_address_is_for_mcp_http_alone() {
    let http = |fields: &[(&str, Value)]| {
        let document = with(&[&[("runtime", json!("mcp_http"))], fields].concat());
        manifest::from_value(&document, Dialect::Specification).is_ok()
    };
    let address = json!("http://h");
    assert!(!http(&[]) && !http(&[("url", json!(""))]) && !http(&[("endpoint", json!(" "))]));
    assert!(http(&[("url", address.clone())]) && http(&[("endpoint", address.clone())]));
    assert!(http(&[("url", address.clone()), ("endpoint", address.clone())]));
    assert!(!http(&[("url", address.clone()), ("endpoint", json!("http://other"))]));
    let local = with(&[("endpoint", address)]);
    assert!(manifest::from_value(&local, Dialect::Specification).is_err());
}

#[test]
fn what_does_something_else_than_it_says_is_a_warning() {
    let loaded = in_file(
        "plugin.toml",
        &format!("{FLAT}priority = 1000\nexecution_model = \"process_cpu_bound\"\n"),
        manifest::load,
    )
    .unwrap();
    let fields: Vec<_> = loaded.warnings.iter().map(|each| each.field()).collect();
    assert_eq!(fields, ["priority", "execution_model"]);
    assert!(loaded.warnings.iter().all(|each| each.message.contains("`example`")));
    let remote = Manifest {
        runtime: RuntimeName::Process,
        isolation: Some(Isolation::Thread),
        url: Some("http://h".into()),
        ..Manifest::new("p", "k")
    };
    assert_eq!(manifest::warnings(&remote).len(), 2);
}

#[test]
fn registration_asks_for_a_command() {
    for (runtime, command, expected) in [
        (RuntimeName::InProcess, None, true),
        (RuntimeName::McpStdio, None, false),
        (RuntimeName::Process, Some(vec![]), false),
        (RuntimeName::Process, Some(vec![" ".to_owned()]), false),
        (RuntimeName::Process, Some(vec!["x".to_owned()]), true),
    ] {
        let manifest = Manifest { runtime, command, ..Manifest::new("p", "k") };
        assert_eq!(manifest::check_loadable(&manifest).is_ok(), expected, "{runtime}");
    }
}
