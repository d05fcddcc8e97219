//! [`Emission`]: a plugin that is called with an event emits one, and what becomes of that.

use std::sync::{Arc, Mutex, PoisonError};

use hookspec_host::bus::BusMode;
use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_plugin::{
    AwfUse, Call, EVENT, Event, EventDraft, Fault, Handled, Manifest, Reply, Subscription,
};
use serde_json::Value;

use super::{CORRELATION, everything, options, read, start};
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
    /// what a function says; `turn` is asked which way a mixed one takes.
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
        let refusals: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&refusals);
        // A mixed way is here both ways at once: one event each.
        let does = Behaviour::compute(move |call| {
            let mut answered = Vec::new();
            if path != Path::Return
                && let Err(fault) = call.context.bus().try_emit(draft.clone())
            {
                let message = fault.message().to_owned();
                told.lock().unwrap_or_else(PoisonError::into_inner).push(message);
            }
            if path != Path::Emit {
                answered.push(draft.clone());
            }
            answer(answered)
        });
        let registry = start(options(mode), vec![Puppet::new(manifest).on(EVENT, does)]).await?;
        let seen: Arc<Mutex<Vec<Event>>> = Arc::default();
        let noted = Arc::clone(&seen);
        let subscribed =
            registry.bus().subscribe("audit", Subscription::of(everything(mode)), move |told| {
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(told.event);
                async { Ok(()) }
            });
        let guard = subscribed.map_err(|error| Seen::new(&[], error))?;
        let trigger = EventDraft::new(TRIGGER).correlation(CORRELATION);
        let published = registry.bus().publish(trigger).await;
        let trigger = published.map_err(|error| super::pattern::published(&error))?.id;
        registry.stop().await.map_err(Seen::from)?;
        let snapshot = registry.bus().snapshot();
        drop(guard);
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let of_plugin = |event: &&Event| event.causation_id.as_deref() == Some(trigger.as_str());
        let told = refusals.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Outcome {
            parent: seen.iter().find(|event| event.id == trigger).cloned(),
            arrived: seen.iter().filter(of_plugin).cloned().collect(),
            refused: match told.first() {
                Some(message) => Some(Seen::new(&[name(message)], message)),
                None => (snapshot.refused > 0)
                    .then(|| Seen::new(&["Denied"], "what it answered was not published")),
            },
        })
    }
}

/// The name that vectors know a refusal by.
fn name(message: &str) -> &'static str {
    match message.get(..9).unwrap_or_default() {
        "[HS-E001]" => "InvalidEventType",
        "[HS-E005]" => "Denied",
        "[HS-E006]" => "TooDeep",
        _ => "",
    }
}
