//! How the bytes of the file that is asked about are had, and how far that has come. Absent: writing.

use std::borrow::Cow;
use std::io::Read as _;

use hookspec::kinds::file_processor::{File, FileReport};
use hookspec::{CallContext, Fault, Progress, ProgressSink};

/// Files beyond this size are refused: a report must not need more memory than the host has.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Of a larger file it is told after each of so many bytes how far it was read.
const STEP: u64 = 1024 * 1024;

/// Reads the file, reports on its bytes, and tells whoever wants to know how far that has come.
///
/// # Errors
/// As [`read`], and whatever the report says.
pub(crate) fn report(
    ctx: &CallContext<'_>,
    file: &File,
    scan: impl FnOnce(&[u8]) -> Result<FileReport, Fault>,
) -> Result<FileReport, Fault> {
    let progress = ctx.plugin().progress();
    let report = read(file, progress).and_then(|bytes| scan(&bytes));
    match &report {
        Ok(_) => progress.done(),
        Err(fault) => progress.error(fault.message()),
    }
    report
}

/// The bytes of the file: the content that was given, else what is at the path.
///
/// # Errors
/// - `file_unreadable`: there is no such file, or it may not be read; worth another try when
///   somebody has put it right.
/// - `file_irregular`: it is a folder, a pipe or a device.
/// - `file_too_large`: it is beyond 16 MiB.
pub(crate) fn read<'a>(
    file: &'a File,
    progress: &dyn ProgressSink,
) -> Result<Cow<'a, [u8]>, Fault> {
    if let Some(content) = &file.content {
        return Ok(Cow::Borrowed(content.as_bytes()));
    }
    let path = &file.path;
    let unreadable = |error: std::io::Error| {
        Fault::new("file_unreadable", format!("cannot read {path}: {error}")).retryable()
    };
    // Before it is opened: opening a pipe waits for whoever writes to it.
    let data = std::fs::metadata(path).map_err(unreadable)?;
    if !data.is_file() {
        return Err(Fault::new("file_irregular", format!("{path} is not a regular file")));
    }
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    // Limited while reading: the file may grow after somebody looked at its size.
    while bytes.len() as u64 <= MOST_BYTES {
        let read = file.by_ref().take(STEP).read_to_end(&mut bytes).map_err(unreadable)?;
        if (read as u64) < STEP {
            break;
        }
        progress.report(&Progress::new(bytes.len() as u64).of(data.len()).saying("reading"));
    }
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("{path} is larger than {MOST_BYTES} bytes");
        return Err(Fault::new("file_too_large", message));
    }
    Ok(Cow::Owned(bytes))
}

/// The bytes as text.
///
/// # Errors
/// `file_not_text`: they are not UTF-8. The fault's data says at which byte they stop being so.
pub(crate) fn text<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| {
        let byte = error.valid_up_to();
        let message = format!("{path} is not UTF-8 text from byte {byte} on");
        Fault::new("file_not_text", message).with_data(serde_json::json!({ "byte": byte }))
    })
}
