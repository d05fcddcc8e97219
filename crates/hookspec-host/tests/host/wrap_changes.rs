//! Middleware that comes and goes: WRAP-8.

use std::sync::Arc;

use hookspec_host::testing::{Behaviour, Gate, Happening, Journal};
use hookspec_host::{Cause, DispatchError, Limits};
use hookspec_plugin::Caller;
use hookspec_spec::DispatchClass;

use crate::support::{PATIENCE, builder, impatient, kind, plugin, puppet};
use crate::wrap::{calls, middleware, run};

#[tokio::test]
async fn wrap_8_middleware_that_comes_goes_and_fails_is_seen_at_once() {
    let journal = Journal::new();
    let catalog = kind(DispatchClass::Singleton, "");
    let registry = builder(catalog, [puppet("x", Behaviour::answer(1))]).start().await.unwrap();
    let wrapped = async || {
        let before = calls(&journal).len();
        run(&registry, DispatchClass::Singleton, &Caller::new()).await.unwrap();
        calls(&journal).len() - before
    };
    assert_eq!(wrapped().await, 0);
    registry.add(Arc::new(middleware("m", Behaviour::Unchanged, &journal))).await.unwrap();
    assert_eq!(wrapped().await, 2);
    let broken = middleware("broken", Behaviour::fault("no"), &journal)
        .setup(hookspec_host::testing::Step::Fault("no disk".into()));
    registry.add(Arc::new(broken)).await.unwrap();
    assert_eq!(wrapped().await, 2);
    registry.remove("m").await.unwrap();
    assert_eq!(wrapped().await, 0);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn wrap_8_a_middleware_is_removed_only_when_its_calls_have_ended() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let held = Behaviour::Wait(gate.clone(), Box::new(Behaviour::Unchanged));
    let puppets = [middleware("m", held, &journal), puppet("x", Behaviour::answer(1))];
    let registry = builder(kind(DispatchClass::Singleton, ""), puppets).start().await.unwrap();
    let running = tokio::spawn({
        let registry = registry.clone();
        async move { run(&registry, DispatchClass::Singleton, &Caller::new()).await }
    });
    crate::support::eventually("the middleware is called", || {
        plugin(&registry, "m").in_flight == 1
    })
    .await;
    let removing = tokio::spawn({
        let registry = registry.clone();
        async move { registry.remove("m").await }
    });
    crate::support::eventually("it is stopping", || {
        plugin(&registry, "m").state == hookspec_host::State::Stopping
    })
    .await;
    gate.open();
    assert_eq!(running.await.unwrap().unwrap(), "1");
    removing.await.unwrap().unwrap();
    assert!(journal.has(&Happening::TornDown("m".into())));
}

#[tokio::test]
async fn wrap_8_the_calls_of_a_middleware_that_is_removed_end_in_time() {
    let puppets =
        [middleware("m", Behaviour::Hang, &Journal::new()), puppet("x", Behaviour::answer(1))];
    let registry = builder(kind(DispatchClass::Singleton, ""), puppets)
        .limits(Limits { dispatch_timeout: PATIENCE * 3, ..impatient() })
        .start()
        .await
        .unwrap();
    let running = tokio::spawn({
        let registry = registry.clone();
        async move { run(&registry, DispatchClass::Singleton, &Caller::new()).await }
    });
    crate::support::eventually("the middleware is called", || {
        plugin(&registry, "m").in_flight == 1
    })
    .await;
    registry.remove("m").await.unwrap();
    let error = running.await.unwrap().unwrap_err();
    let DispatchError::PluginFailed { failure, .. } = error else { panic!("{error}") };
    assert!(matches!(failure.cause, Cause::Cancelled));
}
