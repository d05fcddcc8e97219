//! event_emit_authorization, event_defaults: what a plugin may emit, and what the host makes of it.

use hookspec_host::bus::BusMode;
use hookspec_plugin::{AwfUse, EventDraft, Events, Manifest, Subscription};
use serde_json::{Map, Value, json};

use super::emission::{Emission, Outcome, Path};
use super::{PLUGIN, bus, everything, mode, read, wide_open};
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, Unserved, object, text, texts, unserved};

pub(super) async fn authorization(input: &Value, observed: &mut Observed) -> Served<()> {
    let known = ["mode", "plugin", "manifest", "event_type", "path", "claims_source"];
    let fields = object(input, "input", &known)?;
    let word = |key: &str| fields.get(key).map(|value| text(value, key)).transpose();
    let mode = mode(fields)?;
    let Some(event_type) = word("event_type")? else { return unserved("there is no `event_type`") };
    let plugin = word("plugin")?.unwrap_or(PLUGIN);
    let mut draft = EventDraft::new(event_type);
    draft.source = word("claims_source")?.map(str::to_owned);
    let path = Path::read(fields.get("path"))?;
    observed.words.plugin(plugin);
    let played = match manifest(plugin, fields.get("manifest"), mode)? {
        Err(error) => Err(error),
        Ok(manifest) => Emission { manifest, draft, path, mode }.play().await,
    };
    match played {
        Err(error) => {
            observed.fact("allowed", false);
            observed.failed(error);
        }
        Ok(Outcome { arrived, refused, .. }) => {
            let every_way = if path == Path::Mixed { 2 } else { 1 };
            let from_it = arrived.iter().filter(|event| event.source == plugin).count();
            observed.fact("allowed", from_it == every_way && refused.is_none());
            if let Some(error) = refused {
                observed.failed(error);
            }
        }
    }
    Ok(())
}

/// The manifest of a plugin; `null`: one that says nothing.
fn manifest(plugin: &str, value: Option<&Value>, mode: BusMode) -> Served<Result<Manifest, Seen>> {
    let mut manifest = Manifest::new(plugin, "k");
    let nothing = json!({});
    let value = value.filter(|value| !value.is_null()).unwrap_or(&nothing);
    let fields = object(value, "manifest", &["capabilities", "emit", "subscribe"])?;
    let list = |key: &str| fields.get(key).map(|value| texts(value, key)).transpose();
    manifest.capabilities = list("capabilities")?.unwrap_or_default();
    let read_all = |texts: Option<Vec<String>>, used| -> Result<Vec<_>, Seen> {
        let texts = texts.unwrap_or_default();
        let read = texts.iter().map(|own| read(own, mode, used));
        read.collect::<Result<_, _>>().map_err(|error| Seen::new(&["InvalidPattern"], error))
    };
    let (emit, subscribe) = (list("emit")?, list("subscribe")?);
    let says = emit.is_some() || subscribe.is_some();
    let emit = match read_all(emit, AwfUse::Emit) {
        Ok(emit) => emit,
        Err(error) => return Ok(Err(error)),
    };
    let subscribe = match read_all(subscribe, AwfUse::Subscribe) {
        Ok(subscribe) => subscribe.into_iter().map(Subscription::of).collect(),
        Err(error) => return Ok(Err(error)),
    };
    manifest.events = says.then(|| Events { emit, subscribe, ..Events::default() });
    Ok(Ok(manifest))
}

/// Attributes of an event, under the names of CloudEvents and under ours.
pub(super) const ATTRIBUTES: [&str; 19] = [
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "subject",
    "datacontenttype",
    "dataschema",
    "data",
    "correlationid",
    "causationid",
    "correlation_id",
    "causation_id",
    "depth",
    "tenant",
    "securitylevel",
    "security_level",
    "metadata",
    "event_type",
];

/// What an emitter may say of an event.
const EMITTED: [&str; 15] = [
    "specversion",
    "id",
    "event_id",
    "source",
    "type",
    "event_type",
    "time",
    "subject",
    "datacontenttype",
    "dataschema",
    "data",
    "correlationid",
    "tenant",
    "metadata",
    "depth",
];

/// Under which a scenario may say who publishes: a plugin, or the host.
const BY: [&str; 3] = ["by", "emitter", "publisher"];

