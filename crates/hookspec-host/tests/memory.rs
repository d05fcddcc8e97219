//! No growth: a binary of its own, because what is measured is the memory of the whole process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use hookspec_host::Registry;
use hookspec_plugin::{Call, Caller, Fault, HookFuture, HookName, Manifest, Plugin, Reply};
use hookspec_spec::{Catalog, Source};
use serde_json::{Value, json};

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

#[tokio::test]
async fn no_growth_between_ten_thousand_and_a_hundred_thousand_dispatches() {
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

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
