//! Plugins that misbehave: they panic, hang, answer nonsense or fail to start.
//!
//! They exist to be present in the tour, beside plugins that work, so that one can see that the
//! others answer all the same and the caller learns who failed and how. Nobody should copy them.
//!
//! | plugin | kind | what it does |
//! |---|---|---|
//! | `panicking-listener` | lifecycle_listener | panics on every event |
//! | `hanging-listener` | lifecycle_listener | never answers |
//! | `panicking-tools` | tool_provider | panics |
//! | `hanging-tools` | tool_provider | never answers |
//! | `nonsense-tools` | tool_provider | answers an object, where a list belongs |
//! | `unready-tools` | tool_provider | fails in setup, and is never called |
//! | `panicking-rewriter` | query_rewriter | panics between two that work |
//! | `hanging-rewriter` | query_rewriter | never answers |
//! | `nonsense-rewriter` | query_rewriter | changes the language, which the kind forbids |
//! | `panicking-files` | file_processor | supports `panic` files, and panics |
//! | `hanging-files` | file_processor | supports `hang` files, and never answers |
//! | `nonsense-files` | file_processor | supports `nonsense` files, and answers a number |
//!
//! Those that hang shorten their own calls (`timeout_ms`), as an operator would: otherwise a chain
//! would wait until the deadline of the whole dispatch, and end there.
//!
//! Absent on purpose: what cannot be survived inside one process (`abort`, a stack overflow, memory
//! that is overwritten), and blocking the thread, which the executor `thread` is for (ISO-1).

#![forbid(unsafe_code)]

use std::sync::Arc;

use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, HookFuture, HookName, Manifest, Plugin, Reply,
};
use serde_json::{Value, json};

/// How long those that hang may do so, in milliseconds.
pub const HANGS_FOR_MS: u64 = 250;

/// All of them.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    const LISTENER: &str = "lifecycle_listener";
    const TOOLS: &str = "tool_provider";
    const REWRITER: &str = "query_rewriter";
    const FILES: &str = "file_processor";
    let rows = [
        ("panicking-listener", LISTENER, How::Panics),
        ("hanging-listener", LISTENER, How::Hangs),
        ("panicking-tools", TOOLS, How::Panics),
        ("hanging-tools", TOOLS, How::Hangs),
        ("nonsense-tools", TOOLS, How::Talks(|_| json!({ "tools": "plenty" }))),
        ("unready-tools", TOOLS, How::NeverStarts),
        ("panicking-rewriter", REWRITER, How::Panics),
        ("hanging-rewriter", REWRITER, How::Hangs),
        ("nonsense-rewriter", REWRITER, How::Talks(in_another_language)),
        ("panicking-files", FILES, How::Panics),
        ("hanging-files", FILES, How::Hangs),
        ("nonsense-files", FILES, How::Talks(|_| json!(42))),
    ];
    let plugin = |(name, kind, how)| Arc::new(Misbehaving::new(name, kind, how)) as Arc<dyn Plugin>;
    rows.into_iter().map(plugin).collect()
}

/// A plugin that misbehaves in one way, in every hook of its kind.
#[derive(Debug)]
pub struct Misbehaving {
    manifest: Manifest,
    how: How,
}

/// How a plugin misbehaves.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// Panics when called.
    Panics,
    /// Answers with a future that never ends.
    Hangs,
    /// Answers what this makes of the input.
    Talks(fn(&Value) -> Value),
    /// Fails in setup.
    NeverStarts,
}

impl Misbehaving {
    /// A plugin of one of the shipped kinds.
    pub fn new(name: &str, kind: &str, how: How) -> Self {
        let (description, extension) = match how {
            How::Panics => ("Panics when called", "panic"),
            How::Hangs => ("Never answers", "hang"),
            How::Talks(_) => ("Answers nonsense", "nonsense"),
            How::NeverStarts => ("Fails to start", "unready"),
        };
        let mut manifest = Manifest {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            description: Some(description.into()),
            license: Some("MIT OR Apache-2.0".into()),
            // In the middle, so that plugins that work come before and after it.
            priority: 30,
            timeout_ms: matches!(how, How::Hangs).then_some(HANGS_FOR_MS),
            ..Manifest::new(name, kind)
        };
        if kind == "file_processor" {
            manifest.supports_extensions.push(extension.into());
        }
        Self { manifest, how }
    }
}

