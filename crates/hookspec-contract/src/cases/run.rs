//! Runs one case with one plugin: a registry of its own, a folder of its own, a bounded time.

use std::path::Path;
use std::sync::Arc;

use futures::future::join_all;
use hookspec_host::{PluginSnapshot, Registry, RegistryBuilder, State};
use hookspec_plugin::Caller;
use serde_json::Value;

use super::judge::{Asked, contains, judge};
use super::mistake::{Mistake, join};
use super::model::{Case, FileCheck, Step, Wanted};
use super::pattern::{Difference, same};
use super::placeholder::Facts;
use super::suite::Trial;
use crate::outcome::{self, Outcome, Timed};
use crate::short::short;

pub(super) fn run(trial: &Trial) -> Result<(), Vec<Mistake>> {
    let case = &trial.case;
    let all = |found: Vec<Difference>| {
        let mistake = |each: Difference| Mistake::at(&case.document, &each.at, each.text);
        found.into_iter().map(mistake).collect::<Vec<_>>()
    };
    let cannot = |why: String| vec![case.mistake(why)];
    let folder = tempfile::tempdir().map_err(|error| cannot(error.to_string()))?;
    // Two threads: a plugin that blocks the one it is polled on does not stop the clock.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| cannot(error.to_string()))?;
    let builder = runtime.block_on(stage(trial, folder.path())).map_err(cannot)?;
    let path = folder.path().to_owned();
    let whole = trial.clone();
    let work = runtime.spawn(async move { play(&whole, builder, &path).await });
    let ended = runtime.block_on(async { tokio::time::timeout(trial.longest, work).await });
    // What the plugin left running must not hold the test up.
    runtime.shutdown_background();
    let found = match ended {
        Err(_) => return Err(cannot(format!("it did not end within {:?}", trial.longest))),
        Ok(Err(error)) => return Err(cannot(format!("the runner itself failed: {error}"))),
        Ok(Ok(played)) => played.map_err(cannot)?,
    };
    if found.is_empty() { Ok(()) } else { Err(all(found)) }
}

