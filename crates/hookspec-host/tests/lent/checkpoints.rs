//! Checkpoint stores: what both promise, what files add, and what keeps plugins apart.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use hookspec_host::{FileCheckpoints, MemoryCheckpoints};
use hookspec_plugin::{Checkpoint, CheckpointStore, CheckpointVersion, Context, Fault, Manifest};
use serde_json::{Value, json};

use crate::again;
use crate::support::{Use, ask, builder};

fn code<T>(result: Result<T, Fault>) -> String {
    result.err().map(|fault| fault.code().to_owned()).unwrap_or_default()
}

/// Every store, with the folder that must live as long.
fn stores() -> [(Arc<dyn CheckpointStore>, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let files = FileCheckpoints::new(folder.path().join("made/when/needed"));
    [(Arc::new(MemoryCheckpoints::new()), None), (Arc::new(files), Some(folder))]
}

#[tokio::test]
async fn what_is_no_key_or_could_not_be_read_back_is_refused() {
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    for (store, _folder) in stores() {
        for key in ["", "..", "a/../b", "/a", "a//b", "a b", &"x".repeat(241)] {
            assert_eq!(code(store.save(key, &json!(1)).await), "checkpoint_key", "{key}");
            assert_eq!(code(store.load(key).await), "checkpoint_key", "{key}");
            assert_eq!(code(store.clear(key).await), "checkpoint_key", "{key}");
        }
        assert_eq!(code(store.save("k", &deep).await), "checkpoint_state");
        let large = json!("x".repeat(16 << 20));
        assert_eq!(code(store.save("k", &large).await), "checkpoint_state");
        assert_eq!(store.load("k").await, Ok(None));
        assert_eq!(store.list("").await, Ok(vec![]));
    }
}

#[tokio::test]
async fn checkpoint_1_a_save_replaces_and_counts() {
    for (store, _folder) in stores() {
        assert_eq!(store.load("a/1").await, Ok(None));
        store.clear("a/1").await.unwrap();
        for (count, state) in [(1, json!(null)), (2, json!({ "text": "ä\n" }))] {
            assert_eq!(store.save("a/1", &state).await, Ok(CheckpointVersion(count)));
            let version = CheckpointVersion(count);
            assert_eq!(store.load("a/1").await, Ok(Some(Checkpoint { state, version })));
        }
        let long = "x".repeat(240);
        for key in ["a", "b/1", "a/2", ".a", "a.checkpoint", &long] {
            store.save(key, &json!(key)).await.unwrap();
        }
        let listed = store.list("a/").await.unwrap();
        assert_eq!(
            listed,
            [("a/1".into(), CheckpointVersion(2)), ("a/2".into(), CheckpointVersion(1))]
        );
        assert_eq!(store.list("").await.unwrap().len(), 7);
        store.clear("a/1").await.unwrap();
        assert_eq!(store.load("a/1").await, Ok(None));
        assert_eq!(store.save("a/1", &json!(3)).await, Ok(CheckpointVersion(1)));
    }
}

/// The one file of a folder that keeps a state.
fn only(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut kept = files.filter(|path| path.extension().is_some());
    let file = kept.next().unwrap();
    assert_eq!(kept.next(), None);
    file
}

#[tokio::test]
async fn checkpoint_3_whatever_is_damaged_is_told_and_never_a_state() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileCheckpoints::new(folder.path());
    store.save("k", &json!({ "n": 12, "text": "abc" })).await.unwrap();
    let file = only(folder.path());
    let whole = fs::read(&file).unwrap();
    let mut damaged: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"\n".to_vec(),
        b"{}".to_vec(),
        b"{}\n".to_vec(),
        b"{\"n\": 12}".to_vec(),
        [&whole[..], b" "].concat(),
        [&whole[..], &whole[..]].concat(),
        vec![0; whole.len()],
    ];
    damaged.extend((0..whole.len()).map(|length| whole[..length].to_vec()));
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[place] ^= 1 << bit;
            damaged.push(flipped);
        }
    }
    for content in damaged {
        fs::write(&file, &content).unwrap();
        let shown = String::from_utf8_lossy(&content).into_owned();
        assert_eq!(code(store.load("k").await), "checkpoint_corrupt", "{shown}");
    }
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(store.list("").await, Ok(vec![("k".into(), CheckpointVersion(0))]));
    assert_eq!(store.save("k", &json!(1)).await, Ok(CheckpointVersion(1)), "it is replaced");
    fs::write(&file, "damaged").unwrap();
    store.clear("k").await.unwrap();
    assert_eq!(store.load("k").await, Ok(None));
}

