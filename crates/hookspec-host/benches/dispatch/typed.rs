//! Typed all the way: our typed callers beside a typed floor with the same boxes, and no JSON.

use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::join_all;
use hookspec_host::Registry;
use hookspec_macros::plugin;
use hookspec_plugin::{CallContext, Caller, Fault, Manifest, Plugin, TypedPayload};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::harness::Pair;

hookspec_macros::kind!(
    "benches/dispatch/kinds/probe/v1.yaml",
    root = ::hookspec_plugin,
    calls = true
);
use probe::{Event, Probe, ProbeCalls, ProbePlugin};

/// The author's side, the same for both: async_trait boxes its futures.
#[derive(Default)]
struct Subject {
    calls: AtomicU64,
}

#[plugin(root = ::hookspec_plugin, name = "subject", linked = false)]
impl Probe for Subject {
    async fn tell(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        self.calls.fetch_add(1, Relaxed);
        Ok(())
    }

    async fn ask(&self, _: &CallContext<'_>, event: &Event) -> Result<Event, Fault> {
        self.calls.fetch_add(1, Relaxed);
        Ok(event.clone())
    }

    async fn pick(&self, _: &CallContext<'_>, event: &Event) -> Result<Event, Fault> {
        self.calls.fetch_add(1, Relaxed);
        Ok(event.clone())
    }
}

#[hookspec_plugin::async_trait]
trait ByHand: Send + Sync {
    async fn tell(&self, event: &Event) -> Result<(), String>;
    async fn ask(&self, event: &Event) -> Result<Event, String>;
}

#[hookspec_plugin::async_trait]
impl ByHand for Subject {
    async fn tell(&self, _: &Event) -> Result<(), String> {
        self.calls.fetch_add(1, Relaxed);
        Ok(())
    }

    async fn ask(&self, event: &Event) -> Result<Event, String> {
        self.calls.fetch_add(1, Relaxed);
        Ok(event.clone())
    }
}

type Answer = Result<Option<Arc<Event>>, String>;
type Boxed<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// A plugin by hand, with what is known of its calls.
struct Registered {
    name: Arc<str>,
    plugin: Box<dyn ByHand>,
    calls: AtomicU64,
    nanos: AtomicU64,
}

impl Registered {
    /// The adapter's box around the author's.
    fn call<'a>(&'a self, input: &'a Arc<Event>, answers: bool) -> Boxed<'a> {
        Box::pin(async move {
            match answers {
                true => ByHand::ask(&*self.plugin, input).await.map(|event| Some(Arc::new(event))),
                false => ByHand::tell(&*self.plugin, input).await.map(|()| None),
            }
        })
    }

    fn count(&self, clock: &mut Instant) {
        let now = Instant::now();
        self.calls.fetch_add(1, Relaxed);
        self.nanos.fetch_add((now - *clock).as_nanos() as u64, Relaxed);
        *clock = now;
    }
}

const TIMEOUT: Duration = Duration::from_secs(30);

fn poll_caught(future: &mut Boxed<'_>, cx: &mut Context<'_>) -> Poll<Answer> {
    match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled,
        Err(_) => Poll::Ready(Err("panic".into())),
    }
}

fn checked(answer: Answer) -> Answer {
    match answer? {
        Some(event) => match event.check() {
            Ok(()) => Ok(Some(event)),
            Err(violations) => Err(violations.to_string()),
        },
        None => Ok(None),
    }
}

/// The same as the floor of the untyped rows.
async fn by_hand(
    plugins: &[Registered],
    input: Event,
    answers: bool,
) -> Result<Vec<(Arc<str>, Answer)>, String> {
    input.check().map_err(|violations| violations.to_string())?;
    let input = Arc::new(input);
    let mut clock = Instant::now();
    let deadline = clock + TIMEOUT;
    let mut results: Vec<Option<Answer>> = Vec::with_capacity(plugins.len());
    let mut pending = Vec::new();
    poll_fn(|cx| {
        for (index, registered) in plugins.iter().enumerate() {
            if clock >= deadline {
                results.push(None);
                continue;
            }
            let called = catch_unwind(AssertUnwindSafe(|| registered.call(&input, answers)));
            let Ok(mut future) = called else {
                results.push(Some(Err("panic".into())));
                continue;
            };
            match poll_caught(&mut future, cx) {
                Poll::Ready(answer) => {
                    registered.count(&mut clock);
                    results.push(Some(checked(answer)));
                }
                Poll::Pending => {
                    results.push(None);
                    pending.push((index, future));
                }
            }
        }
        Poll::Ready(())
    })
    .await;
    if !pending.is_empty() {
        let driven = pending.into_iter().map(|(index, mut future)| async move {
            let mut clock = clock;
            let answer = poll_fn(|cx| poll_caught(&mut future, cx)).await;
            plugins[index].count(&mut clock);
            (index, checked(answer))
        });
        let ended = tokio::time::timeout_at(deadline, join_all(driven)).await;
        for (index, answer) in ended.unwrap_or_default() {
            results[index] = Some(answer);
        }
    }
    let results = plugins.iter().zip(results).map(|(registered, answer)| {
        (registered.name.clone(), answer.unwrap_or_else(|| Err("timed out".into())))
    });
    Ok(results.collect())
}

fn event() -> Event {
    Event {
        request_id: "3f2a".into(),
        path: Some("/search".into()),
        actor: Some("alice@example.com".into()),
    }
}

fn registered(count: usize) -> Vec<Registered> {
    let one = |index: usize| Registered {
        name: format!("plugin-{index:04}").into(),
        plugin: Box::new(Subject::default()),
        calls: AtomicU64::new(0),
        nanos: AtomicU64::new(0),
    };
    (0..count).map(one).collect()
}

fn calls(count: usize, runtime: &Runtime) -> (Registry, ProbeCalls) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/dispatch/kinds");
    let plugins = (0..count).map(|index| {
        let manifest = Manifest::new(format!("plugin-{index:04}"), "probe");
        let plugin = ProbePlugin::value(manifest, Arc::new(Subject::default()));
        Arc::new(plugin) as Arc<dyn Plugin>
    });
    let builder = Registry::builder().hookspecs(folder).plugins(plugins);
    let registry = runtime.block_on(builder.start()).expect("the plugins are valid");
    let calls = ProbeCalls::new(&registry).expect("the kind is declared");
    (registry, calls)
}

/// Both sides start from an owned value, as a caller has it.
macro_rules! pair {
    ($count:expr, $answers:expr, $hook:ident) => {{
        let make = || Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (left, right) = (make(), make());
        let (registry, calls) = calls($count, &right);
        let (plugins, caller) = (registered($count), Caller::new());
        Pair {
            floor: Box::new(move |count| {
                let event = event();
                left.block_on(async {
                    for _ in 0..count {
                        let results = by_hand(&plugins, event.clone(), $answers).await;
                        black_box(results.expect("the floor works"));
                    }
                })
            }),
            ours: Box::new(move |count| {
                let (_keep, event) = (&registry, event());
                right.block_on(async {
                    for _ in 0..count {
                        let outcome = calls.$hook(&caller, event.clone()).await;
                        black_box(outcome.expect("the dispatch works"));
                    }
                })
            }),
        }
    }};
}

pub(crate) fn notify(count: usize) -> Pair {
    pair!(count, false, tell)
}

pub(crate) fn collect(count: usize) -> Pair {
    pair!(count, true, ask)
}

pub(crate) fn singleton() -> Pair {
    pair!(1, true, pick)
}
