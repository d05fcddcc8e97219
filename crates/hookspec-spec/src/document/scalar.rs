//! What a plain YAML scalar stands for, and which ones YAML versions read differently.

use serde_json::{Number, Value};

/// A plain scalar, read.
pub(crate) enum Plain {
    Value(Value),
    /// Readers disagree about it; the text says how.
    Ambiguous(&'static str),
    /// It has no counterpart in JSON.
    NotJson,
}

/// Reads by the core schema of YAML 1.2, and refuses what YAML 1.1 reads as something else.
pub(crate) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Value(Value::Null),
        "true" | "True" | "TRUE" => return Plain::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Plain::Value(Value::Bool(false)),
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF"
        | "y" | "Y" | "n" | "N" => return Plain::Ambiguous("a boolean or a text"),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NotJson;
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return Plain::Value(text.into());
    }
    number(text, unsigned)
}

fn number(text: &str, unsigned: &str) -> Plain {
    let all = |text: &str, test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    let digit = |c: char| c.is_ascii_digit();
    if let Some(octal) = unsigned.strip_prefix("0o") {
        return if all(octal, |c| c.is_digit(8)) {
            Plain::Ambiguous("an octal number or a text")
        } else {
            Plain::Value(text.into())
        };
    }
    if let Some(hex) = unsigned.strip_prefix("0x") {
        return match u64::from_str_radix(hex, 16) {
            Ok(number) if text == unsigned => Plain::Value(number.into()),
            Ok(_) => Plain::Ambiguous("a number or a text"),
            Err(_) => Plain::Value(text.into()),
        };
    }
    if unsigned.strip_prefix("0b").is_some_and(|bits| all(bits, |c| matches!(c, '0' | '1' | '_'))) {
        return Plain::Ambiguous("a binary number or a text");
    }
    if all(unsigned, |c| c.is_ascii_digit()) {
        if unsigned.len() > 1 && unsigned.starts_with('0') {
            return Plain::Ambiguous("a decimal or an octal number");
        }
        return json_number(text.strip_prefix('+').unwrap_or(text));
    }
    if unsigned.starts_with(digit)
        && all(unsigned, |c| c.is_ascii_digit() || c == '_' || c == '.')
        && unsigned.contains('_')
        && unsigned.matches('.').count() < 2
    {
        return Plain::Ambiguous("a number or a text");
    }
    if sexagesimal(unsigned) {
        return Plain::Ambiguous("a number in base 60 or a text");
    }
    if date(unsigned) {
        return Plain::Ambiguous("a date or a text");
    }
    float(text, unsigned)
}

fn float(text: &str, unsigned: &str) -> Plain {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if !(digits(whole)
        && digits(fraction)
        && exponent_fits
        && mantissa.len() > usize::from(mantissa.contains('.')))
    {
        return Plain::Value(text.into());
    }
    // YAML 1.1 wants a point and a sign for it to be a number.
    let signed = exponent.is_none_or(|exponent| exponent.starts_with(['+', '-']));
    if exponent.is_some() && !(mantissa.contains('.') && signed) {
        return Plain::Ambiguous("a number or a text");
    }
    match text.parse::<f64>().ok().and_then(Number::from_f64) {
        Some(number) => Plain::Value(Value::Number(number)),
        None => Plain::NotJson,
    }
}

fn json_number(text: &str) -> Plain {
    match text.parse::<Number>() {
        Ok(number) => Plain::Value(Value::Number(number)),
        Err(_) => Plain::NotJson,
    }
}

fn sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let mut more = false;
    let rest = parts.all(|part| {
        more = true;
        let part = part.split('.').next().unwrap_or_default();
        matches!(part.len(), 1 | 2)
            && part.chars().all(|c| c.is_ascii_digit())
            && (part.len() == 1 || part < "60")
    });
    more && rest && !first.is_empty() && first.chars().all(|c| c.is_ascii_digit() || c == '_')
}

fn date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = |at: usize, len: usize| {
        bytes.get(at..at + len).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    shape(0, 4)
        && bytes.get(4) == Some(&b'-')
        && shape(5, 2)
        && bytes.get(7) == Some(&b'-')
        && shape(8, 2)
        && bytes.get(10).is_none_or(|next| matches!(next, b'T' | b't' | b' '))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_mean_what_every_yaml_version_agrees_on() {
        let agreed = [
            ("1.0.0", json!("1.0.0")),
            ("1.0", json!(1.0)),
            ("0", json!(0)),
            ("-7", json!(-7)),
            ("0x1F", json!(31)),
            (".5", json!(0.5)),
            (".", json!(".")),
            ("...", json!("...")),
            ("1.5e+3", json!(1500.0)),
            ("null", json!(null)),
            ("True", json!(true)),
            ("nope", json!("nope")),
            ("1 apple", json!("1 apple")),
            ("schemas/a.json", json!("schemas/a.json")),
            ("2026-01", json!("2026-01")),
            ("a:b", json!("a:b")),
        ];
        for (text, expected) in agreed {
            match plain(text) {
                Plain::Value(value) => assert_eq!(value, expected, "{text}"),
                _ => panic!("{text} is refused"),
            }
        }
    }

    #[test]
    fn what_they_disagree_on_is_ambiguous() {
        for text in [
            "no",
            "Yes",
            "ON",
            "off",
            "y",
            "N",
            "012",
            "-012",
            "1_000",
            "0o7",
            "0b101",
            "1:30",
            "190:20:30",
            "1e3",
            "12e03",
            "2026-01-31",
            "2026-01-31T10:00:00Z",
        ] {
            assert!(matches!(plain(text), Plain::Ambiguous(_)), "{text}");
        }
        for text in [".inf", "-.INF", ".nan"] {
            assert!(matches!(plain(text), Plain::NotJson), "{text}");
        }
    }
}
