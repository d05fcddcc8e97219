//! Any other file: its size and, when it is text, its lines.
//!
//! Says nothing about what the bytes mean. Text is what is UTF-8 and holds no zero byte.

use hookspec::kinds::file_processor::{File, FileProcessor, FileReport};
use hookspec::{CallContext, Fault};

use crate::file;
use crate::report::plural;

/// The plugin that is chosen when no other supports the file.
#[derive(Debug, Default)]
pub struct AnyFile;

#[hookspec::plugin(
    name = "any-file",
    version = "0.1.0",
    description = "Measures any file that no other plugin supports",
    license = "MIT OR Apache-2.0",
    execution_model = "thread_cpu_bound",
    fallback = true
)]
impl FileProcessor for AnyFile {
    async fn process(&self, ctx: &CallContext<'_>, file: &File) -> Result<FileReport, Fault> {
        file::report(ctx, file, |bytes| Ok(scan(bytes)))
    }
}

/// Reports on any bytes.
pub fn scan(bytes: &[u8]) -> FileReport {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    let lines = text.map(|text| text.lines().count());
    let mut summary = format!("{} {}", bytes.len(), plural("byte", bytes.len()));
    if let Some(lines) = lines {
        summary.push_str(&format!(", {lines} {}", plural("line", lines)));
    }
    let kind = if text.is_some() { "text" } else { "binary" };
    FileReport {
        kind: kind.into(),
        bytes: bytes.len() as u64,
        lines: lines.map(|lines| lines as u64),
        counts: None,
        items: Vec::new(),
        summary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_have_a_report() {
        for (bytes, kind, summary) in [
            (&b""[..], "text", "0 bytes, 0 lines"),
            (b"one\ntwo", "text", "7 bytes, 2 lines"),
            (b"a\0b", "binary", "3 bytes"),
            (b"\xff", "binary", "1 byte"),
        ] {
            let report = scan(bytes);
            assert_eq!((&*report.kind, &*report.summary), (kind, summary), "{bytes:?}");
        }
    }
}
