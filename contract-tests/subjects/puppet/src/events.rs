//! What the puppet emits when it is asked to, and a plugin that receives events by methods.

use std::thread;
use std::time::Duration;

use hookspec::events::Receipt;
use hookspec::{CallContext, Event, EventDraft, Fault, Handled, Subscriber, plugin};
use serde_json::{Map, Value, json};

use super::elsewhere;

const PATIENCE: Duration = Duration::from_secs(10);

/// Emits what a wish says, in the way it says, and tells what came of it as a value.
pub(super) async fn emit(ctx: &CallContext<'_>, wish: &Map<String, Value>) -> Value {
    let text = |key: &str| wish.get(key).and_then(Value::as_str).unwrap_or_default();
    if let Some(pattern) = wish.get("wait_for").and_then(Value::as_str) {
        return told(ctx.bus().wait_for(pattern, PATIENCE).await);
    }
    let draft = match serde_json::from_value::<EventDraft>(wish["emit"].clone()) {
        Ok(draft) => sized(draft, text("data")),
        Err(error) => return json!(error.to_string()),
    };
    match text("by") {
        "wait" => told(ctx.bus().emit(draft).await),
        "later" => {
            elsewhere().await;
            told(ctx.bus().try_emit(draft))
        }
        "context" => {
            elsewhere().await;
            told(ctx.plugin().bus().try_emit(draft))
        }
        "thread" => told(thread::scope(|scope| joined(scope.spawn(|| ctx.bus().try_emit(draft))))),
        "beside" => {
            let context = ctx.plugin().clone();
            told(joined(thread::spawn(move || context.bus().try_emit(draft))))
        }
        "await beside" => {
            let context = ctx.plugin().clone();
            let thread = thread::spawn(move || {
                let bus = context.bus();
                let mut asking = Box::pin(bus.dispatch(draft));
                let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                match asking.as_mut().poll(&mut cx) {
                    std::task::Poll::Ready(answer) => told(answer),
                    std::task::Poll::Pending => json!("it waits"),
                }
            });
            joined(thread)
        }
        "waiting first" => {
            let next = ctx.bus().wait_for(&draft.event_type, PATIENCE);
            match ctx.bus().try_emit(draft) {
                Ok(_) => told(next.await),
                Err(fault) => told::<()>(Err(fault)),
            }
        }
        "many" => json!(many(ctx, &draft)),
        "dispatch" => told(ctx.bus().dispatch(draft).await),
        "request" => match ctx.bus().request(draft, PATIENCE).await {
            Ok(reply) => reply.json().cloned().unwrap_or_default(),
            Err(fault) => told::<()>(Err(fault)),
        },
        _ => told(ctx.bus().try_emit(draft)),
    }
}

/// Data that no JSON text of a test would hold.
fn sized(draft: EventDraft, what: &str) -> EventDraft {
    match what {
        "huge" => draft.data("x".repeat(17 << 20)),
        "large" => draft.data("x".repeat(10 << 20)),
        "deep" => draft.json((0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]))),
        _ => draft,
    }
}

/// From eight threads at once; how many were taken.
fn many(ctx: &CallContext<'_>, draft: &EventDraft) -> usize {
    let fifty = || (0..50).filter(|_| ctx.bus().try_emit(draft.clone()).is_ok()).count();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(fifty)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
    })
}

trait Joined<T> {
    fn wait(self) -> thread::Result<T>;
}

impl<T> Joined<T> for thread::JoinHandle<T> {
    fn wait(self) -> thread::Result<T> {
        self.join()
    }
}

impl<T> Joined<T> for thread::ScopedJoinHandle<'_, T> {
    fn wait(self) -> thread::Result<T> {
        self.join()
    }
}

fn joined<T>(thread: impl Joined<T>) -> T {
    thread.wait().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn told<T: serde::Serialize>(answer: Result<T, Fault>) -> Value {
    match answer {
        Ok(answer) => json!(answer),
        Err(fault) => json!({ "fault": fault.code(), "message": fault.message() }),
    }
}

/// What a call came of, as this library sees it.
pub(super) fn cause(ctx: &CallContext<'_>) -> Value {
    let Some(cause) = ctx.caller().cause() else { return Value::Null };
    json!({
        "name": cause.name.as_deref(), "lagged": ctx.lagged(), "attempt": cause.attempt,
        "event": cause.event.id, "data": cause.event.data.json().ok(),
    })
}

#[derive(Debug, serde::Deserialize)]
struct Numbers(Vec<i64>);

/// Receives events by methods, and emits others in every way there is.
#[derive(Debug, Default)]
pub(crate) struct Listener;

#[plugin(name = "listener", kind = "puppet")]
impl Subscriber for Listener {
    #[on("work.asked")]
    async fn asked(&self, ctx: &CallContext<'_>, _: &Event) -> Result<EventDraft, Fault> {
        let seen = || cause(ctx);
        ctx.bus().try_emit(EventDraft::new("did.first").json(seen()).depth(-5))?;
        ctx.bus().emit(EventDraft::new("did.second").json(seen())).await?;
        elsewhere().await;
        ctx.bus().try_emit(EventDraft::new("did.third").json(seen()))?;
        let fourth = EventDraft::new("did.fourth").json(seen());
        let _: Receipt = ctx.plugin().bus().try_emit(fourth)?;
        Ok(EventDraft::new("did.last").json(seen()))
    }

    #[on("work.*", retries = 1, backoff_ms = 1)]
    async fn every(&self, ctx: &CallContext<'_>, event: &Event) -> Result<EventDraft, Fault> {
        match ctx.caller().cause().map(|cause| cause.attempt) {
            Some(1) if event.event_type.as_str() == "work.fails" => {
                Err(Fault::new("own", "the first time"))
            }
            _ => Ok(EventDraft::new("every.seen").json(cause(ctx))),
        }
    }

    #[on("slow.*", queue = 1)]
    async fn slow(&self, ctx: &CallContext<'_>, _: &Event) -> Result<EventDraft, Fault> {
        let reply = ctx.bus().request(EventDraft::new("gate.asked"), PATIENCE).await?;
        Ok(EventDraft::new("did.slow").json(json!([reply.json()?, ctx.lagged()])))
    }

    #[on("sum.asked")]
    async fn sum(&self, _: &CallContext<'_>, _: &Event, data: &Numbers) -> Result<Handled, Fault> {
        Ok(Handled::reply(data.0.iter().sum::<i64>()))
    }

    #[on("loop.again")]
    async fn again(&self, ctx: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        ctx.bus().try_emit(EventDraft::new("loop.again")).map(drop)
    }
}
