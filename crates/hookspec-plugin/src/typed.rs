//! [`TypedPayload`]: a Rust type that was generated from a payload schema.
//!
//! **Absent**: how such a type is generated (`hookspec-codegen`), and who decides whether its own
//! check is enough (the host).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::check::{Examine, Place, Report};
use crate::payload::Payload;
use crate::violation::Violations;

/// A Rust type that was generated from a payload schema.
///
/// Where [`COMPLETE`](Self::COMPLETE) holds, a JSON value satisfies the schema exactly when it
/// [reads](crate::codec::read) as this type and [`check`](Self::check) finds nothing; elsewhere the
/// type accepts more than the schema. A value that passes `check` writes JSON that reads back as
/// an equal value.
///
/// Two limits come from Rust's numbers: an `integer` is an `i64`, or a `u64` where the schema says
/// that it is not negative, and a whole number beyond those is refused; a `number` is an `f64`, so
/// that digits beyond its precision are rounded before they are compared with a bound.
pub trait TypedPayload:
    Examine + Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static
{
    /// The fingerprint of the schema document it was generated from; empty where there is none.
    const SCHEMA: &'static str;

    /// Whether reading and [`check`](Self::check) together say all that the schema says.
    const COMPLETE: bool;

    /// What the type cannot express, checked without making JSON.
    ///
    /// # Errors
    /// The violations, each with a JSON pointer into the value and one into the schema, at most
    /// 100. Mend the value.
    fn check(&self) -> Result<(), Violations> {
        let mut report = Report::default();
        self.examine(&Place::root(), &mut report);
        report.finish()
    }

    /// What capability dispatch looks at (CAPABILITY-2).
    fn routing(&self) -> Routing<'_> {
        Routing::default()
    }
}

/// What capability dispatch looks at: four fields at the top of an input (CAPABILITY-2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routing<'a> {
    /// The field `extension`, where it is a text.
    pub extension: Option<&'a str>,
    /// The field `language`, where it is a text.
    pub language: Option<&'a str>,
    /// The field `mime_type`, where it is a text.
    pub mime_type: Option<&'a str>,
    /// The texts in `capabilities.required`.
    pub capabilities_required: Vec<&'a str>,
}

impl<'a> Routing<'a> {
    /// What a JSON input asks for; nothing where it is no object.
    pub fn of(input: &'a Value) -> Self {
        input.as_object().map(Self::of_fields).unwrap_or_default()
    }

    /// What an input of these fields asks for.
    pub fn of_fields(fields: &'a Map<String, Value>) -> Self {
        let text = |name| fields.get(name).and_then(Value::as_str);
        Self {
            extension: text("extension"),
            language: text("language"),
            mime_type: text("mime_type"),
            capabilities_required: fields
                .get("capabilities")
                .map(Self::required_of)
                .unwrap_or_default(),
        }
    }

    /// The texts in the field `required` of the field `capabilities`.
    pub fn required_of(capabilities: &'a Value) -> Vec<&'a str> {
        capabilities.get("required").map(Self::texts_of).unwrap_or_default()
    }

    /// The texts among the items of a list.
    pub fn texts_of(list: &'a Value) -> Vec<&'a str> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// Any JSON: says nothing about it, so that the host validates it against the schema.
impl TypedPayload for Value {
    const SCHEMA: &'static str = "";
    const COMPLETE: bool = false;

    fn routing(&self) -> Routing<'_> {
        Routing::of(self)
    }
}

impl Examine for Value {}

/// What a typed caller takes where it needs a `T`: the value, a reference to it (which is cloned),
/// or a [`Payload`] that was made before.
pub trait IntoPayload<T> {
    /// The payload.
    fn into_payload(self) -> Payload;
}

impl<T: TypedPayload> IntoPayload<T> for T {
    fn into_payload(self) -> Payload {
        Payload::checked(self)
    }
}

impl<T: TypedPayload> IntoPayload<T> for &T {
    fn into_payload(self) -> Payload {
        Payload::checked(self.clone())
    }
}

impl<T: TypedPayload> IntoPayload<T> for Payload {
    fn into_payload(self) -> Payload {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn capability_2_four_fields_and_only_texts_count() {
        let input = json!({
            "extension": "rs", "language": 7,
            "capabilities": { "required": ["ast", 1, "types"] },
        });
        let routing = Routing::of(&input);
        assert_eq!((routing.extension, routing.language), (Some("rs"), None));
        assert_eq!(routing.capabilities_required, ["ast", "types"]);
        assert_eq!(Routing::of(&json!(["extension"])), Routing::default());
    }

    #[test]
    fn a_value_a_reference_and_a_payload_become_payloads() {
        fn json_of<T: TypedPayload>(input: impl IntoPayload<T>) -> Value {
            input.into_payload().into_json().unwrap()
        }
        let value = json!({ "a": 1 });
        assert_eq!(json_of::<Value>(&value), value);
        assert_eq!(json_of::<Value>(value.clone()), value);
        assert_eq!(json_of::<Value>(Payload::from_json(value.clone())), value);
    }
}
