//! What the host configures, failures first: CONFIG-1, CONFIG-6, CONFIG-7 and CONFIG-8 in a registry.

use hookspec_host::testing::{Behaviour, Journal, Puppet};
use hookspec_host::{RegistrationError, Registry, RegistryBuilder, StartError};
use hookspec_plugin::{Isolation, Manifest, RuntimeName};
use hookspec_spec::DispatchClass;
use hookspec_spec::configuration::HostConfiguration;
use serde_json::json;

use crate::loading::{Fake, Folder, Seen};
use crate::support::{builder, kind, plugin, puppet};

fn file(text: &str) -> HostConfiguration {
    HostConfiguration::parse("hookspec.toml", text).unwrap()
}

fn manifest(name: &str) -> Manifest {
    let schema = json!({ "required": ["path"], "properties": {
        "path": { "type": "string" }, "port": { "type": "integer", "default": 80 },
        "token": { "type": "string", "writeOnly": true },
    } });
    Manifest { config_schema: Some(schema), ..Manifest::new(name, "k") }
}

fn configurable(name: &str) -> Puppet {
    Puppet::new(manifest(name)).on("h", Behaviour::answer(1))
}

fn over(puppets: impl IntoIterator<Item = Puppet>) -> RegistryBuilder {
    builder(kind(DispatchClass::BroadcastCollect, ""), puppets)
}

