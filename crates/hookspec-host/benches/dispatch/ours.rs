//! Our side of each row, and the plugins of both sides: the same work behind two traits.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hookspec_host::Registry;
use hookspec_plugin::{Call, Caller, HookFuture, HookName, Manifest, Payload, Plugin, Reply};
use hookspec_spec::{Catalog, Source};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::floor::{self, Answer, Hook, Registered};
use crate::harness::Pair;

/// How a plugin answers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// From a boxed future that is ready at the first poll.
    Ready,
    /// From a future that yields once.
    Yields,
    /// At once: no future.
    Now,
    /// With a new value, from a ready future.
    Fresh,
    /// With a new value, at once.
    FreshNow,
}

pub(crate) struct Subject {
    manifest: Manifest,
    kind: Kind,
    calls: AtomicU64,
}

impl Subject {
    fn new(manifest: Manifest, kind: Kind) -> Self {
        Self { manifest, kind, calls: AtomicU64::new(0) }
    }
}

const HOOKS: &[HookName] = &[HookName::from_static("h")];

impl Plugin for Subject {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        match self.kind {
            Kind::Now => {
                self.calls.fetch_add(1, Relaxed);
                HookFuture::Ready(Ok(Reply::Value(call.input.clone())))
            }
            Kind::Ready => HookFuture::boxed(async move {
                self.calls.fetch_add(1, Relaxed);
                Ok(Reply::Value(call.input.clone()))
            }),
            Kind::Yields => HookFuture::boxed(async move {
                self.calls.fetch_add(1, Relaxed);
                tokio::task::yield_now().await;
                Ok(Reply::Value(call.input.clone()))
            }),
            Kind::Fresh => HookFuture::boxed(async move {
                self.calls.fetch_add(1, Relaxed);
                Ok(Reply::Value(Payload::from_json(call.input.json()?.clone())))
            }),
            Kind::FreshNow => {
                self.calls.fetch_add(1, Relaxed);
                let answer = call.input.json().cloned();
                HookFuture::Ready(answer.map(Payload::from_json).map(Reply::Value))
            }
        }
    }
}

impl floor::Plugin for Subject {
    fn call<'a>(
        &'a self,
        input: &'a Arc<Value>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        match self.kind {
            Kind::Now | Kind::FreshNow | Kind::Ready => {
                Box::pin(async move { self.call_now(input) })
            }
            Kind::Yields => Box::pin(async move {
                self.calls.fetch_add(1, Relaxed);
                tokio::task::yield_now().await;
                Ok(input.clone())
            }),
            Kind::Fresh => Box::pin(async move {
                self.calls.fetch_add(1, Relaxed);
                Ok(Arc::new(Value::clone(input)))
            }),
        }
    }

    fn call_now(&self, input: &Arc<Value>) -> Answer {
        self.calls.fetch_add(1, Relaxed);
        match self.kind {
            Kind::FreshNow => Ok(Arc::new(Value::clone(input))),
            Kind::Ready | Kind::Yields | Kind::Now | Kind::Fresh => Ok(input.clone()),
        }
    }

    fn matches(&self, input: &Value) -> bool {
        let wanted = input.get("path").and_then(Value::as_str);
        wanted.is_some() && self.calls.load(Relaxed) != u64::MAX
    }
}

pub(crate) fn event() -> Value {
    json!({ "request_id": "7f1c2a90", "path": "/search/articles", "actor": "user-81723" })
}

fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["request_id"],
        "properties": {
            "request_id": { "type": "string", "minLength": 1 },
            "path": { "type": "string" },
            "actor": { "type": "string" },
        },
        "additionalProperties": false,
    })
}

fn catalog(class: &str) -> Catalog {
    let output = if class == "broadcast_notify" || class == "chain" {
        ""
    } else {
        "    output_schema: schemas/event.json\n"
    };
    let policy = if class == "broadcast_collect" || class == "chain" {
        "    error_policy: best_effort\n"
    } else {
        ""
    };
    let yaml = format!(
        "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: {class}\n    input_schema: schemas/event.json\n{output}{policy}"
    );
    let other = "kind: other\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_notify\n";
    Catalog::from_sources([
        Source::new("kinds/k/v1.yaml", yaml),
        Source::new("kinds/other/v1.yaml", other),
        Source::new("kinds/k/schemas/event.json", schema().to_string()),
    ])
    .expect("the hookspec of the benchmark is valid")
}

fn name(index: usize) -> String {
    format!("plugin-{index:04}")
}

pub(crate) fn registry(class: &str, plugins: Vec<Subject>, runtime: &Runtime) -> Registry {
    let plugins = plugins.into_iter().map(|plugin| Arc::new(plugin) as Arc<dyn Plugin>);
    let builder = Registry::builder().catalog(catalog(class)).plugins(plugins);
    runtime.block_on(builder.start()).expect("the plugins of the benchmark are valid")
}

pub(crate) fn subjects(count: usize, kind: Kind) -> Vec<Subject> {
    (0..count).map(|index| Subject::new(Manifest::new(name(index), "k"), kind)).collect()
}

pub(crate) fn by_hand(count: usize, kind: Kind) -> Hook {
    let schema = hookspec_spec::Schema::compile(schema()).expect("the schema is valid");
    let plugins = (0..count).map(|index| Registered {
        name: name(index).into(),
        plugin: Box::new(Subject::new(Manifest::new(name(index), "k"), kind)),
        calls: AtomicU64::new(0),
        nanos: AtomicU64::new(0),
    });
    Hook { plugins: plugins.collect(), input: schema.clone(), output: schema }
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime can be made")
}

