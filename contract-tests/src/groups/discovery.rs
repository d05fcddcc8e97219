//! discovery: a folder of manifests in, what the registry made of it out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hookspec_host::testing::Puppet;
use hookspec_host::{PluginFolder, PluginSnapshot, Registry, RegistryBuilder, State};
use hookspec_plugin::{BoxFuture, LoadEnv, LoadError, Manifest, Plugin, Runtime, RuntimeName};
use hookspec_spec::{DispatchClass, Found};
use serde_json::{Map, Value, json};

use super::kinds::{Hooks, declare};
use super::scratch;
use super::written::{Code, Dir};
use crate::logs::Logs;
use crate::observed::Observed;
use crate::unserved::{Served, flag, object, text, texts, unserved};

pub(super) const EXPECTATIONS: [&str; 5] =
    ["found", "skipped", "second", "registered", "executions"];

const KEYS: [&str; 6] = ["dirs", "root_is", "recursive", "ignore", "preregistered", "twice"];

pub(super) async fn observe(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &KEYS)?;
    let get = |key: &str| fields.get(key).unwrap_or(&Value::Null);
    let Value::Array(dirs) = get("dirs") else { return unserved("`dirs` is not a list") };
    let dirs: Vec<Dir> = dirs.iter().map(Dir::read).collect::<Served<_>>()?;
    let mut observed = Observed::of(input);
    for dir in &dirs {
        observed.words.plugin(&dir.name);
    }
    let place = scratch()?;
    let roots = roots(get("root_is"), &dirs, place.path())?;
    let folders: Vec<PluginFolder> =
        roots.iter().map(|root| folder(root, fields)).collect::<Served<_>>()?;
    let twice = fields.get("twice").map_or(Ok(false), |value| flag(value, "twice"))?;
    let constructors = Arc::new(Constructors::new(&dirs));
    let builder = match builder(&dirs, fields, &constructors)? {
        Ok(builder) => builder,
        Err(error) => {
            observed.failed(error);
            return Ok(observed);
        }
    };
    let logs = Logs::default();
    let guard = logs.install();
    let rounds = if twice { 2 } else { 1 };
    let searched = folders.iter().cycle().take(folders.len() * rounds).cloned();
    let started = searched.fold(builder, RegistryBuilder::plugin_folder).start().await;
    observed.fact("executions", constructors.executions.load(Ordering::Relaxed));
    match started {
        Ok(registry) => {
            facts(&mut observed, &registry, &folders, &dirs, &constructors.opened(), twice);
            if let Err(error) = registry.stop().await {
                observed.failed(error);
            }
        }
        Err(error) => {
            observed.failed(error);
            observed.fact("registered", json!([]));
        }
    }
    drop(guard);
    observed.records = logs.records();
    Ok(observed)
}

/// Writes the folders, and answers the roots that are searched.
fn roots(is: &Value, dirs: &[Dir], place: &Path) -> Served<Vec<PathBuf>> {
    let root = place.join("root");
    let failed = |error: std::io::Error| unserved(format!("cannot make the root: {error}"));
    let is = if is.is_null() { "folder" } else { text(is, "root_is")? };
    match is {
        "absent" => return Ok(vec![root]),
        "file" => {
            std::fs::write(&root, "").or_else(failed)?;
            return Ok(vec![root]);
        }
        _ => std::fs::create_dir_all(&root).or_else(failed)?,
    }
    let written = if is == "symlink_inside" { place.join("elsewhere") } else { root.clone() };
    for dir in dirs {
        dir.write(&written)?;
    }
    let tops: BTreeSet<&str> = dirs.iter().filter_map(|dir| dir.path.split('/').next()).collect();
    match is {
        "folder" => Ok(vec![root]),
        "two_roots" => Ok(tops.into_iter().map(|top| root.join(top)).collect()),
        #[cfg(unix)]
        "symlink_inside" => {
            for top in tops {
                std::os::unix::fs::symlink(written.join(top), root.join(top)).or_else(failed)?;
            }
            Ok(vec![root])
        }
        other => unserved(format!("unknown root `{other}`")),
    }
}

fn folder(root: &Path, fields: &Map<String, Value>) -> Served<PluginFolder> {
    let mut folder = PluginFolder::new(root);
    if let Some(recursive) = fields.get("recursive") {
        folder = folder.recursive(flag(recursive, "recursive")?);
    }
    for pattern in fields.get("ignore").map_or(Ok(Vec::new()), |all| texts(all, "ignore"))? {
        folder = folder.ignore(pattern);
    }
    Ok(folder)
}

