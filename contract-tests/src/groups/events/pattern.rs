//! event_pattern, event_pattern_set: which types a pattern means, and which texts are none.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookspec_host::bus::{BusMode, PublishError, SubscribeError};
use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_plugin::{
    AwfUse, EVENT, Event, EventDraft, Events, Handled, Manifest, Reply, Subscription,
};
use serde_json::Value;

use super::emission::{Emission, Path};
use super::{
    CORRELATION, PLUGIN, bus, is_ours, mode, options, read, start, subscription, wide_open,
};
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, object, text, texts, unserved};

/// Longer than anything here takes.
const SOON: Duration = Duration::from_secs(20);

pub(super) async fn one(input: &Value, observed: &mut Observed) -> Served<()> {
    let fields = object(input, "input", &["mode", "use", "pattern", "type", "publish_type"])?;
    let word = |key: &str| fields.get(key).map(|value| text(value, key)).transpose();
    let mode = mode(fields)?;
    let used = match word("use")? {
        None | Some("subscribe") => AwfUse::Subscribe,
        Some("emit") => AwfUse::Emit,
        Some(other) => return unserved(format!("unknown use `{other}`")),
    };
    match (word("pattern")?, word("type")?, word("publish_type")?) {
        (Some(pattern), None, None) => {
            if let Err(error) = read(pattern, mode, used) {
                observed.failed(Seen::new(&["InvalidPattern"], error));
            }
        }
        (None, None, Some(event_type)) => {
            if let Err(error) = bus(options(mode)).publish(EventDraft::new(event_type)).await {
                observed.failed(published(&error));
            }
        }
        (Some(pattern), Some(event_type), None) => {
            let reserved = ["core", "workflow", "step"];
            let reserved = reserved.contains(&event_type.split('.').next().unwrap_or_default());
            // What a plugin may emit is asked of a plugin. A namespace that is the host's says
            // nothing about the pattern; natively a pattern means the same in both uses.
            let asked = match used {
                AwfUse::Emit if mode == BusMode::Awf || !reserved => {
                    emitted(pattern, event_type, mode).await
                }
                _ => received(pattern, event_type, mode).await,
            };
            match asked {
                Ok(matches) => observed.fact("matches", matches),
                Err(error) => {
                    observed.fact("matches", false);
                    observed.failed(error);
                }
            }
        }
        _ => return unserved("a scenario has a `pattern`, perhaps a `type`, or a `publish_type`"),
    }
    Ok(())
}

/// Whether a subscriber receives a type.
async fn received(pattern: &str, event_type: &str, mode: BusMode) -> Result<bool, Seen> {
    let bus = bus(wide_open(mode));
    let invalid = |error| Seen::new(&["InvalidPattern"], error);
    let wants = Subscription::of(read(pattern, mode, AwfUse::Subscribe).map_err(invalid)?);
    let seen = Arc::new(Mutex::new(false));
    let noted = Arc::clone(&seen);
    let subscribed = bus.subscribe("subscriber", wants, move |_| {
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = true;
        async { Ok(()) }
    });
    let guard = subscribed.map_err(|error| refused(&error))?;
    let answer = match bus.publish(EventDraft::new(event_type)).await {
        Ok(_) => {
            bus.drain(SOON).await;
            Ok(*seen.lock().unwrap_or_else(PoisonError::into_inner))
        }
        // The type is one, and its schema asks for data that no scenario has.
        Err(PublishError::InvalidData { .. }) => {
            Ok(bus.explain(event_type).iter().any(|each| each.receives))
        }
        Err(error) => Err(published(&error)),
    };
    drop(guard);
    answer
}

/// Whether a plugin may emit a type.
async fn emitted(pattern: &str, event_type: &str, mode: BusMode) -> Result<bool, Seen> {
    let invalid = |error| Seen::new(&["InvalidPattern"], error);
    let events = Events {
        emit: vec![read(pattern, mode, AwfUse::Emit).map_err(invalid)?],
        ..Events::default()
    };
    let manifest = Manifest {
        events: Some(events),
        capabilities: vec!["events".into()],
        ..Manifest::new(PLUGIN, "k")
    };
    let emission =
        Emission { manifest, draft: EventDraft::new(event_type), path: Path::Emit, mode };
    let outcome = emission.play().await?;
    match outcome.refused {
        Some(error) if !error.names.contains(&"Denied") => Err(error),
        _ => Ok(!outcome.arrived.is_empty()),
    }
}

pub(super) async fn several(input: &Value, observed: &mut Observed) -> Served<()> {
    let fields = object(input, "input", &["mode", "patterns", "published"])?;
    let null = Value::Null;
    let mode = mode(fields)?;
    let list = |key: &str| texts(fields.get(key).unwrap_or(&null), key);
    let (patterns, types) = (list("patterns")?, list("published")?);
    let read = |own: &String| read(own, mode, AwfUse::Subscribe);
    let patterns = match patterns.iter().map(read).collect::<Result<Vec<_>, _>>() {
        Ok(patterns) => patterns,
        Err(error) => {
            observed.failed(Seen::new(&["InvalidPattern"], error));
            return Ok(());
        }
    };
    let seen: Arc<Mutex<Vec<Event>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let notes = Behaviour::compute(move |call| {
        let event = call.input.typed::<Event>()?.clone();
        noted.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        Ok(Reply::value(Handled::default()))
    });
    let subscribe = subscription(patterns).into_iter().collect();
    let events = Events { subscribe, ..Events::default() };
    let manifest = Manifest { events: Some(events), ..Manifest::new(PLUGIN, "k") };
    let puppet = Puppet::new(manifest).on(EVENT, notes);
    let registry = match start(wide_open(mode), vec![puppet]).await {
        Ok(registry) => registry,
        Err(error) => {
            observed.failed(error);
            return Ok(());
        }
    };
    for event_type in types {
        let draft = EventDraft::new(event_type).correlation(CORRELATION);
        if let Err(error) = registry.bus().publish(draft).await {
            observed.failed(published(&error));
        }
    }
    if let Err(errors) = registry.stop().await {
        observed.failed(errors);
    }
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let received = seen.iter().filter(|event| is_ours(event));
    let types: Vec<&str> = received.map(|event| event.event_type.as_str()).collect();
    observed.fact("received", types);
    Ok(())
}

/// An error of publishing, under the name that vectors know it by.
pub(super) fn published(error: &PublishError) -> Seen {
    let name = match error {
        PublishError::InvalidType { .. } => "InvalidEventType",
        PublishError::Denied { .. } => "Denied",
        PublishError::TooDeep { .. } => "TooDeep",
        PublishError::Undeclared { .. } => "Undeclared",
        PublishError::InvalidData { .. } => "InvalidData",
        _ => "",
    };
    Seen::new(&[name], error)
}

fn refused(error: &SubscribeError) -> Seen {
    let name = match error {
        SubscribeError::InvalidPattern { .. } | SubscribeError::NoPattern { .. } => {
            "InvalidPattern"
        }
        _ => "",
    };
    Seen::new(&[name], error)
}
