//! Lines of a configuration without what may be a secret in them.

/// A snippet with everything after the first `=` hidden; `None` where nobody can tell which part of
/// the line is a value.
pub(super) fn without_values(snippet: &str) -> Option<String> {
    let (line, pointer) = snippet.split_once('\n')?;
    if let Some((key, _)) = line.split_once('=') {
        return Some(format!("{key}= ***\n{pointer}"));
    }
    // Without a `=` it may be a line of a long text or of a list; a bare word is in neither a value.
    let header = line.trim_start().trim_start_matches('[');
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.\"] ".contains(c);
    let is_header = line.trim_start().starts_with('[')
        && header.starts_with(|first: char| first.is_ascii_alphabetic())
        && header.chars().all(plain);
    is_header.then(|| snippet.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_headers_are_shown_and_values_are_not() {
        for (line, shown) in [
            ("token = \"s3cret", Some("token = ***")),
            ("a = { b = \"s3cret\" }", Some("a = ***")),
            ("[plugins.a.config", Some("[plugins.a.config")),
            ("[[plugin.a]]", Some("[[plugin.a]]")),
            ("  s3cret\"\"\"", None),
            ("[\"s3cret\"]", None),
            ("[4711]", None),
        ] {
            let found = without_values(&format!("{line}\n  ^"));
            assert_eq!(found, shown.map(|shown| format!("{shown}\n  ^")), "{line}");
        }
    }
}
