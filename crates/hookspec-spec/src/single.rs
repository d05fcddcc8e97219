//! [`read_kind`]: one hookspec by itself, and the files it is made of.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::Files;
use crate::hookspec;
use crate::model::Kind;
use crate::schema::Loader;

/// Reads one hookspec file and the schemas that it names, and lists the files it took: what is
/// made of the kind is stale when one of them changes.
///
/// Schemas are looked up as [`check_paths`](crate::check_paths) looks them up for a single file:
/// beside it, in its folder's parent, and no further.
///
/// # Errors
/// Every mistake in them, each with its place. Correct the files.
pub fn read_kind(file: &Path) -> Result<(Arc<Kind>, Vec<PathBuf>), Diagnostics> {
    let files = Files::disk(root_of(file));
    let mut loader = Loader::new(&files);
    let (kind, mut found) = hookspec::read(file, &mut loader);
    found.extend(loader.take_found());
    let mut read = loader.into_paths();
    read.push(file.to_owned());
    read.sort();
    let found = Diagnostics::split(found)?;
    match kind {
        Some(kind) => Ok((Arc::new(kind), read)),
        // Without a kind there is a mistake, so this is not reached.
        None => Err(found
            .into_iter()
            .next()
            .unwrap_or_else(|| Diagnostic::error(crate::codes::NO_HOOKSPEC, "it holds no kind"))
            .into()),
    }
}

/// How far up the schemas of a single hookspec may be: the folder that holds the hookspecs.
pub(crate) fn root_of(file: &Path) -> &Path {
    file.parent().and_then(Path::parent).or(file.parent()).unwrap_or(Path::new(""))
}

/// The folder that holds the hookspecs, which the path of one need not name: that of `v1.yaml` is
/// `..`.
pub(crate) fn folder_above(file: &Path) -> PathBuf {
    let own = file.parent().unwrap_or(Path::new(""));
    match (own.file_name(), own.parent()) {
        (Some(_), Some(above)) => above.to_owned(),
        _ => own.join(".."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_above_is_the_one_that_a_whole_path_names() {
        for (file, above) in [
            ("/hookspecs/k/v1.yaml", "/hookspecs"),
            ("hookspecs/k/v1.yaml", "hookspecs"),
            ("k/v1.yaml", ""),
            ("./k/v1.yaml", "."),
            ("v1.yaml", ".."),
            ("./v1.yaml", "./.."),
            ("../v1.yaml", "../.."),
        ] {
            assert_eq!(folder_above(Path::new(file)), Path::new(above), "{file}");
        }
    }

    #[test]
    fn the_files_are_the_hookspec_and_every_schema() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../hookspecs/lifecycle_listener/v1.yaml");
        let (kind, files) = read_kind(&file).unwrap();
        assert_eq!(kind.name, "lifecycle_listener");
        let names: Vec<_> = files.iter().filter_map(|file| file.file_name()).collect();
        assert_eq!(names, ["request_event.json", "request_failed_event.json", "v1.yaml"]);
    }

    #[test]
    fn a_file_that_is_not_there_is_reported() {
        let found = read_kind(Path::new("nowhere/v1.yaml")).unwrap_err();
        assert!(found.to_string().contains("nowhere/v1.yaml"), "{found}");
    }
}
