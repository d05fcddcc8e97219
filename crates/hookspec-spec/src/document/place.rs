//! [`Lines`]: from byte offsets of a text to lines and columns, and to what people see there.
//!
//! A minified file is one line: what is asked of a place must not cost the length of its line.

use crate::diagnostic::Position;

/// How many bytes lie between two counts of characters.
const STRIDE: usize = 1024;

/// Where the lines of a text start, and how many characters come before every so many bytes.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
    characters: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        let mut characters = vec![0];
        let mut count = 0;
        for chunk in text.as_bytes().chunks(STRIDE) {
            count += begun(chunk);
            characters.push(count);
        }
        Self { starts, characters }
    }

    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = self.before(text, offset) - self.before(text, start) + 1;
        Position { line: number(line), column: number(column) }
    }

    /// The line of a place, and below it a `^` under the place.
    pub(super) fn snippet(&self, text: &str, position: Position) -> Option<String> {
        // A line of a minified file must not fill the screen: this much around the place.
        const AROUND: usize = 60;
        let index = usize::try_from(position.line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let column = usize::try_from(position.column).ok()?.checked_sub(1)?;
        let first = column.saturating_sub(AROUND);
        let from = self.offset(text, self.before(text, start) + first);
        let shown: String = text
            .get(from..)?
            .chars()
            .take_while(|character| !matches!(character, '\n' | '\r'))
            .take(2 * AROUND)
            .map(printable)
            .collect();
        (!shown.trim().is_empty()).then(|| format!("{shown}\n{}^", " ".repeat(column - first)))
    }

    /// How many characters begin before an offset. One that the offset is inside of counts.
    fn before(&self, text: &str, offset: usize) -> usize {
        let whole = (offset / STRIDE).min(self.characters.len() - 1);
        let rest = text.as_bytes().get(whole * STRIDE..offset).unwrap_or_default();
        self.characters.get(whole).copied().unwrap_or_default() + begun(rest)
    }

    /// Where the character of that number begins.
    fn offset(&self, text: &str, character: usize) -> usize {
        // The last stride that begins at or before the character; strides may split one.
        let whole = self.characters.partition_point(|count| *count <= character) - 1;
        let mut left = character - self.characters.get(whole).copied().unwrap_or_default();
        let at = whole * STRIDE;
        for (index, byte) in text.as_bytes().get(at..).unwrap_or_default().iter().enumerate() {
            if begins(*byte) {
                if left == 0 {
                    return at + index;
                }
                left -= 1;
            }
        }
        text.len()
    }
}

/// Whether a byte of UTF-8 is the first of its character.
fn begins(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| begins(**byte)).count()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A tab would move the `^` away from its place; other control characters act on terminals, and
/// those that turn the direction of text show a line that is not there.
fn printable(character: char) -> char {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || turns { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_agree_with_counting_whatever_the_text() {
        let texts = [
            "a\r\nbé\tc\n\n€".to_owned(),
            "é€a".repeat(2_000),
            format!("{}\n{}", "é".repeat(1_023), "€".repeat(1_025)),
            String::new(),
        ];
        for text in &texts {
            let lines = Lines::of(text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = &text[..offset];
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                let position = lines.position(text, offset);
                let line = before.matches('\n').count() + 1;
                assert_eq!(position.line, number(line), "{offset}");
                assert_eq!(position.column, number(before[start..].chars().count() + 1));
            }
        }
    }

    #[test]
    fn a_snippet_of_a_long_line_shows_its_place() {
        let text = format!("first\n{}!{}\r\n", "é".repeat(5_000), "ö".repeat(5_000));
        let lines = Lines::of(&text);
        let position = lines.position(&text, text.find('!').unwrap());
        assert_eq!((position.line, position.column), (2, 5_001));
        let snippet = lines.snippet(&text, position).unwrap();
        assert_eq!(snippet, format!("{}!{}\n{}^", "é".repeat(60), "ö".repeat(59), " ".repeat(60)));
        let tab =
            Lines::of("a:\tb\u{202e}").snippet("a:\tb\u{202e}", Position { line: 1, column: 4 });
        assert_eq!(tab.as_deref(), Some("a: b \n   ^"));
    }
}