pub(super) async fn defaults(input: &Value, observed: &mut Observed) -> Served<()> {
    let known = [["emitted", "mode", "path", "plugin", "claims_source"].as_slice(), &BY].concat();
    let fields = object(input, "input", &known)?;
    let mode = mode(fields)?;
    let emitted = fields.get("emitted").unwrap_or(&Value::Null);
    let emitted = object(emitted, "emitted", &EMITTED)?;
    let word = |key: &str| fields.get(key).map(|value| text(value, key)).transpose();
    let mut draft = match serde_json::from_value::<EventDraft>(Value::Object(emitted.clone())) {
        Ok(draft) => draft,
        Err(error) => {
            observed.failed(Seen::new(&["InvalidEventType", "ValueError"], error));
            return Ok(());
        }
    };
    if let Some(claimed) = word("claims_source")? {
        draft.source = Some(claimed.to_owned());
    }
    let plugin = word("plugin")?.unwrap_or(PLUGIN);
    let path = Path::read(fields.get("path"))?;
    let played = match is_of_host(fields, &draft)? {
        true => publish(draft, mode).await,
        false => emit(plugin, draft, path, mode).await,
    };
    match played {
        Ok((event, parent)) => {
            let Value::Object(attributes) = event else { return unserved("an event is no object") };
            for key in ATTRIBUTES {
                let written = key.replace('_', "");
                let own = match key {
                    "event_type" => attributes.get("type"),
                    _ => attributes.get(written.as_str()),
                };
                let none = if key == "metadata" { json!({}) } else { Value::Null };
                observed.fact(key, own.cloned().unwrap_or(none));
            }
            observed.fact(EMITTER, plugin);
            observed.fact(PARENT, parent);
        }
        Err(error) => observed.failed(error),
    }
    Ok(())
}

/// Who the emitting plugin is, and how deep the event is that it handled: what words of an
/// expectation refer to.
pub(crate) const EMITTER: &str = "the emitting plugin";
pub(crate) const PARENT: &str = "parent";

/// Whether the host publishes: what says so, or the namespace, which is nobody else's.
fn is_of_host(fields: &Map<String, Value>, draft: &EventDraft) -> Served<bool> {
    for key in BY {
        if let Some(value) = fields.get(key) {
            return match text(value, key)? {
                "host" | "the host" | "core" => Ok(true),
                "plugin" | "a plugin" | "the plugin" => Ok(false),
                other => unserved(format!("unknown `{key}`: `{other}`")),
            };
        }
    }
    let first = draft.event_type.split('.').next().unwrap_or_default();
    Ok(!fields.contains_key("plugin") && ["core", "workflow", "step"].contains(&first))
}

type Stamped = Result<(Value, i32), Seen>;

/// The host publishes; nothing led to it.
async fn publish(draft: EventDraft, mode: BusMode) -> Stamped {
    let bus = bus(wide_open(mode));
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let wants = Subscription::of(everything(mode));
    let subscribed = bus.subscribe("audit", wants, move |told| {
        let sender = sender.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        // Nobody waits for a second one.
        drop(sender.map(|sender| sender.send(told.event)));
        async { Ok(()) }
    });
    let guard = subscribed.map_err(|error| Seen::new(&[], error))?;
    bus.publish(draft).await.map_err(|error| super::pattern::published(&error))?;
    let event = receiver.await.map_err(|error| Seen::new(&[], error))?;
    drop(guard);
    written(&event).map(|event| (event, -1))
}

/// A plugin publishes while it handles an event.
async fn emit(plugin: &str, draft: EventDraft, path: Path, mode: BusMode) -> Stamped {
    let emit = match mode {
        BusMode::Native => vec![everything(mode)],
        BusMode::Awf => {
            // Whatever it is: as many segments as it has.
            let stars: Vec<&str> = draft.event_type.split('.').map(|_| "*").collect();
            vec![hookspec_plugin::Pattern::awf(&stars.join("."), AwfUse::Emit)]
        }
    };
    let manifest = Manifest {
        events: Some(Events { emit, ..Events::default() }),
        capabilities: vec!["events".into()],
        ..Manifest::new(plugin, "k")
    };
    let Outcome { parent, arrived, refused } =
        Emission { manifest, draft, path, mode }.play().await?;
    match (arrived.first(), refused, parent) {
        (_, Some(refused), _) => Err(refused),
        (Some(event), None, Some(parent)) => written(event).map(|event| (event, parent.depth)),
        _ => Err(Seen::new(&[], "nobody received it")),
    }
}

fn written(event: &hookspec_plugin::Event) -> Result<Value, Seen> {
    serde_json::to_value(event).map_err(|error| Seen::new(&[], error))
}

/// Whether an attribute is what words of an expectation describe; `None`: they are no such words.
pub(crate) fn described(
    key: &str,
    expected: &str,
    actual: &Value,
    facts: &Map<String, Value>,
) -> Served<Option<bool>> {
    Ok(Some(match (key, expected) {
        ("id", "uuid") => actual.as_str().is_some_and(is_uuid),
        ("time", "now") => actual.as_str().is_some_and(is_now),
        ("source", EMITTER) => Some(actual) == facts.get(EMITTER),
        // As in AWF, the events of its own namespaces are from `core`.
        ("source", "host" | "the host") => actual == "host" || actual == "core",
        ("depth", sum) => {
            let added = sum.strip_prefix("parent + ").and_then(|added| added.parse::<i64>().ok());
            let added = added.ok_or_else(|| Unserved(format!("unknown depth `{sum}`")))?;
            let parent = facts.get(PARENT).and_then(Value::as_i64);
            parent.map(|parent| parent + added) == actual.as_i64()
        }
        _ => return Ok(None),
    }))
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// Whether an instant in UTC is within the minute.
fn is_now(text: &str) -> bool {
    let Ok(time) = text.parse::<jiff::Timestamp>() else { return false };
    let away = jiff::Timestamp::now().as_second() - time.as_second();
    text.ends_with('Z') && away.abs() < 60
}
