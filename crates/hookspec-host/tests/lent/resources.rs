//! Resources: who sees which, who wraps which, and how long a temporary folder is there.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hookspec_host::resources::{FsBlobStore, MemoryBlobStore, SystemClock, SystemRng};
use hookspec_host::testing::{FrozenClock, SeededRng};
use hookspec_host::{Registry, StartError, State};
use hookspec_plugin::resources::{BlobStore, Clock, Rng, TmpDir};
use hookspec_plugin::{Context, Fault};
use serde_json::{Value, json};

use crate::support::{Use, ask, builder, needs, state};

/// Answers the names it sees, and what the resource asked for answers.
struct Sees;

#[async_trait]
impl Use for Sees {
    async fn call(&self, ctx: &Context, input: &Value) -> Result<Value, Fault> {
        if let Some(name) = input.as_str() {
            let clock = ctx.resource::<dyn Clock>(name)?;
            return Ok(json!(clock.monotonic().as_secs()));
        }
        Ok(json!(ctx.resource_names()))
    }
}

/// A clock that says it is later than it is.
struct Late(Arc<dyn Clock>, u64);

impl Clock for Late {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic() * 10 + Duration::from_secs(self.1)
    }
}

fn frozen() -> Arc<FrozenClock> {
    Arc::new(FrozenClock::new(SystemTime::UNIX_EPOCH))
}

#[tokio::test]
async fn lend_1_a_plugin_sees_what_it_declares_and_nothing_else() {
    let plugins = [
        (needs("none", &[], &[]), Sees),
        (needs("one", &["clock"], &["absent"]), Sees),
        (needs("lacks", &["pg", "clock"], &[]), Sees),
    ];
    let registry = builder(plugins)
        .resource::<dyn Clock>("clock", frozen())
        .resource("secrets", Arc::new("s3cret"))
        .start()
        .await
        .unwrap();
    let seen = ask(&registry, json!(null)).await;
    let expected = [("none", json!([])), ("one", json!(["clock"]))];
    assert_eq!(seen, expected.map(|(name, names)| (name.to_owned(), Ok(names))));
    let (is, reason) = state(&registry, "lacks");
    assert_eq!(is, State::Unavailable);
    assert!(reason.contains("`pg`") && reason.contains("clock"), "{reason}");
    for (name, answer) in ask(&registry, json!("secrets")).await {
        let refused = answer.unwrap_err();
        assert!(refused.contains(&name) && refused.contains("secrets"), "{refused}");
        assert!(!refused.contains("s3cret"), "{refused}");
    }
}

