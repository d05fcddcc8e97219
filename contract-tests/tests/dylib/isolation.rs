//! The life of an instance, what it is lent, and that none harms another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookspec::manifest::{Isolation, ResourceNeeds};
use hookspec::{
    Caller, Context, Fault, Health, Level, Manifest, Plugin, Registry, Resource, Services, State,
    metadata,
};
use serde_json::{Map, Value, json};

use crate::support::{
    c_puppet, catalog, eventually, impatient, puppet, puppet_c, registry, runtime, rust_puppet,
};

/// Lends a configuration and nothing else.
struct Lent(Value);

impl Services for Lent {
    fn config(&self) -> &Value {
        &self.0
    }

    fn resource(&self, _: &str) -> Option<&Resource> {
        None
    }

    fn resource_names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
}

fn context(config: Value) -> Context {
    Context::new("puppet".into(), "puppet".into(), Arc::new(Lent(config)))
}

fn set_up(plugin: &dyn Plugin, config: Value) -> Result<(), Fault> {
    futures::executor::block_on(plugin.setup(&context(config)))
}

#[test]
fn setup_says_how_it_went() {
    let folder = rust_puppet();
    let open = || folder.open(&puppet()).unwrap();
    assert_eq!(set_up(&*open(), json!({ "setup": "wait" })), Ok(()));
    let fault = set_up(&*open(), json!({ "setup": "fault" })).unwrap_err();
    assert_eq!((fault.code(), fault.message()), ("own", "setup fails"));
    let panicking = open();
    let caught = hookspec::guard::catch(|| set_up(&*panicking, json!({ "setup": "panic" })));
    assert_eq!(caught, Err("setup panics".to_owned()));
}

#[test]
fn an_instance_is_set_up_once_and_before_it_is_called() {
    let plugin = rust_puppet().open(&puppet()).unwrap();
    let caller = Caller::new();
    let (hook, own, input) = ("ask".into(), context(json!(null)), hookspec::Payload::of(json!(1)));
    let call = || hookspec::Call {
        context: hookspec::CallContext::new(&own, &caller, &hook),
        input: &input,
    };
    let answer = |call| futures::executor::block_on(plugin.call(call).into_future());
    assert_eq!(answer(call()).unwrap_err().code(), "not_set_up");
    set_up(&*plugin, json!(null)).unwrap();
    assert!(answer(call()).is_ok());
    assert_eq!(set_up(&*plugin, json!(null)).unwrap_err().code(), "set_up");
    let health = futures::executor::block_on(plugin.health());
    assert_eq!(health, Health::Degraded("as always".into()));
}

#[test]
fn a_broken_instance_is_unavailable_and_says_why() {
    let runtime = runtime();
    runtime.block_on(async {
        for (config, says) in [
            (json!({ "setup": "fault" }), "setup fails"),
            (json!({ "setup": "panic" }), "setup panics"),
            (json!({ "setup": "hang" }), "did not end within"),
        ] {
            let builder = Registry::builder().catalog(catalog()).limits(impatient());
            let plugin = rust_puppet().open(&puppet()).unwrap();
            let registry =
                builder.plugins([plugin]).config("puppet", config).start().await.unwrap();
            let plugin = registry.snapshot().plugins.remove(0);
            assert_eq!(plugin.state, State::Unavailable);
            assert!(plugin.reason.contains(says), "{}", plugin.reason);
        }
    });
}

/// No entry point lets a panic out of the library.
#[test]
fn health_and_teardown_may_panic() {
    let plugin = rust_puppet().open(&puppet()).unwrap();
    set_up(&*plugin, json!({ "teardown": "panic" })).unwrap();
    let health = hookspec::guard::catch(|| futures::executor::block_on(plugin.health()));
    assert_eq!(health, Err("health panics".to_owned()));
    let torn = hookspec::guard::catch(|| futures::executor::block_on(plugin.teardown()));
    assert_eq!(torn, Err("teardown panics".to_owned()));
}

#[test]
fn a_required_resource_does_not_cross() {
    let resources = ResourceNeeds { required: vec!["clock".into()], optional: Vec::new() };
    let plugin = c_puppet(&[]).open(&Manifest { resources, ..puppet_c() }).unwrap();
    let fault = set_up(&*plugin, json!(null)).unwrap_err();
    assert_eq!(fault.code(), "resource_cannot_cross");
    assert!(fault.message().contains("`clock`"), "{fault}");
}

