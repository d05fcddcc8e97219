//! [`Watched`]: makes of a registry what a folder has become, and says every step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;

use hookspec_host::{PluginSnapshot, Registry, State};
use hookspec_spec::Found;
use serde_json::json;
use tokio::sync::mpsc;

use super::scan::{Scan, scan};
use crate::output::{Format, Output, Tone};
use crate::text::clean;

/// A folder, and what was last made of it.
pub(super) struct Watched {
    folder: PathBuf,
    /// By manifest file.
    known: BTreeMap<PathBuf, Known>,
    /// What is wrong with the folder as a whole; said once.
    complaint: Option<String>,
}

struct Known {
    /// Its plugin; `None` where the manifest never could be read.
    plugin: Option<String>,
    digest: String,
}

impl Watched {
    /// A folder as it is now.
    pub(super) fn new(folder: &Path) -> Self {
        let mut known = BTreeMap::new();
        // What is wrong with the folder is told by the start of the registry.
        if let Ok(scan) = scan(folder) {
            for (found, digest) in scan.found {
                let plugin = Some(found.manifest.name.to_string());
                known.insert(found.path, Known { plugin, digest });
            }
            for (path, (digest, _)) in scan.problems {
                known.insert(path, Known { plugin: None, digest });
            }
        }
        Self { folder: folder.to_owned(), known, complaint: None }
    }

    /// Loads what is new, reloads what has changed, removes what is gone.
    pub(super) async fn apply(&mut self, registry: &Registry, output: &mut Output) {
        let folder = self.folder.clone();
        let scanned = tokio::task::spawn_blocking(move || scan(&folder)).await;
        let scanned = scanned.unwrap_or_else(|error| Err(error.to_string()));
        let scan = match scanned {
            Ok(scan) => scan,
            Err(reason) => {
                if self.complaint.as_ref() != Some(&reason) {
                    Said::new("kept").at(&self.folder).because(&reason).say(output);
                    self.complaint = Some(reason);
                }
                return;
            }
        };
        self.complaint = None;
        self.remove(&scan, registry, output).await;
        for (path, (digest, reason)) in &scan.problems {
            let known = self.known.get(path);
            if known.is_some_and(|known| known.digest == *digest) {
                continue;
            }
            let plugin = known.and_then(|known| known.plugin.clone());
            let said = match &plugin {
                Some(plugin) => Said::new("kept").of(plugin),
                None => Said::new("skipped"),
            };
            said.at(path).because(reason).say(output);
            self.known.insert(path.clone(), Known { plugin, digest: digest.clone() });
        }
        for (found, digest) in scan.found {
            self.load(found, digest, registry, output).await;
        }
        output.flush();
    }

    /// Removes the plugins of manifests that are gone, or that name another plugin now.
    async fn remove(&mut self, scan: &Scan, registry: &Registry, output: &mut Output) {
        let gone = |path: &Path, known: &Known| {
            let now = scan.found.iter().find(|(found, _)| found.path == *path);
            match now {
                Some((found, _)) => known.plugin.as_deref() != Some(found.manifest.name.as_str()),
                None => !scan.problems.contains_key(path),
            }
        };
        let gone: Vec<PathBuf> = self
            .known
            .iter()
            .filter(|(path, known)| gone(path, known))
            .map(|(p, _)| p.clone())
            .collect();
        let mut plugins = Vec::new();
        for path in gone {
            self.known.remove(&path);
            for plugin in of(registry, &path) {
                Said::new("vanished").of(&plugin.name).at(&path).say(output);
                plugins.push(plugin.name);
            }
        }
        // One that others need goes after them, in whichever order their folders are.
        while !plugins.is_empty() {
            let mut left = Vec::new();
            for plugin in &plugins {
                match registry.remove(plugin).await {
                    Ok(()) => Said::new("removed").of(plugin).say(output),
                    Err(error) => left.push((plugin.clone(), error)),
                }
            }
            if left.len() == plugins.len() {
                for (plugin, error) in left {
                    Said::new("kept").of(&plugin).because(&error.to_string()).say(output);
                }
                return;
            }
            plugins = left.into_iter().map(|(plugin, _)| plugin).collect();
        }
    }

    async fn load(
        &mut self,
        found: Found,
        digest: String,
        registry: &Registry,
        output: &mut Output,
    ) {
        let (name, path) = (found.manifest.name.to_string(), found.path.clone());
        let known = Known { plugin: Some(name.clone()), digest: digest.clone() };
        let before = self.known.insert(path.clone(), known);
        if before.as_ref().is_some_and(|before| before.digest == digest) {
            return;
        }
        let plugins = of(registry, &path);
        let step = if before.is_some() { "changed" } else { "new" };
        let said = Said::new(step).of(&name).at(&path).digest(&digest);
        match &before {
            Some(before) => said.before(&before.digest).say(output),
            None => said.say(output),
        }
        if plugins.is_empty() {
            open(found, &name, registry, output).await;
            return;
        }
        for plugin in plugins {
            reload(&plugin, registry, output).await;
        }
    }
}

