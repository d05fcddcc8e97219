//! [`Place`]: the folder that is written, and how to depend on this project from there.

use std::fs;
use std::path::{Component, Path, PathBuf};

use hookspec_spec::Document;

/// The folder that is written, and where this project is.
#[derive(Debug)]
pub(super) struct Place {
    /// As it was named.
    pub(super) folder: PathBuf,
    /// From the root of the file system, links resolved.
    absolute: PathBuf,
    /// This project's sources; `None` where they are gone: then it is a registry's crate.
    pub(super) project: Option<PathBuf>,
}

impl Place {
    pub(super) fn find(folder: &Path, project: Option<&Path>) -> Result<Self, String> {
        let is_project = |root: &PathBuf| root.join("crates/hookspec/Cargo.toml").is_file();
        let project = match project {
            Some(given) => {
                let root = given.canonicalize().ok().filter(is_project);
                Some(root.ok_or_else(|| {
                    let given = given.display();
                    format!(
                        "{given} has no crates/hookspec; --hookspec-path names the folder that has"
                    )
                })?)
            }
            None => {
                let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
                built.canonicalize().ok().filter(is_project)
            }
        };
        let absolute = resolved(folder)
            .map_err(|error| format!("{} cannot be looked at: {error}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), absolute, project })
    }

    /// The lines of `Cargo.toml` about this project's own crate.
    pub(super) fn dependency(&self, more: &str) -> String {
        match &self.project {
            Some(root) => {
                let path = quoted(&root.join("crates/hookspec").to_string_lossy());
                format!("hookspec = {{ path = {path}{more} }}")
            }
            None => {
                format!("hookspec = {{ version = {}{more} }}", quoted(env!("CARGO_PKG_VERSION")))
            }
        }
    }

    /// The way from the folder to another one that exists.
    pub(super) fn way_to(&self, other: &Path) -> Result<String, String> {
        let other = resolved(other)
            .map_err(|error| format!("{} cannot be looked at: {error}", other.display()))?;
        Ok(way(&self.absolute, &other))
    }

    /// Where the folder is, as seen from one above it.
    pub(super) fn relative_to(&self, above: &Path) -> String {
        way(above, &self.absolute)
    }

    /// The workspace that the folder is in, if that does not list it.
    pub(super) fn workspace_without_it(&self) -> Option<PathBuf> {
        self.absolute.ancestors().skip(1).find_map(|above| {
            let text = fs::read_to_string(above.join("Cargo.toml")).ok()?;
            let document = Document::toml("Cargo.toml", text).ok()?;
            let workspace = document.value().get("workspace")?;
            let members = workspace.get("members").and_then(|list| list.as_array());
            let own = self.relative_to(above);
            let parent =
                own.rsplit_once('/').map_or(String::new(), |(parent, _)| format!("{parent}/"));
            let listed = members.into_iter().flatten().any(|member| {
                member
                    .as_str()
                    .is_some_and(|member| member == own || member == format!("{parent}*"))
            });
            Some((!listed).then(|| above.to_owned()))
        })?
    }
}

/// A text as TOML, and Rust, spell it: JSON's escapes are theirs, control characters aside.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The name of the crate whose `Cargo.toml` is in a folder.
pub(super) fn package_in(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let document = Document::toml("Cargo.toml", text).ok()?;
    let name = document.value().pointer("/package/name")?.as_str()?;
    Some(name.to_owned())
}

/// A path from the root of the file system; what does not exist yet is taken as it is written.
fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let there = path.ancestors().find(|above| above.exists());
    let Some(there) = there else { return Ok(path) };
    let rest = path.strip_prefix(there).unwrap_or(Path::new("")).to_owned();
    let mut resolved = there.canonicalize()?;
    for part in rest.components() {
        match part {
            Component::ParentDir => drop(resolved.pop()),
            other => resolved.push(other),
        }
    }
    Ok(resolved)
}

fn way(from: &Path, to: &Path) -> String {
    let common =
        from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down =
        to.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let steps: Vec<String> = up.chain(down).collect();
    if steps.is_empty() { ".".to_owned() } else { steps.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_goes_up_and_down() {
        for (from, to, expected) in [
            ("/a/b", "/a/c", "../c"),
            ("/a/b/c", "/a", "../.."),
            ("/a", "/a/b/c", "b/c"),
            ("/a", "/a", "."),
        ] {
            assert_eq!(way(Path::new(from), Path::new(to)), expected);
        }
    }

    #[test]
    fn a_workspace_that_does_not_list_the_folder_is_named() {
        let outside = tempfile::tempdir().unwrap();
        let top = outside.path().canonicalize().unwrap();
        let lists = |members: &str, folder: &str| {
            fs::write(top.join("Cargo.toml"), format!("[workspace]\nmembers = {members}\n"))
                .unwrap();
            Place::find(&top.join(folder), None).unwrap().workspace_without_it().is_none()
        };
        assert!(lists("[\"a\"]", "a") && lists("[\"*\"]", "a") && lists("[\"p/*\"]", "p/a"));
        assert!(!lists("[\"a\"]", "b") && !lists("[\"*\"]", "p/a") && !lists("[]", "a"));
    }
}
