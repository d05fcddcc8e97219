//! A plugin of the kind `puppet` in Rust: its input, a text, says what it does, or an object which
//! resource it asks for what; its configuration says how `setup`, `health`, `teardown` and the rest
//! of its life go. And one that receives events.

#![forbid(unsafe_code)]

mod events;

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

use hookspec::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Level, Manifest, Payload,
    Plugin, Reconfigured, RemoteResource, Reply, Teardown,
};
use serde_json::{Value, json};

hookspec::export!(linked, make: Puppet::new);

/// Does what its input says.
#[derive(Debug)]
pub struct Puppet {
    manifest: Manifest,
    dies: AtomicBool,
    /// What the host told it to do, as it did it.
    told: Mutex<Vec<&'static str>>,
}

const HOOKS: &[HookName] = &[
    HookName::from_static("tell"),
    HookName::from_static("ask"),
    HookName::from_static("link"),
    HookName::from_static("pick"),
    HookName::from_static("find"),
];

impl Puppet {
    fn new() -> Self {
        let (dies, told) = (AtomicBool::new(false), Mutex::default());
        Self { manifest: Manifest::new("puppet", "puppet"), dies, told }
    }
}

impl Puppet {
    fn tell(&self, what: &'static str) -> Vec<&'static str> {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        told.push(what);
        told.clone()
    }
}

/// Asks a resource, and tells what came of it as a value.
async fn ask(context: &Context, name: &str, request: &Value) -> Value {
    let asked = match context.resource::<dyn RemoteResource>(name) {
        Ok(resource) => resource.ask(request).await,
        Err(fault) => Err(fault),
    };
    match asked {
        Ok(answer) => json!({ "answer": answer }),
        Err(fault) => json!({ "fault": fault.code(), "message": fault.message() }),
    }
}

/// Every kind of measurement, and one that is none.
fn measure(context: &Context) {
    let metrics = context.metrics();
    metrics.count("asked_total", &[("by", "test")], 3);
    metrics.gauge("depth", &[], 1.5);
    metrics.observe("seconds", &[("of", "a"), ("at", "b")], 0.25);
    metrics.gauge("no name", &[], 1.0);
    metrics.gauge("depth", &[], f64::NAN);
}

async fn keep(context: &Context) -> Result<Value, Fault> {
    let Some(store) = context.checkpoints() else { return Ok(json!("none")) };
    let version = store.save("a/b", &json!({ "at": 7 })).await?;
    let loaded = store.load("a/b").await?;
    let listed = store.list("a").await?;
    store.clear("a/b").await?;
    let gone = store.load("a/b").await?;
    let refused = store.load("../a").await.err().map(|fault| fault.code().to_owned());
    Ok(json!({
        "version": version, "loaded": loaded, "listed": listed, "gone": gone, "refused": refused,
    }))
}

fn told(context: &Context, what: &str) -> Option<String> {
    context.config().get(what).and_then(Value::as_str).map(str::to_owned)
}

impl Plugin for Puppet {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        HOOKS
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match told(context, "setup").as_deref() {
                Some("panic") => panic!("setup panics"),
                Some("fault") => return Err(Fault::new("own", "setup fails")),
                Some("hang") => pending().await,
                Some("wait") => elsewhere().await,
                Some("ask") => {
                    let answer = ask(context, "echo", &json!("in setup")).await;
                    if answer["answer"]["echo"] == "in setup" {
                        self.tell("answered in setup");
                    }
                }
                _ => {}
            }
            self.dies.store(told(context, "teardown").is_some(), Ordering::Relaxed);
            Ok(())
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let what = match call.input.json() {
            Ok(Value::String(what)) => what.clone(),
            Ok(Value::Object(wish)) => {
                return HookFuture::boxed(async move {
                    if wish.contains_key("emit") || wish.contains_key("wait_for") {
                        return Ok(Reply::value(events::emit(&call.context, wish).await));
                    }
                    let name = wish.get("ask").and_then(Value::as_str).unwrap_or_default();
                    let request = wish.get("request").unwrap_or(&Value::Null);
                    Ok(Reply::value(ask(call.context.plugin(), name, request).await))
                });
            }
            Ok(_) => String::new(),
            Err(fault) => return HookFuture::Ready(Err(fault)),
        };
        match what.as_str() {
            "panic" => panic!("as asked"),
            "fault" => HookFuture::Ready(Err(Fault::new("own", "as asked").retryable())),
            "unchanged" => HookFuture::Ready(Ok(Reply::Unchanged)),
            "stop" => HookFuture::Ready(Ok(Reply::Stop)),
            "ready" => HookFuture::boxed(async { Ok(Reply::value("ready")) }),
            "hang" => HookFuture::boxed(pending()),
            "block" => loop {
                thread::park();
            },
            "wait" => HookFuture::boxed(async {
                elsewhere().await;
                Ok(Reply::value("waited"))
            }),
            "panic later" => HookFuture::boxed(async {
                elsewhere().await;
                panic!("later, as asked")
            }),
            "drop" => HookFuture::boxed(async {
                let _bomb = Bomb;
                pending().await
            }),
            "dropped" => HookFuture::Ready(Ok(Reply::value(DROPPED.load(Ordering::Relaxed)))),
            "deep" => {
                let deep = (0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
                HookFuture::Ready(Ok(Reply::Value(Payload::from_json(deep))))
            }
            "cancelled" => HookFuture::boxed(async move {
                let token = call.context.cancellation().cloned().unwrap_or_default();
                token.cancelled().await;
                tracing::info!("it was cancelled");
                Ok(Reply::value(0))
            }),
            "context" => HookFuture::Ready(Ok(Reply::value(json!({
                "config": call.context.config(),
                "metadata": call.context.metadata(),
                "remaining": call.context.remaining().is_some(),
                "resources": call.context.plugin().resource_names(),
            })))),
            "metrics" => {
                measure(call.context.plugin());
                HookFuture::Ready(Ok(Reply::value(true)))
            }
            "progress" => {
                let progress = call.context.plugin().progress();
                progress.report(&hookspec::Progress::new(3).of(10).saying("third"));
                progress.report(&hookspec::Progress::new(4));
                progress.error("no further");
                progress.done();
                HookFuture::Ready(Ok(Reply::value(true)))
            }
            "checkpoints" => {
                HookFuture::boxed(
                    async move { Ok(Reply::value(keep(call.context.plugin()).await?)) },
                )
            }
            "tenant" => {
                let tenant = call.context.plugin().tenant();
                let may = |action| tenant.check_access("books", action).err();
                let denied = may("burn").map(|fault| fault.code().to_owned());
                let answer = json!({ "id": tenant.id(), "read": may("read"), "burn": denied });
                HookFuture::Ready(Ok(Reply::value(answer)))
            }
            "beside" => HookFuture::boxed(async move {
                let context = call.context.plugin().clone();
                let asked = thread::spawn(move || {
                    measure(&context);
                    let mut asking = Box::pin(ask(&context, "echo", &Value::Null));
                    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                    match asking.as_mut().poll(&mut cx) {
                        Poll::Ready(answer) => answer,
                        Poll::Pending => json!("it waits"),
                    }
                });
                Ok(Reply::value(asked.join().unwrap_or_default()))
            }),
            "cause" => HookFuture::Ready(Ok(Reply::value(events::cause(&call.context)))),
            "told" => HookFuture::Ready(Ok(Reply::value(json!(self.tell("asked"))))),
            "log" => {
                let fields = json!({ "answer": 42 });
                let fields = fields.as_object().cloned().unwrap_or_default();
                call.context.plugin().log_with(Level::Warn, "through the context", &fields);
                tracing::warn!(answer = 43, "through tracing");
                let span = tracing::info_span!("own_span", part = "inner");
                span.in_scope(|| tracing::info!("inside a span"));
                HookFuture::Ready(Ok(Reply::value(true)))
            }
            _ => HookFuture::Ready(Ok(Reply::Value(call.input.clone()))),
        }
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        assert!(!self.dies.load(Ordering::Relaxed), "health panics");
        Box::pin(async { Health::Degraded("as always".into()) })
    }