async fn open(found: Found, name: &str, registry: &Registry, output: &mut Output) {
    let path = found.path.clone();
    if let Err(error) = registry.open(found).await {
        Said::new("skipped").of(name).because(&error.to_string()).say(output);
        return;
    }
    Said::new("opened").of(name).say(output);
    for plugin in of(registry, &path) {
        let said = match plugin.state {
            State::Ready => Said::new("ready"),
            _ => Said::new("unavailable").because(&plugin.reason),
        };
        said.of(&plugin.name).say(output);
    }
}

async fn reload(plugin: &PluginSnapshot, registry: &Registry, output: &mut Output) {
    // As many as there are steps, so that none is lost.
    let (sender, mut steps) = mpsc::channel(8);
    let name = plugin.name.as_str();
    let reload = registry.reload_observed(name, move |step| {
        let _ = sender.try_send(step);
    });
    let mut reload = pin!(reload);
    let result = loop {
        tokio::select! {
            biased;
            Some(step) = steps.recv() => Said::new(step.as_str()).of(name).say(output),
            result = &mut reload => break result,
        }
        // A drain may take long.
        output.flush();
    };
    while let Ok(step) = steps.try_recv() {
        Said::new(step.as_str()).of(name).say(output);
    }
    if let Err(error) = result {
        let said = Said::new(if plugin.state.is_callable() { "kept" } else { "unavailable" });
        said.of(name).because(&error.to_string()).say(output);
    }
}

/// The plugins of the registry that came from a manifest: a library may hold several.
fn of(registry: &Registry, manifest: &Path) -> Vec<PluginSnapshot> {
    let plugins = registry.snapshot().plugins;
    plugins.into_iter().filter(|own| own.manifest_path.as_deref() == Some(manifest)).collect()
}

/// One thing that happened.
#[derive(Default)]
pub(super) struct Said<'a> {
    step: &'a str,
    plugin: Option<&'a str>,
    path: Option<&'a Path>,
    digest: Option<&'a str>,
    before: Option<&'a str>,
    reason: Option<&'a str>,
}

impl<'a> Said<'a> {
    pub(super) fn new(step: &'a str) -> Self {
        Self { step, ..Self::default() }
    }

    pub(super) fn of(self, plugin: &'a str) -> Self {
        Self { plugin: Some(plugin), ..self }
    }

    fn at(self, path: &'a Path) -> Self {
        Self { path: Some(path), ..self }
    }

    fn digest(self, digest: &'a str) -> Self {
        Self { digest: Some(digest), ..self }
    }

    fn before(self, digest: &'a str) -> Self {
        Self { before: Some(digest), ..self }
    }

    pub(super) fn because(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Shows it, now.
    pub(super) fn say(&self, output: &mut Output) {
        match output.format() {
            Format::Json => output.record(&json!({
                "command": "watch",
                "step": self.step.replace(' ', "_"),
                "plugin": self.plugin,
                "path": self.path.map(Path::to_string_lossy),
                "digest": self.digest,
                "before": self.before,
                "reason": self.reason,
            })),
            Format::Human => output.line(self.text(output)),
        }
        output.flush();
    }

    fn text(&self, output: &Output) -> String {
        let tone = match self.step {
            "kept" | "skipped" | "unavailable" => Tone::Bad,
            "ready" | "swapped" => Tone::Good,
            _ => Tone::Plain,
        };
        let mut text = match self.plugin {
            Some(plugin) => format!("{}: ", output.paint(Tone::Strong, &clean(plugin))),
            None => String::new(),
        };
        let step = match self.step {
            "kept" if self.plugin.is_some() => "kept the old one",
            "kept" => "kept all as it was",
            step => step,
        };
        text.push_str(&output.paint(tone, step));
        if let Some(path) = self.path {
            text.push_str(&format!(" {}", clean(&path.to_string_lossy())));
        }
        let short = |digest: &str| digest.chars().take(12).collect::<String>();
        match (self.before, self.digest) {
            (Some(before), Some(now)) => {
                text.push_str(&format!(", digest {} -> {}", short(before), short(now)));
            }
            (None, Some(now)) => text.push_str(&format!(", digest {}", short(now))),
            _ => {}
        }
        if let Some(reason) = self.reason {
            text.push_str(&format!(": {}", clean(reason)));
        }
        text
    }
}
