//! [`Contract`]: what a payload type knows of its schema, for a host that does not know the type.

use crate::codec;
use crate::forms::{AnyValue, value_of};
use crate::typed::{Routing, TypedPayload};
use crate::violation::Violations;

pub(crate) struct Contract {
    pub(crate) schema: &'static str,
    pub(crate) complete: bool,
    pub(crate) check: fn(&AnyValue) -> Result<(), Violations>,
    pub(crate) equal: fn(&AnyValue, &AnyValue) -> Option<bool>,
    pub(crate) survives_json: fn(&AnyValue) -> Result<(), Violations>,
    pub(crate) routing: for<'a> fn(&'a AnyValue) -> Routing<'a>,
}

impl Contract {
    pub(crate) fn of<T: TypedPayload>() -> &'static Self {
        const {
            &Self {
                schema: T::SCHEMA,
                complete: T::COMPLETE,
                check: |value| match value_of::<T>(value) {
                    Some(value) => value.check(),
                    None => Err(Violations::whole("the payload keeps another type")),
                },
                equal: |left, right| Some(value_of::<T>(left)? == value_of::<T>(right)?),
                survives_json: |value| match value_of::<T>(value) {
                    Some(value) => survives_json(value),
                    None => Ok(()),
                },
                routing: |value| {
                    value_of::<T>(value).map(TypedPayload::routing).unwrap_or_default()
                },
            }
        }
    }
}

fn survives_json<T: TypedPayload>(value: &T) -> Result<(), Violations> {
    let lost = |why: &dyn std::fmt::Display| {
        Violations::whole(format!("does not survive a JSON round trip: {why}"))
    };
    let json = serde_json::to_value(value).map_err(|error| lost(&error))?;
    let back: T = codec::read(&json).map_err(|error| lost(&error))?;
    if back == *value { Ok(()) } else { Err(lost(&"another value comes back")) }
}
