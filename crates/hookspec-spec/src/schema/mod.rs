//! [`Schema`]: a payload schema, compiled once and shared.
//!
//! Draft 2020-12; formats are asserted; patterns are matched without backtracking, so that no
//! payload can make a match slow. Nothing is ever fetched.

mod compile;
mod cycles;
mod load;
pub(crate) mod mask;
mod resolver;
pub(crate) mod walk;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hookspec_plugin::{Violation, Violations};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostics;

pub(crate) use compile::{Containment, contained};
pub(crate) use load::Loader;
pub use resolver::Resolver;

/// How many violations are reported of one payload.
const MOST_VIOLATIONS: usize = 100;

/// Of values that hold more values than this, the first violation alone is reported.
const MOST_COLLECTED: usize = 10_000;

/// A JSON Schema, compiled once. Clones share it.
///
/// ```
/// # use hookspec_spec::Schema;
/// # use serde_json::json;
/// let schema = Schema::compile(json!({
///     "properties": { "token": { "type": "string", "writeOnly": true } }
/// }))?;
/// let violations = schema.validate(&json!({ "token": 4711 })).unwrap_err();
/// assert_eq!(violations.to_string(), r#"/token: *** is not of type "string" (schema /properties/token/type)"#);
/// # Ok::<(), hookspec_spec::Diagnostics>(())
/// ```
#[derive(Clone)]
pub struct Schema(Arc<Compiled>);

struct Compiled {
    document: Value,
    source: Option<PathBuf>,
    /// `None`: accepts anything, so that the hot path need not ask.
    validator: Option<Validator>,
    sensitive: bool,
    id: u64,
}

/// What tells a compiled schema from every other one in this process; never zero.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Schema {
    /// The schema that accepts every value.
    pub fn anything() -> Self {
        Self(Arc::new(Compiled {
            document: Value::Bool(true),
            source: None,
            validator: None,
            sensitive: false,
            id: next_id(),
        }))
    }

    /// Compiles a schema that refers to nothing but itself.
    ///
    /// # Errors
    /// Everything that is wrong with the schema, each with a JSON pointer into it. Correct the
    /// document; what compiled once compiles always.
    pub fn compile(document: Value) -> Result<Self, Diagnostics> {
        compile::standalone(document)
    }

    /// What tells this compiled schema from every other one in this process; never zero. Clones
    /// share it.
    #[inline]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Whether every value is accepted.
    pub fn accepts_anything(&self) -> bool {
        self.0.validator.is_none()
    }

    /// Whether a value is accepted.
    #[inline]
    pub fn is_valid(&self, value: &Value) -> bool {
        match &self.0.validator {
            None => true,
            Some(validator) => validator.is_valid(value),
        }
    }

    /// Every way in which a value is not accepted, at most 100.
    ///
    /// Values of fields marked `writeOnly` or `x-sensitive` appear as `***`.
    ///
    /// # Errors
    /// The violations, each with a JSON pointer into the value and one into the schema.
    pub fn validate(&self, value: &Value) -> Result<(), Violations> {
        let Some(validator) = &self.0.validator else { return Ok(()) };
        if validator.is_valid(value) {
            return Ok(());
        }
        let secrets = self.secrets(value);
        let violations = collect(validator, value, |error| Violation {
            instance: error.instance_path().as_str().to_owned(),
            schema: error.schema_path().as_str().to_owned(),
            message: mask::message(&error, &secrets),
        });
        match Violations::collect(violations) {
            Some(violations) => Err(violations),
            // The two ways of asking disagree: believe the one that says no.
            None => Err(Violations::whole("the payload is not valid against its schema")),
        }
    }

    /// As [`validate`](Self::validate), for those who tell people what to do about each.
    pub(crate) fn flaws(&self, value: &Value) -> Vec<SchemaFlaw> {
        let Some(validator) = &self.0.validator else { return Vec::new() };
        let secrets = self.secrets(value);
        collect(validator, value, |error| SchemaFlaw {
            instance: error.instance_path().as_str().to_owned(),
            keyword: error.kind().keyword().to_owned(),
            missing: match error.kind() {
                ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
                _ => None,
            },
            // What stands in the wrong place may be a secret, too, where there are some.
            message: match error.instance().as_ref() {
                Value::Array(_) | Value::Object(_) if self.0.sensitive => mask::masked(&error),
                _ => mask::message(&error, &secrets),
            },
        })
    }

    /// The places of a value that are marked as secret.
    pub(crate) fn secrets(&self, value: &Value) -> mask::Secrets {
        match self.0.sensitive {
            true => mask::Secrets::find(&self.0.document, value),
            false => mask::Secrets::none(),
        }
    }

    /// Whether it marks values as secret.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.0.sensitive
    }

    /// The document: every `$ref` in it points into it.
    pub fn document(&self) -> &Value {
        &self.0.document
    }

    /// What tells this document from any other: 32 hex digits of its SHA-256, as JSON with sorted
    /// keys. A payload type generated from the document carries it.
    pub fn fingerprint(&self) -> String {
        let mut document = self.document().clone();
        document.sort_all_objects();
        let digest = Sha256::digest(document.to_string());
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The file it was read from.
    pub fn source(&self) -> Option<&Path> {
        self.0.source.as_deref()
    }
}

/// One way in which a value is not accepted.
#[derive(Debug)]
pub(crate) struct SchemaFlaw {
    /// JSON pointer into the value.
    pub(crate) instance: String,
    pub(crate) keyword: String,
    /// The key that is required and not there.
    pub(crate) missing: Option<String>,
    pub(crate) message: String,
}

/// The validator collects every error before the first is seen: of a list of a million wrong items
/// that is memory nobody asked for, so large values get their first one only.
fn collect<T>(
    validator: &Validator,
    value: &Value,
    each: impl Fn(ValidationError<'_>) -> T,
) -> Vec<T> {
    if more_values_than(MOST_COLLECTED, value) {
        validator.validate(value).err().map(each).into_iter().collect()
    } else {
        validator.iter_errors(value).take(MOST_VIOLATIONS).map(each).collect()
    }
}

fn more_values_than(most: usize, value: &Value) -> bool {
    let mut open = vec![value];
    let mut seen = 0;
    while let Some(value) = open.pop() {
        seen += 1;
        match value {
            Value::Array(items) if items.len() <= most => open.extend(items),
            Value::Object(fields) if fields.len() <= most => open.extend(fields.values()),
            Value::Array(_) | Value::Object(_) => return true,
            _ => {}
        }
        if seen > most {
            return true;
        }
    }
    false
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("source", &self.0.source)
            .field("accepts_anything", &self.accepts_anything())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fingerprint_does_not_depend_on_the_order_of_keys() {
        let fingerprint = |document| Schema::compile(document).unwrap().fingerprint();
        let one = fingerprint(json!({ "type": "string", "minLength": 1 }));
        assert_eq!(one, fingerprint(json!({ "minLength": 1, "type": "string" })));
        assert_ne!(one, fingerprint(json!({ "minLength": 2, "type": "string" })));
        assert_eq!(one.len(), 32);
    }
}