fn mistakes(built: Result<Registry, StartError>) -> String {
    match built.unwrap_err() {
        error @ StartError::Configuration { .. } => error.to_string(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn config_8_all_mistakes_of_all_plugins_fail_the_start_and_nothing_is_set_up() {
    let journal = Journal::new();
    let plugins = [
        configurable("one"),
        configurable("two").journal(&journal),
        puppet("p", Behaviour::answer(1)),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hookspec.toml");
    let text = "[plugins.one]\npriorty = 1\n[plugins.one.config]\npath = 5\n[plugins.twoo]\n[plugins.p]\nshadow = true\n";
    std::fs::write(&path, text).unwrap();
    let told = mistakes(over(plugins).configuration_file(&path).start().await);
    for expected in [
        "[HS-R023] the configuration has mistakes",
        "hookspec.toml:2:1: error[HS-C002]: unknown key `priorty`",
        "hookspec.toml:4:8: error[HS-C007]",
        "hookspec.toml:5:10: error[HS-C006]",
        "did you mean `two`?",
        "hookspec.toml:7:1: error[HS-C012]",
        "plugin `two` needs `path` in [plugins.two.config]",
        "or set HOOKSPEC_TWO__PATH",
    ] {
        assert!(told.contains(expected), "{expected} is missing in:\n{told}");
    }
    assert!(journal.entries().is_empty(), "nothing was set up");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_mistake_unless_it_need_not_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hookspec.toml");
    assert!(mistakes(over([]).configuration_file(&path).build()).contains("HS-C001"));
    over([]).configuration_file_if_present(&path).build().unwrap();
    std::fs::write(&path, "plugins = 5").unwrap();
    assert!(mistakes(over([]).configuration_file_if_present(&path).build()).contains("HS-C003"));
}

#[tokio::test]
async fn config_8_a_plugin_that_comes_later_is_refused() {
    let registry = over([]).start().await.unwrap();
    let refused = registry.add(std::sync::Arc::new(configurable("late"))).await.unwrap_err();
    assert!(
        matches!(&refused, RegistrationError::ConfigurationInvalid { plugin, .. } if *plugin == "late")
    );
    assert!(refused.to_string().contains("[HS-R024]"), "{refused}");
    let invalid = Manifest { config_schema: Some(json!("schema.json")), ..Manifest::new("p", "k") };
    let refused =
        registry.add(std::sync::Arc::new(Puppet::new(invalid).on("h", Behaviour::answer(1)))).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(&refused, RegistrationError::ManifestInvalid { field: "config_schema", .. }),
        "{refused}"
    );
    assert!(registry.snapshot().plugins.is_empty());
}

#[tokio::test]
async fn config_6_two_plugins_with_one_variable_are_named() {
    let told = mistakes(
        over([configurable("a-b"), configurable("a_b")])
            .config("a-b", json!({ "path": "x" }))
            .build(),
    );
    assert!(told.contains("plugin `a-b` and plugin `a_b`"), "{told}");
}

#[tokio::test]
async fn config_1_the_file_overrides_the_code_and_the_environment_both() {
    let builder = over([configurable("one")])
        .config("one", json!({ "path": "code", "port": 1 }))
        .configuration(file("[plugins.one.config]\npath = \"file\"\ntoken = \"s3cret\""))
        .environment(|name| (name == "HOOKSPEC_ONE__PORT").then(|| "7".to_owned()));
    let configured = builder.configuration_of(&manifest("one")).unwrap();
    assert_eq!(configured.value, json!({ "path": "file", "port": 7, "token": "s3cret" }));
    assert!(!format!("{configured:?}").contains("s3cret"));
    let registry = builder.start().await.unwrap();
    let snapshot = format!("{:?}", registry.snapshot());
    assert!(!snapshot.contains("s3cret"), "{snapshot}");
}

#[tokio::test]
async fn config_7_overrides_count_in_order_executor_and_limits() {
    let plugins = || [puppet("a", Behaviour::answer(1)), puppet("b", Behaviour::answer(1))];
    let text = "[plugins.b]\npriority = 9\nisolation = \"task\"\ntimeout_ms = 250\n";
    let builder = over(plugins()).isolation("b", Isolation::Thread).configuration(file(text));
    let registry = builder.start().await.unwrap();
    let places = registry.explain("k", "h").unwrap().plugins;
    assert_eq!((places[0].plugin.as_str(), places[0].priority), ("b", 9));
    assert_eq!(places[0].isolation, Isolation::Task, "the file comes before the builder");
    assert_eq!(places[0].timeout, Some(std::time::Duration::from_millis(250)));
    let told = [("priority", "9"), ("isolation", "task"), ("timeout_ms", "250")];
    assert_eq!(places[0].overrides, told.map(|(field, value)| (field, value.to_owned())));
    assert!(places[1].overrides.is_empty());
    assert_eq!(plugin(&registry, "b").priority, 9);
    assert_eq!(plugin(&registry, "a").priority, 0);
}

#[tokio::test]
async fn config_7_and_8_hold_for_plugins_of_a_folder_and_those_beside_them() {
    let folder = Folder::new();
    folder.dylib("two", "several", "version = \"2\"");
    let start = |text: &str| {
        over([])
            .runtime(Fake { name: RuntimeName::Dylib, seen: Seen::default() })
            .plugin_folder(folder.path())
            .configuration(file(text))
            .start()
    };
    // A library may hold a plugin that no manifest names: that is known once it is open.
    let registry =
        start("[plugins.two]\npriority = 3\n[plugins.beside]\npriority = 4\n").await.unwrap();
    assert_eq!((plugin(&registry, "two").priority, plugin(&registry, "beside").priority), (3, 4));
    let told = mistakes(start("[plugins.besides]\n").await);
    assert!(told.contains("did you mean `beside`?"), "{told}");
}

#[tokio::test]
async fn what_a_disabled_plugin_would_read_is_not_checked() {
    over([configurable("one")]).disable("one").build().unwrap();
    over([configurable("one")])
        .configuration(file("[plugins.one]\ndisabled = true"))
        .build()
        .unwrap();
    let enabled = over([configurable("one")])
        .disable("one")
        .configuration(file("[plugins.one]\ndisabled = false"));
    assert!(mistakes(enabled.build()).contains("HS-C008"), "the file has the last word");
}

#[tokio::test]
async fn a_check_makes_nothing_and_warns_of_idle_variables() {
    let builder =
        || over([configurable("one")]).environment_names(|| vec!["HOOKSPEC_ONE__PTH".into()]);
    let error = builder().check_configuration().unwrap_err();
    assert!(matches!(error, StartError::Configuration { .. }), "{error}");
    let warnings = builder().config("one", json!({ "path": "x" })).check_configuration().unwrap();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].to_string().contains("did you mean `HOOKSPEC_ONE__PATH`?"));
    let known = builder().known_plugins();
    assert_eq!((known.manifests[0].name.as_str(), known.more), ("one", false));
}
