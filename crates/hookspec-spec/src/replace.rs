//! [`replace_file`]: a file as it was or as it is to be, and nothing between.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes a file, or replaces its content as a whole: written beside it, flushed, and renamed into its
/// place. Whoever reads it meanwhile finds the one or the other, also after a crash. A link stays a
/// link, and a file keeps its permissions.
///
/// Whoever replaces a file at the same time, in this process or another, does not come in its way; the
/// last one stands.
///
/// # Errors
/// The folder or the file cannot be written; the file is as it was, and nothing is left beside it.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (file, beside) = fresh(&target)?;
    let written = fill(file, &target, content).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // What is left of an attempt helps nobody.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A file that nobody else has: not another thread, not a process of the same number that was killed.
fn fresh(target: &Path) -> io::Result<(File, PathBuf)> {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    loop {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}-{serial}.new", std::process::id()));
        let beside = target.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, beside)),
        }
    }
}

fn fill(mut file: File, target: &Path, content: &[u8]) -> io::Result<()> {
    if let Ok(data) = fs::metadata(target) {
        file.set_permissions(data.permissions())?;
    }
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        replace_file(&folder.path().join("none/file"), b"x").unwrap_err();
        // A folder cannot be replaced by a file.
        fs::create_dir(folder.path().join("folder")).unwrap();
        replace_file(&folder.path().join("folder"), b"x").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn many_at_once_do_not_come_in_each_others_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // Somebody of our number was killed while it wrote.
        for serial in 0..9 {
            let name = format!("file.{}-{serial}.new", std::process::id());
            fs::write(folder.path().join(name), "left").unwrap();
        }
        std::thread::scope(|scope| {
            for own in 0..8_u8 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..20 {
                        replace_file(path, &[b'a' + own; 4096]).unwrap();
                        let found = fs::read(path).unwrap();
                        assert!(found.len() == 4096 && found.iter().all(|own| *own == found[0]));
                    }
                });
            }
        });
        let left = fs::read_dir(folder.path()).unwrap();
        assert_eq!(left.count(), 10, "the file, and what others left");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace_file(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
