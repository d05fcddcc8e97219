//! [`Stage`]: a registry with the plugin in it, and what comes of asking it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookspec_host::bus::{BusOptions, Permissions};
use hookspec_host::{CauseClass, PluginSnapshot, Registry, RegistryBuilder, State};
use hookspec_plugin::{Caller, Plugin};
use hookspec_spec::{Catalog, Hook, Kind};
use serde_json::{Value, json};

use crate::observer::Observer;
use crate::outcome;
use crate::subject::Subject;
use crate::witness::{Raw, Seen, Witness};

/// A registry with the plugin in it.
pub(crate) struct Stage {
    pub(crate) registry: Registry,
    kind: String,
    plugin: String,
    seen: Seen,
}

/// One call, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) outcome: Outcome,
    /// What the plugin itself answered, if it did.
    pub(crate) raw: Option<Raw>,
    /// What it was asked with.
    pub(crate) input: Value,
    pub(crate) elapsed: Duration,
}

/// What a caller is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// A notification arrived.
    Told,
    /// An answer; of a chain, the value that it ended with.
    Answered(Value),
    /// The plugin failed.
    Failed { cause: CauseClass, code: String, message: String },
    /// The host did not take the input, or found nobody for it.
    NotAsked(String),
}

impl Outcome {
    /// As data: what two calls are compared by, and what a transcript shows.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Told => json!("told"),
            Self::Answered(value) => json!({ "answered": value }),
            // Messages may name places and moments.
            Self::Failed { cause, code, .. } => json!({ "failed": cause, "code": code }),
            Self::NotAsked(_) => json!("not asked"),
        }
    }

    /// As far as one plugin is concerned.
    fn of(outcome: outcome::Outcome, who: &str) -> Self {
        use outcome::Outcome as Came;
        match outcome {
            Came::Delivered => Self::Told,
            Came::Answer { by, value } if by == who => Self::Answered(value),
            Came::Answer { by, .. } => Self::NotAsked(format!("{by} was chosen")),
            Came::Chained { ran: true, value, .. } => Self::Answered(value),
            Came::Chained { ran: false, .. } | Came::NotCalled => {
                Self::NotAsked("it was not called".into())
            }
            Came::Failed { plugin, cause, code, text, .. } if plugin == who => {
                Self::Failed { cause, code: code.unwrap_or_default(), message: text }
            }
            Came::Failed { plugin, text, .. } => Self::NotAsked(format!("{plugin} failed: {text}")),
            Came::Refused { text, .. } => Self::NotAsked(text),
        }
    }
}

impl Stage {
    /// Starts a registry with one new instance, and those that it depends on.
    ///
    /// # Errors
    /// Why the plugin is not ready.
    pub(crate) async fn start(
        subject: &Subject,
        catalog: &Catalog,
        config: &Value,
    ) -> Result<Self, String> {
        let instance = subject.open().await.map_err(|why| format!("it cannot be opened: {why}"))?;
        Self::with(subject, catalog, config, instance).await
    }

    /// As [`start`](Self::start), with an instance that the caller made.
    ///
    /// # Errors
    /// Why the plugin is not ready.
    pub(crate) async fn with(
        subject: &Subject,
        catalog: &Catalog,
        config: &Value,
        instance: Arc<dyn Plugin>,
    ) -> Result<Self, String> {
        let seen = Seen::default();
        let witness = Witness::new(instance, seen.clone());
        Self::behind(witness, seen, subject, catalog, config).await
    }

    /// As [`with`](Self::with), and its events are watched.
    ///
    /// # Errors
    /// Why the plugin is not ready.
    pub(crate) async fn observed(
        subject: &Subject,
        catalog: &Catalog,
        config: &Value,
        instance: Arc<dyn Plugin>,
        observer: Observer,
    ) -> Result<Self, String> {
        let seen = Seen::default();
        let witness = Witness::observing(instance, seen.clone(), observer);
        Self::behind(witness, seen, subject, catalog, config).await
    }

    async fn behind(
        witness: Witness,
        seen: Seen,
        subject: &Subject,
        catalog: &Catalog,
        config: &Value,
    ) -> Result<Self, String> {
        let witness: Arc<dyn Plugin> = Arc::new(witness);
        let mut builder = empty(catalog);
        for companion in subject.companions() {
            let opened = companion.open().await;
            let opened =
                opened.map_err(|why| format!("{} cannot be opened: {why}", companion.name()))?;
            builder = builder.plugins([opened]);
            if !companion.config().is_null() {
                builder = builder.config(companion.name(), companion.config().clone());
            }
        }
        builder = subject.host(builder.plugins([witness]));
        if !config.is_null() {
            builder = builder.config(subject.name(), config.clone());
        }
        let registry = builder.start().await.map_err(|error| error.to_string())?;
        let manifest = subject.manifest();
        let kind = format!("{}@{}", manifest.kind, manifest.kind_major().unwrap_or_default());
        let stage = Self { registry, kind, plugin: subject.name().to_owned(), seen };
        match stage.snapshot() {
            Some(own) if own.state == State::Ready => Ok(stage),
            Some(own) => {
                let why = format!("after its setup it is {}: {}", own.state.as_str(), own.reason);
                // What failed to start has nothing that could fail to stop.
                let _ = stage.registry.stop().await;
                Err(why)
            }
            None => Err("the registry does not have it".into()),
        }
    }

    /// One call.
    pub(crate) async fn ask(&self, hook: &Hook, caller: &Caller, input: &Value) -> Asked {
        drop(self.seen.take());
        let begun = Instant::now();
        let outcome = self.outcome(hook, caller, input.clone()).await;
        let elapsed = begun.elapsed();
        Asked { outcome, raw: self.seen.take(), input: input.clone(), elapsed }
    }

    /// What comes of one call, for those who make many at once.
    pub(crate) async fn outcome(&self, hook: &Hook, caller: &Caller, input: Value) -> Outcome {
        let who = self.plugin.as_str();
        let timed = outcome::dispatch(&self.registry, &self.kind, hook, caller, input, who).await;
        Outcome::of(timed.outcome, who)
    }

    /// What the registry knows of the plugin.
    pub(crate) fn snapshot(&self) -> Option<PluginSnapshot> {
        let plugins = self.registry.snapshot().plugins;
        plugins.into_iter().find(|each| each.name == self.plugin)
    }

    /// Ends it.
    ///
    /// # Errors
    /// What the plugin's teardown had to complain about.
    pub(crate) async fn stop(&self) -> Result<(), String> {
        self.registry.stop().await.map_err(|errors| errors.to_string())
    }
}

/// A registry as the suite makes it, before the subject says what its host must have. Whatever
/// permission a subscription asks for is held.
pub(crate) fn empty(catalog: &Catalog) -> RegistryBuilder {
    let permissions: Arc<Permissions> = Arc::new(|_: &str, _: &str| true);
    let events = BusOptions { permissions: Some(permissions), ..BusOptions::default() };
    Registry::builder().catalog(catalog.clone()).environment(|_| None).events(events)
}

/// The hooks of its kind that a subject has, in the order of the kind.
pub(crate) fn hooks_of(subject: &Subject, kind: &Kind) -> Vec<Arc<Hook>> {
    let has = |hook: &&Arc<Hook>| subject.hooks().contains(&hook.name);
    kind.hooks.iter().filter(has).cloned().collect()
}
