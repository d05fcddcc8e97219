//! [`Wire`]: an event as CloudEvents JSON, stamped or not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::draft::EventDraft;
use super::event::{Attributes, Event, SecurityLevel};
use super::event_type::EventType;
use super::timestamp::Timestamp;
use crate::payload::Payload;
use crate::trace::TraceContext;

/// The only kind of data there is.
pub(super) const JSON: &str = "application/json";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Wire {
    #[serde(skip_serializing_if = "Option::is_none")]
    specversion: Option<String>,
    #[serde(alias = "event_id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(rename = "type", alias = "event_type")]
    event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataschema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracestate: Option<String>,
    #[serde(alias = "security_level", skip_serializing_if = "Option::is_none")]
    securitylevel: Option<SecurityLevel>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    data: Value,
    #[serde(flatten, skip_serializing)]
    unknown: Map<String, Value>,
}

impl Wire {
    /// # Errors
    /// The data cannot be written as JSON.
    pub(super) fn of_draft(draft: &EventDraft) -> Result<Self, String> {
        Ok(Self {
            specversion: Some("1.0".into()),
            id: draft.id.clone(),
            source: draft.source.clone(),
            event_type: Some(draft.event_type.clone()),
            time: draft.time,
            subject: draft.subject.clone(),
            dataschema: draft.data_schema.clone(),
            correlationid: draft.correlation_id.clone(),
            depth: draft.depth,
            tenant: draft.tenant.clone(),
            securitylevel: draft.security_level,
            metadata: draft.metadata.clone(),
            data: json(&draft.data)?,
            ..Self::default()
        })
    }

    /// # Errors
    /// The data cannot be written as JSON.
    pub(super) fn of_event(event: &Event) -> Result<Self, String> {
        let trace = event.trace.as_ref();
        let state = trace.map(TraceContext::tracestate).filter(|state| !state.is_empty());
        Ok(Self {
            specversion: Some("1.0".into()),
            id: Some(event.id.clone()),
            source: Some(event.source.clone()),
            event_type: Some(event.event_type.as_str().into()),
            time: Some(event.time),
            subject: event.subject.clone(),
            datacontenttype: Some(JSON.into()),
            dataschema: event.data_schema.clone(),
            correlationid: Some(event.correlation_id.clone()),
            causationid: event.causation_id.clone(),
            depth: Some(event.depth),
            tenant: event.tenant.clone(),
            traceparent: trace.map(TraceContext::traceparent),
            tracestate: state.map(Into::into),
            securitylevel: Some(event.security_level),
            metadata: event.metadata.clone(),
            data: json(&event.data)?,
            unknown: Map::new(),
        })
    }

    /// Refuses attributes that nobody knows: a typing error would be lost.
    pub(super) fn only_known(&self) -> Result<(), String> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<String> = self.unknown.keys().map(|key| format!("`{key}`")).collect();
        Err(format!(
            "an event has no attribute {}; put what is your own into `data` or `metadata`",
            unknown.join(", ")
        ))
    }

    fn checked_type(&self) -> Result<String, String> {
        if let Some(version) = self.specversion.as_deref().filter(|version| *version != "1.0") {
            return Err(format!("specversion `{version}` is not known; this is CloudEvents 1.0"));
        }
        if let Some(other) = self.datacontenttype.as_deref().filter(|given| *given != JSON) {
            return Err(format!("data of type `{other}` is not known; data is `{JSON}`"));
        }
        self.event_type.clone().ok_or_else(|| "an event needs a `type`".into())
    }

    pub(super) fn into_draft(self) -> Result<EventDraft, String> {
        let mut draft = EventDraft::new(self.checked_type()?);
        draft.data = Payload::from_json(self.data);
        draft.subject = self.subject;
        draft.id = self.id;
        draft.time = self.time;
        draft.source = self.source;
        draft.correlation_id = self.correlationid;
        draft.tenant = self.tenant;
        draft.data_schema = self.dataschema;
        draft.security_level = self.securitylevel;
        draft.metadata = self.metadata;
        draft.depth = self.depth;
        Ok(draft)
    }

    pub(super) fn into_event(self) -> Result<Event, String> {
        let event_type = self.checked_type()?;
        let missing = |what: &str| format!("an event has a `{what}`, and this one has none");
        let id = self.id.ok_or_else(|| missing("id"))?;
        let trace = self.traceparent.as_deref().and_then(|text| text.parse::<TraceContext>().ok());
        Ok(Event::new(Attributes {
            correlation_id: self.correlationid.unwrap_or_else(|| id.clone()),
            id,
            source: self.source.ok_or_else(|| missing("source"))?,
            // The host that stamped it has checked it, by the rules of its mode.
            event_type: EventType::unchecked(&event_type),
            time: self.time.ok_or_else(|| missing("time"))?,
            subject: self.subject,
            data_schema: self.dataschema,
            data: Payload::from_json(self.data),
            causation_id: self.causationid,
            depth: self.depth.unwrap_or_default(),
            tenant: self.tenant,
            trace: trace.map(|trace| match &self.tracestate {
                Some(state) => trace.with_state(state),
                None => trace,
            }),
            security_level: self.securitylevel.unwrap_or_default(),
            metadata: self.metadata,
        }))
    }
}

fn json(data: &Payload) -> Result<Value, String> {
    data.json().cloned().map_err(|fault| fault.message().to_owned())
}
