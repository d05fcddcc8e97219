//! `find`: what a file is.

use std::fs::{self, File};
use std::io::Read;

use hookspec_plugin::{Fault, Manifest};
use serde_json::{Value, json};

use crate::flaw::Flaw;
use crate::input::is_closed;

/// How much of a file is looked at.
const MOST: u64 = 16 << 20;

/// What a file is. The honest take whatever text they are given; a fallback takes any file.
///
/// # Errors
/// `unreadable`: the file is none, or may not be read. `not_text`: it is not, and this is no
/// fallback. `bad_input`: the input names no file.
pub(crate) fn find(flaw: Option<Flaw>, manifest: &Manifest, input: &Value) -> Result<Value, Fault> {
    const TEXTS: [&str; 5] = ["path", "extension", "language", "mime_type", "content"];
    let text = |key: &str| input.get(key).and_then(Value::as_str);
    let known = TEXTS.iter().all(|key| input.get(key).is_none_or(Value::is_string));
    let path = text("path").filter(|path| !path.is_empty() && known && is_closed(input, &TEXTS));
    let path = path.ok_or_else(|| Fault::new("bad_input", "the input describes no file"))?;
    let is_zip = text("extension").is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if flaw == Some(Flaw::DeclaresTooMuch) && is_zip {
        return Err(Fault::new("cannot_unpack", "archives are not read"));
    }
    let (bytes, content) = match text("content") {
        Some(content) => (content.len() as u64, content.as_bytes().to_vec()),
        None => read(path)?,
    };
    match str::from_utf8(&content) {
        Ok(text) => Ok(json!({ "kind": "text", "bytes": bytes, "lines": text.lines().count() })),
        // Cut off in the middle of a character.
        Err(_) if bytes > MOST => Ok(json!({ "kind": "binary", "bytes": bytes })),
        Err(error) if flaw == Some(Flaw::PanicsOnBinary) => panic!("this is text, surely: {error}"),
        Err(_) if manifest.fallback => Ok(json!({ "kind": "binary", "bytes": bytes })),
        Err(_) => Err(Fault::new("not_text", "the file is not text in UTF-8")),
    }
}

fn read(path: &str) -> Result<(u64, Vec<u8>), Fault> {
    let unreadable = |why: &dyn std::fmt::Display| {
        Fault::new("unreadable", format!("the file cannot be read: {why}"))
    };
    let facts = fs::metadata(path).map_err(|error| unreadable(&error))?;
    // What is no file may never end, or wait for ever.
    if !facts.is_file() {
        return Err(unreadable(&"it is none"));
    }
    let mut content = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    file.take(MOST).read_to_end(&mut content).map_err(|error| unreadable(&error))?;
    Ok((facts.len(), content))
}
