//! Typed all the way: where no JSON is made, where one is, and what happens where types meet JSON.
#![cfg(feature = "calls")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_host::{Cause, DispatchError, HookSnapshot, Registry, RegistryBuilder};
use hookspec_kinds::file_processor::*;
use hookspec_kinds::lifecycle_listener::*;
use hookspec_kinds::query_rewriter::*;
use hookspec_kinds::tool_provider::*;
use hookspec_macros::plugin;
use hookspec_plugin::{CallContext, Caller, Fault, Flow, Manifest, Payload};
use serde_json::json;

#[derive(Default)]
struct Everything {
    told: AtomicU64,
}

#[plugin(root = ::hookspec_plugin, name = "listener")]
impl LifecycleListener for Everything {
    async fn on_request_started(
        &self,
        _: &CallContext<'_>,
        event: &RequestEvent,
    ) -> Result<(), Fault> {
        assert!(!event.request_id.is_empty());
        self.told.fetch_add(1, Relaxed);
        Ok(())
    }
}

#[plugin(root = ::hookspec_plugin, name = "rewriter", priority = 10)]
impl QueryRewriter for Everything {
    async fn rewrite(&self, _: &CallContext<'_>, query: &Query) -> Result<Flow<Query>, Fault> {
        Ok(Flow::Next(Query { text: query.text.to_lowercase(), ..query.clone() }))
    }
}

#[plugin(root = ::hookspec_plugin, name = "reader", supports_extensions = ["rs"])]
impl FileProcessor for Everything {
    async fn process(&self, _: &CallContext<'_>, file: &File) -> Result<FileReport, Fault> {
        Ok(report(file))
    }
}

fn builder() -> RegistryBuilder {
    let hookspecs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hookspecs");
    Registry::builder().hookspecs(hookspecs).environment(|_| None)
}

fn hook(registry: &Registry, kind: &str, hook: &str) -> HookSnapshot {
    let snapshot = registry.snapshot();
    let kind = snapshot.kinds.into_iter().find(|own| own.name == kind).unwrap();
    kind.hooks.into_iter().find(|own| own.name == hook).unwrap()
}

fn report(file: &File) -> FileReport {
    FileReport {
        kind: if file.path.contains("nonsense") { String::new() } else { "source".into() },
        bytes: 0,
        lines: Some(1),
        counts: None,
        items: Vec::new(),
        summary: "read".into(),
    }
}

#[plugin(root = ::hookspec_plugin, name = "tools")]
impl ToolProvider for Everything {
    async fn list_tools(&self, _: &CallContext<'_>, _: &Empty) -> Result<Tools, Fault> {
        let tool = |name: &str| Tool {
            name: name.into(),
            description: "does something".into(),
            parameters: json!({ "type": "object" }).as_object().unwrap().clone(),
        };
        Ok(Tools(vec![tool("search"), tool("open")]))
    }
}

fn event() -> RequestEvent {
    RequestEvent {
        request_id: "r-1".into(),
        path: Some("/search".into()),
        actor: Some("ada".into()),
        duration_ms: None,
    }
}

fn file(path: &str) -> File {
    File {
        path: path.into(),
        extension: Some("rs".into()),
        language: None,
        mime_type: None,
        content: None,
        capabilities: None,
    }
}

#[tokio::test]
async fn a_typed_notification_makes_no_json() {
    let everything = Arc::new(Everything::default());
    let manifest = Manifest::new("second", "lifecycle_listener");
    let registry = builder()
        .plugin(LifecycleListenerPlugin::from(Everything::default()))
        .plugin(LifecycleListenerPlugin::value(manifest, Arc::clone(&everything)))
        .start()
        .await
        .unwrap();
    let calls = LifecycleListenerCalls::new(&registry).unwrap();
    let (caller, payload) = (Caller::new(), Payload::checked(event()));
    let notified = calls.on_request_started(&caller, payload.clone()).await.unwrap();
    assert_eq!((notified.delivered, everything.told.load(Relaxed)), (2, 1));
    assert!(!payload.has_json(), "nobody needed it");
    let seen = hook(&registry, "lifecycle_listener", "on_request_started");
    assert_eq!((seen.made_json, seen.crossings), (0, 0));
}

