//! [`Ran`]: a registry in which a plugin was told of events, and what came of that.

use std::time::{Duration, Instant};

use hookspec_host::bus::{Bus, BusSnapshot};
use hookspec_plugin::Subscription;
use serde_json::Value;
use tokio::time::sleep;

use super::Listener;
use super::made::{Lot, Made, lot};
use crate::found::Found;
use crate::inputs::ordinary;
use crate::observer::{Came, Observer, Told, Traffic};
use crate::report::Finding;
use crate::scene::Scene;
use crate::short::short;
use crate::stage::Stage;

/// A registry with a plugin whose events are watched.
pub(super) struct Watched {
    pub(super) stage: Stage,
    pub(super) traffic: Traffic,
    pub(super) wants: Vec<Subscription>,
}

impl Watched {
    /// Starts it.
    ///
    /// # Errors
    /// The plugin does not start.
    pub(super) async fn start(scene: &Scene, listener: Listener) -> Result<Self, Found> {
        let traffic = Traffic::default();
        let observer = Observer::new(traffic.clone());
        scene.about_to("start it");
        let (subject, config, instance) = (&scene.subject, scene.config(), listener.instance);
        let stage = Stage::observed(subject, &scene.catalog, &config, instance, observer).await;
        let stage =
            stage.map_err(|why| Found::not_verified(format!("it does not start: {why}")))?;
        Ok(Self { stage, traffic, wants: listener.wants })
    }

    pub(super) fn bus(&self) -> Bus {
        self.stage.registry.bus()
    }

    pub(super) fn lot(&self, scene: &Scene) -> Lot {
        lot(&self.bus(), scene.subject.name(), &self.wants, scene.seed)
    }

    /// Waits until nothing is under way, for a while; `false`: something still is.
    pub(super) async fn settled(&self, scene: &Scene) -> bool {
        let until = Instant::now() + scene.allowed(8_000);
        while self.bus().snapshot().outstanding > 0 {
            if Instant::now() > until {
                return false;
            }
            sleep(Duration::from_millis(2)).await;
        }
        true
    }
}

/// What came of a run.
pub(super) struct Ran {
    pub(super) watched: Watched,
    pub(super) told: Vec<Told>,
    pub(super) missing: Vec<String>,
    pub(super) snapshot: BusSnapshot,
}

/// Hands the plugin one event after another, and waits for what comes of them. Where it may emit, its
/// other hooks are called too.
///
/// # Errors
/// The plugin does not start.
pub(super) async fn run(scene: &Scene, listener: Listener) -> Result<Ran, Found> {
    let watched = Watched::start(scene, listener).await?;
    let Lot { made, missing } = watched.lot(scene);
    let enough = Instant::now() + scene.allowed(4_000);
    for (index, one) in made.iter().enumerate() {
        // One that takes its time is told less.
        if index >= 6 && Instant::now() > enough {
            break;
        }
        tell(scene, &watched, one).await;
        // What never ends would take this long each time.
        let unfinished = |told: &Told| matches!(told.came, Came::Unfinished);
        if watched.traffic.told().last().is_some_and(unfinished) {
            break;
        }
    }
    let emits = scene.subject.manifest().events.as_ref().is_some_and(|own| !own.emit.is_empty());
    if emits {
        for hook in scene.hooks()? {
            for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 3) {
                scene.ask(&watched.stage, &hook, &input).await;
            }
        }
    }
    watched.settled(scene).await;
    let (told, snapshot) = (watched.traffic.told(), watched.bus().snapshot());
    Ok(Ran { watched, told, missing, snapshot })
}

async fn tell(scene: &Scene, watched: &Watched, one: &Made) {
    scene.about_to(&format!("deliver {}", short(&one.written)));
    // What came of it the observer knows.
    let _ = watched.bus().dispatch(one.draft.clone()).await;
    watched.settled(scene).await;
}

/// An event, as a report shows it: its type and what is told.
pub(super) fn shown(told: &Told) -> Value {
    let event = &told.event;
    let data = event.data.json().cloned().unwrap_or_default();
    serde_json::json!({ "type": event.event_type.as_str(), "data": data })
}

/// Something wrong with what was made of an event.
pub(super) fn wrong(event: Value, message: impl Into<String>) -> Finding {
    Finding { message: message.into(), hook: Some("$event".into()), input: Some(event) }
}
