//! From a draft to an event: who may publish it, what it came of, what is missing (EVENT-2 to EVENT-6).

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{SystemTime, UNIX_EPOCH};

use hookspec_plugin::{
    Attributes, Caller, Cause, Event, EventDraft, EventType, SecurityLevel, Timestamp, metadata,
    size,
};
use uuid::Builder;

use super::cause;
use super::error::PublishError;
use super::hub::{Hub, Known};
use super::live::CORE;
use super::options::BusMode;
use super::rights::{Rights, is_reserved};
use crate::panic::contain_text;

/// Who publishes.
#[derive(Clone, Copy)]
pub(crate) enum Author<'a> {
    /// The application; what it says of itself is believed.
    Application { caller: Option<&'a Caller>, cause: Option<&'a Cause> },
    /// The application, for what it gave before: a stop does not refuse it any more. What runs now did
    /// not cause it.
    Late { cause: Option<&'a Cause> },
    /// The host itself.
    Core,
    /// A plugin.
    Plugin { rights: &'a Rights, caller: Option<&'a Caller>, cause: Option<&'a Cause> },
}

/// The application, on nobody's behalf.
pub(crate) const APPLICATION: Author<'static> = Author::Application { caller: None, cause: None };

impl<'a> Author<'a> {
    fn caller(&self) -> Option<&'a Caller> {
        match self {
            Self::Core | Self::Late { .. } => None,
            Self::Application { caller, .. } | Self::Plugin { caller, .. } => *caller,
        }
    }

    /// The event that is being handled: as is said, or as the call says, or as the thread knows.
    fn cause(&self) -> Option<Cause> {
        match self {
            Self::Core => None,
            Self::Late { cause } => cause.cloned(),
            Self::Application { caller, cause } | Self::Plugin { caller, cause, .. } => {
                cause.or_else(|| caller.and_then(Caller::cause)).cloned().or_else(cause::current)
            }
        }
    }
}

impl Hub {
    /// Makes an event of a draft.
    ///
    /// # Errors
    /// Why it is not published; nothing has happened.
    pub(crate) fn stamp(
        &self,
        draft: EventDraft,
        author: Author<'_>,
    ) -> Result<Event, PublishError> {
        let data = draft.data.clone();
        let told = self.tap.get().map(|_| draft.event_type.clone());
        let stamped = self.try_stamp(draft, author);
        if let Err(error) = &stamped {
            // It may be nested so deeply that an ordinary drop would overflow the stack.
            size::dismantle(data);
            self.counts.refused.fetch_add(1, Relaxed);
            self.tell_tap(|tap| tap.refused(&told.unwrap_or_default(), error));
            if let PublishError::TooDeep { .. } = error {
                self.counts.too_deep.fetch_add(1, Relaxed);
                tracing::warn!(%error, "a chain of events is too deep");
            }
        }
        stamped
    }

    /// As `stamp`, of an event that is not to be published: nobody is told, and nothing counted.
    ///
    /// # Errors
    /// Why it would not be published.
    pub(crate) fn would_stamp(
        &self,
        draft: EventDraft,
        author: Author<'_>,
    ) -> Result<Event, PublishError> {
        let data = draft.data.clone();
        self.try_stamp(draft, author).inspect_err(|_| size::dismantle(data))
    }