    fn on_config_change<'a>(
        &'a self,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        Box::pin(async move {
            match config["change"].as_str() {
                Some("take") => Ok(Reconfigured::Applied),
                Some("fault") => Err(Fault::new("own", "it does not take it")),
                Some("panic") => panic!("the change panics"),
                _ => Ok(Reconfigured::NeedsReload),
            }
        })
    }

    fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(async {
            self.tell("quiesce");
            elsewhere().await;
            Ok(())
        })
    }

    fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(async {
            self.tell("resume");
            Err(Fault::new("own", "the port is taken"))
        })
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        assert!(!self.dies.load(Ordering::Relaxed), "teardown panics");
        Box::pin(async { Ok(Teardown::RequiresRestart) })
    }
}

/// Waits for another thread.
async fn elsewhere() {
    let there = Arc::new(AtomicBool::new(false));
    let mut begun = false;
    poll_fn(|cx| {
        if there.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        if !std::mem::replace(&mut begun, true) {
            let (there, waker) = (Arc::clone(&there), cx.waker().clone());
            thread::spawn(move || {
                there.store(true, Ordering::Release);
                waker.wake();
            });
        }
        // Woken before the waker was known: look again.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Counts, and panics, when it is dropped.
struct Bomb;

static DROPPED: AtomicUsize = AtomicUsize::new(0);

impl Drop for Bomb {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
        panic!("dropped");
    }
}
