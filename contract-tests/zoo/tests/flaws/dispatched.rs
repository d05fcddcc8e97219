//! The zoo as applications meet it: in a registry, through the dispatcher of each class.

use hookspec_host::{CauseClass, DispatchError, Registry};
use hookspec_plugin::Caller;
use serde_json::{Value, json};

use crate::support::{catalog, input};

async fn registry(name: &str) -> Registry {
    let specimen = zoo::specimen(name).unwrap();
    let plugin = (specimen.make)((specimen.manifest)());
    let builder = Registry::builder().catalog(catalog()).config(name, (specimen.config)());
    builder.plugins([plugin]).start().await.unwrap()
}

async fn find(registry: &Registry, extension: &str) -> Result<Value, DispatchError> {
    let hook = registry.capability::<Value, Value>("zoo", "find").unwrap();
    let input = json!({ "path": "a", "extension": extension, "content": "a" });
    hook.dispatch(&Caller::new(), input).await.map(|answer| (*answer.value).clone())
}

#[tokio::test]
async fn the_honest_answer_in_every_class() {
    let (registry, caller) = (registry("honest").await, Caller::new());
    let told = registry.broadcast_notify::<Value>("zoo", "tell").unwrap();
    assert_eq!(told.dispatch(&caller, json!({ "text": "" })).await.unwrap().delivered, 1);
    let gather = registry.broadcast_collect::<Value, Value>("zoo", "gather").unwrap();
    let gathered = gather.dispatch(&caller, input("unknown")).await.unwrap();
    assert_eq!((gathered.replies.len(), gathered.failures.len()), (1, 0));
    let pass = registry.chain::<Value>("zoo", "pass").unwrap();
    let passed = pass.dispatch(&caller, input("unknown")).await.unwrap();
    assert_eq!((passed.changed.len(), passed.failures.len()), (1, 0));
    let again = pass.dispatch(&caller, (*passed.value).clone()).await.unwrap();
    assert_eq!((again.ran.len(), again.changed.len()), (1, 0), "there is nothing left to do");
    for hook in ["count", "slow"] {
        let hook = registry.singleton::<Value, Value>("zoo", hook).unwrap();
        hook.dispatch(&caller, json!({ "text": "a" })).await.unwrap();
    }
    assert_eq!(find(&registry, "md").await.unwrap()["kind"], "text");
    assert!(matches!(find(&registry, "zz").await, Err(DispatchError::NoCapableHandler { .. })));
    registry.stop().await.unwrap();
    let fallback = self::registry("honest-fallback").await;
    assert_eq!(find(&fallback, "zz").await.unwrap()["kind"], "text");
    fallback.stop().await.unwrap();
}

#[tokio::test]
async fn a_chain_is_stopped() {
    let registry = registry("honest-stop").await;
    let pass = registry.chain::<Value>("zoo", "pass").unwrap();
    let stopped = async |kind| {
        let chained = pass.dispatch(&Caller::new(), input(kind)).await.unwrap();
        (chained.stopped_by.is_some(), chained.changed.len(), chained.failures.len())
    };
    assert_eq!(stopped("empty").await, (true, 0, 0));
    assert_eq!(stopped("ordinary").await, (false, 0, 0));
    registry.stop().await.unwrap();
}

/// A host sees some of the flaws by itself.
#[tokio::test]
async fn hosts_see_some_flaws() {
    let chained = registry("chn-001").await;
    let pass = chained.chain::<Value>("zoo", "pass").unwrap();
    let passed = pass.dispatch(&Caller::new(), input("ordinary")).await.unwrap();
    let causes: Vec<_> = passed.failures.iter().map(|failure| failure.cause.class()).collect();
    assert_eq!(causes, [CauseClass::InvalidOutput]);
    for (name, kind, class) in [
        ("io-001", "ordinary", CauseClass::InvalidOutput),
        ("io-009", "ordinary", CauseClass::InvalidOutput),
        ("res-001", "empty", CauseClass::Panicked),
        ("res-003", "empty", CauseClass::TimedOut),
    ] {
        let registry = registry(name).await;
        let hook = registry.singleton::<Value, Value>("zoo", "ask").unwrap();
        let failed = hook.dispatch(&Caller::new(), input(kind)).await;
        let Err(DispatchError::PluginFailed { failure, .. }) = failed else {
            panic!("{name}: {failed:?}")
        };
        assert_eq!(failure.cause.class(), class, "{name}");
    }
}
