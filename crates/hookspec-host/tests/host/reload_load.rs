//! RELOAD-2, RELOAD-3 under load: ten thousand calls a second from four tasks, and a reload every few
//! of them. `-- --nocapture` shows the figures.

#![allow(clippy::print_stdout, reason = "the figures are what whoever runs it wants to see")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use hookspec_host::ReloadError;
use hookspec_plugin::{
    BoxFuture, Call, Caller, Context, Fault, HookFuture, HookName, LoadEnv, LoadError, Manifest,
    Plugin, Reply, Runtime, RuntimeName, Teardown,
};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::loading::Folder;
use crate::support::{builder, kind, plugin};

const TASKS: u64 = 4;
const CALLS: u64 = 5_000;
/// Of each task: together ten thousand calls a second.
const EVERY: Duration = Duration::from_micros(400);

#[derive(Clone, Default)]
struct Seen(Arc<Counts>);

#[derive(Default)]
struct Counts {
    made: AtomicU64,
    begun: AtomicU64,
    ended: AtomicU64,
    too_early: AtomicU64,
    too_late: AtomicU64,
    torn_under_calls: AtomicU64,
    setup_fails: AtomicBool,
}

impl Runtime for Seen {
    fn name(&self) -> RuntimeName {
        RuntimeName::Dylib
    }

    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        _: &'a Path,
        _: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        self.0.made.fetch_add(1, SeqCst);
        let own = Counting {
            manifest: manifest.clone(),
            seen: self.clone(),
            ready: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            busy: AtomicU64::new(0),
        };
        Box::pin(async move { Ok(vec![Arc::new(own) as Arc<dyn Plugin>]) })
    }
}

struct Counting {
    manifest: Manifest,
    seen: Seen,
    ready: AtomicBool,
    gone: AtomicBool,
    busy: AtomicU64,
}

impl Plugin for Counting {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("h")];
        HOOKS
    }

    fn setup<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            if self.seen.0.setup_fails.load(SeqCst) {
                return Err(Fault::new("setup", "told to fail"));
            }
            self.ready.store(true, SeqCst);
            Ok(())
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let counts = &self.seen.0;
        counts.begun.fetch_add(1, SeqCst);
        self.busy.fetch_add(1, SeqCst);
        counts.too_early.fetch_add(u64::from(!self.ready.load(SeqCst)), SeqCst);
        counts.too_late.fetch_add(u64::from(self.gone.load(SeqCst)), SeqCst);
        let answer = call.input.clone();
        HookFuture::boxed(async move {
            tokio::task::yield_now().await;
            let counts = &self.seen.0;
            counts.too_late.fetch_add(u64::from(self.gone.load(SeqCst)), SeqCst);
            self.busy.fetch_sub(1, SeqCst);
            counts.ended.fetch_add(1, SeqCst);
            Ok(Reply::Value(answer))
        })
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        self.gone.store(true, SeqCst);
        let busy = self.busy.load(SeqCst);
        self.seen.0.torn_under_calls.fetch_add(u64::from(busy > 0), SeqCst);
        Box::pin(std::future::ready(Ok(Teardown::Clean)))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_calls_a_second_lose_none_and_reach_none_that_is_gone() {
    let (folder, seen) = (Folder::new(), Seen::default());
    folder.dylib("a", "counting", "");
    let registry = builder(kind(DispatchClass::Singleton, ""), [])
        .runtime(seen.clone())
        .plugin_folder(folder.path())
        .start()
        .await
        .unwrap();
    let single = registry.singleton::<Value, Value>("k", "h").unwrap();
    let begun = Instant::now();
    let callers: Vec<_> = (0..TASKS)
        .map(|task| {
            let single = single.clone();
            tokio::spawn(async move {
                let mut tick = tokio::time::interval(EVERY);
                let mut slowest = Duration::ZERO;
                for number in 0..CALLS {
                    tick.tick().await;
                    let (asked, input) = (Instant::now(), json!([task, number]));
                    let answer = single.dispatch(&Caller::new(), input.clone()).await.unwrap();
                    assert_eq!(*answer.value, input);
                    slowest = slowest.max(asked.elapsed());
                }
                slowest
            })
        })
        .collect();
    let (mut reloads, mut refused) = (0, 0);
    while !callers.iter().all(tokio::task::JoinHandle::is_finished) {
        // Every fourth one fails in its setup, and must not be felt.
        seen.0.setup_fails.store((reloads + refused) % 4 == 3, SeqCst);
        match registry.reload("a").await {
            Ok(()) => reloads += 1,
            Err(ReloadError::NotReady { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = begun.elapsed();
    let mut slowest = Duration::ZERO;
    for caller in callers {
        slowest = slowest.max(caller.await.unwrap());
    }
    let now = plugin(&registry, "a");
    registry.stop().await.unwrap();
    let counts = &seen.0;
    let all = TASKS * CALLS;
    assert_eq!((counts.begun.load(SeqCst), counts.ended.load(SeqCst)), (all, all), "exactly once");
    assert_eq!(counts.too_early.load(SeqCst), 0);
    assert_eq!(counts.too_late.load(SeqCst), 0);
    assert_eq!(counts.torn_under_calls.load(SeqCst), 0);
    assert_eq!(counts.made.load(SeqCst), 1 + reloads + refused);
    assert!(now.failures.is_empty(), "{:?}", now.failures);
    assert!(reloads >= 10 && refused >= 3, "{reloads} reloads, {refused} refused");
    println!(
        "{all} calls in {took:.1?} ({:.0} a second), {reloads} reloads, {refused} that failed; lost \
         0, to an instance that was gone 0; slowest call {slowest:.1?}",
        all as f64 / took.as_secs_f64()
    );
}
