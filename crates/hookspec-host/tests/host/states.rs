//! STATE: every change has a time and a reason, is remembered, and is told.

use std::time::Duration;

use hookspec_host::testing::{Behaviour, Puppet, Step};
use hookspec_host::{Registry, ReloadError, RemoveError, StartError, State, Told};
use hookspec_plugin::{Caller, CancellationToken, Manifest};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::living::{Condition, Life};
use crate::loading::{Fake, Folder, Seen};
use crate::support::{PATIENCE, builder, eventually, impatient, kind, plugin, puppet};

const COLLECT: DispatchClass = DispatchClass::BroadcastCollect;

fn needing(name: &str, on: &[&str]) -> Puppet {
    let depends_on = on.iter().map(|name| (*name).into()).collect();
    Puppet::new(Manifest { depends_on, ..Manifest::new(name, "k") })
        .on("h", Behaviour::answer(name))
}

fn told(changes: &mut hookspec_host::StateChanges) -> Vec<String> {
    std::iter::from_fn(|| changes.try_next())
        .map(|told| match told {
            Told::Changed(change) => format!("{}:{}", change.plugin, change.to),
            Told::Lagged(missed) => format!("lagged:{missed}"),
        })
        .collect()
}

async fn names(registry: &Registry) -> Vec<String> {
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    collected.replies.iter().map(|answer| answer.plugin.to_string()).collect()
}

/// STATE-1, STATE-2, STATE-3.
#[tokio::test]
async fn changes_are_told_in_order_and_remembered_with_their_reasons() {
    let puppets = [
        needing("a", &[]),
        needing("b", &["a"]),
        needing("bad", &[]).setup(Step::Fault("no disk".into())),
    ];
    assert_eq!(State::ALL.into_iter().filter(|state| state.is_callable()).count(), 2);
    let registry = builder(kind(COLLECT, ""), puppets).build().unwrap();
    let mut changes = registry.state_changes();
    registry.start().await.unwrap();
    let all = told(&mut changes);
    let of = |name: &str, all: &[String]| -> Vec<String> {
        let own = all.iter().filter_map(|each| each.strip_prefix(&format!("{name}:")));
        own.map(str::to_owned).collect()
    };
    assert_eq!(of("a", &all), ["starting", "ready"]);
    assert_eq!(of("bad", &all), ["starting", "unavailable"]);
    let place = |text: &str| all.iter().position(|each| each == text).unwrap();
    assert!(place("a:ready") < place("b:starting"));
    registry.stop().await.unwrap();
    assert_eq!(of("a", &told(&mut changes)), ["stopping", "stopped"]);
    let history = plugin(&registry, "a").history;
    let states: Vec<State> = history.iter().map(|status| status.state).collect();
    let life = [State::Registered, State::Starting, State::Ready, State::Stopping, State::Stopped];
    assert_eq!(states, life);
    assert!(history.is_sorted_by_key(|status| status.since));
    assert!(plugin(&registry, "bad").history[2].reason.contains("no disk"));
}

/// STATE-3: a reload is one change of the plugin; what its two instances go through is none.
#[tokio::test]
async fn a_reload_is_told_once_and_one_that_fails_not_at_all() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).start().await.unwrap();
    let mut changes = registry.state_changes();
    life.told().setup = Condition::Failed;
    registry.reload("a").await.unwrap_err();
    assert_eq!(told(&mut changes), [""; 0], "the old one is as it was");
    life.told().setup = Condition::Ok;
    registry.reload("a").await.unwrap();
    let Some(Told::Changed(change)) = changes.try_next() else { panic!("one change") };
    assert_eq!((change.from, change.to), (State::Ready, State::Ready));
    assert_eq!(change.reason, "it was reloaded");
    assert_eq!(told(&mut changes), [""; 0], "what becomes of the old one is none");
    registry.disable("a").await.unwrap();
    life.told().setup = Condition::Failed;
    registry.enable("a").await.unwrap_err();
    life.told().setup = Condition::Ok;
    registry.enable("a").await.unwrap();
    life.told().health = Condition::Degraded;
    registry.check_health().await;
    let all = told(&mut changes);
    assert_eq!(all, ["a:stopping", "a:stopped", "a:disabled", "a:ready", "a:degraded"]);
    // What is remembered is what was told.
    let history = plugin(&registry, "a").history;
    let states: Vec<&str> = history.iter().map(|status| status.state.as_str()).collect();
    let first = ["registered", "starting", "ready", "ready"];
    let rest = ["stopping", "stopped", "disabled", "ready", "degraded"];
    assert_eq!(states, [&first[..], &rest[..]].concat());
    assert!(history.is_sorted_by_key(|status| status.since));
    registry.stop().await.unwrap();
}

