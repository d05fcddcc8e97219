//! Reading and writing payload types as JSON, as strictly as their schemas say.
//!
//! Derived code is laxer than a schema in four places, and this module is what generated types use
//! there: a list is no object, `null` is no missing field, a missing field is no `null`, and `1.0`
//! is an integer.

use std::fmt;

use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

/// Reads a value from JSON.
///
/// JSON Schema says that `1.0` is an integer; Rust's readers say it is not. So where reading fails,
/// whole numbers that are written with a fraction are written without one, and it is tried again.
/// Fields of arbitrary JSON in such a value then hold `1` where `1.0` was written.
///
/// # Errors
/// The JSON does not have the shape of a `T`; the message says what was expected.
pub fn read<T: DeserializeOwned>(json: &Value) -> Result<T, serde_json::Error> {
    T::deserialize(json).or_else(|error| read_again(json, error))
}

#[cold]
fn read_again<T: DeserializeOwned>(
    json: &Value,
    error: serde_json::Error,
) -> Result<T, serde_json::Error> {
    if !any_whole(json) {
        return Err(error);
    }
    let mut json = json.clone();
    rewrite(&mut json);
    T::deserialize(&json)
}

fn any_whole(json: &Value) -> bool {
    match json {
        Value::Number(number) => whole(number).is_some(),
        Value::Array(items) => items.iter().any(any_whole),
        Value::Object(fields) => fields.values().any(any_whole),
        _ => false,
    }
}

fn rewrite(json: &mut Value) {
    match json {
        Value::Number(number) => {
            if let Some(integer) = whole(number) {
                *number = integer;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        Value::Object(fields) => fields.values_mut().for_each(rewrite),
        _ => {}
    }
}

/// A whole number that is written with a fraction or an exponent, as an integer.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
pub(crate) fn whole(number: &Number) -> Option<Number> {
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)?;
    if (-TWO_TO_63..TWO_TO_63).contains(&float) {
        Some(Number::from(float as i64))
    } else if (0.0..2.0 * TWO_TO_63).contains(&float) {
        Some(Number::from(float as u64))
    } else {
        None
    }
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// Reads a field that may be missing and, when it is there, holds a `T`: `null` is no `T`.
#[doc(hidden)]
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads a field that must be there, though it may be `null`: without this, missing is `null`.
#[doc(hidden)]
pub fn required<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer)
}

/// A deserializer whose objects are objects: derived code reads a struct from a list, too.
#[doc(hidden)]
#[derive(Debug)]
pub struct Objects<D>(pub D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(ObjectVisitor(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, ObjectVisitor(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

struct ObjectVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for ObjectVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object: ")?;
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(fields)
    }
}

/// Reads one of a closed set of texts.
#[doc(hidden)]
pub fn member<'de, D, T>(
    deserializer: D,
    from_text: fn(&str) -> Option<T>,
    known: &'static [&'static str],
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(MemberVisitor { from_text, known })
}

struct MemberVisitor<T> {
    from_text: fn(&str) -> Option<T>,
    known: &'static [&'static str],
}

impl<T> Visitor<'_> for MemberVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", self.known.join(", "))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.from_text)(text).ok_or_else(|| E::unknown_variant(text, self.known))
    }
}

/// Reads an object, and which of the known texts it holds in one property.
#[doc(hidden)]
pub fn tagged<'de, D: Deserializer<'de>>(
    deserializer: D,
    property: &str,
    known: &'static [&'static str],
) -> Result<(&'static str, Value), D::Error> {
    let json = Value::deserialize(deserializer)?;
    let text = json.as_object().and_then(|fields| fields.get(property)).and_then(Value::as_str);
    let Some(text) = text else {
        let message = format!("expected an object whose `{property}` is a text");
        return Err(de::Error::custom(message));
    };
    match known.iter().find(|each| **each == text) {
        Some(found) => Ok((found, json)),
        None => Err(de::Error::unknown_variant(text, known)),
    }
}

/// Reads what [`tagged`] found.
#[doc(hidden)]
pub fn untag<T: DeserializeOwned, E: de::Error>(json: Value) -> Result<T, E> {
    T::deserialize(json).map_err(E::custom)
}

/// A type without values, for schemas that accept nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

impl Serialize for Never {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("nothing is accepted here"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_float_is_an_integer_where_one_is_wanted() {
        assert_eq!(read::<Vec<i64>>(&json!([1.0, 2, -3e2])).unwrap(), [1, 2, -300]);
        assert_eq!(read::<u64>(&json!(1e19)).unwrap(), 10_000_000_000_000_000_000);
        assert_eq!(read::<f64>(&json!(1.0)).unwrap().to_bits(), 1.0_f64.to_bits());
        assert!(read::<i64>(&json!(1.5)).is_err());
        assert!(read::<i64>(&json!(1e300)).is_err());
        assert!(read::<u64>(&json!(-1.0)).is_err());
    }

    #[test]
    fn an_object_is_not_read_from_a_list() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Point {
            x: i64,
        }
        struct Strict(Point);
        impl<'de> Deserialize<'de> for Strict {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Point::deserialize(Objects(deserializer)).map(Strict)
            }
        }
        assert_eq!(read::<Point>(&json!([1])).unwrap(), Point { x: 1 });
        assert_eq!(read::<Strict>(&json!({ "x": 1 })).unwrap().0, Point { x: 1 });
        let error = read::<Strict>(&json!([1])).map(|strict| strict.0).unwrap_err();
        assert!(error.to_string().contains("an object"), "{error}");
    }
}
