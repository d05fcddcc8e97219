//! Opens what a manifest describes: through the runtime that it names, contained and bounded.

use std::collections::HashMap;
use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{LoadEnv, LoadError, Manifest, Plugin, PluginName, Runtime, RuntimeName};
use hookspec_spec::Catalog;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::dispatcher;

use super::register::check;
use super::shared::Shared;
use super::{configured, linked};
use crate::error::RegistrationError;
use crate::panic::contain_text;

/// Where a plugin came from: how a further instance of it is made.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// The application gave the instance.
    Value,
    /// A linked crate registered it under this entry point, with its own manifest.
    Linked { entry_point: &'static str },
    /// The application gave the manifest, and a linked crate registered what that names.
    Manifest(Box<Manifest>),
    /// A manifest file, and the plugin that it is of: a library may hold others beside it.
    File { path: PathBuf, main: PluginName },
}

/// Plugins that were opened. Foreign values: dropped under care.
pub(crate) type Opened = Guarded<Vec<Arc<dyn Plugin>>>;

/// The runtimes of a registry, and what it tells them about itself.
pub(crate) struct Loading {
    pub(crate) runtimes: HashMap<RuntimeName, Arc<dyn Runtime>>,
    pub(crate) env: Arc<LoadEnv>,
}

impl Loading {
    pub(crate) fn new(
        runtimes: HashMap<RuntimeName, Arc<dyn Runtime>>,
        pinned: std::collections::BTreeMap<PluginName, String>,
        catalog: &Catalog,
    ) -> Self {
        Self { runtimes, env: Arc::new(LoadEnv { kinds: catalog.known_kinds(), pinned }) }
    }
}

/// Opens what a manifest in a folder describes; among it is the plugin that the manifest names.
///
/// What is wrong with the manifest is found before the runtime is asked for, and that before any
/// code of the plugin is touched.
///
/// # Errors
/// Why it cannot be opened.
pub(crate) async fn open(
    shared: &Shared,
    manifest: &Manifest,
    folder: &Path,
) -> Result<Opened, RegistrationError> {
    let mut wanted = manifest.clone();
    configured::apply(&shared.settings, &mut wanted);
    let manifest = &wanted;
    check(shared, manifest)?;
    let loading = &shared.loading;
    let failed = |reason| RegistrationError::NotOpened {
        plugin: manifest.name.clone(),
        runtime: manifest.runtime,
        reason,
    };
    let opened = match loading.runtimes.get(&manifest.runtime) {
        Some(runtime) => {
            let own = Duration::from_secs(manifest.startup_timeout_sec);
            let limit = shared.settings.limits_of(&manifest.name).startup_timeout.unwrap_or(own);
            let asked = Asked {
                runtime: Arc::clone(runtime),
                manifest: manifest.clone(),
                folder: folder.to_owned(),
                env: Arc::clone(&loading.env),
            };
            asked.bounded(limit).await.map_err(failed)?
        }
        None if manifest.runtime == RuntimeName::InProcess => {
            Guarded::new(vec![linked::one(manifest.clone())?])
        }
        None => {
            let mut known: Vec<_> = loading.runtimes.keys().copied().collect();
            known.push(RuntimeName::InProcess);
            known.sort_unstable();
            return Err(RegistrationError::RuntimeNotSupported {
                plugin: manifest.name.clone(),
                runtime: manifest.runtime,
                known,
            });
        }
    };
    let names: Vec<PluginName> = opened.get().into_iter().flatten().map(name_of).collect();
    if names.contains(&manifest.name) {
        return Ok(opened);
    }
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    Err(failed(format!(
        "it holds [{}] and not `{}`, which its manifest names; mend `name` in the manifest",
        names.join(", "),
        manifest.name
    )))
}

/// The plugin of a name among those that were opened; the others are dropped.
pub(crate) fn pick(mut opened: Opened, name: &PluginName) -> Option<Arc<dyn Plugin>> {
    let mut rest = opened.take().unwrap_or_default();
    let position = rest.iter().position(|plugin| name_of(plugin) == *name);
    let picked = position.map(|position| rest.swap_remove(position));
    drop(Guarded::new(rest));
    picked
}

/// The name that a plugin gives itself; one that panics when asked is told as such later.
pub(crate) fn name_of(plugin: &Arc<dyn Plugin>) -> PluginName {
    contain_text(|| plugin.manifest().name.clone())
        .unwrap_or_else(|_| PluginName::from_static("(unnamed)"))
}

/// The manifest that a plugin gives itself; of one that panics when asked, none.
pub(crate) fn manifest_of(plugin: &Arc<dyn Plugin>) -> Option<Manifest> {
    contain_text(|| plugin.manifest().clone()).ok()
}

/// One opening, with everything it needs.
struct Asked {
    runtime: Arc<dyn Runtime>,
    manifest: Manifest,
    folder: PathBuf,
    env: Arc<LoadEnv>,
}

impl Asked {
    /// Opens on a thread of its own: initialisers of a library run inside, and nothing but a
    /// thread keeps one that blocks from holding the host.
    async fn bounded(self, limit: Duration) -> Result<Opened, String> {
        let host = Handle::try_current().map_err(|error| error.to_string())?;
        let (sender, answer) = oneshot::channel();
        let log = dispatcher::get_default(Clone::clone);
        let span = tracing::Span::current();
        std::thread::Builder::new()
            .name("hookspec-open".into())
            .spawn(move || {
                let _log = dispatcher::set_default(&log);
                let _span = span.entered();
                self.run(&host, sender);
            })
            .map_err(|error| format!("no thread could be started: {error}"))?;
        match timeout(limit, answer).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(_)) => Err("the runtime ended while it was opened".into()),
            Err(_) => Err(format!("it did not open within {limit:?}")),
        }
    }

    /// Ends early when nobody waits any more.
    fn run(self, host: &Handle, mut sender: oneshot::Sender<Result<Opened, String>>) {
        // Outside of what a panic unwinds: dropping it is foreign code, too.
        let mut future = None;
        let opened = contain_text(|| {
            host.block_on(poll_fn(|cx| {
                if sender.poll_closed(cx).is_ready() {
                    return Poll::Ready(Err("nobody awaits it any more".to_owned()));
                }
                let polled = contain_text(|| {
                    let begin = || self.runtime.open(&self.manifest, &self.folder, &self.env);
                    let future = future.get_or_insert_with(|| Guarded::new(begin()));
                    future.get_mut().map_or(Poll::Pending, |future| future.as_mut().poll(cx))
                });
                match polled {
                    Ok(polled) => polled.map(settled),
                    Err(message) => Poll::Ready(Err(format!("it panicked: {message}"))),
                }
            }))
        });
        drop(future);
        // Whoever gave up drops what came too late: here, and under care.
        let _ = sender.send(opened.unwrap_or_else(Err));
    }
}

fn settled(opened: Result<Vec<Arc<dyn Plugin>>, LoadError>) -> Result<Opened, String> {
    opened.map(Guarded::new).map_err(|error| error.to_string())
}
