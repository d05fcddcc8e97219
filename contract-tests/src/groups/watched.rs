//! [`Watched`]: a plugin of a lifecycle scenario, and what is seen of its setup and teardown.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Manifest, Plugin, Teardown,
};
use serde_json::{Map, Value, json};

/// A plugin whose setup and teardown are watched.
pub(super) struct Watched {
    pub(super) plugin: Arc<dyn Plugin>,
    pub(super) watch: Watch,
    /// It has a setup of its own; else there is nothing to be seen.
    pub(super) sets_up: bool,
    /// It has a teardown of its own.
    pub(super) tears_down: bool,
    /// Its setup waits for something already.
    pub(super) waits: bool,
    /// A plugin that must be ready before its own setup goes on.
    pub(super) needs: Option<String>,
}

/// What was seen. Clones see the same.
#[derive(Clone)]
pub(super) struct Watch(Arc<Mutex<Seen>>);

struct Seen {
    since: Instant,
    steps: Vec<Step>,
    configurations: Map<String, Value>,
    resources: Map<String, Value>,
}

/// A setup or a teardown that began.
struct Step {
    plugin: String,
    phase: Phase,
    begun: Instant,
    /// When it ended, or was given up.
    ended: Option<Instant>,
    /// Whether it ended well; `None`: it was given up.
    well: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Setup,
    Teardown,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Seen {
            since: Instant::now(),
            steps: Vec::new(),
            configurations: Map::new(),
            resources: Map::new(),
        })))
    }

    /// Setups and teardowns by their beginnings, under the names of the vectors.
    pub(super) fn events(&self) -> Vec<String> {
        let named = |step: &Step| {
            let event = match (step.phase, step.well) {
                (Phase::Setup, Some(true)) => "setup",
                (Phase::Setup, _) => "setup_failed",
                (Phase::Teardown, Some(true)) => "teardown",
                (Phase::Teardown, Some(false)) => "teardown_failed",
                (Phase::Teardown, None) => "teardown_timeout",
            };
            format!("{event}:{}", step.plugin)
        };
        self.seen().steps.iter().map(named).collect()
    }

    /// The plugins whose setups did not end well.
    pub(super) fn failed(&self) -> Vec<String> {
        let seen = self.seen();
        let failed = |step: &&Step| step.phase == Phase::Setup && step.well != Some(true);
        seen.steps.iter().filter(failed).map(|step| step.plugin.clone()).collect()
    }

    /// For each plugin, the beginning and the end of its setup, in nanoseconds.
    pub(super) fn setups(&self) -> Map<String, Value> {
        let seen = self.seen();
        let setups = seen.steps.iter().filter(|step| step.phase == Phase::Setup);
        let times = setups.map(|step| {
            let at = |moment: Instant| moment.duration_since(seen.since).as_nanos() as u64;
            let ended = step.ended.unwrap_or_else(Instant::now);
            (step.plugin.clone(), json!([at(step.begun), at(ended)]))
        });
        times.collect()
    }

    pub(super) fn configurations(&self) -> Map<String, Value> {
        self.seen().configurations.clone()
    }

    /// The names of the resources that each plugin saw.
    pub(super) fn resources(&self) -> Map<String, Value> {
        self.seen().resources.clone()
    }

    fn context(&self, plugin: &str, context: &Context) {
        let mut seen = self.seen();
        seen.configurations.insert(plugin.to_owned(), context.config().clone());
        seen.resources.insert(plugin.to_owned(), json!(context.resource_names()));
    }

    fn begin(&self, plugin: &str, phase: Phase) -> Running {
        let mut seen = self.seen();
        let (plugin, begun) = (plugin.to_owned(), Instant::now());
        seen.steps.push(Step { plugin, phase, begun, ended: None, well: None });
        Running { watch: self.clone(), place: seen.steps.len() - 1 }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step that has not ended; one that is dropped was given up.
struct Running {
    watch: Watch,
    place: usize,
}

impl Running {
    fn ends(self, well: bool) {
        self.watch.seen().steps[self.place].well = Some(well);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.watch.seen().steps[self.place].ended = Some(Instant::now());
    }
}

impl Watched {
    fn name(&self) -> &str {
        self.plugin.manifest().name.as_str()
    }

    async fn set_up(&self, context: &Context) -> Result<(), Fault> {
        if !self.waits {
            // One turn of the runtime, so that setups that begin together overlap even where they
            // take no time.
            tokio::task::yield_now().await;
        }
        if let Some(needed) = &self.needs {
            let found = context.peers().and_then(|peers| peers.find(needed));
            if !found.is_some_and(|peer| peer.callable) {
                return Err(Fault::new("vector", format!("`{needed}` is not there, or not ready")));
            }
        }
        self.plugin.setup(context).await
    }
}

impl Plugin for Watched {
    fn manifest(&self) -> &Manifest {
        self.plugin.manifest()
    }

    fn hooks(&self) -> &[HookName] {
        self.plugin.hooks()
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.watch.context(self.name(), context);
            if !self.sets_up {
                return Ok(());
            }
            let running = self.watch.begin(self.name(), Phase::Setup);
            let result = self.set_up(context).await;
            running.ends(result.is_ok());
            result
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        self.plugin.call(call)
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        self.plugin.matches(call)
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.plugin.health()
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async {
            if !self.tears_down {
                return Ok(Teardown::Clean);
            }
            let running = self.watch.begin(self.name(), Phase::Teardown);
            let result = self.plugin.teardown().await;
            running.ends(result.is_ok());
            result
        })
    }
}