#[tokio::test]
async fn a_typed_answer_makes_no_json_unless_its_type_says_too_little() {
    let registry = builder()
        .plugin(ToolProviderPlugin::from(Everything::default()))
        .plugin(FileProcessorPlugin::from(Everything::default()))
        .start()
        .await
        .unwrap();
    let caller = Caller::new();
    let tools = ToolProviderCalls::new(&registry).unwrap();
    let collected = tools.list_tools(&caller, Empty {}).await.unwrap();
    assert_eq!(collected.replies[0].value.0[1].name, "open");
    // CAPABILITY-2: the four fields are read from the value.
    let files = FileProcessorCalls::new(&registry).unwrap();
    let payload = Payload::checked(file("src/lib.rs"));
    let answer = files.process(&caller, payload.clone()).await.unwrap();
    assert_eq!((answer.plugin.as_str(), answer.value.kind.as_str()), ("reader", "source"));
    assert!(!payload.has_json());
    // A `pattern` is more than the type can say: that answer is validated as JSON, and counted.
    assert_eq!(hook(&registry, "tool_provider", "list_tools").made_json, 1);
    assert_eq!(hook(&registry, "file_processor", "process").made_json, 0);
}

mod free {
    hookspec_macros::kind!(
        "crates/hookspec-host/benches/dispatch/kinds/probe/v1.yaml",
        root = ::hookspec_plugin,
        calls = true
    );
}
use free::probe::{Event, Probe, ProbeCalls, ProbePlugin};

