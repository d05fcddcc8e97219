//! Values of fields that have a grammar of their own.

use serde_json::Value;

use crate::codes;
use crate::reader::{Report, is_pointer, object};

pub(super) fn non_empty(at: &str, text: &str, report: &mut Report<'_>) -> Option<Value> {
    if text.is_empty() {
        let field = at.rsplit('/').next().unwrap_or_default();
        report.error(codes::MANIFEST_BAD_NAME, at, format!("`{field}` is empty"));
        return None;
    }
    Some(text.into())
}

pub(super) fn digest(at: &str, text: &str, report: &mut Report<'_>) -> Option<Value> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(text.into());
    }
    let message = format!("`{}` is no SHA-256", crate::document::shorten(text));
    let hint = "write its 64 hexadecimal digits, as `sha256sum` prints them";
    report.error_with(codes::MANIFEST_SHA256, at, message, hint);
    None
}

pub(super) fn config_schema(at: &str, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    match value {
        Value::String(path) => return non_empty(at, path, report),
        Value::Object(_) | Value::Bool(_) => {
            if let Err(found) = crate::schema::Schema::compile(value.clone()) {
                for each in &found {
                    let at = format!("{at}{}", each.pointer);
                    match &each.hint {
                        Some(hint) => report.error_with(each.code, &at, &each.message, hint),
                        None => report.error(each.code, &at, &each.message),
                    }
                }
                return None;
            }
        }
        other => {
            report.wrong_type(at, "a JSON Schema or a path to one", other);
            return None;
        }
    }
    Some(value.clone())
}

pub(super) fn predicate(at: &str, value: &Value, report: &mut Report<'_>) {
    const TESTS: [&str; 4] = ["exists", "equals", "prefix", "suffix"];
    const KEYS: [&str; 8] =
        ["pointer", "exists", "equals", "prefix", "suffix", "all", "any", "not"];
    let Some(fields) = object(report, value, at.to_owned()) else { return };
    fields.only(report, &KEYS);
    let test = TESTS.into_iter().find(|test| fields.get(test).is_some());
    match (fields.text(report, "pointer"), test) {
        (Some(pointer), _) if !is_pointer(pointer) => {
            let message = format!("`{}` is no JSON pointer", crate::document::shorten(pointer));
            let hint = "write one such as /path, or \"\" for the whole input";
            report.error_with(codes::MANIFEST_PREDICATE, &fields.at("pointer"), message, hint);
        }
        (None, Some(test)) if fields.get("pointer").is_none() => {
            let message = format!("`{test}` tests a value, and `pointer` does not say which");
            let hint = "add `pointer`, such as /path";
            report.error_with(codes::MANIFEST_PREDICATE, at, message, hint);
        }
        _ => {}
    }
    fields.flag(report, "exists");
    fields.text(report, "prefix");
    fields.text(report, "suffix");
    for key in ["all", "any"] {
        for (index, part) in fields.list(report, key).into_iter().flatten().enumerate() {
            predicate(&format!("{}/{index}", fields.at(key)), part, report);
        }
    }
    if let Some(part) = fields.get("not") {
        predicate(&fields.at("not"), part, report);
    }
}
