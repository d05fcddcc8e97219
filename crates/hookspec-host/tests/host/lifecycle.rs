//! Start, stop, add and remove.

use std::sync::Arc;
use std::time::Duration;

use hookspec_host::testing::{Behaviour, Gate, Happening, Journal, Puppet, Step};
use hookspec_host::{Cause, RemoveError, StartError, State};
use hookspec_plugin::{Caller, Isolation, Manifest};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{PATIENCE, builder, eventually, impatient, kind, plugin, puppet, ranked};

const COLLECT: DispatchClass = DispatchClass::BroadcastCollect;

fn depending(name: &str, on: &[&str]) -> Puppet {
    let depends_on = on.iter().map(|name| (*name).into()).collect();
    Puppet::new(Manifest { depends_on, ..Manifest::new(name, "k") })
        .on("h", Behaviour::answer(name))
}

fn happened(journal: &Journal) -> Vec<String> {
    let words = journal.entries().into_iter().filter_map(|entry| match entry {
        Happening::SetUp(name) => Some(format!("up:{name}")),
        Happening::TornDown(name) => Some(format!("down:{name}")),
        _ => None,
    });
    words.collect()
}

/// START-1, START-5.
#[tokio::test]
async fn dependencies_start_first_and_stop_last() {
    let journal = Journal::new();
    let puppets = [
        depending("c", &["b"]).journal(&journal),
        depending("a", &[]).journal(&journal),
        depending("b", &["a"]).journal(&journal),
    ];
    let registry = builder(kind(COLLECT, ""), puppets).start().await.unwrap();
    registry.stop().await.unwrap();
    assert_eq!(happened(&journal), ["up:a", "up:b", "up:c", "down:c", "down:b", "down:a"]);
    registry.stop().await.unwrap();
    assert_eq!(happened(&journal).len(), 6, "stopping twice does nothing");
}

#[tokio::test]
async fn one_group_starts_in_parallel() {
    let gate = Gate::new();
    let puppets = ["a", "b", "c"].map(|name| depending(name, &[]).setup(Step::Wait(gate.clone())));
    let registry = builder(kind(COLLECT, ""), puppets).build().unwrap();
    let opener = async {
        eventually("all three are in setup at once", || gate.holds(3, Duration::ZERO)).await;
        gate.open();
    };
    let (started, ()) = tokio::join!(registry.start(), opener);
    started.unwrap();
    assert!(matches!(registry.start().await, Err(StartError::AlreadyStarted)));
}

