//! No growth: a binary of its own, because what is measured is the memory of the whole process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookspec_host::Registry;
use hookspec_host::bus::{Bus, BusOptions, Delivery};
use hookspec_plugin::{
    Call, Caller, EventDraft, Fault, HookFuture, HookName, Manifest, Overflow, Plugin, Reply,
    Subscription,
};
use hookspec_spec::{Catalog, EventCatalog, Source};
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};

/// Answers, or fails, at once or from a future that is pending first.
struct Plain {
    manifest: Manifest,
    fails: bool,
    pending: bool,
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
        let answer = match self.fails {
            true => Err(Fault::new("no", "always")),
            false => Ok(Reply::Value(call.input.clone())),
        };
        if !self.pending {
            return HookFuture::Ready(answer);
        }
        HookFuture::boxed(async {
            tokio::task::yield_now().await;
            answer
        })
    }
}

/// What is measured is the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

#[tokio::test]
async fn no_growth_between_ten_thousand_and_a_hundred_thousand_dispatches() {
    let _alone = ALONE.lock().await;
    let plain = |name: &str, fails, pending| {
        let manifest = Manifest::new(name, "k");
        Arc::new(Plain { manifest, fails, pending }) as Arc<dyn Plugin>
    };
    let yaml = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_collect\n    error_policy: best_effort\n";
    let registry = Registry::builder()
        .catalog(Catalog::from_sources([Source::new("kinds/k/v1.yaml", yaml)]).unwrap())
        .plugins([plain("a", false, false), plain("b", true, false), plain("c", false, true)])
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let run = async |count: usize| {
        for _ in 0..count {
            let collected = collect.dispatch(&Caller::new(), json!({ "text": "x" })).await.unwrap();
            assert_eq!((collected.replies.len(), collected.failures.len()), (2, 1));
        }
    };
    run(10_000).await;
    let before = resident();
    run(90_000).await;
    let after = resident();
    assert!(after <= before + (1 << 20), "{before} bytes -> {after} bytes");
}

// EVENT-9.
#[tokio::test]
async fn event_9_a_million_events_for_subscribers_who_hold_are_dropped_and_counted() {
    const EVENTS: u64 = 1_000_000;
    let _alone = ALONE.lock().await;
    let options = BusOptions { open_namespaces: vec!["*".into()], ..BusOptions::default() };
    let bus = Bus::new(&EventCatalog::empty(), options);
    let gate = Arc::new(Semaphore::new(0));
    let lagged = Arc::new(AtomicU64::new(0));
    let hold = |name: &str, overflow| {
        let (gate, lagged) = (Arc::clone(&gate), Arc::clone(&lagged));
        let wants = Subscription::new("a.*").unwrap().overflow(overflow).timeout_ms(600_000);
        let handler = move |told: Delivery| {
            let gate = Arc::clone(&gate);
            lagged.fetch_add(told.lagged, Ordering::Relaxed);
            async move {
                drop(gate.acquire().await);
                Ok(())
            }
        };
        bus.subscribe(name, wants, handler).unwrap()
    };
    let _guards = [hold("newest", Overflow::DropNewest), hold("oldest", Overflow::DropOldest)];
    bus.publish(EventDraft::new("a.b")).await.unwrap();
    while bus.snapshot().subscriptions.iter().any(|own| own.in_hands == 0) {
        tokio::task::yield_now().await;
    }
    let publish = |count: u64| -> usize {
        let one = |n: u64| bus.try_publish(EventDraft::new("a.b").data(n)).unwrap().dropped;
        std::thread::scope(|scope| {
            let halves = [(); 2].map(|()| scope.spawn(|| (0..count / 2).map(one).sum::<usize>()));
            halves.into_iter().map(|half| half.join().unwrap()).sum()
        })
    };
    let mut told = publish(10_000);
    let before = resident();
    told += publish(EVENTS - 10_000);
    let after = resident();
    assert!(after <= before + (1 << 20), "{before} bytes -> {after} bytes");
    let dropped = EVENTS - 256;
    // An older one that gave way is not the matter of who publishes.
    assert_eq!(told as u64, dropped);
    for own in bus.snapshot().subscriptions {
        assert_eq!((own.waiting, own.dropped), (256, dropped), "{}", own.subscriber);
    }
    gate.add_permits(2);
    assert!(bus.drain(Duration::from_secs(20)).await.is_complete());
    assert_eq!(lagged.load(Ordering::Relaxed), 2 * dropped);
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
