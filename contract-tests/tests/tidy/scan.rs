//! Finds ids of laws, error codes and paths in a text.

/// Families of ids that look like those of laws and are not.
const NOT_LAWS: &[&str] = &["ADR", "BSD", "RFC", "SHA", "UTF"];

/// Ids of laws, such as the third of a family: capitals, `-`, digits. Checks of the contract suite
/// have three digits, the first of which is 0; laws do not begin with one.
pub(crate) fn law_ids(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.split(move |c| !is_part(c)).filter(|word| {
        word.split_once('-').is_some_and(|(family, number)| {
            family.len() >= 3
                && family.bytes().all(|byte| byte.is_ascii_uppercase())
                && !number.is_empty()
                && !number.starts_with('0')
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && !NOT_LAWS.contains(&family)
        })
    })
}

/// Error codes: `HS-`, a capital, three digits.
pub(crate) fn error_codes(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| {
        word.strip_prefix("HS-").is_some_and(|rest| {
            let bytes = rest.as_bytes();
            bytes.len() == 4
                && bytes[0].is_ascii_uppercase()
                && bytes[1..].iter().all(u8::is_ascii_digit)
        })
    })
}

/// What stands between backticks, outside of code blocks, with its line.
pub(crate) fn quoted(markdown: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    let lines = markdown.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    });
    // Every second part stands between two of them.
    lines.flat_map(|(index, line)| {
        line.split('`').skip(1).step_by(2).map(move |part| (index + 1, part))
    })
}

/// Whether a text can only be a path into this repository.
pub(crate) fn is_path(text: &str) -> bool {
    const FOLDERS: [&str; 6] =
        ["contract-tests/", "crates/", "docs/", "examples/", "hookspecs/", "schemas/"];
    FOLDERS.iter().any(|folder| text.starts_with(folder))
        && !text.contains(|c: char| c.is_whitespace() || "*<>{}".contains(c))
}

#[test]
fn ids_and_codes_are_told_from_what_looks_like_them() {
    let (law, code) = (format!("CHAIN-{}", 10), format!("HS-{}", "D001"));
    let text = format!("({law}), UTF-8 SHA-256 A-1 CHAIN-x CHAIN-010 {code}: HS-D HS-D01 x{law}x");
    assert_eq!(law_ids(&text).collect::<Vec<_>>(), [law]);
    assert_eq!(error_codes(&text).collect::<Vec<_>>(), [code]);
}

#[test]
fn quotes_are_found_outside_of_blocks() {
    let text = "a `b` c `d`\n```sh\n`no`\n```\n`e`";
    assert_eq!(quoted(text).collect::<Vec<_>>(), [(1, "b"), (1, "d"), (5, "e")]);
    assert!(is_path("crates/a/src/lib.rs") && !is_path("crates/*/src") && !is_path("a/b"));
}
