//! [`redact`]: a payload as it may stand in a report: without secrets, and not too long.

use serde_json::{Map, Value};

use crate::short::cut;

/// What stands where a secret was.
pub const SECRET: &str = "[secret]";

/// How many characters of a text are kept.
const MOST_CHARACTERS: usize = 500;
/// How many items of a list, or fields of an object, are kept.
const MOST_ENTRIES: usize = 50;
/// How deep lists and objects are kept.
const DEEPEST: usize = 32;

/// The value with every secret masked, in texts and in keys, and with everything that is too long or
/// too deep cut; what was cut is said where it was.
///
/// Secrets are masked before anything is cut, so that no part of one is left at a cut.
pub fn redact(value: &Value, secrets: &[String]) -> Value {
    at_depth(value, secrets, 0)
}

fn at_depth(value: &Value, secrets: &[String], depth: usize) -> Value {
    match value {
        Value::String(text) => Value::String(cut(&mask(text, secrets), MOST_CHARACTERS)),
        // A secret that was written as a number is one all the same.
        Value::Number(number) if secrets.contains(&number.to_string()) => SECRET.into(),
        Value::Array(items) if depth >= DEEPEST => too_deep(items.len(), "items"),
        Value::Object(fields) if depth >= DEEPEST => too_deep(fields.len(), "fields"),
        Value::Array(items) => {
            let kept = items.iter().take(MOST_ENTRIES);
            let mut list: Vec<_> = kept.map(|item| at_depth(item, secrets, depth + 1)).collect();
            if let Some(note) = more(items.len(), "items") {
                list.push(note.into());
            }
            Value::Array(list)
        }
        Value::Object(fields) => {
            let mut object = Map::new();
            for (key, item) in fields.iter().take(MOST_ENTRIES) {
                let key = free(&object, cut(&mask(key, secrets), MOST_CHARACTERS));
                object.insert(key, at_depth(item, secrets, depth + 1));
            }
            if let Some(note) = more(fields.len(), "fields") {
                object.insert(free(&object, "…".to_owned()), note.into());
            }
            Value::Object(object)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn too_deep(count: usize, what: &str) -> Value {
    format!("… nested more than {DEEPEST} deep: {count} {what} left out").into()
}

fn more(count: usize, what: &str) -> Option<String> {
    let cut = count.checked_sub(MOST_ENTRIES).filter(|cut| *cut > 0)?;
    Some(format!("… {cut} more {what}"))
}

/// Two keys that differed in a secret only must not become one.
fn free(object: &Map<String, Value>, key: String) -> String {
    if !object.contains_key(&key) {
        return key;
    }
    let numbered = |number: usize| format!("{key} ({number})");
    // More numbers are tried than there are keys, so one of them is free.
    (2..=object.len() + 2).map(numbered).find(|key| !object.contains_key(key)).unwrap_or(key)
}

/// The text with [`SECRET`] in place of every secret.
///
/// Secrets that overlap in the text are masked together: masking one of them first would leave the
/// rest of the other.
pub fn mask(text: &str, secrets: &[String]) -> String {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let mut from = 0;
        while let Some(at) = text[from..].find(secret.as_str()).map(|at| at + from) {
            found.push((at, at + secret.len()));
            from = at + text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found.sort_unstable();
    let mut masked = String::with_capacity(text.len());
    let mut kept = 0;
    let mut spans = found.into_iter().peekable();
    while let Some((start, mut end)) = spans.next() {
        while let Some((_, further)) = spans.next_if(|(start, _)| *start < end) {
            end = end.max(further);
        }
        masked.push_str(&text[kept..start]);
        masked.push_str(SECRET);
        kept = end;
    }
    masked.push_str(&text[kept..]);
    masked
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn redacted(value: Value, secrets: &[&str]) -> Value {
        redact(&value, &secrets.iter().map(|&secret| secret.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_secret_is_masked_wherever_a_text_holds_it() {
        let value = json!({ "hunter2": ["my hunter2!", 4711, { "a": "hunter2hunter2" }] });
        let expected = json!({
            "[secret]": ["my [secret]!", "[secret]", { "a": "[secret][secret]" }]
        });
        assert_eq!(redacted(value, &["hunter2", "4711", ""]), expected);
    }

    #[test]
    fn secrets_that_overlap_leave_nothing_of_either() {
        assert_eq!(redacted(json!("xabcdey"), &["abc", "cde"]), json!("x[secret]y"));
        assert_eq!(redacted(json!("aaa"), &["aa"]), json!("[secret]"));
        assert_eq!(redacted(json!("éé→éé"), &["é→é"]), json!("é[secret]é"));
    }

    #[test]
    fn keys_that_differ_in_a_secret_only_stay_apart() {
        let value = json!({ "a-key": 1, "b-key": 2, "[secret]-key": 3 });
        let expected = json!({ "[secret]-key": 1, "[secret]-key (2)": 2, "[secret]-key (3)": 3 });
        assert_eq!(redacted(value, &["a", "b"]), expected);
    }

    #[test]
    fn a_cut_says_how_much_it_cut_and_shows_no_part_of_a_secret() {
        let text = format!("{}hunter2", "x".repeat(497));
        let expected = format!("{}[se… (5 more characters)", "x".repeat(497));
        assert_eq!(redacted(json!(text), &["hunter2"]), json!(expected));
        let list = redacted(json!(vec![0; 60]), &[]);
        assert_eq!(list.as_array().unwrap().len(), 51);
        assert_eq!(list[50], "… 10 more items");
        let fields: Map<_, _> = (0..60).map(|n| (n.to_string(), json!(n))).collect();
        assert_eq!(redacted(Value::Object(fields), &[])["…"], "… 10 more fields");
    }

    #[test]
    fn what_is_nested_too_deeply_is_left_out() {
        let deep = (0..1000).fold(json!(1), |inner, _| json!([inner]));
        let text = redacted(deep, &[]).to_string();
        assert!(text.starts_with(&"[".repeat(32)) && !text.starts_with(&"[".repeat(33)), "{text}");
        assert!(text.contains("nested more than 32 deep: 1 items left out"), "{text}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[a-f0-9]{0,12}".prop_map(Value::from),
            "\\PC{0,600}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 60, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..60).prop_map(Value::from),
                prop::collection::vec(("[a-f]{0,4}", inner), 0..60)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn nothing_of_a_secret_is_left_and_everything_is_bounded(
            value in any_value(),
            // None of these characters is in the texts that say what was masked or cut.
            secrets in prop::collection::vec("[bB0-9]{1,3}b", 0..4),
        ) {
            let redacted = redact(&value, &secrets);
            let mut open = vec![&redacted];
            while let Some(value) = open.pop() {
                let texts: Vec<&str> = match value {
                    Value::String(text) => vec![text],
                    Value::Object(fields) => fields.keys().map(String::as_str).collect(),
                    _ => vec![],
                };
                for text in texts {
                    prop_assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", text);
                    prop_assert!(text.chars().count() < 550);
                }
                match value {
                    Value::Array(items) => {
                        prop_assert!(items.len() <= MOST_ENTRIES + 1);
                        open.extend(items);
                    }
                    Value::Object(fields) => {
                        prop_assert!(fields.len() <= MOST_ENTRIES + 1);
                        open.extend(fields.values());
                    }
                    _ => {}
                }
            }
        }

        #[test]
        fn what_is_short_and_holds_no_secret_stays_as_it_is(
            items in prop::collection::vec("[a-z]{0,20}", 0..50),
        ) {
            let value = json!({ "items": items });
            prop_assert_eq!(redact(&value, &["4711".to_owned()]), value);
        }
    }
}
