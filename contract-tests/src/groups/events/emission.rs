//! [`Emission`]: a plugin that is called with an event emits one, and what becomes of that.

use std::sync::{Arc, Mutex, PoisonError};

use hookspec_host::bus::BusMode;
use hookspec_host::testing::{Behaviour, Puppet, TestBus, TestBusError};
use hookspec_plugin::{
    AwfUse, Call, EVENT, Event, EventDraft, Fault, Handled, Manifest, Reply, Subscription,
};
use serde_json::Value;

use super::{CORRELATION, all_there, builder, everything, options, read};
use crate::seen::Seen;
use crate::unserved::{Served, text, unserved};

/// How an event leaves a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// By `ctx.bus().emit`.
    Emit,
    /// In what it answers.
    Return,
    /// Now one way, now the other.
    Mixed,
}

impl Path {
    pub(super) fn read(value: Option<&Value>) -> Served<Self> {
        match value.map(|value| text(value, "path")).transpose()? {
            None | Some("emit") => Ok(Self::Emit),
            Some("return") => Ok(Self::Return),
            Some("mixed") => Ok(Self::Mixed),
            Some(other) => unserved(format!("unknown path `{other}`")),
        }
    }

    /// What a puppet does that publishes, each time it is called with one of the scenario's events,
    /// what a function says; a mixed one emits after an event of even depth, and answers after another.
    pub(super) fn behaviour<F>(self, drafts: F) -> Behaviour
    where
        F: Fn(&Event) -> Vec<EventDraft> + Send + Sync + 'static,
    {
        match self {
            Self::Emit => Behaviour::emit_with(drafts),
            Self::Return => Behaviour::return_with(drafts),
            Self::Mixed => Behaviour::compute(move |call| {
                let event = call.input.typed::<Event>()?.clone();
                let drafts = drafts(&event);
                if event.depth % 2 == 0 { emit_now(call, drafts) } else { answer(drafts) }
            }),
        }
    }
}

fn emit_now(call: &Call<'_>, drafts: Vec<EventDraft>) -> Result<Reply, Fault> {
    for draft in drafts {
        call.context.bus().try_emit(draft)?;
    }
    answer(Vec::new())
}

fn answer(drafts: Vec<EventDraft>) -> Result<Reply, Fault> {
    Ok(Reply::value(Handled::from(drafts)))
}

/// A plugin that is called with an event and publishes one.
pub(super) struct Emission {
    pub(super) manifest: Manifest,
    pub(super) draft: EventDraft,
    pub(super) path: Path,
    pub(super) mode: BusMode,
}

/// What became of it.
pub(super) struct Outcome {
    /// The event that the plugin was called with.
    pub(super) parent: Option<Event>,
    /// What others received from the plugin.
    pub(super) arrived: Vec<Event>,
    /// Why something was not published.
    pub(super) refused: Option<Seen>,
}

/// What the plugin is called with.
const TRIGGER: &str = "vector-trigger";

impl Emission {
    pub(super) async fn play(self) -> Result<Outcome, Seen> {
        let Self { mut manifest, draft, path, mode } = self;
        let invalid = |error| Seen::new(&["InvalidPattern"], error);
        let trigger = read(TRIGGER, mode, AwfUse::Subscribe).map_err(invalid)?;
        let events = manifest.events.get_or_insert_default();
        events.subscribe.push(Subscription::of(trigger));
        let event_type = draft.event_type.clone();
        // A mixed way is here both ways at once: one event each.
        let does = Behaviour::compute(move |call| {
            if path != Path::Return {
                // Why it is refused, the bus tells.
                let _ = call.context.bus().try_emit(draft.clone());
            }
            answer(if path == Path::Emit { Vec::new() } else { vec![draft.clone()] })
        });
        let puppet = Puppet::new(manifest).on(EVENT, does);
        let test = TestBus::setup_from(builder(options(mode), vec![puppet])?).await;
        let test = test.map_err(|error| match error {
            TestBusError::Start(error) => Seen::from(error),
            other => Seen::new(&[], other),
        })?;
        all_there(test.registry())?;
        let seen: Arc<Mutex<Vec<Event>>> = Arc::default();
        let noted = Arc::clone(&seen);
        let wants = Subscription::of(everything(mode));
        let audit = test.bus().subscribe("audit", wants, move |told| {
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(told.event);
            async { Ok(()) }
        });
        let _audit = audit.map_err(|error| Seen::new(&[], error))?;
        let trigger = EventDraft::new(TRIGGER).correlation(CORRELATION);
        let trigger =
            test.emit(trigger).await.map_err(|error| super::pattern::published(&error))?;
        let left = test.process_events().await;
        let refusal = test.refusals().into_iter().find(|own| own.event_type == event_type);
        if left > 0 || !test.cleanup().await.is_complete() {
            return Err(Seen::new(&[], "not everything was handled"));
        }
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let of_plugin = |event: &&Event| event.causation_id.as_deref() == Some(&*trigger.id);
        Ok(Outcome {
            parent: seen.iter().find(|event| event.id == trigger.id).cloned(),
            arrived: seen.iter().filter(of_plugin).cloned().collect(),
            refused: refusal.map(|own| Seen::new(&[name(own.code)], own.error)),
        })
    }
}

/// The name that vectors know a refusal by.
fn name(code: &str) -> &'static str {
    match code {
        "HS-E001" => "InvalidEventType",
        "HS-E002" => "Undeclared",
        "HS-E003" => "InvalidData",
        "HS-E005" => "Denied",
        "HS-E006" => "TooDeep",
        _ => "",
    }
}
