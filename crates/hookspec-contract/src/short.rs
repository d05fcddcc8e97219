//! Values and texts in messages: cut where they are long, and saying so.

use serde_json::Value;

/// A value as JSON in one line.
pub(crate) fn short(value: &Value) -> String {
    const MOST: usize = 300;
    cut(&value.to_string(), MOST)
}

/// The first characters of a text, and how many more there are.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{}… ({more} more characters)", &text[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöü€", 2), "äö… (2 more characters)");
        assert_eq!(short(&json!({ "a": [1] })), r#"{"a":[1]}"#);
        assert!(short(&"x".repeat(400).into()).ends_with("… (102 more characters)"));
    }
}
