//! What a plugin in a library answers, and what the host makes of it.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookspec::{Caller, Cause, Collected, Fault, Registry};
use serde_json::{Value, json};

use crate::support::{
    Folder, c_puppet, eventually, puppet, puppet_c, registry, runtime, rust_puppet,
};

const LIMIT: Duration = Duration::from_millis(300);
/// For what ends by itself, so that a busy machine is not taken for a fault.
const PATIENCE: Duration = Duration::from_secs(20);

async fn ask(registry: &Registry, what: &str) -> Collected<Value> {
    let hook = registry.broadcast_collect::<Value, Value>("puppet", "ask").unwrap();
    let waits = ["never", "hang", "drop", "cancelled", "when cancelled"].contains(&what);
    let caller = Caller::new().with_timeout(if waits { LIMIT } else { PATIENCE });
    hook.dispatch(&caller, json!(what)).await.unwrap()
}

async fn answer(registry: &Registry, what: &str) -> Value {
    let mut collected = ask(registry, what).await;
    assert!(collected.failures.is_empty(), "{what}: {:?}", collected.failures);
    collected.replies.remove(0).value.into_inner()
}

async fn cause(registry: &Registry, what: &str) -> Cause {
    let mut collected = ask(registry, what).await;
    assert!(collected.replies.is_empty(), "{what}: it answered");
    collected.failures.remove(0).cause
}

fn in_runtime(work: impl Future<Output = ()>) {
    runtime().block_on(work);
}

async fn c() -> (Registry, Folder) {
    let folder = c_puppet(&[]);
    (registry([folder.open(&puppet_c()).unwrap()]).await, folder)
}

async fn rust() -> Registry {
    registry([rust_puppet().open(&puppet()).unwrap()]).await
}

#[test]
fn c_answers_inline_and_from_a_thread() {
    in_runtime(async {
        let (registry, _folder) = c().await;
        assert_eq!(answer(&registry, "anything").await, "anything");
        assert_eq!(answer(&registry, "thread").await, "from a thread");
        registry.stop().await.unwrap();
    });
}

#[test]
fn what_c_answers_wrongly_is_named() {
    in_runtime(async {
        let (registry, _folder) = c().await;
        for what in ["bad utf-8", "bad json", "huge"] {
            let cause = cause(&registry, what).await;
            assert!(matches!(cause, Cause::InvalidOutput(_)), "{what}: {cause}");
        }
        for (what, says) in [
            ("null", "cannot be read"),
            ("endless", "cannot be read"),
            ("status", "unknown status 99"),
            ("bad fault", "no JSON at all"),
        ] {
            let cause = cause(&registry, what).await;
            assert!(
                matches!(cause, Cause::Faulted(_)) && cause.to_string().contains(says),
                "{cause}"
            );
        }
        let Cause::Faulted(fault) = cause(&registry, "fault").await else { panic!("a fault") };
        let own = Fault::new("own", "as asked").retryable().with_data(json!([1]));
        assert_eq!(fault, own);
        assert_eq!(answer(&registry, "anything").await, "anything", "and it goes on");
    });
}

#[test]
fn a_completion_counts_once() {
    in_runtime(async {
        let folder = c_puppet(&[]);
        let plugin = folder.open(&puppet_c()).unwrap();
        let registry = registry([plugin.clone()]).await;
        let strays =
            || plugin.facts().get("stray_completions").and_then(Value::as_u64).unwrap_or(0);
        assert_eq!(answer(&registry, "twice").await, 1);
        assert_eq!(strays(), 1);
        assert_eq!(answer(&registry, "eight").await, 8);
        eventually("seven of eight completions are strays", || strays() == 8);
        assert!(matches!(cause(&registry, "when cancelled").await, Cause::TimedOut));
        eventually("a completion after the cancellation is one", || strays() == 9);
        assert_eq!(answer(&registry, "garbage").await, "survived");
        assert!(strays() >= 1000, "{}", strays());
        assert_eq!(answer(&registry, "anything").await, "anything");
    });
}