/// START-2, START-3.
#[tokio::test]
async fn a_failed_setup_makes_it_and_its_dependents_unavailable_and_nobody_else() {
    hookspec_host::install_panic_hook();
    let steps = [
        Step::Fault("no disk".into()),
        Step::Panic("setup panics".into()),
        Step::Wait(Gate::new()),
    ];
    for isolation in Isolation::ALL {
        for step in steps.clone() {
            let puppets = [
                depending("bad", &[]).setup(step.clone()),
                depending("needs", &["bad"]),
                depending("needs-more", &["needs"]),
                depending("lacks", &["nobody"]),
                depending("free", &[]),
            ];
            let registry = builder(kind(COLLECT, ""), puppets)
                .limits(impatient())
                .isolation_for_all(isolation)
                .start()
                .await
                .unwrap();
            for name in ["bad", "needs", "needs-more", "lacks"] {
                let snapshot = plugin(&registry, name);
                assert_eq!(snapshot.state, State::Unavailable, "{isolation} {step:?} {name}");
                assert!(!snapshot.reason.is_empty());
            }
            let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
            let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
            assert_eq!(collected.replies.len(), 1);
            assert_eq!(collected.replies[0].plugin, "free");
            registry.stop().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_setup_that_blocks_its_thread_delays_only_itself() {
    let gate = Gate::new();
    let puppets =
        [depending("blocks", &[]).setup(Step::Block(gate.clone())), depending("free", &[])];
    let registry = builder(kind(COLLECT, ""), puppets)
        .limits(impatient())
        .isolation("blocks", Isolation::Thread)
        .start()
        .await
        .unwrap();
    assert_eq!(plugin(&registry, "blocks").state, State::Unavailable);
    assert_eq!(plugin(&registry, "free").state, State::Ready);
    gate.open();
    eventually("its thread comes back", || plugin(&registry, "blocks").abandoned == 0).await;
}

/// START-4.
#[tokio::test]
async fn a_cycle_is_named_and_nothing_starts() {
    let journal = Journal::new();
    let puppets = [
        depending("a", &["c"]).journal(&journal),
        depending("b", &["a"]).journal(&journal),
        depending("c", &["b"]).journal(&journal),
        depending("free", &[]).journal(&journal),
    ];
    let error = builder(kind(COLLECT, ""), puppets).start().await.unwrap_err();
    let StartError::DependencyCycle { cycle } = &error else { panic!("{error}") };
    assert_eq!(cycle.len(), 4);
    assert_eq!(cycle.first(), cycle.last());
    assert!(journal.entries().is_empty());
}

#[tokio::test]
async fn a_required_resource_that_is_missing_makes_it_unavailable() {
    let needing = |name: &str| {
        let resources = hookspec_plugin::ResourceNeeds {
            required: vec!["disk".into()],
            optional: vec!["tape".into()],
        };
        Puppet::new(Manifest { resources, ..Manifest::new(name, "k") }).on(
            "h",
            Behaviour::compute(|call| {
                let disk = call.context.plugin().resource::<String>("disk")?;
                let absent = call.context.plugin().resource::<String>("tape").unwrap_err();
                let secret = call.context.plugin().resource::<String>("secret").unwrap_err();
                let wrong = call.context.plugin().resource::<u8>("disk").unwrap_err();
                let codes = [absent.code(), secret.code(), wrong.code()].map(String::from);
                Ok(hookspec_plugin::Reply::value(json!([*disk, codes])))
            }),
        )
    };
    let registry = builder(kind(COLLECT, ""), [needing("a")]).start().await.unwrap();
    let snapshot = plugin(&registry, "a");
    assert_eq!(snapshot.state, State::Unavailable);
    assert!(snapshot.reason.contains("disk"), "{}", snapshot.reason);

    let registry = builder(kind(COLLECT, ""), [needing("a")])
        .resource("disk", Arc::new(String::from("/dev/sda")))
        .resource("secret", Arc::new(String::from("not declared, not seen")))
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    let expected = json!(["/dev/sda", ["resource_missing", "resource_missing", "resource_type"]]);
    assert_eq!(*collected.replies[0].value, expected);
}

#[tokio::test]
async fn config_reaches_its_own_plugin() {
    let reads = || {
        Behaviour::compute(|call| Ok(hookspec_plugin::Reply::value(call.context.config().clone())))
    };
    let registry = builder(kind(COLLECT, ""), [puppet("a", reads()), puppet("b", reads())])
        .config("a", json!({ "path": "/tmp/a" }))
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    let values: Vec<_> = collected.replies.iter().map(|reply| (*reply.value).clone()).collect();
    assert_eq!(values, [json!({ "path": "/tmp/a" }), Value::Null]);
}

#[tokio::test]
async fn a_teardown_that_fails_is_listed_and_the_others_are_torn_down() {
    hookspec_host::install_panic_hook();
    let journal = Journal::new();
    let puppets = [
        ranked("fails", 5, Behaviour::answer(1))
            .teardown(Step::Fault("stuck lock".into()))
            .journal(&journal),
        ranked("panics", 4, Behaviour::answer(1))
            .teardown(Step::Panic("oh".into()))
            .journal(&journal),
        ranked("hangs", 3, Behaviour::answer(1))
            .teardown(Step::Wait(Gate::new()))
            .journal(&journal),
        ranked("restarts", 2, Behaviour::answer(1)).requires_restart().journal(&journal),
        ranked("well", 1, Behaviour::answer(1)).journal(&journal),
    ];
    let registry = builder(kind(COLLECT, ""), puppets).limits(impatient()).start().await.unwrap();
    let errors = registry.stop().await.unwrap_err();
    let mut failed: Vec<_> = errors.0.iter().map(|failure| failure.plugin.to_string()).collect();
    failed.sort();
    assert_eq!(failed, ["fails", "hangs", "panics"]);
    assert_eq!(plugin(&registry, "hangs").state, State::Leaked);
    assert_eq!(plugin(&registry, "restarts").state, State::RequiresRestart);
    assert_eq!(plugin(&registry, "well").state, State::Stopped);
}

#[tokio::test]
async fn a_plugin_can_come_and_go_while_dispatches_run() {
    let registry =
        builder(kind(COLLECT, ""), [puppet("a", Behaviour::answer("a"))]).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let count = async || collect.dispatch(&Caller::new(), json!({})).await.unwrap().replies.len();
    assert_eq!(count().await, 1);
    let added = Arc::new(puppet("b", Behaviour::answer("b")));
    registry.add(added).await.unwrap();
    assert_eq!(count().await, 2);
    registry.remove("a").await.unwrap();
    assert_eq!(count().await, 1);
    assert!(matches!(registry.remove("a").await, Err(RemoveError::UnknownPlugin { .. })));
    let twice = registry.add(Arc::new(puppet("b", Behaviour::answer("b")))).await.unwrap_err();
    assert_eq!(twice.code(), "HS-R001");
}

#[tokio::test]
async fn a_plugin_that_others_need_stays() {
    let puppets = [depending("base", &[]), depending("needs", &["base"])];
    let registry = builder(kind(COLLECT, ""), puppets).start().await.unwrap();
    let Err(RemoveError::Needed { dependents, .. }) = registry.remove("base").await else {
        panic!()
    };
    assert_eq!(dependents, ["needs"]);
    registry.remove("needs").await.unwrap();
    registry.remove("base").await.unwrap();
}

#[tokio::test]
async fn a_plugin_removed_mid_call_finishes() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let waits = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer("done")));
    let registry =
        builder(kind(COLLECT, ""), [puppet("a", waits).journal(&journal)]).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let running = tokio::spawn(async move { collect.dispatch(&Caller::new(), json!({})).await });
    eventually("it runs", || gate.holds(1, Duration::ZERO)).await;
    let removing = tokio::spawn({
        let registry = registry.clone();
        async move { registry.remove("a").await }
    });
    eventually("it is being removed", || plugin(&registry, "a").state == State::Stopping).await;
    // New dispatches do not see it, although it still works for the old one.
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    assert_eq!(collect.dispatch(&Caller::new(), json!({})).await.unwrap().replies.len(), 0);
    assert!(!removing.is_finished());
    gate.open();
    let collected = tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
    assert_eq!(*collected.replies[0].value, json!("done"));
    removing.await.unwrap().unwrap();
    let torn_down = journal.entries();
    assert_eq!(torn_down.last(), Some(&Happening::TornDown("a".into())), "after its last call");
}