#[test]
fn configuration_metadata_and_deadline_cross() {
    let runtime = runtime();
    runtime.block_on(async {
        let config = json!({ "depth": 3, "text": "Grüße" });
        let plugin = rust_puppet().open(&puppet()).unwrap();
        let builder = Registry::builder().catalog(catalog()).plugins([plugin]);
        let registry = builder.config("puppet", config.clone()).start().await.unwrap();
        let pick = registry.singleton::<Value, Value>("puppet", "pick").unwrap();
        let caller = Caller::new().with_metadata(metadata::TENANT_ID, "acme");
        let answer = pick.dispatch(&caller, json!("context")).await.unwrap();
        let expected = json!({
            "config": config, "metadata": { "tenant_id": "acme" },
            "remaining": true, "resources": [],
        });
        assert_eq!(*answer.value, expected);
    });
}

#[test]
fn teardown_is_told() {
    let runtime = runtime();
    runtime.block_on(async {
        let registry = registry([rust_puppet().open(&puppet()).unwrap()]).await;
        registry.stop().await.unwrap();
        assert_eq!(registry.snapshot().plugins[0].state, State::RequiresRestart);

        let plugin = rust_puppet().open(&puppet()).unwrap();
        let builder = Registry::builder().catalog(catalog()).plugins([plugin]);
        let config = json!({ "teardown": "panic" });
        let registry = builder.config("puppet", config).start().await.unwrap();
        let errors = registry.stop().await.unwrap_err();
        assert!(errors.to_string().contains("teardown panics"), "{errors}");
    });
}

#[test]
fn each_library_finds_its_own_symbols() {
    let runtime = runtime();
    runtime.block_on(async {
        // Both define `puppet_clash`, and each says what its own returns.
        let (one, two) = (c_puppet(&["CLASH=1"]), c_puppet(&["CLASH=2"]));
        let plugins =
            [one.open_as(&puppet_c(), "one").unwrap(), two.open_as(&puppet_c(), "two").unwrap()];
        let registry = registry(plugins).await;
        let ask = registry.broadcast_collect::<Value, Value>("puppet", "ask").unwrap();
        let collected = ask.dispatch(&Caller::new(), json!("clash")).await.unwrap();
        let said: Vec<&Value> = collected.replies.iter().map(|reply| &*reply.value).collect();
        assert_eq!(said, [&json!(1), &json!(2)]);
    });
}

/// ISO-1: what blocks its thread costs only itself.
#[test]
fn a_plugin_that_blocks_is_given_up_on_its_own_threads() {
    let runtime = runtime();
    runtime.block_on(async {
        let manifest = Manifest { isolation: Some(Isolation::Thread), ..puppet() };
        let registry = registry([rust_puppet().open(&manifest).unwrap()]).await;
        let ask = registry.broadcast_collect::<Value, Value>("puppet", "ask").unwrap();
        let caller = || Caller::new().with_timeout(Duration::from_millis(200));
        let begin = Instant::now();
        let blocked = ask.dispatch(&caller(), json!("block")).await.unwrap();
        assert_eq!(blocked.failures[0].cause.name(), "timed_out");
        assert!(begin.elapsed() < Duration::from_secs(5));
        let answered = ask.dispatch(&caller(), json!("anything")).await.unwrap();
        assert_eq!(answered.replies.len(), 1, "another thread answers");
        assert_eq!(registry.snapshot().plugins[0].abandoned, 1);
    });
    runtime.shutdown_background();
}

#[test]
fn what_it_says_reaches_the_host() {
    let said = crate::support::Log::capture();
    // One thread: what is captured is what this thread logs.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let registry = registry([rust_puppet().open(&puppet()).unwrap()]).await;
        let pick = registry.singleton::<Value, Value>("puppet", "pick").unwrap();
        pick.dispatch(&Caller::new(), json!("log")).await.unwrap();
    });
    eventually("the records are written", || said.text().contains("inside a span"));
    let text = said.text();
    for (line, all) in [
        ("through the context", &["WARN", "puppet", "42"][..]),
        ("through tracing", &["WARN", "puppet", "43"]),
        ("inside a span", &["INFO", "own_span", "inner", "plugin_call"]),
    ] {
        let found = text.lines().find(|each| each.contains(line)).unwrap_or_default();
        for part in all {
            assert!(found.contains(part), "`{part}` is not in: {found}\n{text}");
        }
    }
}
