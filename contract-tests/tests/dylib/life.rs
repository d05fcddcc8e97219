//! The rest of an instance's life: quiesce, resume, another configuration, health, and its end.

use hookspec::{Health, Reconfigured, Teardown};
use serde_json::json;

use crate::house::{House, Lodger};
use crate::support::{c_puppet, puppet, puppet_c, runtime, rust_puppet};

#[test]
fn quiesce_and_resume_reach_rust() {
    runtime().block_on(async {
        let rust = rust_puppet().open(&puppet()).unwrap();
        assert_eq!(rust.quiesce().await.unwrap_err().code(), "not_set_up");
        let rust = Lodger::new(rust, House::new(json!(null))).await;
        rust.plugin.quiesce().await.unwrap();
        assert_eq!(rust.plugin.resume().await.unwrap_err().message(), "the port is taken");
        let told = rust.ask(json!("told")).await.unwrap();
        assert_eq!(told, json!(["quiesce", "resume", "asked"]));
    });
}

#[test]
fn quiesce_and_resume_reach_c_where_it_has_them() {
    runtime().block_on(async {
        let old = "PLUGIN_SIZE=offsetof(hookspec_plugin,answered)";
        for (defines, told) in [(&[][..], json!([1, 1, 2])), (&[old], json!([0, 0, 0]))] {
            let c = c_puppet(defines).open(&puppet_c()).unwrap();
            let c = Lodger::new(c, House::new(json!(1))).await;
            c.plugin.quiesce().await.unwrap();
            let fault = c.plugin.resume().await.err();
            assert_eq!(fault.is_some(), defines.is_empty(), "{fault:?}");
            let own = defines.is_empty();
            let applied = if own { Reconfigured::Applied } else { Reconfigured::NeedsReload };
            let change = async |config| c.plugin.on_config_change(&config).await.unwrap();
            assert_eq!(change(json!(2)).await, applied);
            assert_eq!(change(json!(33)).await, Reconfigured::NeedsReload);
            assert_eq!(c.ask(json!("told")).await.unwrap(), told);
            let holds = if own { 2 } else { 1 };
            assert_eq!(c.ask(json!("config")).await.unwrap(), holds, "only what was applied");
        }
    });
}

#[test]
fn another_configuration_holds_once_it_is_applied() {
    runtime().block_on(async {
        let rust = rust_puppet().open(&puppet()).unwrap();
        let rust = Lodger::new(rust, House::new(json!({ "n": 1 }))).await;
        let config = async || rust.ask(json!("context")).await.unwrap()["config"].clone();
        let change = async |config: serde_json::Value| rust.plugin.on_config_change(&config).await;
        let other = json!({ "n": 2 });
        assert_eq!(change(other).await.unwrap(), Reconfigured::NeedsReload);
        let refused = change(json!({ "change": "fault" })).await.unwrap_err();
        assert_eq!(refused.message(), "it does not take it");
        assert_eq!(config().await, json!({ "n": 1 }), "nothing was applied");
        let taken = json!({ "change": "take", "n": 3 });
        assert_eq!(change(taken.clone()).await.unwrap(), Reconfigured::Applied);
        assert_eq!(config().await, taken);
        let panics = json!({ "change": "panic" });
        let panicking = rust.plugin.on_config_change(&panics);
        let caught = hookspec::guard::catch(|| futures::executor::block_on(panicking));
        assert_eq!(caught, Err("the change panics".to_owned()));
        assert_eq!(config().await, taken, "the one before stays");
    });
}

#[test]
fn health_is_told() {
    runtime().block_on(async {
        let c = c_puppet(&[]).open(&puppet_c()).unwrap();
        let c = Lodger::new(c, House::new(json!(null))).await;
        assert_eq!(c.plugin.health().await, Health::Ok);
        c.ask(json!("slow")).await.unwrap();
        assert_eq!(c.plugin.health().await, Health::Degraded("slow".into()));
        c.ask(json!("dead")).await.unwrap();
        assert_eq!(c.plugin.health().await, Health::Failed("dead".into()));
        let rust = rust_puppet().open(&puppet()).unwrap();
        let rust = Lodger::new(rust, House::new(json!(null))).await;
        assert_eq!(rust.plugin.health().await, Health::Degraded("as always".into()));
    });
}

/// After its teardown an instance is told nothing any more, and is not torn down again.
#[test]
fn what_is_torn_down_stays_so() {
    runtime().block_on(async {
        let (rust, c) = (rust_puppet(), c_puppet(&[]));
        for (plugin, ended) in [
            (rust.open(&puppet()).unwrap(), Teardown::RequiresRestart),
            (c.open(&puppet_c()).unwrap(), Teardown::Clean),
        ] {
            let lodger = Lodger::new(plugin, House::new(json!(null))).await;
            let plugin = &lodger.plugin;
            assert_eq!(plugin.teardown().await, Ok(ended));
            let config = json!(2);
            let faults = [
                lodger.ask(json!("anything")).await.err(),
                plugin.teardown().await.err(),
                plugin.quiesce().await.err(),
                plugin.resume().await.err(),
                plugin.on_config_change(&config).await.err(),
            ];
            for fault in faults {
                assert_eq!(fault.as_ref().map(hookspec::Fault::code), Some("torn_down"));
            }
        }
    });
}
