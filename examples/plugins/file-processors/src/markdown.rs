//! Markdown: its headings and links.
//!
//! Sees headings that start with `#` and links of the form `[text](target)`, outside fenced code.
//! Does not see underlined headings, reference links, indented code and code spans.

use hookspec::kinds::file_processor::{File, FileProcessor, FileReport, Item};
use hookspec::{CallContext, Fault};

use crate::{file, report};

/// The plugin for `md` files.
#[derive(Debug, Default)]
pub struct MarkdownFiles;

#[hookspec::plugin(
    name = "markdown-files",
    version = "0.1.0",
    description = "Lists the headings and links of a Markdown file",
    license = "MIT OR Apache-2.0",
    execution_model = "thread_cpu_bound",
    priority = 50,
    capabilities = ["outline"],
    supports_extensions = ["md", "markdown"],
    supports_languages = ["markdown"],
    supports_mime_types = ["text/markdown"]
)]
impl FileProcessor for MarkdownFiles {
    async fn process(&self, ctx: &CallContext<'_>, file: &File) -> Result<FileReport, Fault> {
        file::report(ctx, file, |bytes| scan(&file.path, bytes))
    }
}

/// Reports on the bytes of a Markdown file.
///
/// # Errors
/// `file_not_text`: the bytes are not UTF-8.
pub fn scan(path: &str, bytes: &[u8]) -> Result<FileReport, Fault> {
    let text = file::text(path, bytes)?;
    let mut items = Vec::new();
    let mut fence = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, None) => {
                items.extend(heading(trimmed, number));
                items.extend(links(trimmed, number));
            }
        }
    }
    Ok(report::of_items("markdown", text, &["heading", "link"], items))
}

fn heading(line: &str, number: usize) -> Option<Item> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    if !(1..=6).contains(&level) || !(title.is_empty() || title.starts_with([' ', '\t'])) {
        return None;
    }
    let title = title.trim().trim_end_matches('#').trim_end();
    Some(report::item("heading", title, number, Some(format!("level {level}"))))
}

fn links(line: &str, number: usize) -> Vec<Item> {
    let mut found = Vec::new();
    let mut rest = line;
    // From one `](` to the next: the text is before it, the target behind it.
    while let Some((before, after)) = rest.split_once("](") {
        let Some((target, behind)) = after.split_once(')') else { break };
        if let Some((outside, text)) = before.rsplit_once('[') {
            // An image shows its target; it does not lead there.
            if !outside.ends_with('!') {
                found.push(report::item("link", text, number, Some(target.to_owned())));
            }
        }
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String, String)> {
        let report = scan("a.md", text.as_bytes()).unwrap();
        let row = |item: Item| (item.kind, item.name, item.detail.unwrap_or_default());
        report.items.into_iter().map(row).collect()
    }

    fn row(kind: &str, name: &str, detail: &str) -> (String, String, String) {
        (kind.into(), name.into(), detail.into())
    }

    #[test]
    fn finds_headings_and_links() {
        for (line, expected) in [
            ("# One", vec![row("heading", "One", "level 1")]),
            ("### Three ###", vec![row("heading", "Three", "level 3")]),
            ("####### Seven", vec![]),
            ("#hashtag", vec![]),
            ("see [a](b.md).", vec![row("link", "a", "b.md")]),
            ("[a](b) [c](d)", vec![row("link", "a", "b"), row("link", "c", "d")]),
            ("![image](x.png)", vec![]),
            ("broken [a](b", vec![]),
            ("nothing](here)", vec![]),
        ] {
            assert_eq!(found(line), expected, "{line}");
        }
    }

    #[test]
    fn fenced_code_is_not_looked_into() {
        let text = "# A\n```\n# comment\n~~~\n[a](b)\n```\n## B\n";
        assert_eq!(found(text), [row("heading", "A", "level 1"), row("heading", "B", "level 2")]);
    }

    #[test]
    fn the_summary_says_how_many() {
        let report = scan("a.md", b"# A\n\n[a](b)\n").unwrap();
        assert_eq!(report.summary, "3 lines, 1 heading, 1 link");
    }
}
