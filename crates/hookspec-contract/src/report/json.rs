//! The JSON form of a report: what `schemas/contract-report.schema.json` describes.

use super::model::Report;

/// The report as JSON for people and programs: indented, and ended by a newline.
pub fn write(report: &Report) -> String {
    // A report is plain data: its keys are texts, and its path is written even where it is not
    // Unicode, so nothing in it can fail to be written to memory.
    let mut text = serde_json::to_string_pretty(report).expect("a report is plain data");
    text.push('\n');
    text
}

/// The report that a JSON text holds.
///
/// # Errors
/// The text is not JSON, or not that of a report of this version of the suite.
pub fn read(text: &str) -> serde_json::Result<Report> {
    serde_json::from_str(text)
}