/// STATE-4: a listener that sleeps costs a bounded number of changes and is told of the rest.
#[tokio::test]
async fn a_listener_that_does_not_read_is_told_how_much_it_missed() {
    let (folder, life) = (Folder::new(), Life::default());
    let limits = hookspec_host::Limits { health_interval: None, ..impatient() };
    let registry = life.registry(&folder).limits(limits).start().await.unwrap();
    let mut sleepy = registry.state_changes();
    for _ in 0..600 {
        for condition in [Condition::Degraded, Condition::Ok] {
            life.told().health = condition;
            registry.check_health().await;
        }
    }
    let all = told(&mut sleepy);
    assert_eq!((all.len(), all[0].as_str()), (1025, "lagged:176"));
    assert_eq!(plugin(&registry, "a").history.len(), 32);
    registry.stop().await.unwrap();
    drop(registry);
    while let Some(told) = tokio::time::timeout(PATIENCE, sleepy.next()).await.unwrap() {
        assert!(matches!(told, Told::Changed(_)));
    }
}

/// STATE-5: from the start, nothing of it is touched; what depends on it says why it lacks it.
#[tokio::test]
async fn what_is_disabled_is_not_opened_and_competes_for_nothing() {
    let (folder, seen) = (Folder::new(), Seen::default());
    folder.dylib("off", "ok", "fallback = true");
    folder.dylib("on", "ok", "fallback = true");
    folder.dylib("needs", "ok", "depends_on = [\"off\"]");
    let registry = builder(kind(COLLECT, ""), [])
        .runtime(Fake { name: hookspec_plugin::RuntimeName::Dylib, seen: seen.clone() })
        .plugin_folder(folder.path())
        .disable("off")
        .start()
        .await
        .unwrap();
    assert!(!seen.opened.lock().unwrap().contains(&"off".to_owned()));
    assert_eq!(plugin(&registry, "off").state, State::Disabled);
    let needs = plugin(&registry, "needs");
    assert_eq!(needs.state, State::Unavailable);
    assert!(needs.reason.contains("`off`, which is disabled"), "{}", needs.reason);
    assert_eq!(names(&registry).await, ["on"]);
    // Enabled, it would be a second fallback: it stays off, and says so.
    let error = registry.enable("off").await.unwrap_err();
    assert!(matches!(error, ReloadError::Refused { .. }), "{error}");
    assert_eq!(plugin(&registry, "off").state, State::Disabled);
    registry.remove("on").await.unwrap();
    registry.enable("off").await.unwrap();
    assert_eq!(
        names(&registry).await,
        ["needs", "off"],
        "STATE-6: what waited for it came with it"
    );
    registry.stop().await.unwrap();
}

/// STATE-5 while it runs: drained, torn down, kept; enabled, a new instance.
#[tokio::test]
async fn a_plugin_is_turned_off_and_on_while_the_registry_runs() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).plugin(needing("b", &["a"]));
    let registry = registry.start().await.unwrap();
    assert!(matches!(registry.disable("a").await, Err(RemoveError::Needed { .. })));
    assert!(matches!(registry.disable("x").await, Err(RemoveError::UnknownPlugin { .. })));
    assert_eq!(names(&registry).await, ["a", "b"]);
    registry.disable("b").await.unwrap();
    registry.disable("a").await.unwrap();
    assert_eq!(names(&registry).await, [""; 0]);
    assert_eq!(plugin(&registry, "a").state, State::Disabled);
    let error = registry.reload("a").await.unwrap_err();
    assert!(matches!(error, ReloadError::Disabled { .. }), "{error}");
    // A setup that fails leaves it off.
    life.told().setup = Condition::Failed;
    assert!(matches!(registry.enable("a").await, Err(ReloadError::NotReady { .. })));
    assert_eq!(plugin(&registry, "a").state, State::Disabled);
    life.told().setup = Condition::Ok;
    registry.enable("a").await.unwrap();
    registry.enable("a").await.unwrap();
    assert_eq!(life.events(), ["setup 1", "teardown 1", "setup 3"]);
    // `b` was given as a value: its one instance is used up.
    let error = registry.enable("b").await.unwrap_err();
    assert!(matches!(error, ReloadError::NotReloadable { .. }), "{error}");
    assert_eq!(names(&registry).await, ["a"]);
    registry.stop().await.unwrap();
}

