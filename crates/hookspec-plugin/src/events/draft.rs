//! [`EventDraft`]: an event before the host has stamped it.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::event::SecurityLevel;
use super::timestamp::Timestamp;
use super::wire::Wire;
use crate::payload::Payload;

/// What somebody wants to publish. The host fills in what is missing and denies what is not theirs.
///
/// As JSON a CloudEvent of which only `type` is needed; `event_type` and `event_id` are read as `type`
/// and `id`. An attribute that nobody knows is refused.
///
/// ```
/// # use hookspec_plugin::EventDraft;
/// # use serde_json::json;
/// let draft = EventDraft::new("deploy.completed")
///     .json(json!({ "version": "1.4.2" }))
///     .subject("service/web")
///     .metadata("environment", "production");
/// # assert_eq!(draft.event_type, "deploy.completed");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EventDraft {
    /// What happened; checked when it is published.
    pub event_type: String,
    /// What is to be told about it.
    pub data: Payload,
    /// Who it is about, within its source.
    pub subject: Option<String>,
    /// A given id; absent: the host makes one (UUIDv7).
    pub id: Option<String>,
    /// When it happened; absent: now.
    pub time: Option<Timestamp>,
    /// Whom the emitter says it is. Only its own name is accepted.
    pub source: Option<String>,
    /// What it belongs to; absent: what its cause belongs to, or its own id.
    pub correlation_id: Option<String>,
    /// On whose behalf; absent: the emitter's. Only that one is accepted.
    pub tenant: Option<String>,
    /// Where the schema of the data is described.
    pub data_schema: Option<String>,
    /// How sensitive it is.
    pub security_level: Option<SecurityLevel>,
    /// Free texts beside the data.
    pub metadata: BTreeMap<String, String>,
    /// How far down a chain of causes it says it is. Heard only by a bus in compatibility mode.
    pub depth: Option<i32>,
}

impl EventDraft {
    /// An event of a type, with `null` as its data.
    pub fn new(event_type: impl Into<String>) -> Self {
        Self {
            event_type: event_type.into(),
            data: Payload::from_json(Value::Null),
            subject: None,
            id: None,
            time: None,
            source: None,
            correlation_id: None,
            tenant: None,
            data_schema: None,
            security_level: None,
            metadata: BTreeMap::new(),
            depth: None,
        }
    }

    /// Sets the data: a typed value, which becomes JSON only where somebody looks at it so.
    #[must_use]
    pub fn data<T: Serialize + Send + Sync + 'static>(self, data: T) -> Self {
        self.payload(Payload::of(data))
    }

    /// Sets the data as JSON.
    #[must_use]
    pub fn json(self, data: Value) -> Self {
        self.payload(Payload::from_json(data))
    }

    /// Sets the data: a payload that was made before.
    #[must_use]
    pub fn payload(mut self, data: Payload) -> Self {
        self.data = data;
        self
    }

    /// Says who it is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Gives it an id; whoever publishes one twice publishes two events.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Says when it happened.
    #[must_use]
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// Says who publishes it; believed only of the application.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says how deep in a chain it is; believed of the application, and in compatibility mode.
    #[must_use]
    pub fn depth(mut self, depth: i32) -> Self {
        self.depth = Some(depth);
        self
    }

    /// Says what it belongs to.
    #[must_use]
    pub fn correlation(mut self, id: impl Into<String>) -> Self {
        self.correlation_id = Some(id.into());
        self
    }

    /// Says on whose behalf it is.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Says how sensitive it is.
    #[must_use]
    pub fn security(mut self, level: SecurityLevel) -> Self {
        self.security_level = Some(level);
        self
    }

    /// Adds a text beside the data.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl Serialize for EventDraft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::of_draft(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventDraft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        wire.only_known().map_err(D::Error::custom)?;
        wire.into_draft().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: Value) -> Result<EventDraft, String> {
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_no_event_is_refused_with_its_attribute() {
        let rows = [
            (json!({}), "type"),
            (json!({ "type": 3 }), "string"),
            (json!({ "type": "a", "metadata": { "k": 3 } }), "string"),
            (json!({ "type": "a", "time": "soon" }), "soon"),
            (json!({ "type": "a", "meta": {} }), "meta"),
            (json!({ "type": "a", "specversion": "0.3" }), "0.3"),
            (json!({ "type": "a", "securitylevel": "top" }), "top"),
            (json!({ "type": "a", "datacontenttype": "text/xml" }), "text/xml"),
        ];
        for (given, named) in rows {
            let error = read(given.clone()).unwrap_err();
            assert!(error.contains(named), "{given}: {error}");
        }
    }

    #[test]
    fn the_aliases_of_other_systems_are_read_and_the_standard_is_written() {
        let draft = read(json!({ "event_type": "a.b", "event_id": "x1", "data": [1] })).unwrap();
        assert_eq!((draft.event_type.as_str(), draft.id.as_deref()), ("a.b", Some("x1")));
        let written = serde_json::to_value(&draft).unwrap();
        assert_eq!(
            written,
            json!({ "specversion": "1.0", "id": "x1", "type": "a.b", "data": [1] })
        );
    }
}
