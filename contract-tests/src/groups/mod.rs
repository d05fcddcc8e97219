//! The groups that are served: which one observes a vector how.

mod call;
mod choice;
mod class;
mod context;
mod contract;
mod discovery;
mod dispatch;
pub(crate) mod events;
mod hookspec;
mod host;
mod kinds;
mod lent;
mod lifecycle;
mod manifest;
mod planner;
mod registration;
mod resources;
mod sinks;
mod version;
mod watched;
mod written;

use hookspec_spec::Catalog;
use serde_json::Value;

use crate::again::Again;
use crate::observed::Observed;
use crate::unserved::{Served, unserved};

/// What a group can observe beside errors, warnings and logs.
pub(crate) fn expectations(group: &str) -> &'static [&'static str] {
    match group {
        "hookspec_valid" | "hookspec_invalid" => &hookspec::EXPECTATIONS,
        "manifest_valid" | "manifest_invalid" | "manifest_text" => &manifest::EXPECTATIONS,
        "discovery" => &discovery::EXPECTATIONS,
        "contract_serialization" | "contract_determinism" => &contract::OF_CHECKS,
        "contract_lifecycle" => &contract::OF_LIFECYCLES,
        "contract_suite" => &contract::OF_SUITES,
        "context" => &context::EXPECTATIONS,
        "resources" => &resources::EXPECTATIONS,
        "sinks" => &sinks::EXPECTATIONS,
        "topo_sort" | "unresolved_depends" => &planner::OF_ORDERS,
        "blocked_by" => &planner::OF_BLOCKS,
        "registration" => &registration::EXPECTATIONS,
        "lifecycle" => &lifecycle::EXPECTATIONS,
        "kind_payload" => &["valid"],
        "dispatch_class_lookup" => &["dispatch"],
        "dispatch_class_meta" => &["error_on_zero_results"],
        "dispatch_mismatch" | "dispatch_order" | "broadcast_collect" | "broadcast_notify"
        | "chain" | "capability" | "singleton" => &dispatch::EXPECTATIONS,
        event if event.starts_with("event_") => events::expectations(event),
        _ => &[],
    }
}

/// Plays a scenario. `None`: the group is not served.
pub(crate) async fn observe(
    group: &str,
    input: &Value,
    shipped: &Catalog,
    again: Option<&Again>,
) -> Option<Served<Observed>> {
    Some(match group {
        "hookspec_valid" | "hookspec_invalid" => hookspec::observe(input, shipped),
        "manifest_valid" | "manifest_invalid" => manifest::value(input),
        "manifest_text" => manifest::file(input),
        "discovery" => discovery::observe(input).await,
        "contract_serialization"
        | "contract_determinism"
        | "contract_lifecycle"
        | "contract_suite" => contract::observe(group, input, again).await,
        "context" => context::observe(input).await,
        "resources" => resources::observe(input).await,
        "sinks" => sinks::observe(input).await,
        "topo_sort" | "unresolved_depends" => planner::order(input),
        "blocked_by" => planner::blocked(input),
        "registration" => registration::observe(input, shipped).await,
        "lifecycle" => lifecycle::observe(input).await,
        "version_compat" => version::observe(input),
        "kind_payload" => class::payload(input, shipped),
        "dispatch_class_lookup" => class::lookup(input, shipped),
        "dispatch_class_meta" => class::meta(input).await,
        "dispatch_mismatch" | "dispatch_order" | "broadcast_collect" | "broadcast_notify"
        | "chain" | "capability" | "singleton" => dispatch::observe(input, shipped).await,
        "event_pattern"
        | "event_pattern_set"
        | "event_depth"
        | "event_emit_authorization"
        | "event_defaults"
        | "event_buffer" => events::observe(group, input).await,
        _ => return None,
    })
}

/// A folder that exists while a scenario is played.
fn scratch() -> Served<tempfile::TempDir> {
    tempfile::tempdir().or_else(|error| unserved(format!("no folder for the scenario: {error}")))
}

/// Writes a file and the folders above it.
fn write(path: &std::path::Path, text: &str) -> Served<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .or_else(|error| unserved(format!("cannot write {}: {error}", path.display())))
}

/// A path inside the scratch folder; a vector must not write elsewhere.
fn inside(root: &std::path::Path, path: &str) -> Served<std::path::PathBuf> {
    use std::path::{Component, Path};
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    match Path::new(path).components().all(plain) {
        true => Ok(root.join(path)),
        false => unserved(format!("the path `{path}` leaves its folder")),
    }
}
