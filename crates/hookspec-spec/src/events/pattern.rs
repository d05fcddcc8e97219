//! Patterns of events in files: read, or reported with what was probably meant.

use hookspec_plugin::Pattern;

use crate::document::shorten;
use crate::reader::Report;

const GRAMMAR: &str = "write segments of letters, digits, `_` and `-`, joined by dots, `*` for exactly one \
                       segment, `**` at the end for one or more";

/// Reads a pattern; `None`: it is malformed, which is reported.
pub(crate) fn read(
    report: &mut Report<'_>,
    code: &'static str,
    at: &str,
    text: &str,
) -> Option<Pattern> {
    let error = match Pattern::parse(text) {
        Ok(pattern) => return Some(pattern),
        Err(error) => error.to_string(),
    };
    let shown = shorten(text);
    // The error says what may be written, too: that is the hint here.
    let message = match error.rsplit_once("; ") {
        Some((message, _)) if shown == text => message.to_owned(),
        _ => format!("`{shown}` is no pattern of events"),
    };
    let hint = match better(text) {
        Some(better) => format!("did you mean `{better}`?"),
        None => GRAMMAR.to_owned(),
    };
    report.error_with(code, at, message, hint);
    None
}

/// A pattern, or a type, that a malformed text probably stands for.
pub(super) fn better(text: &str) -> Option<String> {
    const LONGEST: usize = 128;
    if text.len() > LONGEST {
        return None;
    }
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '.' | '/' | ':'));
    let mut segments: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let last = segments.len().saturating_sub(1);
    for (index, segment) in segments.iter_mut().enumerate() {
        match *segment {
            "**" if index == last => {}
            open if open.contains('*') => *segment = "*",
            _ => {}
        }
    }
    let better = segments.join(".");
    Pattern::parse(&better).is_ok().then_some(better)
}
