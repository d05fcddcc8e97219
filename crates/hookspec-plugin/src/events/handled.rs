//! [`Handled`]: what a subscriber answers, and what comes of an event that somebody awaits.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::draft::EventDraft;
use crate::fault::Fault;
use crate::payload::Payload;

/// What a subscriber answers: nothing, mostly.
///
/// As JSON `null`, a list of events, or `{"emit": [..], "cancel": "why", "reply": .., "error":
/// {"code", "message"}}` with any of these.
#[derive(Clone, Debug, Default)]
pub struct Handled {
    /// Events to be published, as if the plugin had emitted them while it handled this one.
    pub emit: Vec<EventDraft>,
    /// Why those that come later in a dispatch are not to be asked. Heard only from who holds the
    /// permission.
    pub cancel: Option<String>,
    /// The answer to a request; the first one counts.
    pub reply: Option<Result<Payload, Fault>>,
}

impl Handled {
    /// Publishes an event in turn.
    pub fn emit(draft: EventDraft) -> Self {
        Self { emit: vec![draft], ..Self::default() }
    }

    /// Ends a dispatch: who comes later is not asked.
    pub fn cancel(why: impl Into<String>) -> Self {
        Self { cancel: Some(why.into()), ..Self::default() }
    }

    /// Answers a request.
    pub fn reply<T: Serialize + Send + Sync + 'static>(value: T) -> Self {
        Self { reply: Some(Ok(Payload::of(value))), ..Self::default() }
    }

    /// Answers a request with an error.
    pub fn refuse(fault: Fault) -> Self {
        Self { reply: Some(Err(fault)), ..Self::default() }
    }

    /// Joins what two of one plugin answered: the events of both, the first cancellation, the first
    /// reply.
    #[must_use]
    pub fn and(mut self, later: Self) -> Self {
        self.emit.extend(later.emit);
        Self {
            emit: self.emit,
            cancel: self.cancel.or(later.cancel),
            reply: self.reply.or(later.reply),
        }
    }
}

impl From<()> for Handled {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<EventDraft> for Handled {
    fn from(draft: EventDraft) -> Self {
        Self::emit(draft)
    }
}

impl From<Vec<EventDraft>> for Handled {
    fn from(emit: Vec<EventDraft>) -> Self {
        Self { emit, ..Self::default() }
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    emit: Vec<EventDraft>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    reply: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    code: String,
    message: String,
}

/// `null` is a reply like any other.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Serialize for Handled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let (reply, error) = match &self.reply {
            None => (None, None),
            Some(Ok(payload)) => (Some(payload.json().map_err(S::Error::custom)?.clone()), None),
            Some(Err(fault)) => {
                let (code, message) = (fault.code().into(), fault.message().into());
                (None, Some(Refusal { code, message }))
            }
        };
        let written =
            Written { emit: self.emit.clone(), cancel: self.cancel.clone(), reply, error };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Handled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        let written = match json {
            Value::Null => Written::default(),
            Value::Array(_) => {
                let emit = serde_json::from_value(json).map_err(D::Error::custom)?;
                Written { emit, ..Written::default() }
            }
            _ => serde_json::from_value(json).map_err(D::Error::custom)?,
        };
        let reply = match (written.reply, written.error) {
            (Some(_), Some(_)) => {
                return Err(D::Error::custom("a subscriber answers `reply` or `error`, not both"));
            }
            (Some(value), None) => Some(Ok(Payload::from_json(value))),
            (None, Some(error)) => Some(Err(Fault::new(error.code, error.message))),
            (None, None) => None,
        };
        Ok(Self { emit: written.emit, cancel: written.cancel, reply })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: Value) -> Result<Handled, serde_json::Error> {
        serde_json::from_value(json)
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for given in [
            json!(3),
            json!("done"),
            json!({ "emitted": [] }),
            json!([{ "no": "type" }]),
            json!({ "reply": 1, "error": { "code": "c", "message": "m" } }),
        ] {
            assert!(read(given.clone()).is_err(), "{given}");
        }
    }

    #[test]
    fn nothing_a_list_and_everything_are_answers() {
        assert!(read(json!(null)).unwrap().emit.is_empty());
        assert_eq!(read(json!([{ "type": "a" }])).unwrap().emit[0].event_type, "a");
        let whole = json!({ "cancel": "enough", "reply": null });
        let handled = read(whole.clone()).unwrap();
        assert!(matches!(&handled.reply, Some(Ok(reply)) if reply.json().unwrap().is_null()));
        assert_eq!(serde_json::to_value(&handled).unwrap(), whole);
        let refused = serde_json::to_value(Handled::refuse(Fault::new("c", "m"))).unwrap();
        assert_eq!(refused, json!({ "error": { "code": "c", "message": "m" } }));
    }
}
