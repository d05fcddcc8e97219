//! [`Concluded`]: how a dispatch ended, as a middleware is told.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::name::{HookName, KindName, PluginName};
use crate::payload::Payload;

/// How a dispatch ended: what `$after` is called with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Concluded {
    /// The kind.
    pub kind: KindName,
    /// The hook that was dispatched.
    pub hook: HookName,
    /// Its class, as hookspecs write it.
    pub class: String,
    /// How many milliseconds it took, without what comes after it.
    pub elapsed_ms: u64,
    /// How it ended.
    pub outcome: Conclusion,
}

/// What came of a dispatch.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Conclusion {
    /// Who answered, or took a notification, in dispatch order.
    pub answered: Vec<Replied>,
    /// Of a chain, the value it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SharedValue>,
    /// Who failed, in dispatch order; also the one whose failure ended the dispatch.
    pub failures: Vec<Failed>,
    /// The error that it ended in; `None`: the caller has a result.
    pub error: Option<Ended>,
}

/// A plugin that answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replied {
    /// Its name.
    pub plugin: PluginName,
    /// What it answered; absent for a notification, and for the links of a chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<SharedValue>,
}

/// A plugin that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its name.
    pub plugin: PluginName,
    /// The hook that failed.
    pub hook: HookName,
    /// The class of the cause, such as `timed_out`.
    pub cause: String,
    /// The cause, for people.
    pub message: String,
    /// Milliseconds from the start of its call.
    pub elapsed_ms: u64,
}

/// The error that a dispatch ended in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The host's stable code.
    pub code: String,
    /// The error, for people.
    pub message: String,
}

/// The very payload that somebody answered; it becomes JSON only where that is asked for.
#[derive(Clone, Debug)]
pub struct SharedValue(pub Payload);

impl Serialize for SharedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.json().map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SharedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer)
            .map(|json| Self(Payload::from_json(json)))
            .map_err(D::Error::custom)
    }
}