/// The files of the case, and the registry to be.
async fn stage(trial: &Trial, folder: &Path) -> Result<RegistryBuilder, String> {
    let given = &trial.case.given;
    for (name, text) in &given.files {
        let path = folder.join(name);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut builder = Registry::builder().catalog(trial.catalog.clone()).environment(|_| None);
    for subject in std::iter::once(&trial.subject).chain(&trial.beside) {
        let manifest = subject.manifest_value();
        let facts = Facts { folder, plugin: subject.name(), manifest: &manifest };
        let own = Arc::ptr_eq(subject, &trial.subject);
        let config = given.config.as_ref().filter(|_| own).unwrap_or(subject.config());
        builder = subject.host(builder.plugins([subject.open().await?]));
        if !config.is_null() {
            builder = builder.config(subject.name(), facts.fill(config)?);
        }
    }
    Ok(builder)
}

/// From the start of the registry to its end.
async fn play(
    trial: &Trial,
    builder: RegistryBuilder,
    folder: &Path,
) -> Result<Vec<Difference>, String> {
    let (case, subject) = (&*trial.case, &trial.subject);
    let manifest = subject.manifest_value();
    let facts = Facts { folder, plugin: subject.name(), manifest: &manifest };
    let registry = builder.start().await.map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    let own = snapshot(&registry, subject.name())?;
    if own.state != State::Ready && case.after.state != Some(State::Unavailable) {
        return Err(format!("after its setup it is {}: {}", own.state.as_str(), own.reason));
    }
    for (index, step) in case.steps.iter().enumerate() {
        let call = format!("call {}, `{}`", index + 1, step.hook.name);
        for each in play_step(&registry, case, step, &facts).await? {
            found.push(Difference { text: format!("{call}: {}", each.text), ..each });
        }
    }
    found.extend(state(case, &registry, &facts)?);
    if let Err(errors) = registry.stop().await {
        let text = format!("the plugin could not be torn down: {errors}");
        found.push(Difference { at: case.at.clone(), text });
    }
    for (name, check) in &case.after.files {
        found.extend(file(&folder.join(name), check, &facts)?);
    }
    Ok(found)
}

async fn play_step(
    registry: &Registry,
    case: &Case,
    step: &Step,
    facts: &Facts<'_>,
) -> Result<Vec<Difference>, String> {
    let input = facts.fill(&step.input)?;
    let who = step.expect.by.as_deref().unwrap_or(facts.plugin);
    let kind = format!("{}@{}", case.kind.name, case.kind.major());
    let before = snapshot(registry, facts.plugin)?.calls;
    let once = async || {
        let mut caller = Caller::new();
        for (key, value) in &case.given.metadata {
            caller = caller.with_metadata(key.clone(), value.clone());
        }
        if let Some(deadline) = case.given.deadline {
            caller = caller.with_timeout(deadline);
        }
        outcome::dispatch(registry, &kind, &step.hook, &caller, input.clone(), who).await
    };
    let mut outcomes = join_all((0..step.concurrently).map(|_| once())).await;
    for _ in 1..step.times {
        outcomes.push(once().await);
    }
    let asked = Asked { hook: &step.hook, input: &input, facts };
    for timed in &outcomes {
        let found = judge(&step.expect, timed, asked)?;
        if !found.is_empty() {
            // The first that differs says it; a thousand more would say the same.
            return Ok(found);
        }
    }
    let mut found = Vec::new();
    let calls = snapshot(registry, facts.plugin)?.calls - before;
    if matches!(step.expect.wanted, Wanted::Refused { .. }) && calls > 0 {
        let text = format!("expected the plugin not to be called, it was, {calls} times");
        found.push(Difference { at: join(&step.expect.at, "refused"), text });
    }
    if step.expect.alike {
        found.extend(alike(&outcomes, &join(&step.expect.at, "alike")));
    }
    Ok(found)
}

/// Calls of an idempotent hook answer the same.
fn alike(outcomes: &[Timed], at: &str) -> Option<Difference> {
    let value = |timed: &Timed| match &timed.outcome {
        Outcome::Answer { value, .. } | Outcome::Chained { value, .. } => value.clone(),
        other => Value::String(other.to_string()),
    };
    let first = value(outcomes.first()?);
    let other = outcomes.iter().map(value).find(|other| !same(&first, other))?;
    let text =
        format!("expected one outcome each time, got {} and {}", short(&first), short(&other));
    Some(Difference { at: at.to_owned(), text })
}

fn state(case: &Case, registry: &Registry, facts: &Facts<'_>) -> Result<Vec<Difference>, String> {
    let own = snapshot(registry, facts.plugin)?;
    let mut found = Vec::new();
    if let Some(wanted) = case.after.state.filter(|wanted| *wanted != own.state) {
        let (wanted, got) = (wanted.as_str(), own.state.as_str());
        let text = format!("expected the plugin to be {wanted}, it is {got}: {}", own.reason);
        found.push(Difference { at: format!("{}/after/state", case.at), text });
    }
    let at = format!("{}/after/reason_contains", case.at);
    found.extend(contains(&case.after.reason, &own.reason, &at, facts)?);
    Ok(found)
}

fn file(path: &Path, check: &FileCheck, facts: &Facts<'_>) -> Result<Vec<Difference>, String> {
    let read =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    match check {
        FileCheck::Absent(at) if path.exists() => {
            let text = format!("expected no file, got {read:?}");
            Ok(vec![Difference { at: at.clone(), text }])
        }
        FileCheck::Absent(_) => Ok(Vec::new()),
        FileCheck::Text(pattern) => pattern.differences(&Value::String(read?), facts),
        FileCheck::JsonLines(pattern) => {
            let text = read?;
            let line = |line: &str| {
                serde_json::from_str(line).map_err(|error| format!("{line:?}: {error}"))
            };
            let lines = text.lines().map(line).collect::<Result<_, String>>()?;
            pattern.differences(&Value::Array(lines), facts)
        }
    }
}

fn snapshot(registry: &Registry, plugin: &str) -> Result<PluginSnapshot, String> {
    let plugins = registry.snapshot().plugins;
    plugins
        .into_iter()
        .find(|each| each.name == plugin)
        .ok_or_else(|| format!("the registry has no plugin `{plugin}` after it was added"))
}
