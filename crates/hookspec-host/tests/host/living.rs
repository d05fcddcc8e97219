//! A plugin whose health, configuration and hold on an exclusive thing a test decides; every
//! instance of it is made anew by a runtime.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use hookspec_host::RegistryBuilder;
use hookspec_host::testing::Gate;
use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, LoadEnv, LoadError, Manifest,
    Plugin, Reconfigured, Reply, Runtime, RuntimeName, Teardown,
};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::loading::Folder;
use crate::support::{builder, impatient, kind};

/// What a test says, and what came of it; shared by all instances.
#[derive(Clone, Default)]
pub(crate) struct Life(Arc<Mutex<Told>>);

#[derive(Default)]
pub(crate) struct Told {
    pub(crate) health: Condition,
    pub(crate) asked: usize,
    /// Configurations with `"refuse": true` are refused, with `"reload": true` need a new instance.
    pub(crate) offered: Vec<Value>,
    /// `port` is held by one instance: a setup that finds it held fails.
    pub(crate) port: Option<usize>,
    pub(crate) keeps_port: bool,
    pub(crate) setup: Condition,
    pub(crate) events: Vec<String>,
    /// Its calls wait here.
    pub(crate) held: Option<Gate>,
    made: usize,
}

#[derive(Clone, Default)]
pub(crate) enum Condition {
    #[default]
    Ok,
    Degraded,
    Failed,
    Panics,
    Hangs,
}

impl Life {
    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap()
    }

    pub(crate) fn events(&self) -> Vec<String> {
        std::mem::take(&mut self.told().events)
    }

    /// A registry with plugin `a` of kind `k`, from a folder.
    pub(crate) fn registry(&self, folder: &Folder) -> RegistryBuilder {
        folder.dylib("a", "living", "");
        builder(kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n"), [])
            .limits(impatient())
            .runtime(Lives(self.clone()))
            .plugin_folder(folder.path())
    }
}

struct Lives(Life);

impl Runtime for Lives {
    fn name(&self) -> RuntimeName {
        RuntimeName::Dylib
    }

    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        _: &'a Path,
        _: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        let number = {
            let mut told = self.0.told();
            told.made += 1;
            told.made
        };
        let living = Living {
            manifest: manifest.clone(),
            number,
            life: self.0.clone(),
            calls: AtomicUsize::new(0),
        };
        Box::pin(async move { Ok(vec![Arc::new(living) as Arc<dyn Plugin>]) })
    }
}

struct Living {
    manifest: Manifest,
    number: usize,
    life: Life,
    calls: AtomicUsize,
}

impl Living {
    fn happened(&self, what: &str) {
        self.life.told().events.push(format!("{what} {}", self.number));
    }
}

async fn undergo(condition: Condition) -> Health {
    match condition {
        Condition::Ok => Health::Ok,
        Condition::Degraded => Health::Degraded("a slow disk".into()),
        Condition::Failed => Health::Failed("no disk".into()),
        Condition::Panics => panic!("it panics when asked"),
        Condition::Hangs => std::future::pending().await,
    }
}

impl Plugin for Living {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("h")];
        HOOKS
    }

    fn setup<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            let condition = self.life.told().setup.clone();
            if undergo(condition).await != Health::Ok {
                return Err(Fault::new("setup", "told to fail"));
            }
            let mut told = self.life.told();
            if let Some(holder) = told.port {
                return Err(Fault::new("port_taken", format!("instance {holder} holds the port")));
            }
            told.port = Some(self.number);
            drop(told);
            self.happened("setup");
            Ok(())
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let reply = json!({ "instance": self.number, "config": call.context.config() });
        match self.life.told().held.clone() {
            None => HookFuture::Ready(Ok(Reply::value(reply))),
            Some(gate) => HookFuture::boxed(async move {
                gate.pass().await;
                Ok(Reply::value(reply))
            }),
        }
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        let condition = {
            let mut told = self.life.told();
            told.asked += 1;
            told.health.clone()
        };
        Box::pin(undergo(condition))
    }

    fn on_config_change<'a>(
        &'a self,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        self.life.told().offered.push(config.clone());
        Box::pin(async {
            if config["refuse"] == json!(true) {
                return Err(Fault::new("refused", "not this one"));
            }
            assert!(config["panic"] != json!(true), "it panics at a configuration");
            Ok(match config["reload"] == json!(true) {
                true => Reconfigured::NeedsReload,
                false => Reconfigured::Applied,
            })
        })
    }

    fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(async {
            if self.life.told().keeps_port {
                return Err(Fault::new("busy", "somebody is connected"));
            }
            self.life.told().port = None;
            self.happened("quiesce");
            Ok(())
        })
    }

    fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(async {
            self.life.told().port = Some(self.number);
            self.happened("resume");
            Ok(())
        })
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async {
            let mut told = self.life.told();
            if told.port == Some(self.number) {
                told.port = None;
            }
            drop(told);
            self.happened("teardown");
            Ok(Teardown::Clean)
        })
    }
}
