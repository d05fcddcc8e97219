//! What waits for another plugin, and what is needed by others: STATE-6, and who may come or go.

use std::sync::Arc;

use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_host::{Limits, Registry, RemoveError, State};
use hookspec_plugin::Manifest;
use hookspec_spec::DispatchClass;

use crate::living::{Condition, Life};
use crate::loading::Folder;
use crate::support::{builder, impatient, kind, plugin};

fn needing(name: &str, on: &[&str]) -> Puppet {
    let depends_on = on.iter().map(|name| (*name).into()).collect();
    Puppet::new(Manifest { depends_on, ..Manifest::new(name, "k") })
        .on("h", Behaviour::answer(name))
}

fn states<const N: usize>(registry: &Registry, names: [&str; N]) -> [State; N] {
    names.map(|name| plugin(registry, name).state)
}

/// `a`, out for its health.
async fn ill(life: &Life, folder: &Folder, more: Option<Puppet>) -> Registry {
    let limits = Limits { health_interval: None, ..impatient() };
    let registry = life.registry(folder).limits(limits);
    let registry = match more {
        Some(base) => {
            folder.dylib("a", "living", "depends_on = [\"base\"]");
            registry.plugin(base)
        }
        None => registry,
    };
    let registry = registry.start().await.unwrap();
    life.told().health = Condition::Failed;
    for _ in 0..3 {
        registry.check_health().await;
    }
    assert_eq!(states(&registry, ["a"]), [State::Unavailable]);
    registry
}

/// STATE-6: for one that is added.
#[tokio::test]
async fn what_waits_for_a_plugin_comes_up_when_that_is_added() {
    let catalog = kind(DispatchClass::BroadcastCollect, "");
    let waiting = [needing("last", &["next"]), needing("next", &["late"])];
    let registry = builder(catalog, waiting).start().await.unwrap();
    assert_eq!(states(&registry, ["next", "last"]), [State::Unavailable; 2]);
    let reason = "it depends on `late`, which is not registered; add it, or mend `depends_on`";
    assert_eq!(plugin(&registry, "next").reason, reason);
    let reason = "it depends on `next`, which lacks something itself";
    assert_eq!(plugin(&registry, "last").reason, reason);
    registry.add(Arc::new(needing("late", &[]))).await.unwrap();
    assert_eq!(states(&registry, ["late", "next", "last"]), [State::Ready; 3]);
    // And goes before it: nothing of it is left when the registry stops.
    let error = registry.remove("late").await.unwrap_err();
    assert!(matches!(error, RemoveError::Needed { .. }), "{error}");
    registry.stop().await.unwrap();
    assert_eq!(states(&registry, ["late", "next", "last"]), [State::Stopped; 3]);
}

/// STATE-6: for one that was out for its health.
#[tokio::test]
async fn what_waits_for_a_plugin_comes_up_when_that_is_well_again() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = ill(&life, &folder, None).await;
    registry.add(Arc::new(needing("b", &["a"]))).await.unwrap();
    assert_eq!(states(&registry, ["b"]), [State::Unavailable]);
    life.told().health = Condition::Degraded;
    registry.check_health().await;
    assert_eq!(states(&registry, ["a", "b"]), [State::Degraded, State::Ready]);
    registry.stop().await.unwrap();
}

/// One that is out for its health is set up, and needs what it depends on.
#[tokio::test]
async fn what_an_ill_plugin_depends_on_is_not_taken_from_it() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = ill(&life, &folder, Some(needing("base", &[]))).await;
    for refused in [registry.remove("base").await, registry.disable("base").await] {
        let Err(RemoveError::Needed { dependents, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(dependents, ["a"]);
    }
    registry.disable("a").await.unwrap();
    registry.remove("base").await.unwrap();
    registry.stop().await.unwrap();
}

/// START-4, for what comes later.
#[tokio::test]
async fn one_that_would_close_a_circle_is_refused() {
    let catalog = || kind(DispatchClass::BroadcastCollect, "");
    let open = || [needing("a", &["b"]), needing("b", &["c"])];
    let running = builder(catalog(), open()).start().await.unwrap();
    let built = builder(catalog(), open()).build().unwrap();
    for registry in [running, built] {
        let error = registry.add(Arc::new(needing("c", &["a"]))).await.unwrap_err();
        assert_eq!((error.code(), error.plugin().as_str()), ("HS-R025", "c"));
        assert!(error.to_string().contains("dependency cycle: "), "{error}");
        assert_eq!(registry.snapshot().plugins.len(), 2, "as it was");
        registry.add(Arc::new(needing("c", &[]))).await.unwrap();
        registry.stop().await.unwrap();
    }
    // A circle that was there before is told by `start`, and is nobody else's mistake.
    let circle = [needing("a", &["b"]), needing("b", &["a"])];
    let registry = builder(catalog(), circle).build().unwrap();
    registry.add(Arc::new(needing("c", &[]))).await.unwrap();
}
