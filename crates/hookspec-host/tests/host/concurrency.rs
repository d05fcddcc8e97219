//! Many at once: exact counts, nothing half-seen.

use std::sync::Arc;
use std::time::Duration;

use hookspec_host::testing::Behaviour;
use hookspec_host::{CauseClass, Registry};
use hookspec_plugin::{Call, Caller, Fault, HookFuture, HookName, Manifest, Plugin, Reply};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{builder, kind, plugin, puppet, strict};

const COLLECT: DispatchClass = DispatchClass::BroadcastCollect;

/// Answers at once, without a journal that would grow.
struct Plain {
    manifest: Manifest,
    fails: bool,
}

impl Plugin for Plain {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("h")];
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(match self.fails {
            true => Err(Fault::new("no", "always")),
            false => Ok(Reply::Value(call.input.clone())),
        })
    }
}

fn plain(name: String, fails: bool) -> Arc<dyn Plugin> {
    Arc::new(Plain { manifest: Manifest::new(name, "k"), fails })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_plugins_ten_thousand_dispatches_exact_counts() {
    const PLUGINS: usize = 1000;
    const TASKS: usize = 8;
    const EACH: usize = 10_000 / TASKS;
    let plugins = (0..PLUGINS).map(|index| plain(format!("p{index:04}"), index % 10 == 0));
    let registry = builder(kind(DispatchClass::BroadcastNotify, ""), [])
        .plugins(plugins)
        .start()
        .await
        .unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    let tasks = (0..TASKS).map(|_| {
        let notify = notify.clone();
        tokio::spawn(async move {
            let (mut delivered, mut failed) = (0, 0);
            for _ in 0..EACH {
                let notified = notify.dispatch(&Caller::new(), json!(1)).await.unwrap();
                delivered += notified.delivered;
                failed += notified.failures.len();
            }
            (delivered, failed)
        })
    });
    let mut totals = (0, 0);
    for task in tasks.collect::<Vec<_>>() {
        let (delivered, failed) = task.await.unwrap();
        totals = (totals.0 + delivered, totals.1 + failed);
    }
    assert_eq!(totals, (9_000_000, 1_000_000));
    for plugin in registry.snapshot().plugins {
        assert_eq!((plugin.calls, plugin.in_flight), (10_000, 0));
        let failed = plugin.failures.get(&CauseClass::Faulted).copied().unwrap_or(0);
        assert_eq!(failed, if plugin.consecutive_failures > 0 { 10_000 } else { 0 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn plugins_come_and_go_under_load_and_no_dispatch_sees_half() {
    let registry = builder(kind(COLLECT, ""), [puppet("always", Behaviour::answer("always"))])
        .start()
        .await
        .unwrap();
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let load = (0..3).map(|_| {
        let (registry, done) = (registry.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
            let mut seen = [0usize; 3];
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
                assert_eq!(collected.replies[0].plugin, "always");
                seen[collected.replies.len()] += 1;
                tokio::task::yield_now().await;
            }
            seen
        })
    });
    let load: Vec<_> = load.collect();
    for _ in 0..200 {
        let guest = puppet("guest", Behaviour::answer("guest").pending());
        registry.add(Arc::new(guest)).await.unwrap();
        tokio::task::yield_now().await;
        registry.remove("guest").await.unwrap();
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    for task in load {
        let seen = tokio::time::timeout(Duration::from_secs(20), task).await.unwrap().unwrap();
        assert!(seen[1] > 0, "{seen:?}");
    }
    assert_eq!(plugin(&registry, "always").failures.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn sixty_four_concurrent_dispatches_equal_as_many_sequential_ones() {
    let upper = Behaviour::compute(|call| {
        let text = call.input.json()?["text"].as_str().unwrap_or_default().to_uppercase();
        Ok(Reply::value(json!({ "text": text })))
    });
    let registry =
        builder(strict(COLLECT, ""), [puppet("a", upper.pending())]).start().await.unwrap();
    let ask = |registry: Registry, index: usize| async move {
        let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
        let input = json!({ "text": format!("text {index}") });
        let collected = collect.dispatch(&Caller::new(), input).await.unwrap();
        (*collected.replies[0].value).clone()
    };
    let concurrent: Vec<_> =
        (0..64).map(|index| tokio::spawn(ask(registry.clone(), index))).collect();
    for (index, answer) in concurrent.into_iter().enumerate() {
        assert_eq!(answer.await.unwrap(), ask(registry.clone(), index).await);
    }
}
