//! [`Scene`]: what a check is given to work with.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookspec_plugin::Caller;
use hookspec_spec::{Catalog, Hook, Kind};
use serde_json::Value;

use crate::found::Found;
use crate::report::Exchange;
use crate::run::Launcher;
use crate::short::short;
use crate::stage::{Asked, Outcome, Stage, hooks_of};
use crate::subject::Subject;

/// How many calls a transcript keeps: the last ones.
const KEPT: usize = 12;

/// What a check is given to work with.
pub(crate) struct Scene {
    pub(crate) subject: Arc<Subject>,
    pub(crate) catalog: Catalog,
    pub(crate) seed: u64,
    /// What the times that are allowed are multiplied with.
    pub(crate) scale: f64,
    /// A folder of its own, empty at first, and gone afterwards.
    pub(crate) folder: PathBuf,
    /// Runs the same plugin in another process, where that is possible.
    pub(crate) launcher: Option<Launcher>,
    /// Where the parent reads what was about to be done, should this process end.
    pub(crate) crumb: Option<PathBuf>,
    pub(crate) transcript: Mutex<VecDeque<Exchange>>,
}

impl Scene {
    /// A time that is allowed.
    pub(crate) fn allowed(&self, milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds).mul_f64(self.scale)
    }

    /// The kind of the plugin.
    ///
    /// # Errors
    /// It is unknown, so that nothing else can be verified.
    pub(crate) fn kind(&self) -> Result<Arc<Kind>, Found> {
        self.subject.kind(&self.catalog).ok_or_else(|| {
            let manifest = self.subject.manifest();
            let (kind, version) = (&manifest.kind, &manifest.kind_api_version);
            Found::not_verified(format!("kind `{kind}` version {version} is not known here"))
        })
    }

    /// The hooks of the kind that the plugin has.
    ///
    /// # Errors
    /// The kind is unknown.
    pub(crate) fn hooks(&self) -> Result<Vec<Arc<Hook>>, Found> {
        Ok(hooks_of(&self.subject, &*self.kind()?))
    }

    /// A registry with a new instance of the plugin.
    ///
    /// # Errors
    /// It does not start, so that nothing else can be verified.
    pub(crate) async fn stage(&self) -> Result<Stage, Found> {
        self.try_stage()
            .await
            .map_err(|why| Found::not_verified(format!("it does not start: {why}")))
    }

    /// As [`stage`](Self::stage).
    ///
    /// # Errors
    /// Why it does not start.
    pub(crate) async fn try_stage(&self) -> Result<Stage, String> {
        self.about_to("start it");
        Stage::start(&self.subject, &self.catalog, &self.config()).await
    }

    /// The plugin's configuration, with the folder of this check in it.
    pub(crate) fn config(&self) -> Value {
        filled(self.subject.config(), &self.folder.display().to_string())
    }

    /// One call, written down.
    pub(crate) async fn ask(&self, stage: &Stage, hook: &Hook, input: &Value) -> Asked {
        self.ask_as(stage, hook, &Caller::new(), input).await
    }

    /// One call on behalf of a caller, written down.
    pub(crate) async fn ask_as(
        &self,
        stage: &Stage,
        hook: &Hook,
        caller: &Caller,
        input: &Value,
    ) -> Asked {
        self.about_to_call(hook, input);
        let asked = stage.ask(hook, caller, input).await;
        self.wrote_down(hook, input, &asked);
        asked
    }

    /// What comes next, for whoever finds this process dead.
    pub(crate) fn about_to(&self, what: &str) {
        if let Some(crumb) = &self.crumb {
            // Whether it can be written changes a message, and nothing else.
            let _ = std::fs::write(crumb, what);
        }
    }

    pub(crate) fn about_to_call(&self, hook: &Hook, input: &Value) {
        if self.crumb.is_some() {
            self.about_to(&format!("call `{}` with {}", hook.name, short(input)));
        }
    }

    fn wrote_down(&self, hook: &Hook, input: &Value, asked: &Asked) {
        let (outcome, output) = match &asked.outcome {
            Outcome::Told => ("told".to_owned(), Value::Null),
            Outcome::Answered(value) => ("answered".into(), value.clone()),
            Outcome::Failed { cause, message, .. } => (cause.to_string(), message.clone().into()),
            Outcome::NotAsked(why) => ("not asked".into(), why.clone().into()),
        };
        let mut transcript = self.transcript.lock().unwrap_or_else(PoisonError::into_inner);
        if transcript.len() == KEPT {
            transcript.pop_front();
        }
        let elapsed_us = u64::try_from(asked.elapsed.as_micros()).unwrap_or(u64::MAX);
        let (hook, input) = (hook.name.to_string(), input.clone());
        transcript.push_back(Exchange { hook, input, outcome, output, elapsed_us });
    }
}

/// `${folder}` in every text.
fn filled(value: &Value, folder: &str) -> Value {
    match value {
        Value::String(text) => text.replace("${folder}", folder).into(),
        Value::Array(items) => items.iter().map(|each| filled(each, folder)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, each)| (name.clone(), filled(each, folder))).collect()
        }
        other => other.clone(),
    }
}
