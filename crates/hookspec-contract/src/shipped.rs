//! The kinds that this project ships, for plugins of them whose author does not have the folder.

use hookspec_spec::{Catalog, Source};

/// The kinds that this project ships. Its events are in every catalogue of events, without a file.
///
/// # Errors
/// They are broken; a test of this crate reads them.
pub(crate) fn catalog() -> Result<Catalog, String> {
    let sources = FILES.iter().map(|(path, text)| Source::new(*path, *text));
    Catalog::from_sources(sources).map_err(|mistakes| mistakes.to_string())
}

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Every file of them, by its place below `hookspecs/`.
        const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../../hookspecs/", $path)))),*];
    };
}

files![
    "file_processor/schemas/file.json",
    "file_processor/schemas/file_report.json",
    "file_processor/v1.yaml",
    "lifecycle_listener/schemas/request_event.json",
    "lifecycle_listener/schemas/request_failed_event.json",
    "lifecycle_listener/v1.yaml",
    "orchestrator/schemas/backfill.input.json",
    "orchestrator/schemas/backfill.output.json",
    "orchestrator/schemas/enqueue.input.json",
    "orchestrator/schemas/enqueue.output.json",
    "orchestrator/schemas/status.input.json",
    "orchestrator/schemas/status.output.json",
    "orchestrator/v1.yaml",
    "query_rewriter/schemas/query.json",
    "query_rewriter/v1.yaml",
    "tool/schemas/empty.json",
    "tool/schemas/execute.input.json",
    "tool/schemas/execute.output.json",
    "tool/schemas/get_schema.output.json",
    "tool/v1.yaml",
    "tool_provider/schemas/empty.json",
    "tool_provider/schemas/tools.json",
    "tool_provider/v1.yaml",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::process::files;

    #[test]
    fn every_file_of_a_shipped_kind_is_here() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hookspecs");
        let is_one = |path: &String| {
            // Events are embedded where they are read: in `EventCatalog::shipped`.
            !path.contains("/cases/")
                && !path.starts_with("events/")
                && (path.ends_with(".yaml") || path.ends_with(".json"))
        };
        let found: Vec<String> = files(&root).into_iter().filter(is_one).collect();
        let here: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(here, found);
        assert!(catalog().is_ok_and(|catalog| catalog.kinds().count() >= 6));
    }
}