/// Both sides start from an owned value, as a caller has it.
macro_rules! pair {
    ($class:literal, $subjects:expr, $floor:expr, $dispatcher:ident::<$($of:ty),+>, |$hook:ident, $input:ident| $by_hand:expr) => {{
        let (left, right) = (runtime(), runtime());
        let registry = registry($class, $subjects, &right);
        let dispatcher = registry.$dispatcher::<$($of),+>("k", "h").expect("the hook is declared");
        let $hook = $floor;
        let (caller, event) = (Caller::new(), event());
        let own = event.clone();
        Pair {
            floor: Box::new(move |count| {
                left.block_on(async {
                    for _ in 0..count {
                        let $input = Arc::new(own.clone());
                        black_box($by_hand.await.expect("the floor works"));
                    }
                })
            }),
            ours: Box::new(move |count| {
                let _keep = &registry;
                right.block_on(async {
                    for _ in 0..count {
                        let outcome = dispatcher.dispatch(&caller, event.clone()).await;
                        black_box(outcome.expect("the dispatch works"));
                    }
                })
            }),
        }
    }};
}

pub(crate) type Collect = hookspec_host::dispatch::BroadcastCollect<Value, Value>;

pub(crate) fn collect(count: usize, kind: Kind) -> Pair {
    pair!(
        "broadcast_collect",
        subjects(count, kind),
        by_hand(count, kind),
        broadcast_collect::<Value, Value>,
        |hook, input| hook.collect(input)
    )
}

pub(crate) fn notify(count: usize) -> Pair {
    pair!(
        "broadcast_notify",
        subjects(count, Kind::Ready),
        by_hand(count, Kind::Ready),
        broadcast_notify::<Value>,
        |hook, input| hook.collect(input)
    )
}

pub(crate) fn singleton() -> Pair {
    pair!(
        "singleton",
        subjects(1, Kind::Ready),
        by_hand(1, Kind::Ready),
        singleton::<Value, Value>,
        |hook, input| hook.singleton(input)
    )
}

pub(crate) fn capability(count: usize) -> Pair {
    pair!(
        "capability",
        subjects(count, Kind::Ready),
        by_hand(count, Kind::Ready),
        capability::<Value, Value>,
        |hook, input| hook.capability(input)
    )
}

pub(crate) fn chain(count: usize) -> Pair {
    pair!(
        "chain",
        subjects(count, Kind::Fresh),
        by_hand(count, Kind::Fresh),
        chain::<Value>,
        |hook, input| hook.chain(input)
    )
}

pub(crate) fn collect_sync(count: usize, kind: Kind) -> Pair {
    let right = runtime();
    let registry = registry("broadcast_collect", subjects(count, kind), &right);
    let dispatcher: Collect = registry.broadcast_collect("k", "h").expect("the hook is declared");
    let hook = by_hand(count, kind);
    let (caller, event) = (Caller::new(), event());
    let own = event.clone();
    Pair {
        floor: Box::new(move |count| {
            for _ in 0..count {
                black_box(hook.collect_sync(&Arc::new(own.clone())).expect("the floor works"));
            }
        }),
        ours: Box::new(move |count| {
            let _keep = (&registry, &right);
            for _ in 0..count {
                let outcome = dispatcher.dispatch_sync(&caller, event.clone());
                black_box(outcome.expect("the dispatch works"));
            }
        }),
    }
}

/// The floor is the caller's own work: making the value that nobody will see.
pub(crate) fn nobody() -> Pair {
    let (left, right) = (runtime(), runtime());
    let registry = registry("broadcast_notify", Vec::new(), &right);
    let dispatcher = registry.broadcast_notify::<Value>("k", "h").expect("the hook is declared");
    let (caller, event) = (Caller::new(), event());
    let own = event.clone();
    Pair {
        floor: Box::new(move |count| {
            left.block_on(async {
                for _ in 0..count {
                    black_box(own.clone());
                }
            })
        }),
        ours: Box::new(move |count| {
            right.block_on(async {
                for _ in 0..count {
                    let outcome = dispatcher.dispatch(&caller, event.clone()).await;
                    let _ = black_box(outcome);
                }
            })
        }),
    }
}

/// Not a floor by hand: the same dispatch with and without a crowd of another kind.
pub(crate) fn crowded() -> Pair {
    let side = |crowd: usize| {
        let runtime = runtime();
        let mut plugins = subjects(10, Kind::Ready);
        plugins.extend((0..crowd).map(|index| {
            Subject::new(Manifest::new(format!("other-{index:04}"), "other"), Kind::Ready)
        }));
        let registry = registry("broadcast_collect", plugins, &runtime);
        let dispatcher: Collect = registry.broadcast_collect("k", "h").expect("it is declared");
        let (caller, event) = (Caller::new(), event());
        Box::new(move |count| {
            let _keep = &registry;
            runtime.block_on(async {
                for _ in 0..count {
                    let outcome = dispatcher.dispatch(&caller, event.clone()).await;
                    black_box(outcome.expect("the dispatch works"));
                }
            })
        })
    };
    Pair { floor: side(0), ours: side(1000) }
}