fn refused(started: Result<Registry, StartError>) -> (&'static str, String) {
    let error = started.unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn lend_2_a_name_is_given_once_unless_it_is_replaced() {
    let none = || builder::<Sees>([]);
    let twice = none().resource("x", Arc::new(1)).resource("x", Arc::new(2)).build();
    let (code, said) = refused(twice);
    assert!(code == "HS-R060" && said.contains("`x` is already registered"), "{said}");
    none().resource("x", Arc::new(1)).replace_resource("x", Arc::new(2)).build().unwrap();
    let twice = none().resource("x", Arc::new(1)).resource("x", Arc::new(2));
    twice.replace_resource("x", Arc::new(3)).build().unwrap();
}

#[test]
fn lend_3_a_decorator_of_another_type_is_refused_and_both_types_are_named() {
    let frozen = builder::<Sees>([]).resource("clock", frozen());
    let (code, said) = refused(frozen.decorate::<dyn Clock>("clock", |inner, _| inner).build());
    assert_eq!(code, "HS-R061");
    assert!(
        said.contains("FrozenClock") && said.contains("dyn ") && said.contains("Clock"),
        "{said}"
    );
    let standard = builder::<Sees>([]).standard_resources();
    let (code, _) = refused(standard.decorate::<dyn Clock>("tmpdir", |inner, _| inner).build());
    assert_eq!(code, "HS-R061");
    // Nobody registered it: that is no contradiction.
    builder::<Sees>([]).decorate::<dyn Clock>("clock", |inner, _| inner).build().unwrap();
}

#[tokio::test]
async fn lend_3_decorators_wrap_for_each_plugin_in_their_order() {
    let clock = frozen();
    clock.advance(Duration::from_secs(1));
    let plugins = ["a", "b"].map(|name| (needs(name, &["clock"], &[]), Sees));
    let registry = builder(plugins)
        .decorate::<dyn Clock>("clock", |inner, borrower| {
            let by = if borrower.plugin == "a" { 2 } else { 3 };
            Arc::new(Late(inner, by))
        })
        .decorate::<dyn Clock>("clock", |inner, borrower| {
            assert_eq!(borrower.kind, "k");
            Arc::new(Late(inner, borrower.metadata["by"].as_u64().unwrap()))
        })
        .context_metadata("by", json!(4))
        .resource::<dyn Clock>("clock", clock)
        .start()
        .await
        .unwrap();
    let answers = ask(&registry, json!("clock")).await;
    assert_eq!(answers, [("a".into(), Ok(json!(124))), ("b".into(), Ok(json!(134)))]);
}

#[tokio::test]
async fn lend_2_the_standard_resources_leave_what_was_given() {
    for standard_first in [true, false] {
        let all = ["clock", "rng", "blob_store", "tmpdir"];
        let builder = builder([(needs("a", &all, &["http_client"]), Sees)]);
        let builder = if standard_first {
            builder.standard_resources().resource::<dyn Clock>("clock", frozen())
        } else {
            builder.resource::<dyn Clock>("clock", frozen()).standard_resources()
        };
        let registry = builder.start().await.unwrap();
        let seen = ask(&registry, json!(null)).await;
        assert_eq!(seen[0].1, Ok(json!(["blob_store", "clock", "rng", "tmpdir"])));
        assert_eq!(ask(&registry, json!("clock")).await[0].1, Ok(json!(0)), "it is the frozen one");
    }
}

/// Keeps the path of its folder where the test finds it.
#[derive(Clone, Default)]
struct Litters {
    path: Arc<Mutex<Option<PathBuf>>>,
    fails: bool,
}

#[async_trait]
impl Use for Litters {
    async fn set_up(&self, ctx: &Context) -> Result<(), Fault> {
        let folder = ctx.resource::<dyn TmpDir>("tmpdir")?;
        folder.create_file("litter")?;
        *self.path.lock().unwrap() = Some(folder.path().to_owned());
        if self.fails { Err(Fault::new("no", "not today")) } else { Ok(()) }
    }
    async fn call(&self, _: &Context, _: &Value) -> Result<Value, Fault> {
        Ok(json!(null))
    }
    async fn tear_down(&self) -> Result<(), Fault> {
        assert!(self.path.lock().unwrap().as_ref().unwrap().join("litter").exists());
        Ok(())
    }
}

#[tokio::test]
async fn lend_4_a_temporary_folder_lasts_from_setup_to_teardown() {
    let (good, other) = (Litters::default(), Litters::default());
    let bad = Litters { fails: true, ..Litters::default() };
    let plugins = [("good", &good), ("other", &other), ("bad", &bad)];
    let plugins = plugins.map(|(name, own)| (needs(name, &["tmpdir"], &[]), own.clone()));
    let registry = builder(plugins).standard_resources().start().await.unwrap();
    let path = |own: &Litters| own.path.lock().unwrap().clone().unwrap();
    assert!(path(&good).exists() && path(&other).exists());
    assert_ne!(path(&good), path(&other));
    assert_eq!(state(&registry, "bad").0, State::Unavailable);
    assert!(!path(&bad).exists(), "it was never ready");
    registry.remove("other").await.unwrap();
    assert!(!path(&other).exists());
    registry.stop().await.unwrap();
    assert!(!path(&good).exists());
}

/// Waits for ever once it has its folder.
struct Waits(Litters);

#[async_trait]
impl Use for Waits {
    async fn set_up(&self, ctx: &Context) -> Result<(), Fault> {
        self.0.set_up(ctx).await?;
        std::future::pending().await
    }
    async fn call(&self, _: &Context, _: &Value) -> Result<Value, Fault> {
        Ok(json!(null))
    }
}

#[tokio::test]
async fn lend_4_a_temporary_folder_goes_with_a_setup_that_is_given_up() {
    let own = Litters::default();
    let plugins = [(needs("waits", &["tmpdir"], &[]), Waits(own.clone()))];
    let registry = builder(plugins).standard_resources().build().unwrap();
    let stop = async {
        let path = loop {
            if let Some(path) = own.path.lock().unwrap().clone() {
                break path;
            }
            tokio::task::yield_now().await;
        };
        registry.stop().await.unwrap();
        path
    };
    let both = async { tokio::join!(registry.start(), stop) };
    let (started, path) = tokio::time::timeout(Duration::from_secs(20), both).await.unwrap();
    assert!(matches!(started, Err(StartError::Stopped)));
    assert!(!path.exists(), "the registry is there still, and the folder is not");
    drop(registry);
}

#[tokio::test]
async fn blobs_are_kept_by_key_and_nothing_leaves_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let files = FsBlobStore::new(folder.path().join("blobs"));
    let stores: [Arc<dyn BlobStore>; 2] = [Arc::new(MemoryBlobStore::new()), Arc::new(files)];
    for store in stores {
        for key in ["", "..", "../x", "/etc/passwd", "a//b", "a\\b", "a\0"] {
            assert_eq!(store.put(key, b"x").await.unwrap_err().code(), "blob_key", "{key:?}");
            assert_eq!(store.get(key).await.unwrap_err().code(), "blob_key", "{key:?}");
            assert_eq!(store.delete(key).await.unwrap_err().code(), "blob_key", "{key:?}");
            assert_eq!(store.exists(key).await.unwrap_err().code(), "blob_key", "{key:?}");
        }
        assert_eq!(store.get("a").await, Ok(None));
        store.delete("a").await.unwrap();
        for (key, bytes) in [("a/b", &b"\0\xff"[..]), ("a", b""), ("a/b", b"2")] {
            store.put(key, bytes).await.unwrap();
            assert_eq!(store.get(key).await, Ok(Some(bytes.to_vec())));
        }
        assert_eq!(store.list("").await, Ok(vec!["a".into(), "a/b".into()]));
        assert_eq!(store.list("a/").await, Ok(vec!["a/b".into()]));
        store.delete("a").await.unwrap();
        assert_eq!((store.exists("a").await, store.exists("a/b").await), (Ok(false), Ok(true)));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_real_ones_are_alive() {
    let clock = SystemClock::new();
    let before = clock.monotonic();
    assert!(clock.monotonic() >= before);
    let told = clock.now();
    assert!(SystemTime::now().duration_since(told).unwrap() < Duration::from_secs(5));
    let draws: Vec<u64> = (0..4).map(|_| SystemRng.next_u64()).collect();
    assert!(draws.windows(2).any(|pair| pair[0] != pair[1]));
    let one = SeededRng::new(42);
    assert!(
        (0..1_000)
            .all(|_| (0.0..1.0).contains(&one.random()) && (3..=5).contains(&one.randint(3, 5)))
    );
}