#[test]
fn what_never_completes_ends_at_its_deadline() {
    in_runtime(async {
        let (registry, _folder) = c().await;
        let begin = Instant::now();
        assert!(matches!(cause(&registry, "never").await, Cause::TimedOut));
        assert!(begin.elapsed() >= LIMIT && begin.elapsed() < Duration::from_secs(5));
        registry.stop().await.unwrap();
    });
}

#[test]
fn threads_may_outlive_the_plugin() {
    in_runtime(async {
        let (registry, folder) = c().await;
        assert_eq!(answer(&registry, "outlive").await, true);
        registry.stop().await.unwrap();
        drop((registry, folder));
        // It logs and completes for 100 ms; whoever crashed would take this process along.
        tokio::time::sleep(Duration::from_millis(150)).await;
    });
}

#[test]
fn rust_answers_ready_and_from_its_own_threads() {
    in_runtime(async {
        let registry = rust().await;
        assert_eq!(answer(&registry, "anything").await, "anything");
        assert_eq!(answer(&registry, "ready").await, "ready");
        assert_eq!(answer(&registry, "wait").await, "waited");
        let Cause::Faulted(fault) = cause(&registry, "fault").await else { panic!("a fault") };
        assert!(fault.is_retryable() && fault.code() == "own");
    });
}

#[test]
fn a_panic_over_there_is_a_panic_with_its_place() {
    in_runtime(async {
        let registry = rust().await;
        for (what, says) in [("panic", "as asked"), ("panic later", "later, as asked")] {
            let Cause::Panicked { message, location } = cause(&registry, what).await else {
                panic!("{what}: it panicked")
            };
            assert_eq!(message, says);
            let place = location.unwrap();
            assert!(place.file.ends_with("puppet/src/lib.rs") && place.line > 1, "{place:?}");
        }
        assert_eq!(answer(&registry, "anything").await, "anything");
    });
}

#[test]
fn what_is_given_up_is_cancelled_over_there() {
    in_runtime(async {
        let registry = rust().await;
        for what in ["hang", "drop", "cancelled"] {
            assert!(matches!(cause(&registry, what).await, Cause::TimedOut), "{what}");
        }
        assert_eq!(answer(&registry, "wait").await, "waited");
        let end = Instant::now() + PATIENCE;
        while answer(&registry, "dropped").await != 1 {
            assert!(Instant::now() < end, "its future was never dropped over there");
        }
        registry.stop().await.unwrap();
    });
}

#[test]
fn an_answer_that_is_nested_too_deeply_harms_nobody() {
    in_runtime(async {
        let registry = rust().await;
        let cause = cause(&registry, "deep").await;
        assert!(cause.to_string().contains("nested deeper"), "{cause}");
        assert_eq!(answer(&registry, "anything").await, "anything");
    });
}

#[test]
fn a_chain_crosses_unchanged_and_stop() {
    in_runtime(async {
        let registry = rust().await;
        let chain = registry.chain::<Value>("puppet", "link").unwrap();
        for (what, value, changed, stopped) in [
            ("unchanged", "unchanged", false, false),
            ("stop", "stop", false, true),
            ("wait", "waited", true, false),
        ] {
            let chained = chain.dispatch(&Caller::new(), json!(what)).await.unwrap();
            assert_eq!(*chained.value, value);
            assert_eq!(chained.changed.len(), usize::from(changed), "{what}");
            assert_eq!(chained.stopped_by.is_some(), stopped, "{what}");
        }
    });
}

/// Ten libraries' plugins get one payload: it is written as JSON once.
#[test]
fn ten_plugins_share_one_serialisation() {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);

    struct Counted;

    impl serde::Serialize for Counted {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            WRITTEN.fetch_add(1, Ordering::Relaxed);
            serializer.serialize_str("anything")
        }
    }

    in_runtime(async {
        let folder = rust_puppet();
        let plugins = (0..10).map(|index| {
            let name = format!("puppet-{index}");
            folder.open_as(&puppet(), &name).unwrap()
        });
        let registry = registry(plugins.collect::<Vec<_>>()).await;
        let hook = registry.broadcast_collect::<Counted, Value>("puppet", "ask").unwrap();
        let collected = hook.dispatch(&Caller::new(), Counted).await.unwrap();
        assert_eq!((collected.replies.len(), WRITTEN.load(Ordering::Relaxed)), (10, 1));
    });
}
