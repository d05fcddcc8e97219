//! Another configuration, and what only one instance can hold: CONFIG-9, CONFIG-10, RELOAD-5.

use hookspec_host::{Registry, ReloadError, State};
use hookspec_plugin::{Caller, Reconfigured};
use hookspec_spec::PluginFolder;
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

/// CONFIG-3, CONFIG-10: what a configuration was changed to is checked anew with each instance.
#[tokio::test]
async fn a_reload_checks_the_changed_configuration_against_the_new_schema() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).start().await.unwrap();
    let changed = json!({ "n": 1 });
    registry.reconfigure("a", changed.clone()).await.unwrap();
    let schema = |properties: &str| {
        let schema = format!("config_schema = {{ properties = {{ {properties} }} }}");
        folder.dylib("a", "living", &schema);
    };
    schema("n = { type = \"string\" }");
    let error = registry.reload("a").await.unwrap_err();
    assert!(error.to_string().contains("[HS-R024]"), "{error}");
    assert_eq!(answer(&registry).await, json!({ "instance": 1, "config": changed }));
    schema("n = { type = \"integer\" }, m = { type = \"integer\", default = 5 }");
    registry.reload("a").await.unwrap();
    assert_eq!(answer(&registry).await["config"], json!({ "n": 1, "m": 5 }));
    // What the schema before gave is no part of what was changed.
    schema("n = { type = \"integer\" }, o = { type = \"integer\", default = 6 }");
    registry.reload("a").await.unwrap();
    assert_eq!(answer(&registry).await["config"], json!({ "n": 1, "o": 6 }));
    registry.stop().await.unwrap();
}

/// STATE-5, CONFIG-10: nothing that was changed about a plugin outlives it.
#[tokio::test]
async fn a_plugin_that_comes_under_the_name_of_one_that_was_removed_begins_anew() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).config("a", json!({ "n": 1 })).start().await.unwrap();
    registry.reconfigure("a", json!({ "n": 2 })).await.unwrap();
    registry.disable("a").await.unwrap();
    registry.remove("a").await.unwrap();
    let found = PluginFolder::new(folder.path()).discover().unwrap().found.remove(0);
    registry.open(found).await.unwrap();
    assert_eq!(plugin(&registry, "a").state, State::Ready);
    assert_eq!(answer(&registry).await["config"], json!({ "n": 1 }));
    registry.stop().await.unwrap();
}

/// What the host's configuration turned off is off again.
#[tokio::test]
async fn what_the_builder_disabled_stays_so_when_it_is_removed_and_comes_back() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).disable("a").start().await.unwrap();
    registry.enable("a").await.unwrap();
    registry.remove("a").await.unwrap();
    let found = PluginFolder::new(folder.path()).discover().unwrap().found.remove(0);
    registry.open(found).await.unwrap();
    assert_eq!(plugin(&registry, "a").state, State::Disabled);
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
