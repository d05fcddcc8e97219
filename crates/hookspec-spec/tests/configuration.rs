//! `hookspec.toml` and what plugins are configured with: the laws CONFIG-1 to CONFIG-6, and every
//! mistake told as people read it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hookspec_plugin::{Isolation, Manifest};
use hookspec_spec::configuration::{
    ConfigSource, Configured, Edited, Given, HostConfiguration, configure, idle_variables,
    set_disabled, shared_variables, variables,
};
use hookspec_spec::{Diagnostics, manifest};
use proptest::prelude::*;
use serde_json::{Value, json};

fn plugin(name: &str, schema: Value) -> Manifest {
    Manifest { config_schema: Some(schema), ..Manifest::new(name, "k") }
}

struct Case {
    manifest: Manifest,
    code: Option<Value>,
    file: Option<HostConfiguration>,
    environment: BTreeMap<&'static str, &'static str>,
}

impl Case {
    fn new(schema: Value) -> Self {
        let manifest = plugin("audit-logger", schema);
        Self { manifest, code: None, file: None, environment: BTreeMap::new() }
    }

    fn code(mut self, code: Value) -> Self {
        self.code = Some(code);
        self
    }

    fn file(mut self, text: &str) -> Self {
        let text = format!("[plugins.audit-logger.config]\n{text}");
        self.file = Some(HostConfiguration::parse("hookspec.toml", text).unwrap());
        self
    }

    fn set(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.insert(name, value);
        self
    }

    fn run(&self) -> Result<Configured, Diagnostics> {
        let environment = |name: &str| self.environment.get(name).map(|own| (*own).to_owned());
        let (code, file) = (self.code.as_ref(), self.file.as_ref());
        configure(&self.manifest, Given { code, file, environment: &environment })
    }

    fn value(&self) -> Value {
        self.run().map(|configured| configured.value).unwrap_or_else(|error| panic!("{error}"))
    }

    fn error(&self) -> String {
        self.run().map(|configured| configured.masked).unwrap_err().to_string()
    }
}

fn retries() -> Value {
    json!({ "properties": {
        "times": { "type": "integer", "default": 1 },
        "log": { "properties": { "path": { "type": "string", "default": "a" } } },
    } })
}

