//! The file of a plugin: where it may be, who may write to it, and what is in it.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use hookspec_plugin::Manifest;
use sha2::{Digest, Sha256};

/// A library is read whole, so that what is hashed is what is opened.
const LARGEST: u64 = 1 << 30;

/// The file of a plugin, as it was when it was read.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// In hexadecimal, lower case.
    pub(super) sha256: String,
}

impl Image {
    /// Compares the digest with one that is pinned.
    pub(super) fn compare(&self, pinned: Option<&str>, by: &str) -> Result<(), String> {
        match pinned {
            Some(pinned) if !pinned.eq_ignore_ascii_case(&self.sha256) => Err(format!(
                "{}: its SHA-256 is {}, and {by} pins {pinned}; put the pinned file there, or pin \
                 the new digest once you trust it",
                self.path.display(),
                self.sha256,
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// Reads the file that a manifest's `entry_point` names.
///
/// # Errors
/// It is missing, elsewhere than in the plugin's folder, no plain file, or anybody may write to it.
pub(super) fn read(manifest: &Manifest, folder: &Path) -> Result<Image, String> {
    let Some(entry_point) = manifest.entry_point.as_deref().filter(|text| !text.is_empty()) else {
        return Err("entry_point: it is missing; name the library, a file in the plugin's \
                    folder"
            .into());
    };
    if entry_point.contains('\0') {
        return Err("entry_point: it holds a NUL; name a file in the plugin's folder".into());
    }
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(entry_point).components().all(inside) {
        return Err(format!(
            "entry_point: `{entry_point}` leads out of the plugin's folder; name a file in it"
        ));
    }
    let real = |path: &Path| {
        fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (home, path) = (real(folder)?, real(&folder.join(entry_point))?);
    if !path.starts_with(&home) {
        return Err(format!(
            "entry_point: `{entry_point}` is a link to {}, outside of the plugin's folder; put \
             the library itself there",
            path.display()
        ));
    }
    for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(&home)) {
        refuse_writable(folder)?;
    }
    read_file(path)
}

fn read_file(path: PathBuf) -> Result<Image, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = File::open(&path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(format!("{}: it is no plain file", path.display()));
    }
    if about.len() > LARGEST {
        return Err(format!("{}: it is larger than {LARGEST} bytes", path.display()));
    }
    refuse_writable(&path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
    let digest = Sha256::digest(&bytes);
    let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Image { path, bytes, sha256 })
}

/// What anybody may write to, anybody may replace by code of theirs.
#[cfg(unix)]
fn refuse_writable(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;

    let about = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if about.permissions().mode() & 0o002 == 0 {
        return Ok(());
    }
    Err(format!(
        "{0}: every user of this machine may write to it; take that away: chmod o-w {0}",
        path.display()
    ))
}

/// Elsewhere permissions are not expressed this way, and this host does not look.
#[cfg(not(unix))]
fn refuse_writable(_: &Path) -> Result<(), String> {
    Ok(())
}