/// What cannot be torn down cannot be turned on again in this process.
#[tokio::test]
async fn what_leaked_or_needs_a_restart_stays_off() {
    let needs =
        Puppet::new(Manifest::new("needs", "k")).on("h", Behaviour::answer(1)).requires_restart();
    let hangs = puppet("hangs", Behaviour::answer(1))
        .teardown(Step::Wait(hookspec_host::testing::Gate::new()));
    let registry =
        builder(kind(COLLECT, ""), [needs, hangs]).limits(impatient()).start().await.unwrap();
    for (name, state) in [("needs", State::RequiresRestart), ("hangs", State::Leaked)] {
        registry.disable(name).await.unwrap();
        assert_eq!(plugin(&registry, name).state, state);
        let error = registry.enable(name).await.unwrap_err();
        assert!(matches!(error, ReloadError::NeedsRestart { .. }), "{error}");
    }
    registry.stop().await.unwrap();
}

/// START-7: a registry that is asked to stop while it starts ends its start, and what was set up is
/// torn down.
#[tokio::test]
async fn a_stop_during_the_start_ends_it() {
    let gate = hookspec_host::testing::Gate::new();
    let journal = hookspec_host::testing::Journal::new();
    let puppets = [
        needing("a", &[]).journal(&journal),
        needing("slow", &["a"]).setup(Step::Wait(gate.clone())).journal(&journal),
        needing("after", &["slow"]).journal(&journal),
    ];
    let registry = builder(kind(COLLECT, ""), puppets).build().unwrap();
    let starting = tokio::spawn({
        let registry = registry.clone();
        async move { registry.start().await }
    });
    eventually("the slow one is in its setup", || gate.holds(1, Duration::ZERO)).await;
    tokio::time::timeout(PATIENCE, registry.stop()).await.unwrap().unwrap();
    let started = tokio::time::timeout(PATIENCE, starting).await.unwrap().unwrap();
    assert!(matches!(started, Err(StartError::Stopped)));
    let happened = format!("{:?}", journal.entries());
    assert!(happened.contains("TornDown(\"a\")") && !happened.contains("\"after\""), "{happened}");
    assert_eq!(plugin(&registry, "a").state, State::Stopped);
}

/// START-7, for whoever has no registry yet.
#[tokio::test]
async fn a_token_ends_a_start_before_there_is_a_registry() {
    let gate = hookspec_host::testing::Gate::new();
    let journal = hookspec_host::testing::Journal::new();
    let puppets = [
        needing("a", &[]).journal(&journal),
        needing("slow", &["a"]).setup(Step::Wait(gate.clone())),
    ];
    let token = CancellationToken::new();
    let start = builder(kind(COLLECT, ""), puppets).stop_on(token.clone()).start();
    let stop = async {
        eventually("the slow one is in its setup", || gate.holds(1, Duration::ZERO)).await;
        token.cancel();
    };
    let both = async { tokio::join!(start, stop) };
    let (started, ()) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    assert!(matches!(started, Err(StartError::Stopped)));
    assert!(format!("{:?}", journal.entries()).contains("TornDown(\"a\")"));
}

/// A thousand plugins in one chain of dependencies and a thousand beside each other.
#[tokio::test]
async fn thousands_start_in_order_and_stop_in_reverse() {
    let journal = hookspec_host::testing::Journal::new();
    let chain = (0..1000).map(|n| {
        let needs = if n == 0 { vec![] } else { vec![format!("c{:04}", n - 1)] };
        let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
        needing(&format!("c{n:04}"), &needs).journal(&journal)
    });
    let free = (0..1000).map(|n| needing(&format!("f{n:04}"), &[]));
    let registry = builder(kind(COLLECT, ""), chain.chain(free)).start().await.unwrap();
    assert_eq!(names(&registry).await.len(), 2000);
    registry.stop().await.unwrap();
    let happened = journal.entries();
    let lives: Vec<String> = happened
        .iter()
        .filter_map(|each| match each {
            hookspec_host::testing::Happening::SetUp(name) => Some(format!("up {name}")),
            hookspec_host::testing::Happening::TornDown(name) => Some(format!("down {name}")),
            _ => None,
        })
        .collect();
    let expected: Vec<String> = (0..1000)
        .map(|n| format!("up c{n:04}"))
        .chain((0..1000).rev().map(|n| format!("down c{n:04}")))
        .collect();
    assert_eq!(lives, expected);
}