impl Plugin for Misbehaving {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const LISTENER: &[HookName] = &[
            HookName::from_static("on_request_started"),
            HookName::from_static("on_request_finished"),
            HookName::from_static("on_request_failed"),
        ];
        const TOOLS: &[HookName] = &[HookName::from_static("list_tools")];
        const REWRITER: &[HookName] = &[HookName::from_static("rewrite")];
        const FILES: &[HookName] = &[HookName::from_static("process")];
        match self.manifest.kind.as_str() {
            "lifecycle_listener" => LISTENER,
            "tool_provider" => TOOLS,
            "query_rewriter" => REWRITER,
            "file_processor" => FILES,
            _ => &[],
        }
    }

    fn setup<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        let answer = match self.how {
            How::NeverStarts => {
                Err(Fault::new("no_backend", "the service that lists the tools does not answer"))
            }
            _ => Ok(()),
        };
        Box::pin(std::future::ready(answer))
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        match self.how {
            How::Panics => panic!("{} cannot cope with {}", self.manifest.name, call.hook()),
            How::Hangs => HookFuture::boxed(std::future::pending()),
            How::Talks(answer) => {
                HookFuture::Ready(call.input.json().map(|input| Reply::value(answer(input))))
            }
            How::NeverStarts => {
                HookFuture::Ready(Err(Fault::new("not_set_up", "called although setup failed")))
            }
        }
    }
}

fn in_another_language(query: &Value) -> Value {
    let mut query = query.clone();
    if let Some(query) = query.as_object_mut() {
        query.insert("language".into(), "tlh".into());
    }
    query
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::task::{Poll, Waker};

    use hookspec_plugin::{CallContext, Caller, Level, Payload, Resource, Services, guard};
    use serde_json::Map;

    use super::*;

    struct Nothing;

    impl Services for Nothing {
        fn config(&self) -> &Value {
            &Value::Null
        }
        fn resource(&self, _: &str) -> Option<&Resource> {
            None
        }
        fn resource_names(&self) -> Vec<&str> {
            Vec::new()
        }
        fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
    }

    fn context() -> Context {
        Context::new("x".into(), "y".into(), Arc::new(Nothing))
    }

    fn call(how: How, input: Value) -> Poll<Result<Reply, Fault>> {
        let plugin = Misbehaving::new("subject", "query_rewriter", how);
        let (context, caller) = (context(), Caller::new());
        let context = CallContext::new(&context, &caller, &plugin.hooks()[0]);
        let input = Payload::from_json(input);
        let mut future = Box::pin(plugin.call(Call { context, input: &input }).into_future());
        future.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop()))
    }

    #[test]
    fn each_keeps_its_word() {
        let panic = guard::catch(|| call(How::Panics, json!({}))).unwrap_err();
        assert_eq!(panic, "subject cannot cope with rewrite");
        assert!(call(How::Hangs, json!({})).is_pending());
        match call(How::Talks(in_another_language), json!({ "text": "hello" })) {
            Poll::Ready(Ok(Reply::Value(query))) => {
                assert_eq!(query.json().unwrap(), &json!({ "text": "hello", "language": "tlh" }));
            }
            other => panic!("not a value: {other:?}"),
        }
    }

    #[test]
    fn setup_fails_for_one_alone() {
        let context = context();
        for plugin in plugins() {
            let mut setup = plugin.setup(&context);
            let fails =
                match setup.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())) {
                    Poll::Ready(answer) => answer.is_err(),
                    Poll::Pending => panic!("nothing here waits"),
                };
            assert_eq!(fails, plugin.manifest().name == "unready-tools");
        }
    }

    #[test]
    fn names_differ_and_everybody_has_a_hook() {
        let plugins = plugins();
        let names: BTreeSet<_> = plugins.iter().map(|plugin| &plugin.manifest().name).collect();
        assert_eq!(names.len(), plugins.len());
        assert!(plugins.iter().all(|plugin| !plugin.hooks().is_empty()));
        let hanging = plugins.iter().filter(|plugin| plugin.manifest().timeout_ms.is_some());
        assert_eq!(hanging.count(), 4);
    }
}
