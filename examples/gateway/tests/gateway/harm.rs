//! Plugins that misbehave, and requests that are answered all the same.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::future::join_all;
use hookspec::Manifest;
use hookspec::testing::{Behaviour, Puppet};
use tempfile::TempDir;

use crate::client::get;
use crate::served::{HOOKSPECS, Served};

#[tokio::test(flavor = "multi_thread")]
async fn requests_beside_plugins_that_panic_and_hang_are_answered() {
    let served = Served::start(|builder| builder.plugins(misbehaving::plugins())).await;
    let address = served.address;
    let requests = (0..16).map(|number| async move {
        let path = ["/search?q=Big+CAR", "/tools", "/healthz", "/plugins"][number % 4];
        let got = get(address, path, &[]).await;
        assert_eq!(got.status, 200, "{path}: {got:?}");
        (number % 4, got)
    });
    let began = Instant::now();
    for (path, got) in join_all(requests).await {
        let answer = got.json();
        match path {
            0 => {
                assert_eq!(answer["value"]["text"], "big car");
                let failed = answer["failures"].as_array().unwrap();
                let causes: Vec<_> =
                    failed.iter().map(|one| one["cause"].as_str().unwrap()).collect();
                assert_eq!(causes, ["timed_out", "invalid_output", "panicked"], "{answer}");
            }
            1 => {
                assert_eq!(answer["tools"].as_array().unwrap().len(), 6);
                assert_eq!(answer["failures"].as_array().unwrap().len(), 3, "{answer}");
            }
            _ => {}
        }
    }
    // The plugins that hang have 250 ms each, and wait beside each other.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert!(served.stop().await);
}

/// The shipped hookspecs, but a rewriter that fails ends the chain.
fn strict() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(HOOKSPECS), folder.path());
    let path = folder.path().join("query_rewriter/v1.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let strict = text.replace("error_policy: best_effort", "error_policy: fail_fast");
    assert_ne!(text, strict);
    std::fs::write(path, strict).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ended_a_dispatch_is_named_with_the_status_that_fits() {
    for (behaviour, status, cause) in [
        (Behaviour::panic("password"), 502, "panicked"),
        (Behaviour::fault("password"), 502, "faulted"),
        (Behaviour::Hang, 504, "timed_out"),
    ] {
        let bad = Puppet::new(Manifest::new("bad", "query_rewriter")).on("rewrite", behaviour);
        let folder = strict();
        let served = Served::start_with(folder.path(), |builder| builder.plugin(bad)).await;
        let headers = [("x-request-timeout-ms", "200")];
        let (began, got) = (Instant::now(), get(served.address, "/search?q=a", &headers).await);
        assert!(began.elapsed() < Duration::from_secs(2), "the request said how long");
        assert_eq!(got.status, status, "{got:?}");
        let problem = got.json();
        assert_eq!((&problem["plugin"], &problem["cause"]), (&"bad".into(), &cause.into()));
        assert!(!got.text.contains("password"), "{problem}");
        assert_eq!(get(served.address, "/healthz", &[]).await.status, 200);
        assert!(served.stop().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_a_request_gives_bounds_it_and_a_longer_one_does_not() {
    let slow =
        Puppet::new(Manifest::new("slow", "tool_provider")).on("list_tools", Behaviour::Hang);
    let served = Served::start(|builder| builder.plugin(slow)).await;
    let began = Instant::now();
    let headers = [("x-request-timeout-ms", "100")];
    let answer = get(served.address, "/tools", &headers).await.json();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(answer["tools"].as_array().unwrap().len(), 6, "the others' replies stand");
    assert_eq!(answer["failures"][0]["plugin"], "slow");
    assert!(served.stop().await);
}
