//! Rules of texts, lists and objects, one per schema keyword.

use serde_json::Value;

use super::{Place, Report};

/// The keyword `minLength`: counts code points.
pub fn min_length(report: &mut Report, at: &Place<'_>, schema: &str, text: &str, least: usize) {
    // Bytes are never fewer than code points.
    if text.len() < least || text.chars().take(least).count() < least {
        report.add(at, schema, format!("shorter than {least} {}", plural(least, "character")));
    }
}

/// The keyword `maxLength`: counts code points.
pub fn max_length(report: &mut Report, at: &Place<'_>, schema: &str, text: &str, most: usize) {
    if text.len() > most && text.chars().nth(most).is_some() {
        report.add(at, schema, format!("longer than {most} {}", plural(most, "character")));
    }
}

/// The keyword `minItems`.
pub fn min_items(report: &mut Report, at: &Place<'_>, schema: &str, count: usize, least: usize) {
    if count < least {
        report.add(at, schema, format!("fewer than {least} {}", plural(least, "item")));
    }
}

/// The keyword `maxItems`.
pub fn max_items(report: &mut Report, at: &Place<'_>, schema: &str, count: usize, most: usize) {
    if count > most {
        report.add(at, schema, format!("more than {most} {}", plural(most, "item")));
    }
}

/// The keyword `minProperties`.
pub fn min_properties(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    count: usize,
    least: usize,
) {
    if count < least {
        report.add(at, schema, format!("fewer than {least} {}", plural_property(least)));
    }
}

/// The keyword `maxProperties`.
pub fn max_properties(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    count: usize,
    most: usize,
) {
    if count > most {
        report.add(at, schema, format!("more than {most} {}", plural_property(most)));
    }
}

/// Further properties that a Rust value holds must not have the names of declared ones: the JSON
/// would hold the name twice.
pub fn apart<'a>(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    names: impl IntoIterator<Item = &'a String>,
    declared: &[&str],
) {
    for name in names {
        if declared.contains(&name.as_str()) {
            report.add(&at.field(name), schema, "a declared property among the additional ones");
        }
    }
}

/// The keyword `type` where several are allowed.
pub fn one_type(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: &Value,
    allowed: &[&str],
) {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let whole = || match value {
        Value::Number(number) => {
            !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
        }
        _ => false,
    };
    let fine = allowed.contains(&name) || (allowed.contains(&"integer") && whole());
    if !fine {
        report.add(at, schema, format!("not of type {}", allowed.join(" or ")));
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

fn plural_property(count: usize) -> &'static str {
    if count == 1 { "property" } else { "properties" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(rule: impl FnOnce(&mut Report, &Place<'_>)) -> Option<String> {
        let mut report = Report::default();
        rule(&mut report, &Place::root());
        report.finish().err().map(|violations| violations.to_string())
    }

    #[test]
    fn lengths_count_code_points() {
        for (text, least, most, fine) in
            [("día", 3, 3, true), ("😀😀", 2, 2, true), ("😀", 2, 9, false), ("", 0, 0, true)]
        {
            let short = found(|report, at| min_length(report, at, "", text, least));
            let long = found(|report, at| max_length(report, at, "", text, most));
            assert_eq!(short.is_none() && long.is_none(), fine, "{text}");
        }
        let long = found(|report, at| max_length(report, at, "/maxLength", "abc", 2));
        let expected = "the payload: longer than 2 characters (schema /maxLength)";
        assert_eq!(long.as_deref(), Some(expected));
    }

    #[test]
    fn an_integer_is_a_number_and_a_whole_float_an_integer() {
        let fine = |value: Value, allowed: &[&str]| {
            found(|report, at| one_type(report, at, "", &value, allowed)).is_none()
        };
        assert!(fine(json!(1.0), &["integer", "null"]) && fine(json!(7), &["number", "null"]));
        assert!(!fine(json!(1.5), &["integer", "null"]) && !fine(json!("1"), &["number", "null"]));
    }

    #[test]
    fn declared_names_are_no_additional_ones() {
        let names = [String::from("a"), String::from("b")];
        let found = found(|report, at| apart(report, at, "", &names, &["b", "c"]));
        assert!(found.is_some_and(|text| text.starts_with("/b: ")));
    }
}