/// A registry with the plugins that are there before, and a loader for each runtime that the
/// specification has.
fn builder(
    dirs: &[Dir],
    fields: &Map<String, Value>,
    constructors: &Arc<Constructors>,
) -> Served<Result<RegistryBuilder, crate::seen::Seen>> {
    let mut hooks = Hooks::from([("k".to_owned(), BTreeSet::from(["h".to_owned()]))]);
    for dir in dirs {
        hooks.entry(dir.kind.clone()).or_default();
    }
    let catalog = match declare(&hooks, DispatchClass::BroadcastCollect, None) {
        Ok(catalog) => catalog,
        Err(seen) => return Ok(Err(seen)),
    };
    let before = fields.get("preregistered");
    let before = before.map_or(Ok(Vec::new()), |names| texts(names, "preregistered"))?;
    let before =
        before.into_iter().map(|name| Arc::new(Puppet::new(Manifest::new(name, "k"))) as Arc<_>);
    let builder = Registry::builder()
        .catalog(catalog)
        .core_version("0.2.0")
        .environment(|_| None)
        .plugins(before.map(|plugin: Arc<dyn Plugin>| plugin));
    let runtimes = [RuntimeName::InProcess, RuntimeName::McpStdio, RuntimeName::McpHttp];
    Ok(Ok(runtimes.into_iter().fold(builder, |builder, name| {
        builder.runtime(Loader { name, constructors: Arc::clone(constructors) })
    })))
}

fn facts(
    observed: &mut Observed,
    registry: &Registry,
    folders: &[PluginFolder],
    dirs: &[Dir],
    opened: &BTreeSet<String>,
    twice: bool,
) {
    let snapshot = registry.snapshot();
    // One that was opened is registered, even if what it depends on keeps it from being set up.
    let is_up = |plugin: &&PluginSnapshot| {
        plugin.state != State::Unavailable || opened.contains(&plugin.name)
    };
    // The order is discovery's own; what became of each, the registry's.
    let discovered: Vec<Found> =
        folders.iter().filter_map(|each| each.discover().ok()).flat_map(|one| one.found).collect();
    let by_search = |found: &&Found| {
        let path = Some(&found.path);
        snapshot.plugins.iter().filter(is_up).any(|one| one.manifest_path.as_ref() == path)
    };
    let name = |found: &Found| found.manifest.name.to_string();
    let found: Vec<String> = discovered.iter().filter(by_search).map(name).collect();
    observed.fact("found", found);
    if twice {
        let skipped = |found: &&Found| snapshot.skipped.iter().any(|one| one.path == found.path);
        let second = discovered.iter().filter(by_search).filter(|one| !skipped(one));
        observed.fact("second", second.map(name).collect::<Vec<_>>());
    }
    let unread = snapshot.skipped.iter().filter(|each| each.plugin.is_none());
    let unread = unread.filter_map(|each| {
        dirs.iter().find(|dir| dir.is_at(&each.path)).map(|dir| dir.name.as_str())
    });
    let named = snapshot.skipped.iter().filter_map(|each| each.plugin.as_deref());
    let down = snapshot.plugins.iter().filter(|plugin| !is_up(plugin));
    let down = down.map(|plugin| plugin.name.as_str());
    let skipped: BTreeSet<&str> = named.chain(unread).chain(down).collect();
    observed.fact("skipped", json!(skipped));
    let registered = snapshot.plugins.iter().filter(is_up).map(|plugin| plugin.name.as_str());
    observed.fact("registered", json!(registered.collect::<Vec<_>>()));
}

/// The constructors that the scenario registers, by folder name and entry point.
struct Constructors {
    registered: BTreeMap<(String, String), Code>,
    executions: AtomicUsize,
    opened: Mutex<BTreeSet<String>>,
}

impl Constructors {
    fn new(dirs: &[Dir]) -> Self {
        let registered = dirs.iter().filter_map(|dir| {
            let entry_point = match dir.code {
                Code::None => return None,
                Code::Elsewhere => format!("{}Other", dir.entry_point),
                Code::Ok | Code::Fails => dir.entry_point.clone(),
            };
            Some(((dir.name.clone(), entry_point), dir.code))
        });
        Self {
            registered: registered.collect(),
            executions: AtomicUsize::new(0),
            opened: Mutex::default(),
        }
    }

    /// The plugins that could be opened.
    fn opened(&self) -> BTreeSet<String> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Loader {
    name: RuntimeName,
    constructors: Arc<Constructors>,
}

impl Runtime for Loader {
    fn name(&self) -> RuntimeName {
        self.name
    }

    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        _: &'a Path,
        _: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        Box::pin(async {
            if self.name == RuntimeName::InProcess {
                let entry_point = manifest.entry_point.clone().unwrap_or_default();
                let wanted = (manifest.name.to_string(), entry_point);
                let Some(code) = self.constructors.registered.get(&wanted) else {
                    return Err(LoadError::new(format!("no constructor `{}`", wanted.1)));
                };
                self.constructors.executions.fetch_add(1, Ordering::Relaxed);
                if *code == Code::Fails {
                    return Err(LoadError::new("the constructor failed"));
                }
            }
            let mut opened =
                self.constructors.opened.lock().unwrap_or_else(PoisonError::into_inner);
            opened.insert(manifest.name.to_string());
            Ok(vec![Arc::new(Puppet::new(manifest.clone())) as Arc<dyn Plugin>])
        })
    }
}
