//! Reload: a new instance in the place of the old one, or the old one as it was.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookspec_host::testing::Behaviour;
use hookspec_host::{Registry, RegistryBuilder, ReloadError, ReloadStep, State};
use hookspec_plugin::{Caller, RuntimeName};
use hookspec_spec::{DispatchClass, PluginFolder};
use serde_json::{Value, json};

use crate::loading::{Fake, Folder, Seen};
use crate::support::{PATIENCE, builder, eventually, impatient, kind, plugin, puppet};

fn from(folder: &Folder, seen: &Seen) -> RegistryBuilder {
    builder(kind(DispatchClass::BroadcastCollect, ""), [])
        .runtime(Fake { name: RuntimeName::Dylib, seen: seen.clone() })
        .plugin_folder(folder.path())
}

/// Who answered what, in one dispatch.
async fn answers(registry: &Registry) -> Vec<(String, Value)> {
    let dispatcher = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = dispatcher.dispatch(&Caller::new(), json!({})).await.unwrap();
    let replies = collected.replies.iter();
    replies.map(|answer| (answer.plugin.to_string(), Value::clone(&answer.value))).collect()
}

fn answered(name: &str, version: &str) -> Vec<(String, Value)> {
    vec![(name.to_owned(), json!(version))]
}

/// RELOAD-1.
#[tokio::test]
async fn a_reload_takes_the_manifest_and_the_instance_anew() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "version = \"1\"");
    let seen = Seen::default();
    let registry = from(&folder, &seen).start().await.unwrap();
    assert_eq!(answers(&registry).await, answered("a", "1"));
    folder.dylib("a", "ok", "version = \"2\"\npriority = 7");
    registry.reload("a").await.unwrap();
    assert_eq!(answers(&registry).await, answered("a", "2"));
    let now = plugin(&registry, "a");
    assert_eq!((now.priority, now.state, now.calls), (7, State::Ready, 1));
    assert_eq!(seen.torn_down.load(Ordering::SeqCst), 1);
    registry.stop().await.unwrap();
    assert_eq!(seen.torn_down.load(Ordering::SeqCst), 2);
    assert!(matches!(registry.reload("a").await, Err(ReloadError::NotRunning { .. })));
}

#[tokio::test]
async fn every_step_of_a_reload_is_told_and_an_observer_that_panics_changes_nothing() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "version = \"1\"");
    let registry = from(&folder, &Seen::default()).start().await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = |panics: bool| {
        let told = Arc::clone(&told);
        move |step: ReloadStep| {
            told.lock().unwrap().push(step.as_str());
            assert!(!panics || step != ReloadStep::Swapped, "the observer panics");
        }
    };
    let all = ["opened", "checked", "quiesced", "set up", "swapped", "drained", "torn down"];
    for panics in [false, true] {
        registry.reload_observed("a", tell(panics)).await.unwrap();
        // A poisoned lock would fail the next step: the panic comes after it was released.
        assert_eq!(std::mem::take(&mut *told.lock().unwrap()), all);
    }
    folder.dylib("a", "setup_fails", "");
    registry.reload_observed("a", tell(false)).await.unwrap_err();
    assert_eq!(*told.lock().unwrap(), all[..3]);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn a_plugin_that_comes_later_is_opened_with_what_its_file_holds_beside_it() {
    let folder = Folder::new();
    let registry = from(&folder, &Seen::default()).start().await.unwrap();
    let found = |name: &str| {
        let discovery = PluginFolder::new(folder.path()).discover().unwrap();
        let mut found = discovery.found.into_iter();
        found.find(|found| found.manifest.name.as_str() == name).unwrap()
    };
    folder.dylib("a", "several", "version = \"1\"");
    folder.dylib("b", "refused", "");
    registry.open(found("a")).await.unwrap();
    let names: Vec<String> = answers(&registry).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "beside", "taken"]);
    let again = registry.open(found("a")).await.unwrap_err();
    assert_eq!(again.code(), "HS-R001", "{again}");
    let refused = registry.open(found("b")).await.unwrap_err();
    assert_eq!(refused.code(), "HS-R019", "{refused}");
    assert_eq!(registry.snapshot().plugins.len(), 3, "as it was");
    registry.reload("beside").await.unwrap();
    registry.stop().await.unwrap();
    assert_eq!(registry.open(found("b")).await.unwrap_err().code(), "HS-R007");
}

/// RELOAD-2, RELOAD-3.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_every_dispatch_is_answered_by_the_old_or_the_new_one() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "version = \"0\"");
    let seen = Seen::default();
    let registry = from(&folder, &seen).start().await.unwrap();
    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (registry, over) = (registry.clone(), Arc::clone(&over));
            let answered = Arc::clone(&answered);
            tokio::spawn(async move {
                let mut newest = 0;
                while !over.load(Ordering::SeqCst) {
                    let found = answers(&registry).await;
                    assert_eq!(found.len(), 1, "{found:?}");
                    let version: usize = found[0].1.as_str().unwrap().parse().unwrap();
                    // What one caller sees never goes back.
                    assert!(version >= newest, "{version} after {newest}");
                    newest = version;
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                newest
            })
        })
        .collect();
    for version in 1..=20 {
        let before = answered.load(Ordering::SeqCst);
        eventually("calls go on", || answered.load(Ordering::SeqCst) > before + 8).await;
        folder.dylib("a", "ok", &format!("version = \"{version}\""));
        registry.reload("a").await.unwrap();
        assert_eq!(seen.torn_down.load(Ordering::SeqCst), version);
    }
    over.store(true, Ordering::SeqCst);
    for caller in callers {
        let newest = tokio::time::timeout(PATIENCE, caller).await.unwrap().unwrap();
        assert!(newest >= 19, "{newest}");
    }
    assert_eq!(seen.torn_under_calls.load(Ordering::SeqCst), 0);
    assert!(plugin(&registry, "a").failures.is_empty());
    registry.stop().await.unwrap();
}

