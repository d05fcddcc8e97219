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

    /// Waits until nothing is under way. `false`: something still is, and for longer than a
    /// subscription gives one event no event was handled, or there is no end to them.
    pub(super) async fn settled(&self, scene: &Scene) -> bool {
        let until = Instant::now() + scene.allowed(LONGEST);
        let quiet = scene.allowed(self.longest().max(5_000).saturating_add(3_000).min(LONGEST));
        let (mut handled, mut since) = (0_u64, Instant::now());
        loop {
            let snapshot = self.bus().snapshot();
            if snapshot.outstanding == 0 {
                return true;
            }
            let (now, before) = (Instant::now(), handled);
            handled = snapshot.subscriptions.iter().map(|own| own.delivered + own.failed).sum();
            if handled != before {
                since = now;
            }
            if now > until || now.duration_since(since) > quiet {
                return false;
            }
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// For how many milliseconds one event may be handled, or wait to be tried again.
    fn longest(&self) -> u64 {
        let of = |wants: &Subscription| {
            let doubled = wants.retries.attempts.saturating_sub(1).min(16);
            let pause = match wants.retries.attempts {
                0 => 0,
                _ => wants.retries.backoff_ms.saturating_mul(1 << doubled),
            };
            wants.timeout_ms.max(pause)
        };
        self.wants.iter().map(of).max().unwrap_or_default()
    }
}

/// As many milliseconds as a check may wait once, so that it ends before its own time is up.
const LONGEST: u64 = 40_000;

/// When one that takes its time was told enough.
pub(super) struct Enough {
    some: Instant,
    any: Instant,
}

impl Enough {
    pub(super) fn from_now(scene: &Scene) -> Self {
        let now = Instant::now();
        Self { some: now + scene.allowed(4_000), any: now + scene.allowed(20_000) }
    }

    /// Whether so many events are enough by now.
    pub(super) fn is(&self, events: usize) -> bool {
        let now = Instant::now();
        (events >= 6 && now > self.some) || (events >= 1 && now > self.any)
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
    let (enough, mut settled) = (Enough::from_now(scene), true);
    for (index, one) in made.iter().enumerate() {
        if enough.is(index) {
            break;
        }
        settled = tell(scene, &watched, one).await;
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
    // What did not end before will not now.
    if settled {
        watched.settled(scene).await;
    }
    let (told, snapshot) = (watched.traffic.told(), watched.bus().snapshot());
    Ok(Ran { watched, told, missing, snapshot })
}

/// Hands it one event; `false`: something that came of it does not end.
async fn tell(scene: &Scene, watched: &Watched, one: &Made) -> bool {
    scene.about_to(&format!("deliver {}", short(&one.written)));
    // What came of it the observer knows.
    let _ = watched.bus().dispatch(one.draft.clone()).await;
    watched.settled(scene).await
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
