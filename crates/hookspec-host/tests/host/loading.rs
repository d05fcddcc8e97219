//! A runtime that opens no files: what it opens is scripted by the plugin's `entry_point`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hookspec_host::testing::{Behaviour, Puppet, Step};
use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, HookFuture, HookName, LoadEnv, LoadError, Manifest, Plugin,
    Reply, Runtime, RuntimeName, Teardown,
};
use serde_json::{Map, Value, json};

/// What became of the instances of one [`Fake`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Names, in the order in which their openings began.
    pub(crate) opened: Arc<Mutex<Vec<String>>>,
    pub(crate) torn_down: Arc<AtomicUsize>,
    /// Names, in the order in which they were torn down.
    pub(crate) stopped: Arc<Mutex<Vec<String>>>,
    /// Instances that were torn down while a call was in them.
    pub(crate) torn_under_calls: Arc<AtomicUsize>,
    pub(crate) env: Arc<Mutex<Option<LoadEnv>>>,
}

/// `entry_point` says what opening does: `ok`, `refused`, `panics`, `hangs` (awaits for ever),
/// `blocks` (holds its thread for a while), `several`, `other`, `no_hook`, `setup_fails`.
pub(crate) struct Fake {
    pub(crate) name: RuntimeName,
    pub(crate) seen: Seen,
}

impl Runtime for Fake {
    fn name(&self) -> RuntimeName {
        self.name
    }

    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        _: &'a Path,
        env: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        *self.seen.env.lock().unwrap() = Some(env.clone());
        self.seen.opened.lock().unwrap().push(manifest.name.to_string());
        let entry_point = manifest.entry_point.clone().unwrap_or_default();
        let instance = |name: &str| -> Arc<dyn Plugin> {
            let manifest = Manifest { name: name.into(), ..manifest.clone() };
            let version = manifest.version.clone().unwrap_or_default();
            Arc::new(Instance {
                manifest,
                version,
                seen: self.seen.clone(),
                busy: AtomicUsize::new(0),
            })
        };
        let own = instance(manifest.name.as_str());
        let puppet = Puppet::new(manifest.clone());
        let shared = |puppet: Puppet| -> Arc<dyn Plugin> { Arc::new(puppet) };
        Box::pin(async move {
            match entry_point.as_str() {
                "refused" => Err(LoadError::new("it was built for something else")),
                "panics" => panic!("opening went wrong"),
                "hangs" => std::future::pending().await,
                "blocks" => {
                    std::thread::sleep(std::time::Duration::from_secs(2));
                    Ok(vec![own])
                }
                "several" => Ok(vec![instance("beside"), own, instance("taken")]),
                "other" => Ok(vec![instance("somebody_else")]),
                "no_hook" => Ok(vec![shared(puppet.on("x", Behaviour::answer(1)))]),
                "setup_fails" => {
                    let fails = puppet.on("h", Behaviour::answer(1));
                    Ok(vec![shared(fails.setup(Step::Fault("no licence".into())))])
                }
                _ => Ok(vec![own]),
            }
        })
    }
}

/// Answers its version, after giving way a few times.
struct Instance {
    manifest: Manifest,
    version: String,
    seen: Seen,
    busy: AtomicUsize,
}

impl Plugin for Instance {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("h")];
        HOOKS
    }

    fn setup<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(())
        })
    }

    fn call<'a>(&'a self, _: Call<'a>) -> HookFuture<'a> {
        HookFuture::Boxed(Box::pin(async {
            self.busy.fetch_add(1, Ordering::SeqCst);
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            self.busy.fetch_sub(1, Ordering::SeqCst);
            Ok(Reply::value(self.version.clone()))
        }))
    }

    fn facts(&self) -> Map<String, Value> {
        assert!(self.version != "panics in facts", "no facts today");
        Map::from_iter([("version".to_owned(), json!(self.version))])
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        self.seen.torn_down.fetch_add(1, Ordering::SeqCst);
        self.seen.stopped.lock().unwrap().push(self.manifest.name.to_string());
        if self.busy.load(Ordering::SeqCst) > 0 {
            self.seen.torn_under_calls.fetch_add(1, Ordering::SeqCst);
        }
        Box::pin(std::future::ready(Ok(Teardown::Clean)))
    }
}

/// A folder of plugins.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes the manifest of a dylib plugin of kind `k`.
    pub(crate) fn dylib(&self, name: &str, entry_point: &str, more: &str) -> PathBuf {
        let text = format!(
            "name = \"{name}\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"dylib\"\nentry_point = \"{entry_point}\"\n{more}\n"
        );
        self.write(name, &text)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let folder = self.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("plugin.toml");
        fs::write(&path, text).unwrap();
        path
    }
}
