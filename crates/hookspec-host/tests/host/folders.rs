//! Plugins from folders: what cannot be opened costs nobody but itself.

use std::time::Instant;

use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_host::{Registry, RegistryBuilder, StartError, State};
use hookspec_plugin::{Caller, Manifest, RuntimeName};
use hookspec_spec::{DispatchClass, PluginFolder};
use serde_json::{Value, json};

use crate::loading::{Fake, Folder, Seen};
use crate::support::{PATIENCE, builder, impatient, kind, plugin, puppet};

fn from(folder: &Folder, seen: &Seen) -> RegistryBuilder {
    builder(kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n"), [])
        .runtime(Fake { name: RuntimeName::Dylib, seen: seen.clone() })
        .plugin_folder(folder.path())
}

async fn answers(registry: &Registry) -> Vec<(String, Value)> {
    let dispatcher = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = dispatcher.dispatch(&Caller::new(), json!({})).await.unwrap();
    let replies = collected.replies.iter();
    replies.map(|answer| (answer.plugin.to_string(), Value::clone(&answer.value))).collect()
}

fn state(registry: &Registry, name: &str) -> (State, String) {
    let found = plugin(registry, name);
    (found.state, found.reason)
}

#[tokio::test]
async fn what_a_folder_holds_is_opened_and_called() {
    let folder = Folder::new();
    let path = folder.dylib("one", "ok", "version = \"1\"");
    folder.dylib("two", "several", "version = \"2\"");
    folder.dylib("taken", "ok", "version = \"3\"");
    let seen = Seen::default();
    let registry = from(&folder, &seen).pin("one", "abc").start().await.unwrap();
    let names: Vec<_> = answers(&registry).await.into_iter().map(|(name, _)| name).collect();
    // A library may hold more than its manifest names; that takes nobody's name.
    assert_eq!(names, ["beside", "one", "taken", "two"]);
    let skipped = registry.snapshot().skipped;
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert_eq!(skipped[0].plugin.as_deref(), Some("taken"));
    assert!(skipped[0].path.ends_with("two/plugin.toml"), "{skipped:?}");
    let one = plugin(&registry, "one");
    assert_eq!((one.manifest_path, one.facts["version"].clone()), (Some(path), json!("1")));
    let env = seen.env.lock().unwrap().clone().unwrap();
    let known = env.kind("k", 1).unwrap();
    let digest = &registry.catalog().kind("k", 1).unwrap().hook("h").unwrap().digest;
    assert_eq!((known.api_version.as_str(), &known.hooks["h"]), ("1.0.0", digest));
    assert_eq!(env.pinned["one"], "abc");
    registry.stop().await.unwrap();
    assert_eq!(seen.torn_down.load(std::sync::atomic::Ordering::SeqCst), 4);
}

#[tokio::test]
async fn what_cannot_be_opened_is_unavailable_with_the_reason_and_the_others_run() {
    let folder = Folder::new();
    for entry_point in
        ["ok", "refused", "panics", "hangs", "blocks", "other", "no_hook", "setup_fails"]
    {
        folder.dylib(entry_point, entry_point, "");
    }
    folder.dylib("dependent", "ok", "depends_on = [\"refused\"]");
    folder.dylib("old", "ok", "kind_api_version = \"7\"");
    folder.dylib("typo", "ok", "x_version = 1");
    folder.write(
        "unknown",
        "name = \"unknown\"\nkind = \"nobody_knows\"\ncore_version = \"\"\nruntime = \"dylib\"\n",
    );
    folder.write("outside", "name = \"outside\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"process\"\ncommand = [\"x\"]\n");
    folder.write(
        "no_command",
        "name = \"no_command\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"process\"\n",
    );
    folder.write("linked", "name = \"linked\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"in_process\"\nentry_point = \"no:Where\"\n");
    folder.write("broken", "not toml [");
    let (seen, began) = (Seen::default(), Instant::now());
    let registry = from(&folder, &seen).limits(impatient()).start().await.unwrap();
    // Openings that never end are bounded, and wait for each other no longer than needed.
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
    let names: Vec<_> = answers(&registry).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["ok"]);
    for (name, parts) in [
        ("refused", ["HS-R019", "it was built for something else"]),
        ("panics", ["HS-R019", "it panicked: opening went wrong"]),
        ("hangs", ["HS-R019", "it did not open within 500ms"]),
        ("blocks", ["HS-R019", "it did not open within 500ms"]),
        ("other", ["HS-R019", "it holds [somebody_else] and not `other`"]),
        ("no_hook", ["HS-R004", "implements x"]),
        ("setup_fails", ["setup failed", "no licence"]),
        ("dependent", ["`refused`", "is unavailable"]),
        ("old", ["HS-R003", "kind `k` 7"]),
        ("unknown", ["HS-R002", "nobody_knows"]),
        ("outside", ["HS-R018", "has: in_process, dylib"]),
        ("no_command", ["HS-R001", "command"]),
        ("linked", ["HS-R008", "no:Where"]),
    ] {
        let (state, reason) = state(&registry, name);
        assert_eq!(state, State::Unavailable, "{name}: {reason}");
        assert!(parts.iter().all(|part| reason.contains(part)), "{name}: {reason}");
    }
    // Nothing of a plugin is touched whose manifest is refused.
    let opened = seen.opened.lock().unwrap().clone();
    assert!(!opened.contains(&"old".to_owned()) && !opened.contains(&"unknown".to_owned()));
    let skipped = registry.snapshot().skipped;
    let paths: Vec<_> =
        skipped.iter().map(|each| each.path.strip_prefix(folder.path()).unwrap()).collect();
    assert_eq!(paths.len(), 2, "{skipped:?}");
    assert!(paths[0].starts_with("broken") && paths[1].starts_with("typo"), "{skipped:?}");
    let explained = registry.explain("k", "h").unwrap();
    let place = explained.plugins.iter().find(|place| place.plugin == "refused").unwrap();
    assert!(place.why_not.as_ref().unwrap().contains("built for something else"));
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn runtimes_open_in_their_order() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "");
    folder.write("z", "name = \"z\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"in_process\"\nentry_point = \"ok\"\n");
    folder.write("b", "name = \"b\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"process\"\ncommand = [\"x\"]\n");
    let seen = Seen::default();
    let registry = from(&folder, &seen)
        .runtime(Fake { name: RuntimeName::Process, seen: seen.clone() })
        .runtime(Fake { name: RuntimeName::InProcess, seen: seen.clone() })
        .start()
        .await
        .unwrap();
    assert_eq!(*seen.opened.lock().unwrap(), ["z", "a", "b"]);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_that_is_wrong_as_a_whole_opens_nothing() {
    let seen = Seen::default();
    let folder = Folder::new();
    folder.dylib("a", "ok", "");
    folder.write("again", "name = \"a\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"dylib\"\n");
    let error = from(&folder, &seen).start().await.unwrap_err();
    assert!(matches!(error, StartError::PluginFolder { .. }), "{error}");
    assert!(error.to_string().contains("HS-M031"), "{error}");
    let error = from(&folder, &seen).build().unwrap_err();
    assert!(matches!(error, StartError::NeedsStart), "{error}");
    let gone = builder(kind(DispatchClass::Singleton, ""), []).plugin_folder("/nowhere");
    let error = gone.start().await.unwrap_err();
    assert!(error.to_string().contains("/nowhere"), "{error}");
    // A circle that goes through a plugin that the application gave.
    let folder = Folder::new();
    folder.dylib("a", "ok", "depends_on = [\"value\"]");
    let value = Manifest { depends_on: vec!["a".into()], ..Manifest::new("value", "k") };
    let value = Puppet::new(value).on("h", Behaviour::answer(1));
    let error = from(&folder, &seen).plugin(value).start().await.unwrap_err();
    assert!(matches!(error, StartError::DependencyCycle { .. }), "{error}");
    assert!(seen.opened.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_is_registered_already_is_skipped() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "");
    folder.dylib("b", "ok", "");
    let seen = Seen::default();
    let twice = from(&folder, &seen).plugin_folder(PluginFolder::new(folder.path()).ignore("b"));
    let registry = twice.plugin(puppet("a", Behaviour::answer(1))).start().await.unwrap();
    assert_eq!(plugin(&registry, "a").runtime, RuntimeName::InProcess);
    assert_eq!(*seen.opened.lock().unwrap(), ["b"]);
    let skipped = registry.snapshot().skipped;
    let names: Vec<_> = skipped.iter().filter_map(|each| each.plugin.as_deref()).collect();
    assert_eq!(names, ["a", "a"]);
    assert!(skipped[0].reason.contains("already registered"), "{skipped:?}");
    registry.stop().await.unwrap();
}

#[test]
fn a_blocking_registry_opens_folders_too() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "version = \"1\"");
    let registry = from(&folder, &Seen::default()).start_blocking().unwrap();
    let found = registry.block_on(answers(&registry));
    assert_eq!(found, [("a".to_owned(), json!("1"))]);
}

#[tokio::test]
async fn a_panic_in_facts_is_told_in_their_place() {
    let folder = Folder::new();
    folder.dylib("a", "ok", "version = \"panics in facts\"");
    let registry = from(&folder, &Seen::default()).start().await.unwrap();
    let facts = plugin(&registry, "a").facts;
    assert_eq!(facts["panicked"], json!("no facts today"));
    registry.stop().await.unwrap();
}
