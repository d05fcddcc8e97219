//! event_depth: how far events cause one another, whichever way they leave a plugin.

use std::sync::{Arc, Mutex, PoisonError};

use hookspec_host::bus::{BusMode, BusOptions};
use hookspec_host::testing::Puppet;
use hookspec_plugin::{AwfUse, EVENT, Event, EventDraft, Events, Manifest, Pattern, Subscription};
use serde_json::{Map, Value};

use super::emission::Path;
use super::pattern::published;
use super::{CORRELATION, PLUGIN, is_ours, mode, options, read, start};
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, Unserved, object, text, unserved};

pub(super) async fn observe(input: &Value, observed: &mut Observed) -> Served<()> {
    let known = ["mode", "limit", "subscriber", "start_depth", "plugin_set_depth", "path"];
    let fields = object(input, "input", &known)?;
    let mode = mode(fields)?;
    let start_depth = number(fields, "start_depth")?.unwrap_or(0);
    let max_depth = number(fields, "limit")?.unwrap_or(3);
    let given = fields.get("subscriber").map(|value| text(value, "subscriber")).transpose()?;
    let cast = Cast::read(given.unwrap_or("* re-emits one event"))?;
    let path = match (fields.get("path"), cast.path) {
        (Some(path), Some(told)) if Path::read(Some(path))? != told => {
            return unserved("`path` and `subscriber` say two things");
        }
        (None, Some(told)) => told,
        (path, _) => Path::read(path)?,
    };
    let set_depth = OwnDepth::read(fields.get("plugin_set_depth"))?;
    let seen: Arc<Mutex<Vec<i32>>> = Arc::default();
    let mut puppets = Vec::new();
    for role in cast.roles(mode) {
        match role {
            Ok(role) => puppets.push(role.puppet(path, set_depth, &seen)),
            Err(error) => {
                observed.failed(error);
                return Ok(());
            }
        }
    }
    let options = BusOptions { max_depth, ..options(mode) };
    let registry = match start(options, puppets).await {
        Ok(registry) => registry,
        Err(error) => {
            observed.failed(error);
            return Ok(());
        }
    };
    let first = EventDraft::new(cast.first_type()).depth(start_depth).correlation(CORRELATION);
    // One that is too deep is an outcome: it is delivered to nobody, and warned of.
    match registry.bus().publish(first).await {
        Err(error @ hookspec_host::bus::PublishError::TooDeep { .. }) => {
            tracing::debug!(%error, "the first event is too deep");
        }
        Err(error) => observed.failed(published(&error)),
        Ok(_) => {}
    }
    if let Err(errors) = registry.stop().await {
        observed.failed(errors);
    }
    let depths = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    observed.fact("delivered_depths", depths);
    Ok(())
}

fn number(fields: &Map<String, Value>, key: &str) -> Served<Option<i32>> {
    let read = |value: &Value| {
        let whole = value.as_i64().and_then(|number| i32::try_from(number).ok());
        whole.ok_or_else(|| Unserved(format!("{key} is no whole number: {value}")))
    };
    fields.get(key).map(read).transpose()
}

/// What a plugin writes into the depth of what it publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnDepth {
    None,
    Fixed(i32),
    /// That of the event it handles, and so many more.
    Relative(i32),
}

impl OwnDepth {
    fn read(value: Option<&Value>) -> Served<Self> {
        let whole = |number: i64| i32::try_from(number).ok();
        let read = match value {
            None | Some(Value::Null) => Some(Self::None),
            Some(Value::Number(number)) => number.as_i64().and_then(whole).map(Self::Fixed),
            Some(Value::String(text)) => text
                .strip_prefix("event")
                .and_then(|added| if added.is_empty() { Some(0) } else { added.parse().ok() })
                .map(Self::Relative),
            Some(_) => None,
        };
        read.ok_or_else(|| Unserved(format!("unknown plugin_set_depth {value:?}")))
    }

