//! Bulkheads: BULKHEAD-1 to BULKHEAD-5.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookspec_host::testing::{Behaviour, Gate, Journal, Puppet};
use hookspec_host::{Cause, CauseClass, DispatchError, Limits, Registry};
use hookspec_plugin::{
    BoxFuture, Call, Caller, HookFuture, HookName, Isolation, Manifest, Plugin, Reply,
};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{builder, eventually, impatient, kind, plugin};

const SINGLETON: DispatchClass = DispatchClass::Singleton;

fn narrow(bound: u32, behaviour: Behaviour) -> Puppet {
    let max_concurrency = Some(bound);
    Puppet::new(Manifest { max_concurrency, ..Manifest::new("a", "k") }).on("h", behaviour)
}

async fn ask(registry: &Registry) -> Result<Value, DispatchError> {
    let singleton = registry.singleton::<Value, Value>("k", "h").unwrap();
    singleton.dispatch(&Caller::new(), json!({})).await.map(|answer| (*answer.value).clone())
}

fn rejected(result: Result<Value, DispatchError>) -> String {
    match result {
        Err(DispatchError::PluginFailed { failure, .. }) => match failure.cause {
            Cause::Rejected { reason } => reason,
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn bulkhead_2_the_queue_and_the_wait_are_bounded_and_nobody_is_blamed() {
    let limits = Limits {
        bulkhead_queue: 2,
        bulkhead_wait: Duration::from_millis(100),
        ..Limits::default()
    };
    let gate = Gate::new();
    let held = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(1)));
    let registry =
        builder(kind(SINGLETON, ""), [narrow(1, held)]).limits(limits).start().await.unwrap();
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let registry = registry.clone();
            tokio::spawn(async move { ask(&registry).await })
        })
        .collect();
    eventually("two wait", || plugin(&registry, "a").waiting == 2).await;
    let begun = Instant::now();
    let reason = rejected(ask(&registry).await);
    assert!(reason.contains("bulkhead_queue") && begun.elapsed().is_zero(), "{reason}");
    let mut tasks = tasks.into_iter();
    let first = tasks.next().unwrap();
    for task in tasks {
        let reason = rejected(task.await.unwrap());
        assert!(reason.contains("bulkhead_wait") && reason.contains("100ms"), "{reason}");
    }
    assert!(begun.elapsed() <= Duration::from_millis(110));
    gate.open();
    assert_eq!(first.await.unwrap().unwrap(), 1);
    let snapshot = plugin(&registry, "a");
    assert_eq!(snapshot.failures[&CauseClass::Rejected], 3);
    assert_eq!((snapshot.consecutive_failures, snapshot.waiting, snapshot.in_flight), (0, 0, 0));
    assert_eq!(ask(&registry).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn bulkhead_3_whoever_waits_until_the_deadline_was_not_begun() {
    let journal = Journal::new();
    let hang = narrow(1, Behaviour::Hang).journal(&journal);
    let registry = builder(kind(SINGLETON, ""), [hang]).limits(impatient()).start().await.unwrap();
    let caller = Caller::new().with_timeout(Duration::from_secs(3));
    let singleton = registry.singleton::<Value, Value>("k", "h").unwrap();
    let (one, two) = tokio::join!(
        singleton.dispatch(&caller, json!({})),
        singleton.dispatch(&caller, json!({})),
    );
    for result in [one, two] {
        let Err(DispatchError::PluginFailed { failure, .. }) = result else { panic!() };
        assert!(matches!(failure.cause, Cause::TimedOut));
    }
    assert_eq!(journal.calls().len(), 1);
    assert_eq!(plugin(&registry, "a").consecutive_failures, 1);
}

/// Calls its own hook from inside.
struct Nested(Manifest, Arc<std::sync::OnceLock<Registry>>);

impl Plugin for Nested {
    fn manifest(&self) -> &Manifest {
        &self.0
    }
    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("h")];
        HOOKS
    }
    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let inner: BoxFuture<'a, _> = Box::pin(async move {
            let singleton = self.1.get().unwrap().singleton::<Value, Value>("k", "h")?;
            // As if it did not know of itself: a caller without a way.
            let caller = Caller::new().with_deadline(call.context.deadline().unwrap());
            Ok(Reply::value((*singleton.dispatch(&caller, json!({})).await?.value).clone()))
        });
        HookFuture::Boxed(inner)
    }
}

#[tokio::test(start_paused = true)]
async fn bulkhead_3_a_nested_call_to_oneself_ends_by_its_deadline() {
    let own = Arc::new(std::sync::OnceLock::new());
    let manifest = Manifest { max_concurrency: Some(1), ..Manifest::new("a", "k") };
    let nested = Arc::new(Nested(manifest, Arc::clone(&own))) as Arc<dyn Plugin>;
    let registry = builder(kind(SINGLETON, ""), [])
        .plugins([nested])
        .limits(impatient())
        .start()
        .await
        .unwrap();
    assert!(own.set(registry.clone()).is_ok());
    let begun = Instant::now();
    assert_eq!(ask(&registry).await.unwrap_err().code(), "HS-D009");
    assert!(begun.elapsed() <= Duration::from_millis(250), "{:?}", begun.elapsed());
    assert_eq!((plugin(&registry, "a").waiting, plugin(&registry, "a").in_flight), (0, 0));
    registry.stop().await.unwrap();
}