#[plugin(root = ::hookspec_plugin, name = "probe")]
impl Probe for Everything {
    async fn tell(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    async fn ask(&self, _: &CallContext<'_>, event: &Event) -> Result<Event, Fault> {
        Ok(event.clone())
    }

    async fn pick(&self, _: &CallContext<'_>, event: &Event) -> Result<Event, Fault> {
        Ok(event.clone())
    }
}

#[tokio::test]
async fn notify_collect_and_singleton_are_typed_all_the_way() {
    let hookspecs =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../hookspec-host/benches/dispatch/kinds");
    let registry = Registry::builder()
        .hookspecs(hookspecs)
        .plugin(ProbePlugin::from(Everything::default()))
        .start()
        .await
        .unwrap();
    let (calls, caller) = (ProbeCalls::new(&registry).unwrap(), Caller::new());
    let event = Event { request_id: "r".into(), path: None, actor: None };
    let payload = Payload::checked(event.clone());
    assert_eq!(calls.tell(&caller, payload.clone()).await.unwrap().delivered, 1);
    let asked = calls.ask(&caller, payload.clone()).await.unwrap();
    assert_eq!(*asked.replies[0].value, event);
    assert_eq!(*calls.pick(&caller, payload.clone()).await.unwrap().value, event);
    assert!(!payload.has_json());
    for name in ["tell", "ask", "pick"] {
        let seen = hook(&registry, "probe", name);
        assert_eq!((seen.made_json, seen.crossings), (0, 0), "{name}");
    }
}

#[tokio::test]
async fn a_typed_value_that_is_wrong_is_explained_by_the_interpreter() {
    let registry = builder()
        .plugin(LifecycleListenerPlugin::from(Everything::default()))
        .plugin(FileProcessorPlugin::from(Everything::default()))
        .start()
        .await
        .unwrap();
    let caller = Caller::new();
    let calls = LifecycleListenerCalls::new(&registry).unwrap();
    let nameless = RequestEvent { request_id: String::new(), ..event() };
    let error = calls.on_request_started(&caller, &nameless).await.unwrap_err();
    let DispatchError::InvalidInput { violations, .. } = &error else { panic!("{error}") };
    assert!(violations.to_string().contains("/request_id"), "{violations}");

    let files = FileProcessorCalls::new(&registry).unwrap();
    let error = files.process(&caller, file("nonsense.rs")).await.unwrap_err();
    let DispatchError::PluginFailed { failure, .. } = &error else { panic!("{error}") };
    let Cause::InvalidOutput(violations) = &failure.cause else { panic!("{failure:?}") };
    assert!(violations.to_string().contains("/kind"), "{violations}");
}

/// CHAIN-5 looks at JSON; who changed something is still known.
#[tokio::test]
async fn a_chain_with_writable_fields_makes_json_of_each_value_once() {
    let query_of = |text: &str| Query {
        text: text.into(),
        language: None,
        terms: Vec::new(),
        filters: serde_json::Map::new(),
        tenant_id: None,
    };
    let manifest = |name: &str| Manifest::new(name, "query_rewriter");
    let registry = builder()
        .plugin(QueryRewriterPlugin::from(Everything::default()))
        .plugin(QueryRewriterPlugin::value(manifest("again"), Arc::new(Everything::default())))
        .plugin(Puppet::new(manifest("untyped")).on("rewrite", Behaviour::Unchanged))
        .start()
        .await
        .unwrap();
    let calls = QueryRewriterCalls::new(&registry).unwrap();
    let chained = calls.rewrite(&Caller::new(), query_of("CHEAP Car")).await.unwrap();
    assert_eq!(chained.value.text, "cheap car");
    assert_eq!(chained.changed, ["rewriter"], "the second handed on an equal value");
    assert_eq!(chained.ran, ["rewriter", "again", "untyped"]);
    assert_eq!(hook(&registry, "query_rewriter", "rewrite").crossings, 0);
}

#[tokio::test]
async fn typed_and_untyped_plugins_share_one_dispatch() {
    let untyped = Manifest::new("untyped", "lifecycle_listener");
    let looks = Behaviour::compute(|call| {
        assert_eq!(call.input.json()?["actor"], "ada");
        Ok(hookspec_plugin::Reply::value(json!(null)))
    });
    let registry = builder()
        .plugin(LifecycleListenerPlugin::from(Everything::default()))
        .plugin(Puppet::new(untyped).on("on_request_started", looks))
        .start()
        .await
        .unwrap();
    let calls = LifecycleListenerCalls::new(&registry).unwrap();
    let caller = Caller::new();
    assert_eq!(calls.on_request_started(&caller, event()).await.unwrap().delivered, 2);
    // And an untyped caller reaches typed plugins.
    let untyped = registry
        .broadcast_notify::<serde_json::Value>("lifecycle_listener", "on_request_started")
        .unwrap();
    let input = json!({ "request_id": "r", "actor": "ada" });
    assert_eq!(untyped.dispatch(&caller, input).await.unwrap().delivered, 2);
    assert_eq!(hook(&registry, "lifecycle_listener", "on_request_started").crossings, 0);
}

/// Another Rust type with the same shape.
#[derive(Clone)]
struct Own(RequestEvent);

impl hookspec_plugin::__private::serde::Serialize for Own {
    fn serialize<S>(&self, serializer: S) -> Result<S::Ok, S::Error>
    where
        S: hookspec_plugin::__private::serde::Serializer,
    {
        hookspec_plugin::__private::serde::Serialize::serialize(&self.0, serializer)
    }
}

#[tokio::test]
async fn another_type_crosses_as_json_and_is_counted() {
    let registry = builder()
        .plugin(LifecycleListenerPlugin::from(Everything::default()))
        .start()
        .await
        .unwrap();
    let notify =
        registry.broadcast_notify::<Own>("lifecycle_listener", "on_request_started").unwrap();
    let notified = notify.dispatch(&Caller::new(), Own(event())).await.unwrap();
    assert_eq!(notified.delivered, 1);
    let seen = hook(&registry, "lifecycle_listener", "on_request_started");
    assert_eq!((seen.made_json, seen.crossings), (1, 1), "validated as JSON, and read from it");
}

/// A host whose schema is stricter than the one that the types were generated from trusts its own.
#[tokio::test]
async fn a_type_of_another_schema_vouches_for_nothing() {
    let yaml = "kind: lifecycle_listener\nkind_api_version: 1.0.0\nhooks:\n";
    let hook_of = |name: &str, schema: &str| {
        format!("  - name: {name}\n    dispatch: broadcast_notify\n    input_schema: {schema}\n")
    };
    let yaml = format!(
        "{yaml}{}{}{}",
        hook_of("on_request_started", "strict.json"),
        hook_of("on_request_finished", "strict.json"),
        hook_of("on_request_failed", "strict.json"),
    );
    let strict = json!({
        "type": "object",
        "properties": { "request_id": { "type": "string", "maxLength": 2 } },
    });
    let catalog = hookspec_spec::Catalog::from_sources([
        hookspec_spec::Source::new("lifecycle_listener/v1.yaml", yaml),
        hookspec_spec::Source::new("lifecycle_listener/strict.json", strict.to_string()),
    ])
    .unwrap();
    let registry = Registry::builder()
        .catalog(catalog)
        .plugin(LifecycleListenerPlugin::from(Everything::default()))
        .start()
        .await
        .unwrap();
    let calls = LifecycleListenerCalls::new(&registry).unwrap();
    let error = calls.on_request_started(&Caller::new(), event()).await.unwrap_err();
    assert!(matches!(error, DispatchError::InvalidInput { .. }), "{error}");
    assert_eq!(hook(&registry, "lifecycle_listener", "on_request_started").made_json, 1);
}
