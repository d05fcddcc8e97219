//! Every diagnostic code has a text that produces it, and no text produces a code that is not
//! listed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hookspec_plugin::{Manifest, RuntimeName};
use hookspec_spec::configuration::{
    Given, HostConfiguration, configure, idle_variables, shared_variables,
};
use hookspec_spec::{Catalog, Diagnostic, check_path, codes, discover, manifest};

const HEAD: &str = "kind: k\nkind_api_version: 1.0.0\n";

/// Writes files into a folder and checks it.
fn check(files: &[(&str, &[u8])]) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join("root").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    check_path(&folder.path().join("root")).diagnostics
}

fn hookspec(rest: &str) -> Vec<Diagnostic> {
    check(&[("k/v1.yaml", format!("{HEAD}{rest}").as_bytes()), ("k/any.json", b"{}")])
}

fn hook(rest: &str) -> Vec<Diagnostic> {
    hookspec(&format!("hooks:\n  - name: h\n    {}\n", rest.replace('\n', "\n    ")))
}

const EVENTS: &str = "namespace: e\nversion: 1.0.0\nevents: []\n";

fn events(rest: &str) -> Vec<Diagnostic> {
    let head = EVENTS.replace("events: []\n", "");
    check(&[("events/e.yaml", format!("{head}{rest}").as_bytes())])
}

fn event(rest: &str) -> Vec<Diagnostic> {
    events(&format!("events:\n  - {}\n", rest.replace('\n', "\n    ")))
}

fn schema(text: &str) -> Vec<Diagnostic> {
    let spec =
        format!("{HEAD}hooks:\n  - {{ name: h, dispatch: singleton, input_schema: s.json }}\n");
    check(&[("k/v1.yaml", spec.as_bytes()), ("k/s.json", text.as_bytes())])
}

fn plugin(rest: &str) -> Vec<Diagnostic> {
    let base = "name = \"p\"\nkind = \"k\"\ncore_version = \"\"\nentry_point = \"a:B\"\n";
    check(&[("plugin.toml", format!("{base}{rest}\n").as_bytes())])
}

fn in_process(rest: &str) -> Vec<Diagnostic> {
    plugin(&format!("runtime = \"in_process\"\n{rest}"))
}

fn built(change: impl FnOnce(&mut Manifest)) -> Vec<Diagnostic> {
    let mut built = Manifest::new("p", "k");
    change(&mut built);
    manifest::check_loadable(&built).err().map(|found| found.into_vec()).unwrap_or_default()
}

fn discovered(plugins: &[(&str, &str)]) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    for (index, (name, rest)) in plugins.iter().enumerate() {
        let own = folder.path().join(index.to_string());
        fs::create_dir(&own).unwrap();
        let base = "kind = \"k\"\ncore_version = \"\"\nruntime = \"dylib\"\n";
        fs::write(own.join("plugin.toml"), format!("name = \"{name}\"\n{base}{rest}")).unwrap();
    }
    discover(folder.path()).unwrap_err().into_vec()
}

