//! [`Lossy`]: an answer that JSON loses a part of (IO-008).

use hookspec_plugin::check::Examine;
use hookspec_plugin::{Payload, Reply, TypedPayload};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// An answer as a Rust value with something that is never written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lossy {
    answer: Map<String, Value>,
    unwritten: bool,
}

impl Lossy {
    /// As the answer of a hook.
    pub(crate) fn reply(answer: Map<String, Value>) -> Reply {
        Reply::Value(Payload::checked(Self { answer, unwritten: true }))
    }
}

impl Serialize for Lossy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.answer.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { answer: Map::deserialize(deserializer)?, unwritten: false })
    }
}

impl Examine for Lossy {}

impl TypedPayload for Lossy {
    const SCHEMA: &'static str = "";
    const COMPLETE: bool = false;
}
