//! [`Files`]: a folder of small files by key, each of them whole or not there.
//!
//! A file is written beside its place, flushed, and renamed into it; then the folder is flushed. So
//! whoever reads finds the last or the previous content, also after a crash, and reads without a
//! lock. Whoever writes holds a lock on the folder, which other processes see too.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

/// The longest key, in bytes: with a suffix it is still a file name.
pub(crate) const LONGEST: usize = 240;

/// How long a writer waits for a writer of another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// Begins the names of what is not a file of a key: no key holds a comma, and none begins with `/`.
const OURS: char = ',';

/// A folder of files by key. The folder is made when something is first written.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    suffix: &'static str,
    /// Held by the writer; whether what dead writers left was cleaned up.
    turn: Mutex<bool>,
}

impl Files {
    pub(crate) fn new(folder: PathBuf, suffix: &'static str) -> Self {
        Self { folder, suffix, turn: Mutex::new(false) }
    }

    /// The content of a key's file; `None` where there is none.
    pub(crate) fn read(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(key)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a key has a file.
    pub(crate) fn exists(&self, key: &str) -> io::Result<bool> {
        self.path(key).try_exists()
    }

    /// The keys that begin with a prefix, in order.
    pub(crate) fn keys(&self, prefix: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut keys = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let key = name.to_str().and_then(|name| self.key(name));
            keys.extend(key.filter(|key| key.starts_with(prefix)));
        }
        keys.sort_unstable();
        Ok(keys)
    }

    /// Does something while nobody else writes into the folder, in this process or another.
    pub(crate) fn exclusively<T>(
        &self,
        work: impl FnOnce(&Exclusive<'_>) -> io::Result<T>,
    ) -> io::Result<T> {
        // Nothing foreign runs under it, and what a panic left is as good as what a crash left.
        let mut cleaned = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(",lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        acquire(&lock)?;
        if !*cleaned {
            self.clean()?;
            *cleaned = true;
        }
        // The lock ends with its file.
        work(&Exclusive(self))
    }

    /// Removes what writers left that were killed. Under the lock, no writer is alive.
    fn clean(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(",new-")) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key.replace('/', ",") + self.suffix)
    }

    fn key(&self, name: &str) -> Option<String> {
        let name = name.strip_suffix(self.suffix).filter(|name| !name.starts_with(OURS))?;
        Some(name.replace(OURS, "/"))
    }
}

/// The right to write into a folder.
pub(crate) struct Exclusive<'a>(&'a Files);

impl Exclusive<'_> {
    /// Replaces the content of a key's file, or makes it.
    pub(crate) fn replace(&self, key: &str, parts: &[&[u8]]) -> io::Result<()> {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let fresh = self.0.folder.join(format!(",new-{}-{serial}", std::process::id()));
        let written = write(&fresh, parts).and_then(|()| fs::rename(&fresh, self.0.path(key)));
        if let Err(error) = written {
            // It may not exist; what cannot be removed now is cleaned up later.
            let _ = fs::remove_file(&fresh);
            return Err(error);
        }
        flush(&self.0.folder)
    }

    /// Removes a key's file, if there is one.
    pub(crate) fn remove(&self, key: &str) -> io::Result<()> {
        match fs::remove_file(self.0.path(key)) {
            Ok(()) => flush(&self.0.folder),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        // What plugins keep may be secret.
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Makes a rename outlast a power failure. Only where a folder can be opened as a file.
fn flush(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn acquire(lock: &File) -> io::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                // A writer of another process holds it for as long as two flushes take.
                thread::sleep(Duration::from_micros(200));
            }
            Err(TryLockError::WouldBlock) => {
                let what = format!(
                    "another process has held the folder's lock for {PATIENCE:?}; end it, or give \
                     each process a folder of its own"
                );
                return Err(io::Error::new(ErrorKind::TimedOut, what));
            }
        }
    }
}

/// Runs what blocks, off the threads of the async runtime where there is one.
///
/// # Errors
/// The runtime ended before it could run.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let Ok(runtime) = Handle::try_current() else { return work() };
    runtime.spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
