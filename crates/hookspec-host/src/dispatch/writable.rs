//! What a chain link may change: only what its hookspec lists as `writable` (CHAIN-5).

use hookspec_plugin::{Payload, Violation, Violations, check as json};
use serde_json::{Map, Value};

/// Checks that `after` differs from `before` only at or below the `writable` pointers.
pub(crate) fn check(
    writable: &[String],
    before: &Payload,
    after: &Payload,
) -> Result<(), Violations> {
    if after.same(before) {
        return Ok(());
    }
    let made = |payload: &Payload| -> Result<(), Violations> {
        payload.json().map(drop).map_err(|fault| Violations::whole(fault.message()))
    };
    made(before)?;
    made(after)?;
    let (Ok(before), Ok(after)) = (before.json(), after.json()) else { return Ok(()) };
    let mut found = Vec::new();
    compare(&mut String::new(), Some(before), Some(after), writable, &mut found);
    match Violations::collect(found) {
        Some(violations) => Err(violations),
        None => Ok(()),
    }
}

/// Equal as JSON Schema has it: a typed link that hands `3` on as `3.0` changed nothing.
fn same(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => json::equal(before, after),
        (before, after) => before == after,
    }
}

// Depth is bounded: both values passed `size::check`.
fn compare(
    at: &mut String,
    before: Option<&Value>,
    after: Option<&Value>,
    writable: &[String],
    found: &mut Vec<Violation>,
) {
    if same(before, after) || writable.iter().any(|pointer| covers(pointer, at)) {
        return;
    }
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for key in keys(before, after) {
                let parent = at.len();
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                compare(at, before.get(key), after.get(key), writable, found);
                at.truncate(parent);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                let parent = at.len();
                at.push_str(&format!("/{index}"));
                compare(at, before.get(index), after.get(index), writable, found);
                at.truncate(parent);
            }
        }
        _ => found.push(Violation {
            instance: at.clone(),
            schema: String::new(),
            message: format!("was changed, and only {} is writable", list(writable)),
        }),
    }
}

/// Whether a pointer names a place or one of its ancestors.
fn covers(pointer: &str, at: &str) -> bool {
    at.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn keys<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a String> {
    before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)))
}

fn list(writable: &[String]) -> String {
    if writable.is_empty() { "nothing".into() } else { writable.join(", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn chain_5_only_what_is_writable_may_change() {
        let before = json!({ "text": "a", "terms": ["x"], "tenant": { "id": 1, "a/b": 2 } });
        let rows: [(&[&str], Value, &[&str]); 7] = [
            (&[], before.clone(), &[]),
            (
                &["/text"],
                json!({ "text": "b", "terms": ["x"], "tenant": { "id": 1, "a/b": 2 } }),
                &[],
            ),
            (
                &["/text"],
                json!({ "text": "a", "terms": ["x", "y"], "tenant": { "id": 1, "a/b": 2 } }),
                &["/terms/1"],
            ),
            (&["/tenant"], json!({ "text": "a", "terms": ["x"], "tenant": null }), &[]),
            (&["/ten"], json!({ "text": "a", "terms": ["x"], "tenant": null }), &["/tenant"]),
            (
                &["/text"],
                json!({ "text": "a", "terms": ["x"], "tenant": { "id": 1 } }),
                &["/tenant/a~1b"],
            ),
            (&[""], json!(5), &[]),
        ];
        for (writable, after, expected) in rows {
            let writable: Vec<String> = writable.iter().map(ToString::to_string).collect();
            let (before, after) =
                (Payload::from_json(before.clone()), Payload::from_json(after.clone()));
            let found = match check(&writable, &before, &after) {
                Ok(()) => Vec::new(),
                Err(violations) => violations.iter().map(|v| v.instance.clone()).collect(),
            };
            assert_eq!(found, expected, "writable {writable:?}");
        }
    }
}
