//! What the macros write, at work: from YAML and an `impl` to calls through a registry.

// As plugins' crates do: what the macros write needs no exception.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hookspec_host::{Registry, RegistryBuilder, StartError};
use hookspec_macros::{kind, plugin};
use hookspec_plugin::{
    CallContext, Caller, Component, Context, Fault, Flow, Linked, Manifest, Plugin,
};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin, calls = true);
kind!("tests/kinds/watcher/v1.yaml", root = ::hookspec_plugin, calls = true);

use greeter::{Greeter, GreeterCalls, GreeterPlugin, Greeting, Person};
use watcher::{Seen, SeenPerson, Watcher, WatcherCalls};

/// State that setup builds.
struct Polite {
    word: String,
}

#[hookspec_plugin::async_trait]
impl Component for Polite {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        Ok(Self { word: ctx.config()["word"].as_str().unwrap_or("Good day").to_owned() })
    }
}

#[plugin(root = ::hookspec_plugin, name = "polite", version = "1.2.0", priority = 50)]
impl Greeter for Polite {
    async fn greet(&self, _: &CallContext<'_>, input: &Person) -> Result<Greeting, Fault> {
        Ok(format!("{}, {}", self.word, input.name).into())
    }
}

/// A value that is ready, and that implements two kinds.
#[derive(Default)]
struct Guard {
    hushed: AtomicUsize,
}

#[plugin(root = ::hookspec_plugin, name = "guard")]
impl greeter::Greeter for Guard {
    fn r#type(&self, _: &CallContext<'_>, value: &Person) -> Result<Flow<Person>, Fault> {
        Ok(Flow::Next(Person { name: value.name.to_uppercase() }))
    }

    fn hush(&self, _: &CallContext<'_>, _: &Person) -> Result<(), Fault> {
        self.hushed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    #[cfg(any())]
    async fn absent(&self) {}

    async fn greet(&self, _: &CallContext<'_>, input: &Person) -> Result<Greeting, Fault> {
        Err(Fault::new("halt", format!("{}, who are you?", input.name)))
    }
}

#[plugin(
    root = ::hookspec_plugin,
    name = "watching-guard",
    kind = "watcher",
    supports_languages = ["en"],
    limits = { output_bytes = 100 }
)]
impl Watcher for Guard {
    async fn look(&self, _: &CallContext<'_>, _: &SeenPerson) -> Result<Seen, Fault> {
        Ok(true.into())
    }

    fn matches(&self, _: &CallContext<'_>, input: &SeenPerson) -> bool {
        input.language.as_deref() == Some("en")
    }
}

#[derive(Default)]
struct FromFile;

#[plugin(manifest = "tests/plugin.toml", root = ::hookspec_plugin)]
impl Greeter for FromFile {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok("Filed".to_owned().into())
    }
}

/// Made by the application alone.
struct Given(&'static str);

#[plugin(root = ::hookspec_plugin, name = "given", linked = false, tryfirst = true)]
impl Greeter for Given {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok(self.0.to_owned().into())
    }
}

fn builder() -> RegistryBuilder {
    Registry::builder().hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kinds"))
}

fn ada() -> Person {
    Person { name: "Ada".into() }
}

#[tokio::test]
async fn linked_plugins_are_called_through_the_registry() {
    let registry = builder()
        .linked_plugins()
        .plugin(GreeterPlugin::from(Given("Yes?")))
        .config("polite", serde_json::json!({ "word": "Hello" }))
        .start()
        .await
        .unwrap();
    let calls = GreeterCalls::new(&registry).unwrap();
    let caller = Caller::new();
    let greeted = calls.greet(&caller, ada()).await.unwrap();
    let texts: Vec<_> =
        greeted.replies.iter().map(|each| (each.plugin.as_str(), each.value.0.as_str())).collect();
    let expected = [("given", "Yes?"), ("polite", "Hello, Ada"), ("from-file", "Filed")];
    assert_eq!(texts, expected);
    assert_eq!(greeted.failures.len(), 1, "the guard's fault is data");
    let typed = calls.r#type(&caller, ada()).await.unwrap();
    assert_eq!(typed.value.name, "ADA");
    assert_eq!(calls.hush_sync(&caller, ada()).unwrap().delivered, 1);
    let watching = WatcherCalls::new(&registry).unwrap();
    let english = SeenPerson { language: Some("en".into()) };
    assert!(watching.look(&caller, english).await.unwrap().value.0);
    registry.stop().await.unwrap();
}

