//! What each animal says of itself: its manifest, and the hooks that it lists.

use std::sync::atomic::{AtomicU64, Ordering};

use hookspec_plugin::{ExecutionModel, HookName, Manifest};
use serde_json::json;

use crate::events;
use crate::flaw::Flaw;

const ZOO: &[&str] = &["tell", "gather", "pass", "ask", "count", "slow", "find"];

/// The manifest of the animal of a name.
pub(crate) fn of(name: &'static str) -> Manifest {
    let flaw = Flaw::of(name);
    let events = events::has(name);
    let plain = name == "honest-plain" || flaw == Some(Flaw::IdleExtension) || events;
    let fallback = name == "honest-fallback" || flaw == Some(Flaw::PanicsOnBinary);
    let mut manifest = Manifest::new(name, if plain { "zoo_plain" } else { "zoo" });
    manifest.description = Some("An inhabitant of the zoo".into());
    manifest.fallback = fallback;
    manifest.config_schema = Some(json!({
        "type": "object",
        "properties": {
            "token": { "type": "string", "writeOnly": true },
            "volume": { "type": "integer" },
        },
    }));
    if events {
        manifest.events = Some(events::declared(flaw));
    }
    if hooks(&manifest, None).contains(&HookName::from_static("find")) && !fallback {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        manifest.supports_extensions = texts(&["md", "txt"]);
        manifest.supports_languages = texts(&["markdown"]);
        manifest.supports_mime_types = texts(&["text/markdown", "text/plain"]);
    }
    match flaw {
        Some(Flaw::TwoBands) => (manifest.tryfirst, manifest.trylast) = (true, true),
        Some(Flaw::UnknownMajor) => manifest.kind_api_version = "9.0.0".into(),
        Some(Flaw::HighPriority) => manifest.priority = 2000,
        Some(Flaw::IdleExtension) => manifest.supports_extensions.push("md".into()),
        Some(Flaw::DeclaresTooMuch) => manifest.supports_extensions.push("zip".into()),
        // What blocks has to say so; the host then gives it threads.
        Some(Flaw::IgnoresCancellation) => {
            manifest.execution_model = ExecutionModel::ThreadCpuBound;
        }
        _ => {}
    }
    manifest
}

/// What an instance says of itself.
pub(crate) fn own(mut manifest: Manifest, flaw: Option<Flaw>) -> Manifest {
    static ASKED: AtomicU64 = AtomicU64::new(0);

    if flaw == Some(Flaw::ChangesItsMind) && ASKED.fetch_add(1, Ordering::Relaxed) > 0 {
        manifest.description = Some("Somebody else".into());
    }
    manifest
}

/// The hooks that an animal lists.
pub(crate) fn hooks(manifest: &Manifest, flaw: Option<Flaw>) -> Vec<HookName> {
    let mut hooks: Vec<&'static str> = match manifest.name.as_str() {
        "honest-stop" => vec!["pass", "ask"],
        name if events::has(name) => vec!["greet", "$event"],
        _ if manifest.kind == "zoo_plain" => vec!["greet"],
        _ if manifest.fallback => vec!["ask", "find"],
        _ => ZOO.to_vec(),
    };
    match flaw {
        Some(Flaw::UnknownHook) => hooks.push("no_such_hook"),
        Some(Flaw::LacksRequired) => hooks.retain(|hook| *hook != "ask"),
        Some(Flaw::NoHandler) => hooks.retain(|hook| *hook != "$event"),
        Some(Flaw::ServesUnlisted) => hooks.retain(|hook| *hook != "gather"),
        _ => {}
    }
    hooks.into_iter().map(HookName::from_static).collect()
}
