//! Any other file: its size and, when it is text, its lines.
//!
//! Says nothing about what the bytes mean. Text is what is UTF-8 and holds no zero byte.

use std::collections::BTreeMap;

use hookspec_plugin::{Fault, Manifest};

use crate::report::plural;
use crate::{File, FileProcessor, Report};

/// The plugin that is chosen when no other supports the file.
pub fn plugin() -> FileProcessor {
    let manifest = Manifest {
        description: Some("Measures any file that no other plugin supports".into()),
        fallback: true,
        ..Manifest::new("any-file", "file_processor")
    };
    FileProcessor::new(manifest, scan)
}

/// Reports on any bytes.
///
/// # Errors
/// None of its own: every sequence of bytes has a size.
pub fn scan(_file: &File, bytes: &[u8]) -> Result<Report, Fault> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    let lines = text.map(|text| text.lines().count());
    let mut summary = format!("{} {}", bytes.len(), plural("byte", bytes.len()));
    if let Some(lines) = lines {
        summary.push_str(&format!(", {lines} {}", plural("line", lines)));
    }
    let kind = if text.is_some() { "text" } else { "binary" };
    Ok(Report {
        kind: kind.into(),
        bytes: bytes.len(),
        lines,
        counts: BTreeMap::new(),
        items: Vec::new(),
        summary,
    })
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
            let report = scan(&File::default(), bytes).unwrap();
            assert_eq!((&*report.kind, &*report.summary), (kind, summary), "{bytes:?}");
        }
    }
}
