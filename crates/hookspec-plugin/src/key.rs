//! What a key of a checkpoint or of a blob is made of.

/// The longest key that a plugin may use, in bytes.
pub const LONGEST_KEY: usize = 200;

/// Checks a key: one or more segments of ASCII letters, digits, `-`, `_` and `.`, divided by `/`;
/// none is `.` or `..`; at most so many bytes. Such a key can be a name in any folder.
///
/// ```
/// # use hookspec_plugin::{LONGEST_KEY, check_key};
/// assert!(check_key("2026/report.json", LONGEST_KEY).is_ok());
/// assert!(check_key("../secrets", LONGEST_KEY).is_err());
/// ```
///
/// # Errors
/// What is wrong with it, and what a key looks like.
pub fn check_key(key: &str, longest: usize) -> Result<(), String> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let segment = |text: &str| !matches!(text, "" | "." | "..") && text.bytes().all(letter);
    if key.len() > longest {
        return Err(format!("a key of {} bytes is too long; {longest} are allowed", key.len()));
    }
    if key.split('/').all(segment) {
        return Ok(());
    }
    Err(format!(
        "`{}` is no key: write ASCII letters, digits, `-`, `_` and `.`, divided by `/`, and neither \
         `.` nor `..` nor nothing between two of those",
        key.escape_debug()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_a_folder_is_no_key() {
        let long = "x".repeat(11);
        for key in [
            "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a b", "ä", "a\0",
            "a,b", &long,
        ] {
            assert!(check_key(key, 10).is_err(), "{key:?}");
        }
        for key in ["a", "a/b.c", ".hidden", "...", "A-1_2"] {
            assert_eq!(check_key(key, 10), Ok(()), "{key:?}");
        }
    }
}