#[test]
fn broken_configurations_are_told_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations");
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut wrong = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let told = told(folder).replace(&format!("{}/", folder.display()), "");
        assert!(!told.contains("s3cret") && !told.contains("4711"), "{told}");
        let expected = folder.join("expected.txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &told).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != told {
            wrong.push(format!("{}:\n{told}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "with BLESS=1 this is written:\n{}", wrong.join("\n"));
    assert!(folders.len() >= 7);
}

fn told(folder: &Path) -> String {
    let read = HostConfiguration::read_partly(&folder.join("hookspec.toml"));
    let mut found = read.mistakes;
    let manifest = folder.join("plugin.toml");
    let manifest = manifest.exists().then(|| manifest::found(&manifest).unwrap().manifest);
    if let Some(file) = &read.configuration {
        match &manifest {
            Some(manifest) => {
                let given = Given { code: None, file: Some(file), environment: &|_| None };
                found.extend(configure(manifest, given).err().into_iter().flatten());
            }
            None => found.extend(file.strangers(["audit", "query-rewriter"])),
        }
    }
    found.iter().map(|each| format!("{each}\n")).collect()
}

#[test]
fn config_1_defaults_then_code_then_file_then_environment() {
    let case = || Case::new(retries());
    assert_eq!(case().value(), json!({ "times": 1, "log": { "path": "a" } }));
    let coded = || case().code(json!({ "times": 2, "log": { "path": "b" } }));
    assert_eq!(coded().value(), json!({ "times": 2, "log": { "path": "b" } }));
    let filed = || coded().file("times = 3");
    assert_eq!(filed().value(), json!({ "times": 3, "log": { "path": "b" } }));
    let set = filed().set("HOOKSPEC_AUDIT_LOGGER__LOG__PATH", "c");
    assert_eq!(set.value(), json!({ "times": 3, "log": { "path": "c" } }));
    let sources = set.run().unwrap().sources;
    let variable = ConfigSource::Environment("HOOKSPEC_AUDIT_LOGGER__LOG__PATH".into());
    assert_eq!(sources[0], (vec!["times".into()], ConfigSource::File));
    assert_eq!(sources[1], (vec!["log".into(), "path".into()], variable));
    let all = case().set("HOOKSPEC_AUDIT_LOGGER__LOG", r#"{"path":"d"}"#).run().unwrap();
    assert_eq!(all.value["log"]["path"], "d");
    assert!(all.sources.contains(&(vec!["times".into()], ConfigSource::Default)));
}

#[test]
fn config_2_a_variable_is_read_by_its_propertys_type() {
    for (types, text, expected) in [
        (json!("string"), "5", Some(json!("5"))),
        (json!("string"), "", Some(json!(""))),
        (json!("integer"), "5", Some(json!(5))),
        (json!("integer"), "5.5", None),
        (json!("integer"), "five", None),
        (json!("number"), "5.5", Some(json!(5.5))),
        (json!("boolean"), "true", Some(json!(true))),
        (json!("boolean"), "yes", None),
        (json!("null"), "null", Some(Value::Null)),
        (json!("array"), "[1, 2]", Some(json!([1, 2]))),
        (json!("array"), "1, 2", None),
        (json!("object"), r#"{"a": 1}"#, Some(json!({ "a": 1 }))),
        (json!("object"), "[]", None),
        (json!(["integer", "string"]), "5", Some(json!(5))),
        (json!(["integer", "string"]), "five", Some(json!("five"))),
    ] {
        let schema = json!({ "properties": { "k-1": { "type": types } } });
        let case = Case::new(schema).set("HOOKSPEC_AUDIT_LOGGER__K_1", text);
        match expected {
            Some(expected) => {
                assert_eq!(case.value(), json!({ "k-1": expected }), "{types} {text}")
            }
            None => {
                let error = case.error();
                assert!(error.contains("[HS-C009]: HOOKSPEC_AUDIT_LOGGER__K_1 must be"), "{error}");
            }
        }
    }
    let untyped = Case::new(json!({ "properties": { "a": {}, "b": { "enum": ["x", "5"] } } }))
        .set("HOOKSPEC_AUDIT_LOGGER__A", "[1]")
        .set("HOOKSPEC_AUDIT_LOGGER__B", "5");
    assert_eq!(untyped.value(), json!({ "a": [1], "b": "5" }));
}

#[test]
fn config_3_a_schema_is_closed_where_it_lists_properties_and_says_nothing_else() {
    let error =
        Case::new(retries()).file("tmies = 2\n[plugins.audit-logger.config.log]\npth = 1").error();
    assert!(error.contains("hookspec.toml:2:1: error[HS-C002]: unknown key `tmies`"), "{error}");
    assert!(error.contains("did you mean `times`?") && error.contains("did you mean `path`?"));
    for open in [
        json!({ "properties": { "a": {} }, "additionalProperties": true }),
        json!({ "properties": { "a": {} }, "unevaluatedProperties": { "type": "integer" } }),
        json!({ "properties": { "a": {} }, "patternProperties": { "^x": {} } }),
        json!({ "type": "object" }),
        json!({ "allOf": [{ "properties": { "a": {} } }, { "properties": { "xy": {} } }] }),
        json!({ "$ref": "#/$defs/x", "$defs": { "x": { "properties": { "xy": {} } } } }),
    ] {
        assert_eq!(Case::new(open.clone()).file("xy = 5").value(), json!({ "xy": 5 }), "{open}");
    }
    let closed = json!({ "properties": { "path": {} }, "additionalProperties": false });
    let error = Case::new(closed).file("pth = 5").error();
    assert_eq!(error.matches("error[").count(), 1, "told once: {error}");
    let free = Manifest::new("p", "k");
    let code = json!({ "any": ["thing"] });
    let given = Given { code: Some(&code), file: None, environment: &|_| None };
    assert_eq!(configure(&free, given).unwrap().value, code);
}

#[test]
fn config_4_what_is_required_and_not_there_is_told_with_section_key_and_variable() {
    let case = Case::new(json!({ "properties": { "log": {
        "required": ["path"], "properties": { "path": { "type": "string" } }
    } }, "required": ["log"] }));
    let error = case.error();
    for expected in [
        "needs `log` in [plugins.audit-logger.config]",
        "no configuration file",
        "HOOKSPEC_AUDIT_LOGGER__LOG",
    ] {
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let case = case.file("log = {}");
    let error = case.error();
    assert!(error.starts_with("hookspec.toml:2:1: error[HS-C008]"), "{error}");
    assert!(error.contains("needs `path` in [plugins.audit-logger.config.log]"), "{error}");
    assert!(error.contains("or set HOOKSPEC_AUDIT_LOGGER__LOG__PATH"), "{error}");
}

#[test]
fn config_5_secrets_are_in_no_message_and_no_debug() {
    let schema = json!({ "properties": {
        "token": { "type": "integer", "writeOnly": true },
        "login": { "x-sensitive": true, "properties": { "user": { "type": "integer" } } },
        "hosts": { "type": "array", "items": { "properties": { "key": { "type": "integer", "writeOnly": true } } } },
        "port": { "type": "integer" },
    } });
    let case = Case::new(schema.clone())
        .set("HOOKSPEC_AUDIT_LOGGER__TOKEN", "hunter2")
        .set("HOOKSPEC_AUDIT_LOGGER__LOGIN__USER", "hunter2")
        .set("HOOKSPEC_AUDIT_LOGGER__HOSTS", "hunter2");
    let error = case.error();
    assert!(!error.contains("hunter2") && error.matches("***").count() == 3, "{error}");
    let line = "login = { user = 1, pass = 'hunter2' }\ntoken = 1\nport = { token = 'hunter2' }\nhosts = [{ key = 'hunter2' }]";
    let error = Case::new(schema.clone()).file(line).error();
    assert!(error.matches("error[").count() == 3 && !error.contains("hunter2"), "{error}");
    let case = Case::new(schema).file("token = 4711\nport = 80\nhosts = [{ key = 4711 }]");
    let configured = case.run().unwrap();
    assert_eq!(configured.value["token"], 4711);
    assert_eq!(
        configured.masked,
        json!({ "token": "***", "port": 80, "hosts": [{ "key": "***" }] })
    );
    let debug = format!("{configured:?} {:?}", case.file);
    assert!(!debug.contains("4711"), "{debug}");
}

#[test]
fn config_6_one_variable_for_two_properties_is_a_mistake_and_one_for_none_a_warning() {
    let schema = || json!({ "properties": { "path": {} } });
    let both = [plugin("a-b", schema()), plugin("a_b", schema())];
    let found = shared_variables(&both);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .to_string()
            .contains("HOOKSPEC_A_B__PATH would configure both plugin `a-b` and plugin `a_b`")
    );
    assert!(shared_variables(&both[..1]).is_empty());
    let set = ["HOOKSPEC_A_B__PTH", "HOOKSPEC_A_B__PATH", "HOOKSPEC_ACTIVE_TOOL", "HOOKSPEC_C__D"];
    let idle = idle_variables(&both[..1], set.map(str::to_owned));
    assert_eq!(idle.len(), 1);
    assert!(
        idle[0].to_string().contains("warning[HS-C011]: HOOKSPEC_A_B__PTH is set"),
        "{}",
        idle[0]
    );
    assert!(idle[0].to_string().contains("did you mean `HOOKSPEC_A_B__PATH`?"));
    let twice =
        json!({ "properties": { "a-b": { "type": "string" }, "a_b": { "type": "string" } } });
    let case = Case::new(twice);
    assert_eq!(case.value(), json!({}));
    let error = case.set("HOOKSPEC_AUDIT_LOGGER__A_B", "x").error();
    assert!(error.contains("HS-C010") && error.contains("a-b, a_b"), "{error}");
    assert_eq!(error.matches("error[").count(), 1, "{error}");
}

#[test]
fn an_invalid_config_schema_is_the_manifests_mistake() {
    for schema in
        [json!({ "type": "txt" }), json!("config.json"), json!({ "$ref": "#/$defs/none" })]
    {
        let found = configure(
            &plugin("p", schema),
            Given { code: None, file: None, environment: &|_| None },
        );
        let found = found.unwrap_err().into_vec();
        assert!(found.iter().all(|each| each.pointer.starts_with("/config_schema")), "{found:?}");
    }
}

#[test]
fn a_schema_that_holds_itself_has_an_end() {
    let schema = json!({ "$ref": "#/$defs/n", "$defs": { "n": { "properties": {
        "next": { "$ref": "#/$defs/n" }, "x": { "type": "integer", "default": 1 }
    } } } });
    let case = Case::new(schema);
    assert!(variables(&case.manifest).len() < 10);
    let value = case.file("next = { next = {} }").value();
    assert_eq!(value["next"]["next"]["x"], 1);
}

#[test]
fn overrides_take_the_place_of_what_a_manifest_says() {
    let text = "[plugins.p]\npriority = 7\nisolation = \"thread\"\ntimeout_ms = 5\nmax_concurrency = 2\n\
        startup_timeout_sec = 3\nteardown_timeout_sec = 4\nlimits = { output_bytes = 9 }\n\
        circuit_breaker = { fail_threshold = 2 }\ndisabled = true\nshadow = true\n";
    let file = HostConfiguration::parse("hookspec.toml", text).unwrap();
    let own = file.overrides("p").unwrap();
    assert!(
        own.disabled == Some(true) && own.shadow == Some(true) && file.overrides("q").is_none()
    );
    let mut manifest = Manifest::new("p", "k");
    own.apply(&mut manifest);
    assert_eq!((manifest.priority, manifest.isolation), (7, Some(Isolation::Thread)));
    assert_eq!((manifest.timeout_ms, manifest.max_concurrency), (Some(5), Some(2)));
    assert_eq!((manifest.startup_timeout_sec, manifest.teardown_timeout_sec), (3, 4));
    assert_eq!(manifest.limits.unwrap().output_bytes, Some(9));
    assert_eq!(manifest.circuit_breaker.unwrap().open_seconds, 60);
    let before = manifest.clone();
    HostConfiguration::parse("h", "[plugins.p]")
        .unwrap()
        .overrides("p")
        .unwrap()
        .apply(&mut manifest);
    assert_eq!(manifest, before);
}

#[test]
fn disabling_keeps_comments_form_and_permissions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hookspec.toml");
    let text = "# ours\n[plugins.\"a.b\"] # the one\npriority   = 3 # high\n\n[plugins.c]\ndisabled = false # why\n";
    assert_eq!(set_disabled(&path, "c", false).unwrap(), Edited::Unchanged);
    assert!(!path.exists());
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(set_disabled(&path, "c", false).unwrap(), Edited::Unchanged);
    assert_eq!(set_disabled(&path, "a.b", true).unwrap(), Edited::Changed);
    assert_eq!(set_disabled(&path, "a.b", true).unwrap(), Edited::Unchanged);
    assert_eq!(set_disabled(&path, "c", true).unwrap(), Edited::Changed);
    assert_eq!(set_disabled(&path, "new", true).unwrap(), Edited::Changed);
    let after = fs::read_to_string(&path).unwrap();
    let expected = text
        .replace("# high\n", "# high\ndisabled = true\n")
        .replace("disabled = false # why", "disabled = true # why");
    assert_eq!(after, format!("{expected}\n[plugins.new]\ndisabled = true\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    fs::remove_file(&path).unwrap();
    assert_eq!(set_disabled(&path, "x", true).unwrap(), Edited::Created);
    assert_eq!(fs::read_to_string(&path).unwrap(), "[plugins.x]\ndisabled = true\n");
    fs::write(&path, "plugins = [").unwrap();
    assert!(set_disabled(&path, "x", true).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "plugins = [", "a broken file is left alone");
}

const TEXT: &str = "[plugins.p]\npriority = 10\ncircuit_breaker = { fail_threshold = 5 }\n[plugins.p.config]\nport = 80\nlog.path = \"s3cr3t\"\n";

proptest! {
    #[test]
    fn any_text_is_read_or_told(edits in prop::collection::vec((0..TEXT.len(), any::<Option<char>>(), any::<bool>()), 0..6), name in ".{0,12}") {
        let mut text: Vec<char> = TEXT.chars().collect();
        for (at, char, insert) in edits {
            let at = at.min(text.len() - 1);
            match char {
                None => drop(text.remove(at)),
                Some(char) if insert => text.insert(at, char),
                Some(char) => text[at] = char,
            }
        }
        let text: String = text.into_iter().collect();
        let read = HostConfiguration::parse("hookspec.toml", text.clone());
        let schema = json!({ "properties": { "port": { "type": "integer" }, "log": { "properties": { "path": { "type": "integer", "writeOnly": true } } } } });
        match read {
            Err(found) => prop_assert!(found.iter().all(|each| each.path.is_some())),
            Ok(file) => {
                let _ = file.strangers(["q"]);
                let given = Given { code: None, file: Some(&file), environment: &|_| None };
                if let Err(found) = configure(&plugin("p", schema), given) {
                    let _ = found.to_string();
                }
            }
        }
        // An edit is told or done, for every name.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hookspec.toml");
        fs::write(&path, &text).unwrap();
        if set_disabled(&path, &name, true).is_ok() {
            prop_assert!(HostConfiguration::read(&path).unwrap().overrides(&name).unwrap().disabled == Some(true));
        }
    }
}