    fn try_stamp(&self, draft: EventDraft, author: Author<'_>) -> Result<Event, PublishError> {
        let cause = author.cause();
        if self.takes_no_more(cause.is_some() || matches!(author, Author::Late { .. })) {
            return Err(PublishError::Closed);
        }
        let native = self.options.mode == BusMode::Native;
        let event_type = match native {
            true => EventType::parse(&draft.event_type)
                .map_err(|error| PublishError::InvalidType { error })?,
            false => EventType::unchecked(&draft.event_type),
        };
        let tenant = tenant(&draft, author, cause.as_ref());
        let source = match author {
            Author::Core => CORE.to_owned(),
            Author::Application { .. } | Author::Late { .. } => {
                draft.source.clone().unwrap_or_else(|| self.own_source(&event_type).to_owned())
            }
            Author::Plugin { rights, .. } => {
                self.authorise(rights, &event_type, &draft, tenant.as_deref())?;
                rights.plugin.to_string()
            }
        };
        let from_host = !matches!(author, Author::Plugin { .. });
        // A plugin does not say how deep it is.
        let own = draft.depth.filter(|_| from_host || !native);
        let depth = self.depth(&event_type, own, cause.as_ref())?;
        let declared = match native {
            true => self.declared(&event_type, &draft)?,
            false => SecurityLevel::Normal,
        };
        let texts = self.checked_metadata(&event_type, draft.metadata, from_host)?;
        if let Err(violations) = size::check(&draft.data, self.options.data_bytes) {
            return Err(PublishError::InvalidData { event_type, violations });
        }
        let now = self.now();
        let texts_of_it = [
            ("type", Some(&draft.event_type)),
            ("source", Some(&source)),
            ("subject", draft.subject.as_ref()),
            ("correlationid", draft.correlation_id.as_ref()),
            ("tenant", tenant.as_ref()),
            ("dataschema", draft.data_schema.as_ref()),
        ];
        let long = |(_, text): &&(&str, Option<&String>)| text.is_some_and(|t| t.len() > LONGEST);
        if let Some((name, _)) = texts_of_it.iter().find(long) {
            let reason = format!("its `{name}` has more than {LONGEST} characters");
            return Err(PublishError::InvalidAttribute { event_type, reason });
        }
        let id = match draft.id {
            Some(id) if id.is_empty() || id.len() > LONGEST => {
                let reason =
                    format!("its `id` has {} characters, and 1 to {LONGEST} are allowed", id.len());
                return Err(PublishError::InvalidAttribute { event_type, reason });
            }
            Some(id) => id,
            None => id_at(now),
        };
        let before = cause.as_ref().map(|cause| &cause.event);
        let correlation_id = draft
            .correlation_id
            .or_else(|| before.map(|event| event.correlation_id.clone()))
            .unwrap_or_else(|| id.clone());
        let attributes = Attributes {
            id,
            source,
            event_type,
            time: draft.time.unwrap_or_else(|| Timestamp::of(now)),
            subject: draft.subject,
            data_schema: draft.data_schema,
            data: draft.data,
            correlation_id,
            causation_id: before.map(|event| event.id.clone()),
            depth,
            tenant,
            trace: author.caller().and_then(Caller::trace).or_else(|| before?.trace.clone()),
            security_level: draft.security_level.unwrap_or_default().max(declared),
            metadata: texts,
        };
        let trail = cause.map(|cause| cause.event.trail_from(cause.subscription));
        Ok(Event::after(attributes, trail))
    }

    /// What the time is. The application's clock may panic, and an event is published all the same.
    fn now(&self) -> SystemTime {
        contain_text(|| (self.options.clock)()).unwrap_or_else(|message| {
            tracing::warn!(message, "the clock of the bus panicked: the system's is used");
            SystemTime::now()
        })
    }

    /// Whom the application's events come from, where they do not say.
    fn own_source(&self, event_type: &EventType) -> &str {
        match self.options.mode {
            BusMode::Awf if is_reserved(event_type.as_str()) => CORE,
            BusMode::Awf | BusMode::Native => &self.options.source,
        }
    }

    /// One rule for every way in which a plugin publishes (EVENT-4).
    fn authorise(
        &self,
        rights: &Rights,
        event_type: &EventType,
        draft: &EventDraft,
        tenant: Option<&str>,
    ) -> Result<(), PublishError> {
        let emitter = || rights.plugin.to_string();
        let denied = |reason| {
            let (emitter, event_type) = (emitter(), event_type.clone());
            Err(PublishError::Denied { emitter, event_type, reason })
        };
        if let Err(reason) = rights.allow(event_type.as_str(), self.options.mode) {
            return denied(reason);
        }
        if let Some(claimed) = draft.source.as_ref().filter(|own| **own != *rights.plugin.as_str())
        {
            return denied(format!("it says it comes from `{claimed}`; leave `source` out"));
        }
        if let Some(claimed) = draft.tenant.as_deref().filter(|own| Some(*own) != tenant) {
            return denied(format!("it is not called on behalf of tenant `{claimed}`"));
        }
        rights
            .often()
            .map_err(|per_second| PublishError::TooOften { emitter: emitter(), per_second })
    }

