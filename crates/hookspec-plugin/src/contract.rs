//! [`Contract`]: what a payload type knows of its schema, for a host that does not know the type.

use std::any::Any;

use crate::typed::{Routing, TypedPayload};
use crate::violation::Violations;

type AnyValue = dyn Any + Send + Sync;

pub(crate) struct Contract {
    pub(crate) schema: &'static str,
    pub(crate) complete: bool,
    pub(crate) check: fn(&AnyValue) -> Result<(), Violations>,
    pub(crate) equal: fn(&AnyValue, &AnyValue) -> Option<bool>,
    pub(crate) routing: for<'a> fn(&'a AnyValue) -> Routing<'a>,
}

impl Contract {
    pub(crate) fn of<T: TypedPayload>() -> &'static Self {
        const {
            &Self {
                schema: T::SCHEMA,
                complete: T::COMPLETE,
                check: |value| match value.downcast_ref::<T>() {
                    Some(value) => value.check(),
                    None => Err(Violations::whole("the payload keeps another type")),
                },
                equal: |left, right| Some(left.downcast_ref::<T>()? == right.downcast_ref::<T>()?),
                routing: |value| {
                    value.downcast_ref::<T>().map(TypedPayload::routing).unwrap_or_default()
                },
            }
        }
    }
}
