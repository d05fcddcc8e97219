//! Small texts: durations, counts, foreign text made harmless, and standard error.

use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

/// A duration for people, of three digits.
///
/// ```
/// # use std::time::Duration;
/// assert_eq!(hookspec_cli::duration(Duration::from_micros(18_437)), "18.4 ms");
/// ```
pub fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos() as f64;
    let (value, unit) = match nanos {
        n if n < 1e3 => return format!("{n} ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    match value {
        v if v < 9.995 => format!("{v:.2} {unit}"),
        v if v < 99.95 => format!("{v:.1} {unit}"),
        v => format!("{v:.0} {unit}"),
    }
}

/// Milliseconds as a number, for JSON.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

/// A count with its noun: `1 error`, `2 errors`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Text of others with its control characters shown instead of obeyed: a plugin's message must not
/// move the cursor. Line breaks and tabs become spaces.
pub fn clean(text: &str) -> Cow<'_, str> {
    // Those that turn the direction of text show people a line that is not there.
    let acts = |c: char| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || turns
    };
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|character| match character {
        '\n' | '\t' | '\r' => ' ',
        c if acts(c) => '\u{fffd}',
        c => c,
    });
    Cow::Owned(shown.collect())
}

/// Says something on standard error. That nobody hears it is no reason to panic.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        for (nanos, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_234, "1.23 µs"),
            (99_960, "100 µs"),
            (250_700_000, "251 ms"),
            (2_000_000_000, "2.00 s"),
            (90_000_000_000, "90.0 s"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn foreign_text_is_one_harmless_line() {
        assert_eq!(clean("plain"), "plain");
        assert_eq!(clean("a\nb\x1b[31m"), "a b\u{fffd}[31m");
        assert_eq!(clean("gpj.\u{202e}exe"), "gpj.\u{fffd}exe");
        assert_eq!((plural(1, "file"), plural(0, "file")), ("1 file".into(), "0 files".into()));
    }
}