fn produced() -> Vec<(&'static str, Vec<Diagnostic>)> {
    let deep = "[".repeat(100_000);
    let twice = format!("{HEAD}hooks: []\n");
    vec![
        ("HS-S001", check_path(Path::new("/nowhere/v1.yaml")).diagnostics),
        ("HS-S002", check(&[("v1.yaml", b"kind: \xff\n")])),
        ("HS-S003", check(&[("v1.yaml", b"\n# nothing\n")])),
        ("HS-S004", check(&[("v1.yaml", b"kind: [\n")])),
        ("HS-S005", hookspec("hooks: []\nhooks: []\n")),
        ("HS-S006", hookspec("hooks: []\ndescription: off\n")),
        ("HS-S007", check(&[("v1.yaml", deep.as_bytes())])),
        ("HS-S008", hookspec("hooks: []\ndescription: !secret x\n")),
        ("HS-S010", check(&[("v1.yaml", b"- 1\n")])),
        ("HS-S011", hookspec("hooks: []\nhook: []\n")),
        ("HS-S012", hookspec("")),
        ("HS-S013", hookspec("hooks: 1\n")),
        ("HS-S014", hook("dispatch: collect")),
        ("HS-S015", hookspec("hooks: [{ name: OnX, dispatch: chain }]\n")),
        (
            "HS-S016",
            hookspec("hooks: [{ name: h, dispatch: chain }, { name: h, dispatch: chain }]\n"),
        ),
        ("HS-S017", check(&[("v1.yaml", b"kind: k\nkind_api_version: 1.0\nhooks: []\n")])),
        ("HS-S018", check(&[("v2.yaml", twice.as_bytes())])),
        ("HS-S019", check(&[("a/v1.yaml", twice.as_bytes()), ("b/v1.yaml", twice.as_bytes())])),
        ("HS-S020", hook("dispatch: singleton\nerror_policy: best_effort")),
        ("HS-S021", hook("dispatch: chain\nmcp_exposed: false")),
        ("HS-S022", hook("dispatch: chain\nwritable: [a]")),
        ("HS-S023", hook("dispatch: chain\ntimeout_ms: 0")),
        ("HS-S024", hook("dispatch: chain\nmcp_tool_name_template: \"{h}\"")),
        ("HS-S025", schema_example()),
        ("HS-S026", chain_schemas()),
        ("HS-S027", hook("dispatch: broadcast_notify\nevent: user.c*")),
        ("HS-S028", hook("dispatch: broadcast_notify\nevent: user.craeted")),
        ("HS-S030", hook("dispatch: chain\ninput_schema: none.json")),
        ("HS-S031", hook("dispatch: chain\ninput_schema: ../../../any.json")),
        ("HS-S032", hook("dispatch: chain\ninput_schema: ../k")),
        ("HS-S033", schema(r#"{ "type": "text" }"#)),
        ("HS-S034", schema(r#"{ "$ref": "https://example.invalid/a.json" }"#)),
        ("HS-S035", schema(r##"{ "$ref": "#/$defs/a" }"##)),
        ("HS-S036", schema(r##"{ "anyOf": [{ "$ref": "#" }] }"##)),
        ("HS-S037", schema(r#"{ "pattern": "(?=a)" }"#)),
        ("HS-S040", check(&[("other/v1.yaml", twice.as_bytes())])),
        ("HS-S041", check(&[("notes.txt", b"x")])),
        ("HS-M001", check_path(Path::new("/nowhere/plugin.toml")).diagnostics),
        ("HS-M002", project()),
        ("HS-M003", check(&[("dagstack.json", b"[]")])),
        ("HS-M004", in_process("prioritty = 1")),
        ("HS-M005", plugin("")),
        ("HS-M006", in_process("priority = \"1\"")),
        ("HS-M007", plugin("runtime = \"wasm\"")),
        ("HS-M008", check(&[("plugin.toml", b"name = \"\"\n")])),
        ("HS-M009", in_process("priority = -1")),
        ("HS-M010", in_process("tryfirst = true\ntrylast = true")),
        ("HS-M011", in_process("schema_version = \"2\"")),
        ("HS-M012", in_process("kind_api_version = \"one\"")),
        ("HS-M013", check(&[("plugin.toml", b"core_version = \"?\"\n")])),
        ("HS-M014", check(&[("plugin.toml", b"runtime = \"in_process\"\n")])),
        ("HS-M015", plugin("runtime = \"mcp_http\"")),
        ("HS-M016", in_process("chain_wrap = { kinds = [], hooks = [] }")),
        ("HS-M017", in_process("when = { exists = true }")),
        ("HS-M018", built(|each| each.runtime = RuntimeName::Process)),
        (
            "HS-M019",
            built(|each| {
                each.runtime = RuntimeName::Dylib;
                each.in_process_only = true;
            }),
        ),
        ("HS-M020", in_process("execution_model = \"process_cpu_bound\"")),
        ("HS-M021", in_process("priority = 1000")),
        ("HS-M022", in_process("command = [\"x\"]")),
        ("HS-M023", plugin("runtime = \"dylib\"\nsha256 = \"12\"")),
        ("HS-M024", in_process("events = { emit = [\"a.\"] }")),
        ("HS-M025", in_process("events = { subscribe = [{ queue = 1 }] }")),
        ("HS-M030", discover("/nowhere").unwrap_err().into_vec()),
        ("HS-M031", discovered(&[("p", ""), ("p", "")])),
        ("HS-M032", discovered(&[("p", "depends_on = [\"p\"]")])),
        ("HS-V001", check(&[("events/e.yaml", b"- 1\n")])),
        ("HS-V002", events("event: []\n")),
        ("HS-V003", events("")),
        ("HS-V004", events("events: 1\n")),
        ("HS-V005", event("type: e.a\nsecurity_level: low")),
        ("HS-V006", check(&[("events/e.yaml", b"namespace: e.\n")])),
        ("HS-V007", check(&[("events/e.yaml", b"namespace: f\n")])),
        ("HS-V008", check(&[("events/e.yaml", b"version: 1.0\n")])),
        ("HS-V009", event("type: e a")),
        ("HS-V010", event("type: f.a")),
        ("HS-V011", events("events: [{ type: e.a }, { type: e.a }]\n")),
        (
            "HS-V012",
            check(&[
                ("events/e.yaml", EVENTS.as_bytes()),
                ("hookspecs/events/e.yaml", EVENTS.as_bytes()),
            ]),
        ),
        ("HS-C001", check_path(Path::new("/nowhere/hookspec.toml")).diagnostics),
        ("HS-C002", configuration("[plugins.p]\npriorty = 1\n")),
        ("HS-C003", configuration("[plugins.p]\npriority = \"1\"\n")),
        ("HS-C004", configuration("[plugins.p]\nisolation = \"fork\"\n")),
        ("HS-C005", configuration("[plugins.p]\ntimeout_ms = 0\n")),
        ("HS-C006", file("[plugins.q]\n").strangers(["p"])),
        ("HS-C007", configured("[plugins.p.config]\nlevel = 1\nport = \"x\"\n")),
        ("HS-C008", configured("[plugins.p.config]\nport = 1\n")),
        ("HS-C009", configured("[plugins.p.config]\nlevel = 1\n")),
        ("HS-C010", shared_variables(&[configurable("p-1"), configurable("p_1")])),
        ("HS-C011", idle_variables(&[configurable("p")], ["HOOKSPEC_P__X".to_owned()])),
        ("HS-C012", vec![file("[plugins.p]\nshadow = true\n").no_shadow("p", "k")]),
    ]
}

fn configuration(text: &str) -> Vec<Diagnostic> {
    check(&[("hookspec.toml", text.as_bytes())])
}

fn file(text: &str) -> HostConfiguration {
    HostConfiguration::parse("hookspec.toml", text).unwrap()
}

fn configurable(name: &str) -> Manifest {
    let schema = r#"{ "required": ["level"], "properties": { "level": {}, "port": { "type": "integer" } } }"#;
    Manifest { config_schema: serde_json::from_str(schema).ok(), ..Manifest::new(name, "k") }
}

fn configured(text: &str) -> Vec<Diagnostic> {
    let environment =
        |name: &str| (name == "HOOKSPEC_P__PORT" && !text.contains("port")).then(|| "x".to_owned());
    let file = file(text);
    let given = Given { code: None, file: Some(&file), environment: &environment };
    configure(&configurable("p"), given).unwrap_err().into_vec()
}

fn schema_example() -> Vec<Diagnostic> {
    let spec = format!(
        "{HEAD}hooks:\n  - name: h\n    dispatch: singleton\n    input_schema: s.json\n    examples: [{{ input: 1 }}]\n"
    );
    check(&[("k/v1.yaml", spec.as_bytes()), ("k/s.json", br#"{ "type": "string" }"#)])
}

fn chain_schemas() -> Vec<Diagnostic> {
    let spec = format!(
        "{HEAD}hooks:\n  - {{ name: h, dispatch: chain, input_schema: a.json, output_schema: b.json }}\n"
    );
    let files: [(&str, &[u8]); 3] = [
        ("k/v1.yaml", spec.as_bytes()),
        ("k/a.json", br#"{ "type": "string" }"#),
        ("k/b.json", br#"{ "type": ["string", "null"] }"#),
    ];
    check(&files)
}

fn project() -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pyproject.toml");
    fs::write(&path, "[project]\nname = \"p\"\n").unwrap();
    check_path(&path).diagnostics
}

#[test]
fn every_code_is_listed_once_and_has_a_text_that_produces_it() {
    let listed: Vec<_> = codes::ALL.iter().map(|(code, ..)| *code).collect();
    let set: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(set.len(), listed.len(), "a code is listed twice");
    let mut proved = BTreeSet::new();
    for (code, found) in produced() {
        assert!(found.iter().any(|each| each.code == code), "{code}: {found:#?}");
        assert!(found.iter().all(|each| set.contains(each.code)), "{code}: {found:#?}");
        assert!(
            codes::explain(code).is_some_and(|(what, next)| !what.is_empty() && !next.is_empty())
        );
        proved.insert(code);
    }
    assert_eq!(proved, set, "codes without a text that produces them");
}

#[test]
fn every_mistake_of_a_file_has_a_place_and_every_place_a_line() {
    for (code, found) in produced() {
        // What is said of a folder, of a manifest built in Rust or of a file that is not there has
        // no line.
        let placeless = [
            "HS-S001", "HS-S019", "HS-S041", "HS-M001", "HS-M018", "HS-M019", "HS-M030", "HS-M031",
            "HS-M032", "HS-C001", "HS-C009", "HS-C010", "HS-C011",
        ];
        for each in found.iter().filter(|each| each.code == code && !placeless.contains(&code)) {
            assert!(each.position.is_some() && each.path.is_some(), "{code}: {each:#?}");
        }
    }
}

#[test]
fn an_unknown_root_is_an_error() {
    let error = Catalog::load(["/nowhere"]).unwrap_err();
    assert_eq!(error.iter().next().unwrap().code, "HS-S001");
}
