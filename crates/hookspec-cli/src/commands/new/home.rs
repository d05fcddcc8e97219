//! [`Home`]: where a kind's hookspec is, and which crate has its types.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_spec::{Kind, read_kind};

use crate::nearest::nearest;

use super::place::{Place, package_in};

/// Which crate has the types of a kind.
#[derive(Debug)]
pub(super) enum Home {
    /// `hookspec`, by its feature `kinds`.
    Shipped,
    /// A crate that says `kind!`.
    Crate { package: String, ident: String, folder: PathBuf },
    /// None: whoever wants them says `kind!`.
    Lone,
}

/// Finds a kind by its name, its hookspec, or the folder that has it.
pub(super) fn find(
    wanted: &str,
    folders: &[PathBuf],
    place: &Place,
) -> Result<(Arc<Kind>, Home), String> {
    let shipped = place.project.as_ref().map(|root| root.join("hookspecs"));
    let given = Path::new(wanted);
    let file = if given.is_file() {
        given.to_owned()
    } else if given.is_dir() && (wanted.contains(['/', '.']) || given.join("hookspecs").is_dir()) {
        only_kind(given)?
    } else {
        named(wanted, folders, shipped.as_deref())?
    };
    let (kind, _) = read_kind(&file).map_err(|found| found.to_string())?;
    let absolute = file.canonicalize().unwrap_or(file);
    let is_shipped = shipped.is_some_and(|shipped| absolute.starts_with(shipped));
    let home = if is_shipped { Home::Shipped } else { crate_of(&absolute) };
    Ok((kind, home))
}

/// The only hookspec of a folder.
fn only_kind(folder: &Path) -> Result<PathBuf, String> {
    let root = folder.join("hookspecs");
    let root = if root.is_dir() { root } else { folder.to_owned() };
    let mut found: Vec<PathBuf> = kinds_in(&root).into_iter().map(|(_, file)| file).collect();
    found.extend(newest(&root));
    match found.as_slice() {
        [file] => Ok(file.clone()),
        [] => Err(format!("{} has no hookspec; name one with --kind", folder.display())),
        _ => Err(format!(
            "{} has several kinds; name the hookspec of one with --kind",
            folder.display()
        )),
    }
}

/// A kind below the folders that were named, or those that are here, or among the shipped ones.
fn named(wanted: &str, folders: &[PathBuf], shipped: Option<&Path>) -> Result<PathBuf, String> {
    let mut roots = folders.to_vec();
    if roots.is_empty() {
        roots.push("hookspecs".into());
    }
    let here = fs::read_dir(".").into_iter().flatten().flatten();
    let mut beside: Vec<PathBuf> =
        here.map(|entry| entry.path().join("hookspecs")).filter(|path| path.is_dir()).collect();
    beside.sort();
    roots.extend(beside);
    roots.extend(shipped.map(Path::to_owned));
    let kinds: Vec<(String, PathBuf)> = roots.iter().flat_map(|root| kinds_in(root)).collect();
    if let Some((_, file)) = kinds.iter().find(|(name, _)| name == wanted) {
        return Ok(file.clone());
    }
    let mut names: Vec<&str> = kinds.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let hint = match nearest(wanted, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "there are {}; --kind also takes the path of a hookspec",
            if names.is_empty() { "none here".to_owned() } else { names.join(", ") }
        ),
    };
    Err(format!("there is no kind `{}`; {hint}", crate::text::clean(wanted)))
}

/// Kinds by the names of their folders, each with the hookspec of its newest major.
fn kinds_in(root: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut kinds: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, newest(&entry.path())?)))
        .collect();
    kinds.sort();
    kinds
}

fn newest(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let files = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let major: u64 = name.strip_prefix('v')?.strip_suffix(".yaml")?.parse().ok()?;
        Some((major, entry.path()))
    });
    files.max().map(|(_, file)| file)
}

/// The crate around a hookspec, if it makes a module of it.
fn crate_of(file: &Path) -> Home {
    let crate_folder = file.ancestors().skip(1).find(|above| above.join("Cargo.toml").is_file());
    let home = crate_folder.and_then(|folder| {
        let package = package_in(folder)?;
        let path = file.strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
        let source = fs::read_to_string(folder.join("src/lib.rs")).ok()?;
        let says = format!("kind!(\"{path}\"");
        let ident = package.replace('-', "_");
        source.contains(&says).then(|| Home::Crate { package, ident, folder: folder.to_owned() })
    });
    home.unwrap_or(Home::Lone)
}
