//! Rust source: its functions, structs, enums, traits and impls.
//!
//! Reads lines and not syntax: an item counts when its keyword starts a line, after its visibility
//! and qualifiers. So it does not see what a macro makes, and sees what stands at the start of a
//! line in a block comment or a string.

use hookspec::kinds::file_processor::{File, FileProcessor, FileReport, Item};
use hookspec::{CallContext, Fault};

use crate::{file, report};

const KINDS: &[&str] = &["fn", "struct", "enum", "trait", "impl"];

/// The plugin for `rs` files.
#[derive(Debug, Default)]
pub struct RustFiles;

#[hookspec::plugin(
    name = "rust-files",
    version = "0.1.0",
    description = "Lists the functions, types and impls of Rust source",
    license = "MIT OR Apache-2.0",
    execution_model = "thread_cpu_bound",
    priority = 50,
    capabilities = ["symbols"],
    supports_extensions = ["rs"],
    supports_languages = ["rust"],
    supports_mime_types = ["text/x-rust"]
)]
impl FileProcessor for RustFiles {
    async fn process(&self, ctx: &CallContext<'_>, file: &File) -> Result<FileReport, Fault> {
        file::report(ctx, file, |bytes| scan(&file.path, bytes))
    }
}

/// Reports on the bytes of a Rust file.
///
/// # Errors
/// `file_not_text`: Rust source is UTF-8, and these bytes are not.
pub fn scan(path: &str, bytes: &[u8]) -> Result<FileReport, Fault> {
    let text = file::text(path, bytes)?;
    let lines = text.lines().enumerate();
    let items = lines.filter_map(|(index, line)| item(line, index + 1)).collect();
    Ok(report::of_items("rust", text, KINDS, items))
}

fn item(line: &str, number: usize) -> Option<Item> {
    let mut rest = line.trim_start();
    loop {
        let (word, after) = rest.split_once([' ', '<']).unwrap_or((rest, ""));
        if word == "impl" {
            return Some(report::item("impl", implemented(rest), number, None));
        }
        if let Some(kind) = KINDS.iter().find(|&&kind| kind == word) {
            let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
            let name = &after[..end];
            // `fn (i32)` is a type and `struct` alone a word of a sentence.
            return (!name.is_empty()).then(|| report::item(kind, name, number, None));
        }
        let qualifier = matches!(word, "pub" | "async" | "const" | "unsafe" | "extern" | "default")
            || word.starts_with("pub(")
            || (word.starts_with('"') && word.ends_with('"'));
        if !qualifier {
            return None;
        }
        rest = after.trim_start();
    }
}

/// What an impl says before its body: `Plugin for Greeter` of `impl Plugin for Greeter {`.
fn implemented(rest: &str) -> &str {
    let head = rest.split(" where").next().unwrap_or(rest);
    head.trim_start_matches("impl").trim_end_matches(['{', '}', ' ']).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let report = scan("a.rs", text.as_bytes()).unwrap();
        report.items.into_iter().map(|item| (item.kind, item.name)).collect()
    }

    #[test]
    fn an_item_is_what_starts_a_line() {
        for (line, kind, name) in [
            ("fn main() {}", "fn", "main"),
            ("    pub(crate) async fn go<T>(t: T) {", "fn", "go"),
            ("pub const unsafe extern \"C\" fn raw() {}", "fn", "raw"),
            ("pub struct Point { x: i32 }", "struct", "Point"),
            ("struct Wrapper<T>(T);", "struct", "Wrapper"),
            ("enum Größe { Klein }", "enum", "Größe"),
            ("pub unsafe trait Plugin: Send {", "trait", "Plugin"),
            ("impl Plugin for Greeter {", "impl", "Plugin for Greeter"),
            (
                "impl<T> From<T> for Wrapper<T> where T: Send {",
                "impl",
                "<T> From<T> for Wrapper<T>",
            ),
        ] {
            assert_eq!(found(line), [(kind.to_owned(), name.to_owned())], "{line}");
        }
        for line in ["// fn commented() {}", "let f = fn_name();", "const LIMIT: u8 = 1;", "fn"] {
            assert_eq!(found(line), [], "{line}");
        }
    }

    #[test]
    fn counts_by_kind_and_keeps_the_order_of_the_file() {
        let text = "struct A;\n\nimpl A {\n    fn b() {}\n    fn c() {}\n}\n";
        let report = scan("a.rs", text.as_bytes()).unwrap();
        assert_eq!(report.summary, "6 lines, 2 fn, 1 struct, 1 impl");
        assert_eq!(report.counts.unwrap()["fn"], 2);
        assert_eq!(report.items[3].line, Some(5));
    }
}