#[tokio::test]
async fn what_dead_writers_left_is_removed_and_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(",new-1-1"), "half a sta").unwrap();
    fs::write(folder.path().join("README"), "somebody else's").unwrap();
    let store = FileCheckpoints::new(folder.path());
    assert_eq!(store.list("").await, Ok(vec![]));
    store.save("k", &json!(1)).await.unwrap();
    assert!(!folder.path().join(",new-1-1").exists());
    assert!(folder.path().join("README").exists());
}

/// The child of the test below: counts a state up, as fast as it can.
#[test]
fn child_counts() {
    let Some(folder) = again::folder() else { return };
    let store = FileCheckpoints::new(folder);
    futures::executor::block_on(async {
        for n in 0..100 {
            store.save("shared", &json!(vec![n; 100])).await.unwrap();
            store.load("shared").await.unwrap().unwrap();
        }
    });
}

#[test]
fn checkpoint_4_processes_that_share_a_folder_do_not_harm_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut children: Vec<_> = (0..3)
        .map(|_| {
            let mut child = again::child("checkpoints::child_counts", "", folder.path());
            child.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let store = FileCheckpoints::new(folder.path());
    let last = futures::executor::block_on(store.load("shared")).unwrap().unwrap();
    assert_eq!(last.version, CheckpointVersion(300), "no save was lost or counted twice");
    assert_eq!(last.state, json!(vec![99; 100]));
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2, "the state and the lock");
}

/// Saves what it is called with, and answers every key and state it can see.
struct Keeps;

#[async_trait]
impl Use for Keeps {
    async fn call(&self, ctx: &Context, input: &Value) -> Result<Value, Fault> {
        let Some(store) = ctx.checkpoints() else { return Ok(json!("none")) };
        if let Some(key) = input["key"].as_str() {
            store.save(key, &json!(ctx.plugin().as_str())).await?;
            return Ok(json!(null));
        }
        let mut seen = Vec::new();
        for (key, _) in store.list(input["prefix"].as_str().unwrap_or_default()).await? {
            let state = store.load(&key).await?.map(|checkpoint| checkpoint.state);
            seen.push(json!([key, state]));
        }
        Ok(json!(seen))
    }
}

#[tokio::test]
async fn checkpoint_5_a_plugin_sees_its_own_keys_alone() {
    let plugins = || [Manifest::new("a", "k"), Manifest::new("ab", "k")].map(|own| (own, Keeps));
    for (store, _folder) in stores() {
        store.save("outside", &json!("secret")).await.unwrap();
        let registry = builder(plugins()).checkpoints(store).start().await.unwrap();
        for key in ["../ab/x", "/ab/x", "ab//x", &"x".repeat(201)] {
            for (_, answer) in ask(&registry, json!({ "key": key })).await {
                assert!(answer.is_err(), "{key}: {answer:?}");
            }
        }
        ask(&registry, json!({ "key": "x/y" })).await;
        let seen = ask(&registry, json!({ "prefix": "" })).await;
        let expected = |name: &str| (name.to_owned(), Ok(json!([["x/y", name]])));
        assert_eq!(seen, [expected("a"), expected("ab")]);
        let other = ask(&registry, json!({ "prefix": "/" })).await;
        assert!(other.iter().all(|(_, answer)| *answer == Ok(json!([]))), "{other:?}");
    }
    let registry = builder(plugins()).start().await.unwrap();
    let answers = ask(&registry, json!({})).await;
    assert!(answers.iter().all(|(_, answer)| *answer == Ok(json!("none"))), "{answers:?}");
}