    fn of(self, event: &Event) -> Option<i32> {
        match self {
            Self::None => None,
            Self::Fixed(depth) => Some(depth),
            Self::Relative(added) => Some(event.depth.saturating_add(added)),
        }
    }
}

/// Who sets off whom.
#[derive(Debug, PartialEq)]
struct Cast {
    /// One that receives what it emits, by this pattern; none: two that set off each other.
    alone: Option<String>,
    /// How many events each call leads to.
    events: usize,
    path: Option<Path>,
}

impl Cast {
    /// `PATTERN re-emits N event(s)`, or `ping-pong of two plugins`; then perhaps `through WAY`.
    fn read(text: &str) -> Served<Self> {
        let unknown = || Unserved(format!("unknown subscriber `{text}`"));
        let (who, way) = match text.split_once(" through ") {
            Some((who, way)) => (who, Some(way)),
            None => (text, None),
        };
        let path = way
            .map(|way| match way {
                "ctx.bus().emit" | "emit" | "ctx.bus()" => Ok(Path::Emit),
                "return" | "returns" | "returned events" => Ok(Path::Return),
                "mixed" | "both" | "return and emit" | "both paths" => Ok(Path::Mixed),
                _ => Err(unknown()),
            })
            .transpose()?;
        if who == "ping-pong of two plugins" {
            return Ok(Self { alone: None, events: 1, path });
        }
        let (pattern, rest) = who.split_once(" re-emits ").ok_or_else(unknown)?;
        let count = rest.strip_suffix(" events").or_else(|| rest.strip_suffix(" event"));
        let events = match count.ok_or_else(unknown)? {
            "no" => 0,
            "one" | "an" => 1,
            "two" => 2,
            "three" => 3,
            digits => digits.parse().map_err(|_| unknown())?,
        };
        if events > 8 {
            return unserved(format!("`{text}`: that many would not end soon"));
        }
        Ok(Self { alone: Some(pattern.to_owned()), events, path })
    }

    /// The type of the first event: one that the pattern matches.
    fn first_type(&self) -> String {
        match &self.alone {
            None => "pong".into(),
            Some(pattern) => pattern.replace("**", "loop").replace('*', "loop"),
        }
    }

    fn roles(&self, mode: BusMode) -> Vec<Result<Role, Seen>> {
        let role = |name: &str, hears: &str, says: &str| {
            let read = |text: &str, used| {
                read(text, mode, used).map_err(|error| Seen::new(&["InvalidPattern"], error))
            };
            Ok(Role {
                name: name.into(),
                hears: read(hears, AwfUse::Subscribe)?,
                may: read(says, AwfUse::Emit)?,
                says: says.into(),
                events: self.events,
            })
        };
        match &self.alone {
            Some(pattern) => vec![role(PLUGIN, pattern, &self.first_type())],
            None => vec![role(PLUGIN, "pong", "ping"), role("vector-peer", "ping", "pong")],
        }
    }
}

/// One plugin.
struct Role {
    name: String,
    hears: Pattern,
    may: Pattern,
    says: String,
    events: usize,
}

impl Role {
    fn puppet(self, path: Path, depth: OwnDepth, seen: &Arc<Mutex<Vec<i32>>>) -> Puppet {
        let Self { name, hears, may, says, events } = self;
        let manifest = Manifest {
            events: Some(Events {
                emit: vec![may],
                subscribe: vec![Subscription::of(hears)],
                ..Events::default()
            }),
            capabilities: vec!["events".into()],
            ..Manifest::new(name, "k")
        };
        let seen = Arc::clone(seen);
        let does = path.behaviour(move |event| {
            // What the host tells of itself is none of the scenario's.
            if !is_ours(event) {
                return Vec::new();
            }
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(event.depth);
            let mut draft = EventDraft::new(says.as_str());
            draft.depth = depth.of(event);
            vec![draft; events]
        });
        Puppet::new(manifest).on(EVENT, does)
    }
}
