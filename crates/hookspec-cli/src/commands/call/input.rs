//! What a call is given: JSON in an argument, a file or standard input, bounded, with the place of
//! a mistake.

use std::fs::File;
use std::io::{self, BufRead, Read};

use serde_json::Value;

/// The longest text that is read as one input. Twice the host's own default bound, and more: white
/// space does not count there.
pub(super) const LIMIT: u64 = 64 * 1024 * 1024;

/// The input of one dispatch.
///
/// # Errors
/// What is wrong, where, and what to do, for people.
pub(in crate::commands) fn read(option: &str, source: &str) -> Result<Value, String> {
    let (text, place) = match source {
        "-" => (bounded(io::stdin().lock()), "standard input".to_owned()),
        _ => match source.strip_prefix('@') {
            Some(path) => (File::open(path).and_then(bounded), format!("`{path}`")),
            None => (Ok(source.as_bytes().to_vec()), option.to_owned()),
        },
    };
    let text = text.map_err(|error| format!("{place} cannot be read: {error}"))?;
    parse(&text).map_err(|problem| {
        let at = match problem.line {
            0 => String::new(),
            line => format!(" (line {line}, column {})", problem.column),
        };
        let hint = match source {
            "-" => "",
            _ if source.starts_with('@') => "",
            _ => "; give JSON in quotes of the shell, @FILE, or - for standard input",
        };
        format!("{place} is not JSON{at}: {}{hint}", problem.message)
    })
}

/// `KEY=JSON`.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn pair(text: &str) -> Result<(String, Value), String> {
    let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        return Err("write KEY=JSON".into());
    };
    let parsed = parse(value.as_bytes()).map_err(|problem| {
        format!(
            "`{value}` is not JSON: {}; a text is written in quotes: {key}='\"...\"'",
            problem.message
        )
    })?;
    Ok((key.to_owned(), parsed))
}

/// Why a text is not JSON. Line 0: the place is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotJson {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

/// A JSON text.
///
/// # Errors
/// Where it is none, and why.
pub(super) fn parse(text: &[u8]) -> Result<Value, NotJson> {
    // Editors of one system put it there, and it says nothing.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| {
        let (line, column) = place(text, error.line(), error.column());
        // The place is said by whoever reports it, with the name of the source.
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(place.as_str()).unwrap_or(&message).to_owned();
        NotJson { line, column, message }
    })
}

/// A place as people count it. The parser counts bytes, and calls the end of a line the beginning of
/// the next.
fn place(text: &[u8], line: usize, column: usize) -> (usize, usize) {
    let line = if column == 0 { line.saturating_sub(1) } else { line };
    let Some(own) =
        line.checked_sub(1).and_then(|line| text.split(|byte| *byte == b'\n').nth(line))
    else {
        return (line, column);
    };
    let before = if column == 0 { own } else { own.get(..column).unwrap_or(own) };
    (line, String::from_utf8_lossy(before).chars().count())
}

fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    reader.take(LIMIT + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LIMIT {
        return Err(io::Error::other(format!("it is longer than {LIMIT} bytes")));
    }
    Ok(text)
}

/// One line of a stream, or why there is none.
#[derive(Debug)]
pub(super) enum Line {
    Text(Vec<u8>),
    TooLong,
}

/// The next line and how many bytes it took; `None` at the end. A line beyond the bound is skipped
/// to its end and never held.
///
/// # Errors
/// The stream cannot be read any further.
pub(super) fn line(reader: &mut dyn BufRead, limit: u64) -> io::Result<Option<(Line, u64)>> {
    let mut text = Vec::new();
    let mut taken = reader.take(limit).read_until(b'\n', &mut text)? as u64;
    if taken == 0 {
        return Ok(None);
    }
    if taken == limit && text.last() != Some(&b'\n') {
        let skipped = reader.skip_until(b'\n')? as u64;
        taken += skipped;
        // Nothing came after it: it ends exactly at the bound.
        return Ok(Some((if skipped == 0 { Line::Text(text) } else { Line::TooLong }, taken)));
    }
    Ok(Some((Line::Text(text), taken)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_their_place() {
        let problem = parse(b"{\n  \"a\": nul\n}").unwrap_err();
        assert_eq!((problem.line, problem.column), (2, 10));
        assert!(!problem.message.contains("line"), "{}", problem.message);
        let problem = parse("{\"ä\": \"öü\" x}".as_bytes()).unwrap_err();
        assert_eq!((problem.line, problem.column), (1, 12), "characters, not bytes");
        let problem = parse(b"").unwrap_err();
        assert_eq!(problem.line, 0, "there is no place in it");
        let text = read("--input", "{x}").unwrap_err();
        assert!(text.contains("--input is not JSON (line 1, column 2): "), "{text}");
        assert!(text.contains("@FILE"), "{text}");
        let text = read("--input", "@/does/not/exist").unwrap_err();
        assert!(text.contains("`/does/not/exist` cannot be read"), "{text}");
        assert_eq!(parse(b"\xef\xbb\xbf null ").unwrap(), Value::Null);
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn metadata_is_json_and_says_how_a_text_is_written() {
        assert_eq!(pair("n=[1]").unwrap(), ("n".into(), serde_json::json!([1])));
        assert_eq!(pair("a=\"b=c\"").unwrap().1, "b=c");
        assert!(pair("tenant_id=acme").unwrap_err().contains("tenant_id='\"...\"'"));
        assert!(pair("=1").is_err() && pair("key").is_err());
    }

    #[test]
    fn long_lines_are_skipped_and_the_next_is_read() {
        let mut text = &b"12345\n123456789012\n\n1234567890\nlast"[..];
        let mut read = Vec::new();
        while let Some((line, taken)) = line(&mut text, 10).unwrap() {
            read.push((matches!(line, Line::TooLong), taken));
        }
        assert_eq!(read, [(false, 6), (true, 13), (false, 1), (true, 11), (false, 4)]);
    }
}
