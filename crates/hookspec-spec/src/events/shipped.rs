//! The events that this project ships, for programs that do not have the folder.

use std::sync::OnceLock;

use super::EventCatalog;
use crate::catalog::{Catalog, Source};

/// The namespace whose events the host itself publishes.
pub(super) const CORE: &str = "core";

/// Read once: hosts ask for it at every start, and it is the same each time.
pub(super) fn catalog() -> EventCatalog {
    static READ: OnceLock<EventCatalog> = OnceLock::new();
    // They have no mistakes, so that the default is not reached: a test of this file reads them.
    READ.get_or_init(|| load().map(|catalog| catalog.events().clone()).unwrap_or_default()).clone()
}

fn load() -> Result<Catalog, crate::Diagnostics> {
    Catalog::from_sources(FILES.iter().map(|(path, text)| Source::new(*path, *text)))
}

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Every file of them, by its place below `hookspecs/`.
        const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../../../hookspecs/", $path)))),*];
    };
}

files![
    "events/core.yaml",
    "events/data.yaml",
    "events/schemas/core_plugin_config_changed.json",
    "events/schemas/core_plugin_dispatch_failed.json",
    "events/schemas/core_plugin_state_changed.json",
    "events/schemas/core_system.json",
    "events/schemas/data.json",
    "events/schemas/user.json",
    "events/schemas/user_session.json",
    "events/step.yaml",
    "events/user.yaml",
    "events/workflow.yaml",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::files::walk;

    #[test]
    fn every_file_of_the_shipped_events_is_here_and_has_no_mistake() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hookspecs");
        let found = walk(&root.join("events"), &|_| true).files;
        let found: Vec<_> = found.iter().map(|path| path.strip_prefix(&root).unwrap()).collect();
        let here: Vec<&Path> = FILES.iter().map(|(path, _)| Path::new(*path)).collect();
        assert_eq!(here, found);
        let read = load().unwrap();
        assert!(read.warnings().is_empty(), "{:?}", read.warnings());
        let shipped = EventCatalog::shipped();
        let names: Vec<_> = shipped.namespaces().map(|each| each.name.as_str()).collect();
        assert_eq!(names, ["core", "data", "step", "user", "workflow"]);
        assert_eq!(shipped.declarations().count(), 20);
    }

    #[test]
    fn what_events_tell_may_grow() {
        for declaration in EventCatalog::shipped().declarations() {
            let document = declaration.schema.document();
            assert!(!document.to_string().contains("additionalProperties"), "{declaration:?}");
            assert_eq!(declaration.has_schema, declaration.metadata.is_empty());
        }
    }
}
