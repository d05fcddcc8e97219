//! What is generated, at work: authors' traits behind the one trait that every runtime ends at.
//!
//! The modules are the golden files, so that those compile.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};

use hookspec_plugin::{
    Call, CallContext, Caller, Component, Context, Fault, Flow, HookFuture, HookName, Level,
    Manifest, Payload, Plugin, Reply, Resource, Services, TypedPayload, async_trait,
};
use serde_json::{Map, Value, json};

#[allow(dead_code, unexpected_cfgs, reason = "not every part of it is used here")]
#[rustfmt::skip]
#[path = "golden/notify/expected.rs"]
mod notify;
#[allow(dead_code, unexpected_cfgs, reason = "not every part of it is used here")]
#[rustfmt::skip]
#[path = "golden/collect/expected.rs"]
mod collect;
#[allow(dead_code, unexpected_cfgs, reason = "not every part of it is used here")]
#[rustfmt::skip]
#[path = "golden/chain/expected.rs"]
mod chain;
#[allow(dead_code, unexpected_cfgs, reason = "not every part of it is used here")]
#[rustfmt::skip]
#[path = "golden/singleton/expected.rs"]
mod singleton;
#[allow(dead_code, unexpected_cfgs, reason = "not every part of it is used here")]
#[rustfmt::skip]
#[path = "golden/capability/expected.rs"]
mod capability;

/// A struct that implements two kinds, and a third whose state setup builds.
struct House;

#[async_trait]
impl notify::DoorWatcher for House {
    const HOOKS: &'static [HookName] = &[HookName::from_static("on_opened")];
    const MANIFEST: fn() -> Manifest = || manifest("door_watcher");

