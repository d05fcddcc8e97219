//! Where plugins were loaded from, and what of the plugin folders is not in the registry.

use hookspec_host::{PluginSnapshot, RegistrySnapshot, SkippedPlugin};
use serde_json::{Value, json};

use crate::grid::{Cell, Grid};
use crate::output::{Output, Tone};

/// The plugins that came from a file: which file, and the beginning of its digest.
pub(super) fn show_files(snapshot: &RegistrySnapshot, output: &mut Output) {
    let mut grid = Grid::new(["plugin", "file", "sha256"]);
    for plugin in &snapshot.plugins {
        let file = fact(plugin, "file").map(str::to_owned);
        let manifest = || plugin.manifest_path.as_ref().map(|path| path.display().to_string());
        let Some(file) = file.or_else(manifest) else { continue };
        // Enough to tell two builds apart; the whole of it is in the JSON.
        let digest: String = fact(plugin, "sha256").unwrap_or("-").chars().take(12).collect();
        grid.row([Cell::new(&plugin.name, Tone::Strong), file.into(), digest.into()]);
    }
    if !grid.is_empty() {
        output.heading("Loaded from files");
        output.grid(&grid);
    }
}

/// What the plugin folders hold and the registry does not.
pub(super) fn show_skipped(snapshot: &RegistrySnapshot, output: &mut Output) {
    let mut grid = Grid::new(["found", "why it is not registered"]);
    for skipped in &snapshot.skipped {
        grid.row([
            skipped.path.display().to_string().into(),
            Cell::new(&skipped.reason, Tone::Bad),
        ]);
    }
    if !grid.is_empty() {
        output.heading("Skipped");
        output.grid(&grid);
    }
}

/// As the README describes `skipped`.
pub(super) fn skipped(snapshot: &RegistrySnapshot) -> Vec<Value> {
    let object = |each: &SkippedPlugin| json!({ "path": each.path.to_string_lossy(), "plugin": each.plugin, "reason": each.reason });
    snapshot.skipped.iter().map(object).collect()
}

fn fact<'a>(plugin: &'a PluginSnapshot, name: &str) -> Option<&'a str> {
    plugin.facts.get(name).and_then(Value::as_str)
}
