//! What a host says about one plugin comes before what it says about all, and before manifests.

use std::time::Duration;

use hookspec_host::testing::{Gate, Puppet, Step};
use hookspec_host::{Limits, State};
use hookspec_plugin::{Manifest, RuntimeName};
use hookspec_spec::DispatchClass;
use hookspec_spec::configuration::HostConfiguration;

use crate::loading::{Fake, Folder, Seen};
use crate::support::{PATIENCE, builder, kind, plugin};

const SHORT: Duration = Duration::from_millis(50);

/// Setups wait for one gate and teardowns for another.
fn waiting(name: &str, setup: &Gate, teardown: &Gate) -> Puppet {
    // Whole seconds are the shortest a manifest can say.
    let manifest =
        Manifest { startup_timeout_sec: 1, teardown_timeout_sec: 1, ..Manifest::new(name, "k") };
    Puppet::new(manifest).setup(Step::Wait(setup.clone())).teardown(Step::Wait(teardown.clone()))
}

/// START-2, START-6.
#[tokio::test]
async fn a_time_limit_of_one_plugin_is_of_that_plugin_only() {
    let (open, closed) = (Gate::new(), Gate::new());
    open.open();
    let puppets = [
        waiting("never_up", &closed, &open),
        waiting("never_down", &open, &closed),
        waiting("slow", &Gate::new(), &open),
        waiting("fine", &open, &open),
    ];
    let limits = Limits {
        startup_timeout: Some(Duration::from_millis(150)),
        teardown_timeout: Some(PATIENCE),
        ..Limits::default()
    };
    let registry = builder(kind(DispatchClass::BroadcastCollect, ""), puppets)
        .limits(limits)
        .startup_timeout_of("never_up", SHORT)
        .teardown_timeout_of("never_down", SHORT)
        .build()
        .unwrap();
    registry.start().await.unwrap();
    for (name, limit) in [("never_up", " 50ms"), ("slow", " 150ms")] {
        let found = plugin(&registry, name);
        assert_eq!(found.state, State::Unavailable, "{name}");
        assert!(found.reason.contains(limit), "{name}: {}", found.reason);
    }
    let stopped = tokio::time::timeout(PATIENCE / 2, registry.stop()).await.unwrap();
    let errors = stopped.unwrap_err().0;
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].plugin, "never_down");
    assert_eq!(plugin(&registry, "never_down").state, State::Leaked);
    assert_eq!(plugin(&registry, "fine").state, State::Stopped);
}

/// A limit of the host can be longer than the manifest's, too.
#[tokio::test]
async fn a_time_limit_of_the_host_replaces_that_of_the_manifest() {
    let (gate, open) = (Gate::new(), Gate::new());
    open.open();
    let registry = builder(
        kind(DispatchClass::BroadcastCollect, ""),
        [waiting("late", &gate, &open), waiting("over", &gate, &open)],
    )
    .startup_timeout_of("late", PATIENCE)
    .build()
    .unwrap();
    let start = tokio::spawn({
        let registry = registry.clone();
        async move { registry.start().await }
    });
    // The manifest of the other one says when it is over.
    crate::support::eventually("the manifest's limit ends", || {
        plugin(&registry, "over").state == State::Unavailable
    })
    .await;
    assert_eq!(plugin(&registry, "late").state, State::Starting);
    gate.open();
    start.await.unwrap().unwrap();
    assert_eq!(plugin(&registry, "late").state, State::Ready);
    registry.stop().await.unwrap();
}

/// CONFIG-7: the file, then the builder's word for one plugin, its word for all, the manifest.
#[tokio::test]
async fn the_time_limits_of_the_file_come_before_those_of_the_builder() {
    let (open, closed) = (Gate::new(), Gate::new());
    open.open();
    let names = ["of_the_file", "of_one", "of_all"];
    let puppets = names.map(|name| waiting(name, &closed, &open));
    let limits = Limits { startup_timeout: Some(PATIENCE * 9), ..Limits::default() };
    let text = "[plugins.of_the_file]\nstartup_timeout_sec = 1\n\
                [plugins.ends]\nteardown_timeout_sec = 1\nstartup_timeout_sec = 9223372036854775807";
    let file = HostConfiguration::parse("hookspec.toml", text).unwrap();
    let ends = waiting("ends", &open, &closed);
    let registry =
        builder(kind(DispatchClass::BroadcastCollect, ""), puppets.into_iter().chain([ends]))
            .limits(Limits { teardown_timeout: Some(PATIENCE * 9), ..limits })
            .startup_timeout_of("of_the_file", PATIENCE * 9)
            .teardown_timeout_of("ends", PATIENCE * 9)
            .startup_timeout_of("of_one", SHORT)
            .startup_timeout_of("of_all", 2 * SHORT)
            .configuration(file);
    let registry = tokio::time::timeout(PATIENCE, registry.start()).await.unwrap().unwrap();
    for (name, limit) in [("of_the_file", " 1s"), ("of_one", " 50ms"), ("of_all", " 100ms")] {
        let reason = plugin(&registry, name).reason;
        assert!(reason.contains(limit), "{name}: {reason}");
    }
    let _ = tokio::time::timeout(PATIENCE, registry.stop()).await.unwrap();
    assert_eq!(plugin(&registry, "ends").state, State::Leaked);
}

/// A limit beyond what a clock can count is one that never ends, and no panic.
#[tokio::test]
async fn a_time_limit_of_ages_is_none() {
    let text = "[plugins.a]\nstartup_timeout_sec = 9223372036854775807\n\
                teardown_timeout_sec = 9223372036854775807";
    let (open, file) = (Gate::new(), HostConfiguration::parse("hookspec.toml", text).unwrap());
    open.open();
    let registry = builder(kind(DispatchClass::BroadcastCollect, ""), [waiting("a", &open, &open)])
        .configuration(file);
    let registry = registry.start().await.unwrap();
    registry.stop().await.unwrap();
    assert_eq!(plugin(&registry, "a").state, State::Stopped);
}

/// Opening is part of starting.
#[tokio::test]
async fn a_time_limit_of_one_plugin_holds_while_it_is_opened() {
    let (folder, seen) = (Folder::new(), Seen::default());
    folder.dylib("hangs", "hangs", "");
    let registry = builder(kind(DispatchClass::BroadcastCollect, ""), [])
        .runtime(Fake { name: RuntimeName::Dylib, seen: seen.clone() })
        .plugin_folder(folder.path())
        .startup_timeout_of("hangs", SHORT);
    let registry = tokio::time::timeout(PATIENCE, registry.start()).await.unwrap().unwrap();
    let found = plugin(&registry, "hangs");
    assert!(found.reason.contains("did not open within 50ms"), "{}", found.reason);
    registry.stop().await.unwrap();
}
