//! The size and depth of a JSON value, measured by a walk that stops at the bound (SIZE-1, SIZE-2).

use serde_json::Value;

use crate::payload::Payload;
use crate::violation::Violations;

/// JSON nested deeper than this cannot be read back: it is the limit of the JSON parser.
const DEPTH: usize = 127;

/// Checks a payload against a bound in bytes of JSON.
///
/// Bytes are measured where bytes exist, a JSON value by a walk; a Rust value of which no JSON
/// exists yet is measured when it becomes JSON.
///
/// # Errors
/// It is larger, or nested deeper than can be read back. Drop it by [`dismantle`].
#[inline]
pub fn check(payload: &Payload, limit: usize) -> Result<(), Violations> {
    if let Some(bytes) = payload.known_bytes() {
        return if bytes.len() > limit { Err(too_large(limit)) } else { Ok(()) };
    }
    if !payload.has_json() {
        return Ok(());
    }
    let json = payload.json().map_err(|fault| Violations::whole(fault.message()))?;
    measure(json, limit).map(drop)
}

/// The bytes of a value as JSON, if they are within a bound, and its depth within what can be read
/// back.
///
/// # Errors
/// It is larger, or deeper.
#[inline]
pub fn measure(json: &Value, limit: usize) -> Result<usize, Violations> {
    let mut left = limit;
    match walk(json, &mut left, DEPTH) {
        Ok(()) => Ok(limit - left),
        Err(Bound::Bytes) => Err(too_large(limit)),
        Err(Bound::Depth) => Err(Violations::whole(format!(
            "nested deeper than {DEPTH} levels: such a value cannot cross any boundary"
        ))),
    }
}

/// Drops a payload whose JSON may be nested so deeply that dropping it the usual way, by
/// recursion, would overflow the stack.
pub fn dismantle(payload: Payload) {
    // Making JSON of a value only to drop it would be work for nothing.
    if !payload.is_unique() || !payload.has_json() {
        return;
    }
    let mut levels = match payload.into_json() {
        Ok(json) => vec![json],
        Err(_) => return,
    };
    while let Some(value) = levels.pop() {
        match value {
            Value::Array(items) => levels.extend(items),
            Value::Object(fields) => levels.extend(fields.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}

enum Bound {
    Bytes,
    Depth,
}

// Recursion is safe here because `depth` bounds it. What a container holds itself is added up
// before it is compared with what is left: this runs for every payload.
fn walk(value: &Value, left: &mut usize, depth: usize) -> Result<(), Bound> {
    let mut sum = 0_usize;
    match value {
        Value::Array(_) | Value::Object(_) if depth == 0 => return Err(Bound::Depth),
        Value::Array(items) => {
            sum = items.len() + 1;
            for item in items {
                match leaf(item) {
                    Some(bytes) => sum += bytes,
                    None => walk(item, left, depth - 1)?,
                }
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                sum += key.len() + 4;
                match leaf(field) {
                    Some(bytes) => sum += bytes,
                    None => walk(field, left, depth - 1)?,
                }
            }
        }
        value => sum += leaf(value).unwrap_or_default(),
    }
    *left = left.checked_sub(sum).ok_or(Bound::Bytes)?;
    Ok(())
}

/// The bytes of a value that holds no other.
#[inline]
fn leaf(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.len() + 2),
        Value::Null | Value::Bool(_) => Some(4),
        Value::Number(_) => Some(8),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn too_large(limit: usize) -> Violations {
    Violations::whole(format!("larger than the limit of {limit} bytes"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!(1), |inner, _| Value::Array(vec![inner]))
    }

    #[test]
    fn size_2_a_value_is_measured_up_to_its_bound() {
        let text = Payload::from_json(json!({ "text": "x".repeat(1000) }));
        assert!(check(&text, 2000).is_ok());
        assert!(check(&text, 1000).is_err());
        assert!(check(&Payload::from_bytes(vec![b' '; 11]), 10).is_err());
    }

    #[test]
    fn depth_is_what_a_parser_reads_back() {
        for (levels, fits) in [(DEPTH, true), (DEPTH + 1, false)] {
            let payload = Payload::from_json(nested(levels));
            assert_eq!(check(&payload, 1 << 20).is_ok(), fits, "{levels} levels");
            let text = serde_json::to_string(&nested(levels)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), fits, "{levels} levels");
        }
    }

    #[test]
    fn a_million_levels_overflow_nothing() {
        let payload = Payload::from_json(nested(1_000_000));
        assert!(check(&payload, 16 << 20).is_err());
        dismantle(payload);
    }
}
