//! [`Event`]: something that happened, stamped by the host.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::event_type::EventType;
use super::timestamp::Timestamp;
use super::wire::Wire;
use crate::payload::Payload;
use crate::trace::TraceContext;

/// Something that happened, as a CloudEvent (1.0). Nobody can change it; a clone is the same event.
///
/// As JSON the standard attributes, and as extensions `correlationid`, `causationid`, `depth`,
/// `tenant`, `traceparent`, `tracestate`, `securitylevel`, `metadata`.
#[derive(Clone)]
pub struct Event(Arc<Stamped>);

struct Stamped {
    attributes: Attributes,
    trail: Option<Arc<Trail>>,
}

/// The attributes of an event.
#[derive(Clone, Debug)]
pub struct Attributes {
    /// Unique within its source: a UUIDv7, unless its emitter gave one.
    pub id: String,
    /// Who published it: the name of a plugin, or of the host. Stamped by the host.
    pub source: String,
    /// What happened.
    pub event_type: EventType,
    /// When it happened.
    pub time: Timestamp,
    /// Who it is about, within its source.
    pub subject: Option<String>,
    /// Where the schema of the data is described.
    pub data_schema: Option<String>,
    /// What is told about it.
    pub data: Payload,
    /// What it belongs to: handed on from an event to those it causes.
    pub correlation_id: String,
    /// The id of the event that it came of.
    pub causation_id: Option<String>,
    /// How many events led to it.
    pub depth: i32,
    /// On whose behalf.
    pub tenant: Option<String>,
    /// The trace that it belongs to.
    pub trace: Option<TraceContext>,
    /// How sensitive it is.
    pub security_level: SecurityLevel,
    /// Free texts beside the data.
    pub metadata: BTreeMap<String, String>,
}

/// How sensitive an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityLevel {
    /// Like any other.
    #[default]
    Normal,
    /// Handle with care.
    High,
}

/// One event on the way to another. The data of that event is not kept.
#[derive(Debug)]
pub struct Trail {
    /// Its id.
    pub id: String,
    /// Its type.
    pub event_type: EventType,
    /// Who published it.
    pub source: String,
    /// The subscription in whose handling the next one was published, as the host counts them.
    pub subscription: u64,
    /// What led to it.
    pub before: Option<Arc<Trail>>,
}

impl Event {
    /// An event that nothing led to. Made by hosts.
    pub fn new(attributes: Attributes) -> Self {
        Self(Arc::new(Stamped { attributes, trail: None }))
    }

    /// An event that others led to. Made by hosts.
    pub fn after(attributes: Attributes, trail: Option<Arc<Trail>>) -> Self {
        Self(Arc::new(Stamped { attributes, trail }))
    }

    /// The events that led to it, the last one first.
    pub fn trail(&self) -> impl Iterator<Item = &Trail> {
        std::iter::successors(self.0.trail.as_deref(), |trail| trail.before.as_deref())
    }

    /// The trail of what is published while a subscription handles this event.
    pub fn trail_from(&self, subscription: u64) -> Arc<Trail> {
        Arc::new(Trail {
            id: self.id.clone(),
            event_type: self.event_type.clone(),
            source: self.source.clone(),
            subscription,
            before: self.0.trail.clone(),
        })
    }
}

impl Deref for Event {
    type Target = Attributes;

    fn deref(&self) -> &Attributes {
        &self.0.attributes
    }
}

impl Drop for Trail {
    /// One after another: a trail may be as long as a host allows.
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(mut trail) = before.and_then(Arc::into_inner) {
            before = trail.before.take();
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the data: it may hold secrets.
        write!(f, "Event({} {} from {})", self.event_type, self.id, self.source)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::of_event(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An attribute that is not known comes from a later host.
        Wire::deserialize(deserializer)?.into_event().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written() -> serde_json::Value {
        json!({
            "specversion": "1.0", "id": "x1", "source": "p", "type": "a.b",
            "time": "2025-01-15T10:30:00Z", "subject": "s", "datacontenttype": "application/json",
            "correlationid": "c", "causationid": "x0", "depth": 1, "tenant": "acme",
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "securitylevel": "high", "metadata": { "k": "v" }, "data": { "n": 1 },
        })
    }

    #[test]
    fn an_event_without_what_a_host_stamps_is_refused() {
        for attribute in ["id", "source", "type", "time"] {
            let mut json = written();
            json.as_object_mut().unwrap().remove(attribute);
            let error = serde_json::from_value::<Event>(json).unwrap_err().to_string();
            assert!(error.contains(&format!("`{attribute}`")), "{error}");
        }
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let event: Event = serde_json::from_value(written()).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), written());
        assert_eq!((event.depth, &*event.correlation_id), (1, "c"));
    }

    #[test]
    fn a_long_trail_is_dropped_without_recursion() {
        let mut event: Event = serde_json::from_value(written()).unwrap();
        for _ in 0..200_000 {
            let trail = event.trail_from(1);
            event = Event::after(event.0.attributes.clone(), Some(trail));
        }
        assert_eq!(event.trail().take(3).count(), 3);
    }
}
