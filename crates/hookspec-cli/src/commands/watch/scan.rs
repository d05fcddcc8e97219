//! What a plugin folder holds now: each plugin with the digest of what it is made of.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use hookspec_plugin::{Manifest, RuntimeName};
use hookspec_spec::{Found, PluginFolder};
use sha2::{Digest, Sha256};

/// What a plugin folder holds now.
pub(super) struct Scan {
    /// In the order in which they start.
    pub(super) found: Vec<(Found, String)>,
    /// Manifests that cannot be read: their digest, and why.
    pub(super) problems: BTreeMap<PathBuf, (String, String)>,
}

/// Looks at a folder.
///
/// # Errors
/// Why the folder as a whole has no plugins, for people.
pub(super) fn scan(folder: &Path) -> Result<Scan, String> {
    let discovery =
        PluginFolder::new(folder).discover().map_err(|diagnostics| diagnostics.to_string())?;
    let found = discovery.found.into_iter().map(|found| {
        let digest = digest(&found.path, entry_file(&found.manifest, found.folder()).as_deref());
        (found, digest)
    });
    let problems = discovery.problems.into_iter().map(|problem| {
        let digest = digest(&problem.path, None);
        (problem.path, (digest, problem.diagnostics.to_string()))
    });
    Ok(Scan { found: found.collect(), problems: problems.collect() })
}

/// The file that a plugin's code is in, where it is one of its own.
fn entry_file(manifest: &Manifest, folder: &Path) -> Option<PathBuf> {
    let name = match manifest.runtime {
        RuntimeName::Dylib => manifest.entry_point.as_deref(),
        RuntimeName::Process | RuntimeName::McpStdio => {
            manifest.command.as_ref().and_then(|command| command.first()).map(String::as_str)
        }
        RuntimeName::InProcess | RuntimeName::McpHttp => None,
    };
    name.map(|name| folder.join(name))
}

/// The digest of a manifest and the file it names. What cannot be read counts as what it is told
/// to be: a file that comes later changes the digest.
fn digest(manifest: &Path, entry: Option<&Path>) -> String {
    let mut hasher = Sha256::new();
    for path in [Some(manifest), entry].into_iter().flatten() {
        if let Err(error) = add(path, &mut hasher) {
            hasher.update(error.to_string());
        }
        // Neither file can continue the other.
        hasher.update([0]);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn add(path: &Path, hasher: &mut Sha256) -> io::Result<()> {
    // A pipe would be waited for.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut file = File::open(path)?;
    let mut own = Sha256::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => break,
            read => own.update(&buffer[..read]),
        }
    }
    hasher.update(own.finalize());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_of_the_manifest_and_of_the_file_it_names() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a");
        fs::create_dir(&folder).unwrap();
        let manifest = "name = \"a\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"dylib\"\nentry_point = \"a.so\"\n";
        fs::write(folder.join("plugin.toml"), manifest).unwrap();
        let digest = || scan(root.path()).unwrap().found[0].1.clone();
        let without = digest();
        fs::write(folder.join("a.so"), "1").unwrap();
        let first = digest();
        fs::write(folder.join("notes"), "nothing of it").unwrap();
        assert_eq!(digest(), first, "another file");
        fs::write(folder.join("a.so"), "1").unwrap();
        assert_eq!(digest(), first, "written again");
        fs::write(folder.join("a.so"), "2").unwrap();
        let second = digest();
        fs::write(folder.join("plugin.toml"), format!("{manifest}priority = 7\n")).unwrap();
        let all = std::collections::BTreeSet::from([without, first, second, digest()]);
        assert_eq!(all.len(), 4);
        fs::write(folder.join("plugin.toml"), "name = ").unwrap();
        let scanned = scan(root.path()).unwrap();
        assert!(scanned.found.is_empty() && scanned.problems.len() == 1);
        assert!(scan(&root.path().join("none")).is_err());
    }
}