#[tokio::test]
async fn a_plugin_removed_mid_call_is_cancelled_when_it_takes_too_long() {
    let puppets = [
        puppet("hangs", Behaviour::Hang),
        puppet("stays", Behaviour::answer(1).late(Duration::from_millis(1))),
    ];
    let registry = builder(kind(COLLECT, "    error_policy: best_effort\n"), puppets)
        .limits(hookspec_host::Limits { dispatch_timeout: PATIENCE, ..impatient() })
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let running = tokio::spawn(async move { collect.dispatch(&Caller::new(), json!({})).await });
    eventually("it runs", || plugin(&registry, "hangs").in_flight == 1).await;
    tokio::time::timeout(PATIENCE / 2, registry.remove("hangs")).await.unwrap().unwrap();
    let collected = tokio::time::timeout(PATIENCE / 2, running).await.unwrap().unwrap().unwrap();
    assert_eq!(collected.replies[0].plugin, "stays");
    assert!(matches!(collected.failures[0].cause, Cause::Cancelled));
}

#[test]
fn a_blocking_registry_refuses_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(async {
        builder(kind(COLLECT, ""), [puppet("a", Behaviour::answer(1))])
            .start_blocking()
            .unwrap_err()
    });
    assert!(matches!(error, StartError::Runtime { .. }), "{error}");
    // And `start` refuses outside one.
    let registry = builder(kind(COLLECT, ""), [puppet("a", Behaviour::answer(1))]).build().unwrap();
    let error = futures::executor::block_on(registry.start()).unwrap_err();
    assert!(matches!(error, StartError::Runtime { .. }), "{error}");
}

#[test]
fn a_blocking_registry_stops_when_it_is_dropped() {
    let journal = Journal::new();
    let registry =
        builder(kind(COLLECT, ""), [puppet("a", Behaviour::answer(1)).journal(&journal)])
            .start_blocking()
            .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = registry.block_on(collect.dispatch(&Caller::new(), json!({}))).unwrap();
    assert_eq!(collected.replies.len(), 1);
    drop(registry);
    assert_eq!(happened(&journal), ["up:a", "down:a"]);
}