/// Counts how many of its calls run at once.
fn counting(now: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>, blocks: bool) -> Counting {
    Counting {
        manifest: Manifest { max_concurrency: Some(3), ..Manifest::new("a", "k") },
        now: Arc::clone(now),
        most: Arc::clone(most),
        blocks,
    }
}

struct Counting {
    manifest: Manifest,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    blocks: bool,
}

impl Plugin for Counting {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }
    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("h")];
        HOOKS
    }
    fn call<'a>(&'a self, _: Call<'a>) -> HookFuture<'a> {
        HookFuture::boxed(async move {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            if self.blocks {
                std::thread::yield_now();
            }
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            Ok(Reply::value(1))
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulkhead_1_never_more_than_that_many_whatever_the_executor() {
    for isolation in [Isolation::Inline, Isolation::Task, Isolation::Thread] {
        let begun = Instant::now();
        let (now, most) = (Arc::default(), Arc::default());
        let own = counting(&now, &most, isolation == Isolation::Thread);
        let registry = builder(kind(SINGLETON, ""), [])
            .plugins([Arc::new(own) as Arc<dyn Plugin>])
            .isolation("a", isolation)
            .start()
            .await
            .unwrap();
        let tasks: Vec<_> = (0..60)
            .map(|_| {
                let registry = registry.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        assert_eq!(ask(&registry).await.unwrap(), 1);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        // Nobody was left to the end of its patience.
        assert!(begun.elapsed() < Duration::from_secs(4), "{isolation}");
        assert_eq!(most.load(Ordering::SeqCst), 3, "{isolation}");
        let snapshot = plugin(&registry, "a");
        assert_eq!((snapshot.calls, snapshot.failures.len()), (600, 0), "{isolation}");
        assert_eq!((snapshot.waiting, snapshot.in_flight), (0, 0), "{isolation}");
    }
}

#[tokio::test]
async fn bulkhead_1_an_abandoned_call_keeps_its_place_until_it_ends() {
    let gate = Gate::new();
    let blocks = narrow(1, Behaviour::Block(gate.clone(), Box::new(Behaviour::answer(1))));
    let limits = Limits { bulkhead_wait: Duration::from_millis(20), ..impatient() };
    let registry = builder(kind(SINGLETON, ""), [blocks])
        .isolation("a", Isolation::Thread)
        .limits(limits)
        .start()
        .await
        .unwrap();
    assert_eq!(ask(&registry).await.unwrap_err().code(), "HS-D009");
    assert_eq!(plugin(&registry, "a").abandoned, 1);
    assert!(rejected(ask(&registry).await).contains("bulkhead_wait"));
    gate.open();
    eventually("it has ended", || plugin(&registry, "a").abandoned == 0).await;
    assert_eq!(ask(&registry).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn bulkhead_2_first_come_first_served_and_4_who_is_dropped_leaves() {
    let gate = Gate::new();
    let held = Behaviour::compute(|call: &Call<'_>| Ok(Reply::Value(call.input.clone())));
    let journal = Journal::new();
    let puppet = narrow(1, Behaviour::Wait(gate.clone(), Box::new(held))).journal(&journal);
    let registry = builder(kind(SINGLETON, ""), [puppet]).start().await.unwrap();
    let mut tasks = Vec::new();
    for number in 0..6 {
        let own = registry.clone();
        tasks.push(tokio::spawn(async move {
            let singleton = own.singleton::<Value, Value>("k", "h").unwrap();
            singleton
                .dispatch(&Caller::new(), json!(number))
                .await
                .map(|answer| (*answer.value).clone())
        }));
        eventually("it came", || plugin(&registry, "a").in_flight == number + 1).await;
    }
    tasks.remove(2).abort();
    eventually("it left", || plugin(&registry, "a").waiting == 4).await;
    gate.open();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let inputs: Vec<Value> = journal
        .entries()
        .into_iter()
        .filter_map(|entry| match entry {
            hookspec_host::testing::Happening::Called { input, .. } => Some(input),
            _ => None,
        })
        .collect();
    assert_eq!(inputs, [0, 1, 3, 4, 5].map(Value::from));
    assert_eq!(plugin(&registry, "a").failures[&CauseClass::Cancelled], 1);
}

#[test]
fn bulkhead_5_dispatch_sync_does_not_wait() {
    let own = Arc::new(std::sync::OnceLock::<hookspec_host::BlockingRegistry>::new());
    let inner = Arc::clone(&own);
    let asks_itself = Behaviour::compute(move |_: &Call<'_>| {
        let singleton = inner.get().unwrap().singleton::<Value, Value>("k", "h")?;
        Ok(Reply::value((*singleton.dispatch_sync(&Caller::new(), json!({}))?.value).clone()))
    });
    let registry = builder(kind(SINGLETON, "    mode: sync\n"), [narrow(1, asks_itself)])
        .start_blocking()
        .unwrap();
    assert!(own.set(registry).is_ok());
    let registry = own.get().unwrap();
    let singleton = registry.singleton::<Value, Value>("k", "h").unwrap();
    let error = singleton.dispatch_sync(&Caller::new(), json!({})).unwrap_err().to_string();
    assert!(error.contains("max_concurrency") && error.contains("cannot wait"), "{error}");
}
