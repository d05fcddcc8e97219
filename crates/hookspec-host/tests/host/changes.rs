//! Another configuration, and what only one instance can hold: CONFIG-9, CONFIG-10, RELOAD-5.

use hookspec_host::{Registry, ReloadError, State};
use hookspec_plugin::{Caller, Reconfigured};
use serde_json::{Value, json};

use crate::living::{Condition, Life};
use crate::loading::Folder;
use crate::support::plugin;

async fn answer(registry: &Registry) -> Value {
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    Value::clone(&collected.replies[0].value)
}

/// CONFIG-10: the plugin takes it, or a new instance does, or nothing changes.
#[tokio::test]
async fn a_configuration_is_taken_or_leads_to_a_new_instance_or_changes_nothing() {
    let (folder, life) = (Folder::new(), Life::default());
    let first = json!({ "n": 1 });
    let registry = life.registry(&folder).config("a", first.clone()).start().await.unwrap();
    assert_eq!(answer(&registry).await, json!({ "instance": 1, "config": first }));
    for refused in [json!({ "refuse": true }), json!({ "panic": true })] {
        let error = registry.reconfigure("a", refused).await.unwrap_err();
        assert!(matches!(error, ReloadError::NotReady { .. }), "{error}");
        assert_eq!(answer(&registry).await["config"], first);
    }
    let second = json!({ "n": 2 });
    let how = registry.reconfigure("a", second.clone()).await.unwrap();
    assert_eq!(how, Reconfigured::Applied);
    assert_eq!(answer(&registry).await, json!({ "instance": 1, "config": second }));
    // A reload begins with what holds now.
    registry.reload("a").await.unwrap();
    assert_eq!(answer(&registry).await, json!({ "instance": 2, "config": second }));
    let third = json!({ "n": 3, "reload": true });
    let how = registry.reconfigure("a", third.clone()).await.unwrap();
    assert_eq!(how, Reconfigured::NeedsReload);
    assert_eq!(answer(&registry).await, json!({ "instance": 3, "config": third }));
    life.told().setup = Condition::Failed;
    let error = registry.reconfigure("a", json!({ "n": 4, "reload": true })).await.unwrap_err();
    assert!(matches!(error, ReloadError::NotReady { .. }), "{error}");
    assert_eq!(answer(&registry).await, json!({ "instance": 3, "config": third }));
    life.told().setup = Condition::Ok;
    registry.reload("a").await.unwrap();
    assert_eq!(answer(&registry).await["config"], third, "what was refused is forgotten");
    registry.stop().await.unwrap();
    let error = registry.reconfigure("a", json!({})).await.unwrap_err();
    assert!(matches!(error, ReloadError::NotRunning { .. }), "{error}");
}

/// CONFIG-10: a plugin that did not start comes up with the configuration that it lacked.
#[tokio::test]
async fn one_that_is_unavailable_comes_up_with_another_configuration() {
    let (folder, life) = (Folder::new(), Life::default());
    life.told().setup = Condition::Failed;
    let registry = life.registry(&folder).start().await.unwrap();
    assert_eq!(plugin(&registry, "a").state, State::Unavailable);
    life.told().setup = Condition::Ok;
    let how = registry.reconfigure("a", json!({ "n": 1 })).await.unwrap();
    assert_eq!(how, Reconfigured::NeedsReload);
    assert_eq!(answer(&registry).await["config"], json!({ "n": 1 }));
    assert!(life.told().offered.is_empty(), "nobody was there to be asked");
    registry.disable("a").await.unwrap();
    let error = registry.reconfigure("a", json!({ "n": 2 })).await.unwrap_err();
    assert!(matches!(error, ReloadError::Disabled { .. }), "{error}");
    registry.stop().await.unwrap();
}

/// RELOAD-5: a port is let go of for the new instance, and taken back if that does not come to be.
#[tokio::test]
async fn what_only_one_can_hold_is_handed_over_or_taken_back() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).start().await.unwrap();
    registry.reload("a").await.unwrap();
    assert_eq!(life.events(), ["setup 1", "quiesce 1", "setup 2", "teardown 1"]);
    assert_eq!(life.told().port, Some(2));
    life.told().setup = Condition::Failed;
    assert!(matches!(registry.reload("a").await, Err(ReloadError::NotReady { .. })));
    assert_eq!(life.events(), ["quiesce 2", "resume 2"]);
    let port = life.told().port;
    assert_eq!((port, answer(&registry).await["instance"].clone()), (Some(2), json!(2)));
    life.told().setup = Condition::Ok;
    life.told().keeps_port = true;
    let error = registry.reload("a").await.unwrap_err();
    assert!(error.to_string().contains("somebody is connected"), "{error}");
    assert_eq!(life.events(), ["resume 2"], "it may have let go of a part");
    assert_eq!(plugin(&registry, "a").state, State::Ready);
    registry.stop().await.unwrap();
}
