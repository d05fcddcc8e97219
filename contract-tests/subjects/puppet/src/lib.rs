//! A plugin of the kind `puppet` in Rust: its input, a text, says what it does; its configuration
//! says how `setup`, `health` and `teardown` go.

#![forbid(unsafe_code)]

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

use hookspec::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Level, Manifest, Payload,
    Plugin, Reply, Teardown,
};
use serde_json::{Value, json};

hookspec::export!(make: Puppet::new);

/// Does what its input says.
#[derive(Debug)]
pub struct Puppet {
    manifest: Manifest,
    dies: AtomicBool,
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
        Self { manifest: Manifest::new("puppet", "puppet"), dies: AtomicBool::new(false) }
    }
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
                _ => {}
            }
            self.dies.store(told(context, "teardown").is_some(), Ordering::Relaxed);
            Ok(())
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let what = match call.input.json() {
            Ok(Value::String(what)) => what.clone(),
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