/// RELOAD-4.
#[tokio::test]
async fn a_failure_before_the_swap_keeps_the_old_one_and_says_why() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "version = \"1\"");
    folder.dylib("b", "ok", "version = \"1\"\ndepends_on = [\"a\"]");
    let seen = Seen::default();
    let registry = from(&folder, &seen).limits(impatient()).start().await.unwrap();
    let before = plugin(&registry, "a").since;
    let rows: [(&str, &str, &str); 10] = [
        ("refused", "", "HS-R019"),
        ("panics", "", "it panicked: opening went wrong"),
        ("hangs", "", "did not open within"),
        ("other", "", "not `a`"),
        ("no_hook", "", "HS-R004"),
        ("setup_fails", "", "HS-R045"),
        ("ok", "kind_api_version = \"9\"", "HS-R003"),
        ("ok", "depends_on = [\"b\"]", "HS-R044"),
        ("ok", "depends_on = [\"nobody\"]", "`nobody`"),
        ("ok", "resources = { required = [\"lamp\"] }", "`lamp`"),
    ];
    for (entry_point, more, part) in rows {
        folder.dylib("a", entry_point, more);
        let error = registry.reload("a").await.unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("plugin `a`"), "{entry_point}: {error}");
    }
    for (text, part) in [
        ("not toml [", "HS-S004"),
        (
            "name = \"renamed\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"dylib\"\n",
            "`renamed`",
        ),
    ] {
        folder.write("a", text);
        let error = registry.reload("a").await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let now = plugin(&registry, "a");
    assert_eq!((now.state, now.since), (State::Ready, before));
    let both = [("a".to_owned(), json!("1")), ("b".to_owned(), json!("1"))];
    assert_eq!(answers(&registry).await, both);
    assert_eq!(seen.torn_down.load(Ordering::SeqCst), 0);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_unavailable_comes_back_by_a_reload_and_so_does_what_waited_for_it() {
    let folder = Folder::new();
    folder.dylib("a", "refused", "");
    folder.dylib("b", "ok", "version = \"1\"\ndepends_on = [\"a\"]");
    let registry = from(&folder, &Seen::default()).start().await.unwrap();
    assert_eq!(plugin(&registry, "a").state, State::Unavailable);
    assert!(answers(&registry).await.is_empty());
    folder.dylib("a", "ok", "version = \"2\"");
    registry.reload("a").await.unwrap();
    let both = [("a".to_owned(), json!("2")), ("b".to_owned(), json!("1"))];
    assert_eq!(answers(&registry).await, both);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn a_plugin_beside_another_is_reloaded_from_the_same_library() {
    let folder = Folder::new();
    folder.dylib("a", "several", "version = \"1\"");
    let registry = from(&folder, &Seen::default()).start().await.unwrap();
    folder.dylib("a", "several", "version = \"2\"");
    registry.reload("beside").await.unwrap();
    let expected = [("a", "1"), ("beside", "2"), ("taken", "1")];
    assert_eq!(answers(&registry).await, expected.map(|(name, v)| (name.to_owned(), json!(v))));
    folder.dylib("a", "ok", "version = \"3\"");
    let error = registry.reload("beside").await.unwrap_err().to_string();
    assert!(error.contains("holds it no longer"), "{error}");
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn a_value_cannot_be_made_again() {
    let catalog = kind(DispatchClass::BroadcastCollect, "");
    let registry = builder(catalog, [puppet("v", Behaviour::answer(1))]).start().await.unwrap();
    let error = registry.reload("v").await.unwrap_err();
    assert_eq!(error.code(), "HS-R041");
    assert!(error.to_string().contains("given as a value"), "{error}");
    assert_eq!(registry.reload("gone").await.unwrap_err().code(), "HS-R040");
    assert_eq!(answers(&registry).await, [("v".to_owned(), json!(1))]);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn a_reload_that_nobody_awaits_goes_on_to_its_end() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "version = \"1\"");
    let registry = from(&folder, &Seen::default()).start().await.unwrap();
    folder.dylib("a", "ok", "version = \"2\"");
    let dropped = tokio::time::timeout(Duration::ZERO, registry.reload("a")).await;
    assert!(dropped.is_err());
    eventually("the new one is there", || plugin(&registry, "a").version.as_deref() == Some("2"))
        .await;
    assert_eq!(answers(&registry).await, answered("a", "2"));
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn what_a_reload_makes_dependent_stops_first() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "");
    folder.dylib("b", "ok", "");
    let seen = Seen::default();
    let registry = from(&folder, &seen).start().await.unwrap();
    folder.dylib("a", "ok", "depends_on = [\"b\"]");
    registry.reload("a").await.unwrap();
    seen.stopped.lock().unwrap().clear();
    registry.stop().await.unwrap();
    assert_eq!(*seen.stopped.lock().unwrap(), ["a", "b"]);
}
