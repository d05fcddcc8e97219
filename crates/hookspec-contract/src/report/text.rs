//! What plugins said, as texts that can be shown: in one line, short, and without characters that
//! a terminal or an XML parser would act on.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::short::short;
use crate::verdict::Verdict;

/// The text with characters that are not to be seen written out: `\u{1b}` for an escape.
///
/// Lines stay lines. Other control characters could colour a terminal or fake its output, some have
/// no form in XML 1.0 at all, and those that turn the direction of writing make a text look like
/// another one.
pub(super) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => visible.push('\n'),
            '\t' => visible.push_str("    "),
            _ if is_unseen(character) => {
                // Writing to a text cannot fail.
                let _ = write!(visible, "{}", character.escape_unicode());
            }
            _ => visible.push(character),
        }
    }
    visible
}

fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The text in one line.
pub(super) fn one_line(text: &str) -> String {
    visible(&text.replace('\n', " "))
}

/// A value as JSON in one line, cut where it is long.
pub(super) fn short_json(value: &Value) -> String {
    visible(&short(value))
}

/// A time for people: `7 ms`, `1.3 s`, `2 min 5 s`.
pub(super) fn milliseconds(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
    }
}

/// `12 pass, 1 fail`: the worst last, verdicts that did not occur left out.
pub(super) fn counts(counts: &BTreeMap<Verdict, usize>) -> String {
    let each: Vec<_> =
        counts.iter().map(|(verdict, count)| format!("{count} {}", words(*verdict))).collect();
    each.join(", ")
}

/// A verdict as words.
pub(super) fn words(verdict: Verdict) -> String {
    verdict.as_str().replace('-', " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        assert_eq!(visible("a\u{1b}[31mb\r\n\tc\u{0}"), "a\\u{1b}[31mb\\u{d}\n    c\\u{0}");
        assert_eq!(visible("\u{202e}gpj.exe\u{ffff}"), "\\u{202e}gpj.exe\\u{ffff}");
        assert_eq!(one_line("a\nb"), "a b");
        assert_eq!(visible("Grüße → 🎉"), "Grüße → 🎉");
    }

    #[test]
    fn a_long_value_is_cut_and_says_so() {
        let text = short_json(&json!("é".repeat(400)));
        assert!(text.ends_with("é… (102 more characters)"), "{text}");
        assert_eq!(short_json(&json!({ "a": [1] })), r#"{"a":[1]}"#);
    }

    #[test]
    fn times_are_for_people() {
        let times = [0, 999, 1_000, 59_999, 125_000].map(milliseconds);
        assert_eq!(times, ["0 ms", "999 ms", "1.0 s", "59.9 s", "2 min 5 s"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn whatever_it_was_it_can_be_shown(text in any::<String>()) {
            prop_assert!(visible(&text).chars().all(|c| c == '\n' || !is_unseen(c)));
            prop_assert!(!one_line(&text).contains('\n'));
        }
    }
}