    /// How deep it is in its chain (EVENT-6).
    fn depth(
        &self,
        event_type: &EventType,
        own: Option<i32>,
        cause: Option<&Cause>,
    ) -> Result<i32, PublishError> {
        let awf = self.options.mode == BusMode::Awf;
        let limit = self.options.max_depth;
        let depth = match cause {
            None if awf => own.unwrap_or_default(),
            None => own.unwrap_or_default().max(0),
            Some(cause) => {
                let next = cause.event.depth.saturating_add(1);
                if awf { next.max(own.unwrap_or_default()) } else { next }
            }
        };
        // In AWF, what nothing led to is delivered however deep it says it is.
        if depth < limit || (awf && cause.is_none()) {
            return Ok(depth);
        }
        let mut way: Vec<String> = Vec::new();
        if let Some(Cause { event, .. }) = cause {
            way.push(format!("`{}` from {}", event.event_type, event.source));
            let trail = event.trail().take(LISTED);
            way.extend(trail.map(|step| format!("`{}` from {}", step.event_type, step.source)));
            way.reverse();
        }
        way.push(format!("`{event_type}`"));
        let (event_type, way) = (event_type.clone(), way.join(" -> "));
        Err(PublishError::TooDeep { event_type, depth, limit, way })
    }

    /// Whether an event of a type may ever be published by the application.
    pub(crate) fn publishable(&self, event_type: &str) -> Result<(), PublishError> {
        if self.options.mode == BusMode::Awf {
            return Ok(());
        }
        let event_type =
            EventType::parse(event_type).map_err(|error| PublishError::InvalidType { error })?;
        self.known(&event_type).map(drop)
    }

    /// What is declared of a type; `None`: it need not be.
    fn known(&self, event_type: &EventType) -> Result<Option<&Known>, PublishError> {
        let known = self.declared_as(event_type.as_str());
        if known.is_none() && !self.is_open(event_type.as_str()) {
            let near = self.catalog.nearest(event_type.as_str()).map(Into::into);
            return Err(PublishError::Undeclared { event_type: event_type.clone(), near });
        }
        Ok(known)
    }

    /// What the catalogue says of it (EVENT-3).
    fn declared(
        &self,
        event_type: &EventType,
        draft: &EventDraft,
    ) -> Result<SecurityLevel, PublishError> {
        let Some(known) = self.known(event_type)? else { return Ok(SecurityLevel::Normal) };
        let checked = known.accepts.check(&draft.data, self.options.data_bytes);
        checked.map_err(|violations| PublishError::InvalidData {
            event_type: event_type.clone(),
            violations,
        })?;
        known.warn_if_deprecated();
        Ok(known.security_level)
    }

    fn checked_metadata(
        &self,
        event_type: &EventType,
        mut texts: BTreeMap<String, String>,
        from_host: bool,
    ) -> Result<BTreeMap<String, String>, PublishError> {
        let invalid = |reason: String| {
            Err(PublishError::InvalidAttribute { event_type: event_type.clone(), reason })
        };
        if texts.keys().any(String::is_empty) {
            return invalid("a key of its `metadata` is empty".into());
        }
        let bytes: usize = texts.iter().map(|(key, text)| key.len() + text.len()).sum();
        if bytes > METADATA {
            return invalid(format!(
                "its `metadata` have {bytes} bytes, and {METADATA} are allowed"
            ));
        }
        if from_host && is_reserved(event_type.as_str()) {
            for (key, text) in &mut texts {
                if is_secret(key) {
                    "***".clone_into(text);
                }
            }
        }
        Ok(texts)
    }
}

/// An id of a time: UUIDv7.
fn id_at(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// The longest id.
const LONGEST: usize = 1024;

/// The largest metadata, in bytes of keys and texts.
const METADATA: usize = 64 << 10;

/// Events of a chain that a message names.
const LISTED: usize = 16;

/// Whether metadata of the host's own events are masked under a key.
fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    ["SECRET_", "API_KEY", "PASSWORD", "TOKEN"].iter().any(|prefix| key.starts_with(prefix))
}

/// On whose behalf it is: as its emitter runs, is called, or was caused.
fn tenant(draft: &EventDraft, author: Author<'_>, cause: Option<&Cause>) -> Option<String> {
    let called = || {
        let caller = author.caller()?;
        Some(caller.metadata().get(metadata::TENANT_ID)?.as_str()?.to_owned())
    };
    let caused = || cause.and_then(|cause| cause.event.tenant.clone());
    match author {
        Author::Core | Author::Late { .. } => draft.tenant.clone(),
        Author::Application { .. } => draft.tenant.clone().or_else(called).or_else(caused),
        Author::Plugin { rights, .. } => rights.tenant.clone().or_else(called).or_else(caused),
    }
}
