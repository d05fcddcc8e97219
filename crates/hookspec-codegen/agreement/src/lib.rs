//! Whether generated payload types agree with the interpreter of schemas.
//!
//! The build script generates the types of every schema in `suite/` and of variants of it; the test
//! compares, on every instance of the suite and on random ones, what a type says with what the
//! schema says. A package of its own, because only a build script can have the types made anew.
//!
//! **Absent on purpose**: anything that others use.

#![forbid(unsafe_code)]

mod random;
mod schemas;

use hookspec_plugin::{TypedPayload, codec};
use serde_json::Value;

pub use random::Instances;
pub use schemas::{Case, all};

#[allow(clippy::all, missing_docs, unreachable_pub, unused, reason = "generated")]
mod types {
    include!(concat!(env!("OUT_DIR"), "/types.rs"));
}

/// What a type says of an instance.
#[derive(Debug)]
pub struct Judged {
    /// Whether the type says all that its schema says.
    pub complete: bool,
    /// The instance read, checked and written again; `None` where it was refused.
    pub written: Option<Value>,
}

type Judge = fn(&Value) -> Judged;

/// What the type of a case says; `None` where the case became arbitrary JSON.
pub fn judge_of(case: usize) -> Option<Judge> {
    let found = types::JUDGES.binary_search_by_key(&case, |(index, _)| *index);
    found.ok().map(|place| types::JUDGES[place].1)
}

fn judge<T: TypedPayload>(instance: &Value) -> Judged {
    let value = codec::read::<T>(instance).ok().filter(|value| value.check().is_ok());
    let written = value.and_then(|value| serde_json::to_value(value).ok());
    Judged { complete: T::COMPLETE, written }
}