#[test]
fn a_manifest_is_what_was_written() {
    let polite = GreeterPlugin::<Polite>::new();
    let expected = Manifest {
        version: Some("1.2.0".into()),
        priority: 50,
        kind_api_version: "1.2.0".into(),
        entry_point: Some("plugins:Polite".into()),
        ..Manifest::new("polite", "greeter")
    };
    assert_eq!(*polite.manifest(), expected);
    assert_eq!(polite.hooks(), ["greet"]);
    let guard = GreeterPlugin::from(Guard::default());
    assert_eq!(guard.hooks(), ["greet", "hush", "type"], "in the order of the kind");
    let watching = watcher::WatcherPlugin::from(Guard::default());
    assert_eq!(watching.hooks(), ["look"]);
    assert_eq!(watching.manifest().limits.unwrap().output_bytes, Some(100));
    let file = GreeterPlugin::from(FromFile);
    assert_eq!((file.manifest().priority, file.manifest().kind_api_version.as_str()), (30, "1"));
}

#[test]
fn a_type_is_registered_once_for_each_kind() {
    let found: Vec<_> = Linked::all()
        .iter()
        .map(|each| (each.entry_point().to_owned(), each.kind().to_string()))
        .collect();
    let row = |entry_point: &str, kind: &str| (entry_point.to_owned(), kind.to_owned());
    assert_eq!(
        found,
        [
            row("plugins:Guard", "greeter"),
            row("plugins:Guard", "watcher"),
            row("plugins:Polite", "greeter"),
            row("somewhere:FromFile", "greeter"),
        ]
    );
}

fn manifest(entry_point: Option<&str>) -> Manifest {
    let entry_point = entry_point.map(str::to_owned);
    Manifest { entry_point, ..Manifest::new("mine", "greeter") }
}

#[tokio::test]
async fn a_manifest_finds_its_constructor() {
    let own = Manifest { name: "polite".into(), ..manifest(Some("plugins:Polite")) };
    let registry = builder()
        .register_manifest(manifest(Some("plugins:Polite")))
        .register_manifest(own)
        .linked_plugins()
        .start()
        .await
        .unwrap();
    let snapshot = registry.snapshot();
    let names: Vec<_> = snapshot.plugins.iter().map(|each| each.name.to_string()).collect();
    assert_eq!(names.iter().filter(|name| *name == "mine").count(), 1);
    let polite = snapshot.plugins.iter().find(|each| each.name == "polite").unwrap();
    assert_eq!(polite.priority, 0, "the given manifest replaces its own");
    let calls = GreeterCalls::new(&registry).unwrap();
    let greeted = calls.greet(&Caller::new(), &ada()).await.unwrap();
    assert!(
        greeted.replies.iter().any(|each| each.plugin == "mine" && each.value.0 == "Good day, Ada")
    );
}

#[tokio::test]
async fn a_linked_plugin_is_reloaded_and_found_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.toml");
    let write = |priority: u32| {
        let text = format!(
            "name = \"found\"\nkind = \"greeter\"\ncore_version = \"\"\n\
             runtime = \"in_process\"\nentry_point = \"plugins:Polite\"\npriority = {priority}\n"
        );
        std::fs::write(&path, text).unwrap();
    };
    write(1);
    let registry = builder()
        .register_manifest(manifest(Some("plugins:Polite")))
        .linked_plugins()
        .plugin_folder(folder.path())
        .start()
        .await
        .unwrap();
    write(2);
    // By its manifest file, by the manifest that was given, by its own.
    for name in ["found", "mine", "polite"] {
        registry.reload(name).await.unwrap();
    }
    let snapshot = registry.snapshot();
    let found = snapshot.plugins.iter().find(|each| each.name == "found").unwrap();
    assert_eq!((found.priority, found.manifest_path.as_ref()), (2, Some(&path)));
    let calls = GreeterCalls::new(&registry).unwrap();
    let greeted = calls.greet(&Caller::new(), &ada()).await.unwrap();
    for name in ["found", "mine", "polite"] {
        assert!(greeted.replies.iter().any(|each| each.plugin == name), "{name}");
    }
}

#[test]
fn an_entry_point_that_nobody_registers_is_reported_with_the_others() {
    let process = Manifest {
        runtime: hookspec_plugin::RuntimeName::Process,
        command: Some(vec!["x".into()]),
        ..manifest(None)
    };
    let error = builder()
        .register_manifest(manifest(Some("absent_crate::deep:Thing")))
        .register_manifest(Manifest { kind: "watcher".into(), ..manifest(Some("plugins:Polite")) })
        .register_manifest(manifest(None))
        .register_manifest(process)
        .build()
        .unwrap_err();
    let StartError::Registration { errors } = &error else { panic!("{error}") };
    assert_eq!(
        errors.iter().map(|each| each.code()).collect::<Vec<_>>(),
        ["HS-R008", "HS-R008", "HS-R001", "HS-R001",]
    );
    let text = errors[0].to_string();
    let expected = [
        "`mine`",
        "absent_crate::deep:Thing",
        "use absent_crate as _;",
        "plugins:Guard (kind watcher)",
    ];
    for part in expected {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn an_adapter_takes_another_manifest_too() {
    let plugin = GreeterPlugin::value(manifest(None), Arc::new(Given("Hm")));
    assert_eq!(plugin.manifest().name, "mine");
}