    async fn on_opened(&self, _: &CallContext<'_>, input: &notify::Opened) -> Result<(), Fault> {
        match input.door.as_str() {
            "cellar" => Err(Fault::new("locked", "nobody opens the cellar")),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl collect::Menu for House {
    const HOOKS: &'static [HookName] = &[HookName::from_static("dishes")];
    const MANIFEST: fn() -> Manifest = || manifest("menu");

    fn dishes(&self, _: &CallContext<'_>, input: &Value) -> Result<collect::Dishes, Fault> {
        let price = if input["hungry"] == json!(true) { 4.5 } else { 3.0 };
        let tags = Some(vec![collect::DishTagsItem::Hot]);
        Ok(vec![collect::Dish { name: "soup".into(), price, tags }].into())
    }
}

struct Editor {
    level: u64,
}

#[async_trait]
impl Component for Editor {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        let level = ctx.config()["level"].as_u64();
        Ok(Self { level: level.ok_or_else(|| Fault::new("config", "level is missing"))? })
    }
}

#[async_trait]
impl chain::OutlineEditor for Editor {
    const HOOKS: &'static [HookName] = &[HookName::from_static("edit")];
    const MANIFEST: fn() -> Manifest = || manifest("outline_editor");

    async fn edit(
        &self,
        _: &CallContext<'_>,
        value: &chain::Outline,
    ) -> Result<Flow<chain::Outline>, Fault> {
        match value.level {
            Some(level) if level == self.level => Ok(Flow::Unchanged),
            Some(_) => Ok(Flow::Next(chain::Outline { level: Some(self.level), ..value.clone() })),
            None => Ok(Flow::Stop),
        }
    }
}

struct MarkdownReader;

#[async_trait]
impl capability::Reader for MarkdownReader {
    const HOOKS: &'static [HookName] = &[HookName::from_static("read")];
    const MANIFEST: fn() -> Manifest = || manifest("reader");

    async fn read(
        &self,
        _: &CallContext<'_>,
        input: &capability::Document,
    ) -> Result<capability::Text, Fault> {
        Ok(capability::Text(input.extension.to_string()))
    }

    fn matches_read(&self, _: &CallContext<'_>, input: &capability::Document) -> bool {
        input.extension == capability::DocumentExtension::Md
    }
}

struct Host(Value);

impl Services for Host {
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

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// A plugin after its setup.
struct Ready<P> {
    plugin: P,
    context: Context,
    caller: Caller,
}

impl<P: Plugin> Ready<P> {
    fn new(plugin: P, config: Value) -> Self {
        let context = Context::new("it".into(), "kind".into(), Arc::new(Host(config)));
        now(plugin.setup(&context)).unwrap();
        Self { plugin, context, caller: Caller::new() }
    }

    fn begin<T>(
        &self,
        hook: &'static str,
        input: &Payload,
        then: impl FnOnce(HookFuture<'_>) -> T,
    ) -> T {
        let hook = HookName::from_static(hook);
        let context = CallContext::new(&self.context, &self.caller, &hook);
        then(self.plugin.call(Call { context, input }))
    }

    fn call(&self, hook: &'static str, input: &Payload) -> Result<Reply, Fault> {
        self.begin(hook, input, |future| now(future.into_future()))
    }

    fn matches(&self, hook: &'static str, input: &Payload) -> bool {
        let hook = HookName::from_static(hook);
        let context = CallContext::new(&self.context, &self.caller, &hook);
        self.plugin.matches(&Call { context, input })
    }
}

fn manifest(kind: &str) -> Manifest {
    Manifest::new("it", kind)
}

fn value(reply: Result<Reply, Fault>) -> Payload {
    match reply.unwrap() {
        Reply::Value(payload) => payload,
        other => panic!("{other:?}"),
    }
}

fn opened(door: &str) -> notify::Opened {
    notify::Opened { door: door.into(), angle: 90.0, by: Some(None), code: None }
}

#[test]
fn one_struct_implements_two_kinds() {
    let house = Arc::new(House);
    let watcher = Ready::new(
        notify::DoorWatcherPlugin::value(manifest("door_watcher"), house.clone()),
        json!(null),
    );
    let menu = Ready::new(collect::MenuPlugin::value(manifest("menu"), house), json!(null));
    assert_eq!(watcher.plugin.hooks(), [HookName::from_static("on_opened")]);
    assert!(matches!(
        watcher.call("on_opened", &Payload::checked(opened("hall"))),
        Ok(Reply::Unchanged)
    ));
    assert_eq!(
        watcher.call("on_opened", &Payload::checked(opened("cellar"))).unwrap_err().code(),
        "locked"
    );
    let dishes = value(menu.call("dishes", &Payload::from_json(json!({ "hungry": true }))));
    assert_eq!(dishes.json().unwrap(), &json!([{ "name": "soup", "price": 4.5, "tags": ["hot"] }]));
}

#[test]
fn typed_to_typed_makes_no_json() {
    let watcher = Ready::new(
        notify::DoorWatcherPlugin::value(manifest("door_watcher"), Arc::new(House)),
        json!(null),
    );
    let input = Payload::checked(opened("hall"));
    assert!(input.check_typed().unwrap().is_ok());
    watcher.call("on_opened", &input).unwrap();
    assert!(!input.has_json() && input.known_bytes().is_none());

    let menu =
        Ready::new(collect::MenuPlugin::value(manifest("menu"), Arc::new(House)), json!(null));
    let dishes = value(menu.call("dishes", &Payload::from_json(json!(null))));
    assert_eq!(dishes.typed_schema(), Some(collect::Dishes::SCHEMA));
    assert!(dishes.is_complete() && dishes.check_typed().unwrap().is_ok() && !dishes.has_json());
    assert_eq!(dishes.typed::<collect::Dishes>().unwrap()[0].name, "soup");
    assert_eq!(dishes.crossings(), 0);
}

#[test]
fn a_sync_hook_answers_at_once() {
    let menu =
        Ready::new(collect::MenuPlugin::value(manifest("menu"), Arc::new(House)), json!(null));
    let input = Payload::from_json(json!(null));
    assert!(menu.begin("dishes", &input, |future| matches!(future, HookFuture::Ready(Ok(_)))));
}

#[test]
fn what_is_absent_or_comes_too_early_is_a_fault() {
    let plugin = notify::DoorWatcherPlugin::value(manifest("door_watcher"), Arc::new(House));
    let context = Context::new("it".into(), "kind".into(), Arc::new(Host(json!(null))));
    let early = Ready { plugin, context, caller: Caller::new() };
    let input = Payload::checked(opened("hall"));
    assert_eq!(early.call("on_opened", &input).unwrap_err().code(), "not_set_up");
    now(early.plugin.setup(&early.context)).unwrap();
    assert_eq!(early.call("on_stuck", &input).unwrap_err().code(), "hook_not_implemented");
    assert_eq!(early.call("on_closed", &input).unwrap_err().code(), "hook_not_implemented");
    let wrong = Payload::from_json(json!(["hall"]));
    assert_eq!(early.call("on_opened", &wrong).unwrap_err().code(), "payload_mismatch");
}

#[test]
fn a_chain_keeps_what_it_does_not_know() {
    let editor = chain::OutlineEditorPlugin::<Editor>::component(manifest("outline_editor"));
    let editor = Ready::new(editor, json!({ "level": 2 }));
    let outline = |level: Value| {
        Payload::from_json(json!({ "type": null, "level": level, "x": { "y": [1] } }))
    };
    let next = value(editor.call("edit", &outline(json!(1))));
    assert_eq!(next.json().unwrap(), &json!({ "type": null, "level": 2, "x": { "y": [1] } }));
    assert!(matches!(editor.call("edit", &outline(json!(2))), Ok(Reply::Unchanged)));
    // In a chain a default is not filled in: the plugin sees that nobody said anything.
    let silent = Payload::from_json(json!({ "type": "list" }));
    assert!(matches!(editor.call("edit", &silent), Ok(Reply::Stop)));
    let same = Payload::checked(next.typed::<chain::Outline>().unwrap().clone());
    assert_eq!(same.typed_eq(&next), Some(true));
    assert_eq!(same.typed_eq(&Payload::from_json(json!(1))), None);
}

#[test]
fn capability_2_and_3_routing_and_matches() {
    let reader = capability::ReaderPlugin::value(manifest("reader"), Arc::new(MarkdownReader));
    let reader = Ready::new(reader, json!(null));
    let document = |extension| {
        Payload::checked(capability::Document {
            extension,
            mime_type: Some(Some("text/plain".into())),
            capabilities: Some(capability::DocumentCapabilities {
                required: Some(vec!["ocr".into()]),
            }),
            additional: [("language".to_owned(), "en".to_owned())].into(),
        })
    };
    let input = document(capability::DocumentExtension::Md);
    let routing = input.typed_routing().unwrap();
    assert_eq!((routing.extension, routing.language), (Some("md"), Some("en")));
    assert_eq!(routing.mime_type, Some("text/plain"));
    assert_eq!(routing.capabilities_required, ["ocr"]);
    assert!(reader.matches("read", &input) && !input.has_json());
    assert!(!reader.matches("read", &document(capability::DocumentExtension::Txt)));
    assert!(
        reader.matches("matches", &input),
        "nothing narrows what the author says nothing about"
    );
    assert_eq!(value(reader.call("read", &input)).json().unwrap(), &json!("md"));
    assert_eq!(input.json().unwrap()["language"], json!("en"));
}

#[test]
fn a_check_names_every_place() {
    let shape = singleton::Shape::from(singleton::Group {
        kind: singleton::GroupKind::Group,
        parts: vec![
            singleton::Group { kind: singleton::GroupKind::Group, parts: Vec::new() }.into(),
        ],
    });
    let found = shape.check().unwrap_err();
    assert_eq!(
        found.to_string(),
        "/parts/0/parts: fewer than 1 item (schema /$defs/Group/properties/parts/minItems)"
    );
    let infinite = notify::Opened { angle: f64::INFINITY, door: String::new(), ..opened("") };
    assert_eq!(infinite.check().unwrap_err().iter().count(), 3);
    assert_eq!(singleton::Painted::default().colour, singleton::PaintedColour::Blue);
}
