//! Descriptions as documentation: whatever a schema's author wrote, it is prose there, and neither
//! a link, nor a tag, nor a program to be run.

/// How wide documentation is written.
const WIDTH: usize = 92;
/// How much of a description is kept, in characters.
const LONGEST: usize = 4_000;

/// The lines of a documentation comment: a text, escaped and wrapped, after whatever else it says.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let text: String = text.chars().take(LONGEST).map(visible).collect();
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        wrap(&escaped(&words.join(" ")), &mut lines);
    }
    lines
}

/// One line of text, escaped: a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    let text: String = text.chars().take(LONGEST).map(visible).collect();
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text as code in prose.
pub(crate) fn code(text: &str) -> String {
    let text: String = text.chars().take(LONGEST).map(visible).collect();
    let text = text.replace('\n', " ");
    // A fence longer than any run of backticks inside.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}").replace('|', "\\|")
}

/// A character that people see, and that turns nothing around: the compiler refuses others.
pub(crate) fn visible(c: char) -> char {
    match c {
        '\n' => '\n',
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    }
}

fn escaped(paragraph: &str) -> String {
    // Code stays code where its marks come in pairs of one.
    let code = paragraph.matches('`').count().is_multiple_of(2) && !paragraph.contains("``");
    let mut out = String::with_capacity(paragraph.len() + 8);
    let mut inside = false;
    let mut before = ' ';
    let mut rest = paragraph.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '`' && code {
            inside = !inside;
            out.push(c);
        } else if inside {
            out.push(c);
        } else {
            let next = rest.peek().copied().unwrap_or(' ');
            let special = match c {
                '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
                // What follows a scheme would be a bare address.
                ':' => next == '/',
                // `www.` and `name@host` would be addresses, too.
                '.' => before == 'w',
                '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '@' | '$' => true,
                _ => false,
            };
            if special {
                out.push('\\');
            }
            out.push(c);
        }
        before = c;
    }
    out
}

fn wrap(text: &str, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if line.is_empty() {
            line = begin(word);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line);
}

/// A word that, at the start of a line, would begin a list, a heading, a quote or a rule.
fn begin(word: &str) -> String {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() < word.len() && digits.starts_with(['.', ')']) {
        let number = &word[..word.len() - digits.len()];
        return format!("{number}\\{digits}");
    }
    match word.chars().next() {
        Some('-' | '+' | '#' | '=') => format!("\\{word}"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_stays_prose() {
        let rows = [
            ("Plain `code` and snake_case.", "Plain `code` and snake_case."),
            ("A [link] <b>x</b> *y*", "A \\[link\\] \\<b\\>x\\</b\\> \\*y\\*"),
            ("see https://example.org", "see https\\://example.org"),
            ("unpaired ` mark", "unpaired \\` mark"),
            ("*/ end", "\\*/ end"),
            ("    fn main() {}", "fn main() {}"),
            ("# heading", "\\# heading"),
            ("1. one", "1\\. one"),
            ("- item", "\\- item"),
            ("bidi \u{202e}x", "bidi x"),
        ];
        for (text, expected) in rows {
            assert_eq!(lines(text), [expected], "{text}");
        }
    }

    #[test]
    fn fences_are_gone_and_paragraphs_stay() {
        assert_eq!(lines("a\n\n```\nfn x() {}\n```"), ["a", "", "\\`\\`\\` fn x() {} \\`\\`\\`"]);
        assert!(lines("").is_empty());
        let long = lines(&"word ".repeat(100));
        assert!(long.len() > 1 && long.iter().all(|line| line.len() <= WIDTH));
    }

    #[test]
    fn code_is_fenced_by_more_than_it_holds() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
    }
}
