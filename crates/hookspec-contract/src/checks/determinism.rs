//! `DET`: the same input, the same answer; and what two runs are compared by.

use std::sync::Arc;

use hookspec_host::CauseClass;
use hookspec_plugin::IdempotencyMode;
use hookspec_spec::{Catalog, Hook};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::check::{Check, Run};
use crate::found::{Checked, Found};
use crate::inputs::ordinary;
use crate::report::Finding;
use crate::scene::Scene;
use crate::short::short;
use crate::stage::{Outcome, Stage, hooks_of};
use crate::subject::Subject;
use crate::verdict::{Level, Profile};

const DET: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Core,
    laws: &["ADR-0003"],
    since: "0.1",
    about: "",
    run: Run::Blocking(repeated),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "DET-001",
        title: "An idempotent hook answers the same ten times",
        about: "`idempotent: true` lets a caller ask again. The same instance is asked ten times with \
                each of some inputs.",
        ..DET
    },
    Check {
        id: "DET-002",
        title: "A new instance answers as the one before it",
        about: "Three instances, one after another, are asked the same. It binds hooks that are \
                `idempotent`, and all hooks of a plugin whose `unit_of_work` says so; of others it \
                is only looked at.",
        run: Run::Blocking(fresh_instances),
        ..DET
    },
    Check {
        id: "DET-003",
        title: "The answers are the same on every async runtime",
        about: "On a runtime of one thread and on one of several. Hooks whose answers differ anyway \
                are left out.",
        run: Run::Blocking(runtimes),
        ..DET
    },
    Check {
        id: "DET-004",
        title: "The answers are the same in another process",
        about: "A plugin may be hosted in a process of its own at any time. Hooks whose answers \
                differ anyway are left out.",
        run: Run::Blocking(processes),
        ..DET
    },
];

/// How many inputs of each hook are compared.
const INPUTS: usize = 6;

/// One answer, and what it is the answer to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) hook: String,
    pub(crate) input: Value,
    pub(crate) outcome: Value,
}

/// Everything that a new instance answers to the same questions as ever.
///
/// # Errors
/// It does not start.
pub(crate) async fn answers(
    subject: &Subject,
    catalog: &Catalog,
    config: &Value,
    seed: u64,
) -> Result<Vec<Answer>, String> {
    let kind = subject.kind(catalog).ok_or_else(|| "its kind is not known".to_owned())?;
    let stage = Stage::start(subject, catalog, config).await?;
    let mut found = Vec::new();
    for hook in hooks_of(subject, &kind) {
        for input in ordinary(subject.manifest(), &hook, seed, INPUTS) {
            let outcome =
                stage.outcome(&hook, &hookspec_plugin::Caller::new(), input.clone()).await;
            // What takes too long once takes too long anywhere: RES-003 tells.
            let slow = matches!(&outcome, Outcome::Failed { cause: CauseClass::TimedOut, .. });
            found.push(Answer { hook: hook.name.to_string(), input, outcome: outcome.value() });
            if slow {
                break;
            }
        }
    }
    // How it ends is the lifecycle checks' business.
    let _ = stage.stop().await;
    Ok(found)
}

/// A runtime of some threads.
///
/// # Errors
/// The system has none to give.
pub(crate) fn runtime(threads: usize) -> Result<Runtime, Found> {
    let built = match threads {
        1 => Builder::new_current_thread().enable_all().build(),
        more => Builder::new_multi_thread().worker_threads(more).enable_all().build(),
    };
    built.map_err(|error| Found::error(format!("there is no async runtime: {error}")))
}

fn here(scene: &Scene, threads: usize) -> Result<Vec<Answer>, Found> {
    let runtime = runtime(threads)?;
    let config = scene.config();
    scene.about_to("answer some inputs");
    let (subject, catalog, seed) = (Arc::clone(&scene.subject), scene.catalog.clone(), scene.seed);
    // Spawned, as an application's requests are: so on several threads it is one of them that calls.
    let asked = runtime.spawn(async move { answers(&subject, &catalog, &config, seed).await });
    let found = runtime.block_on(asked);
    runtime.shutdown_background();
    let found = found.map_err(|lost| Found::error(format!("the suite itself failed: {lost}")))?;
    found.map_err(|why| Found::not_verified(format!("it does not start: {why}")))
}

/// What differs between two lists of answers to the same questions.
pub(super) fn differences(
    one: &[Answer],
    other: &[Answer],
    names: (&str, &str),
    counts: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let pairs = one.iter().zip(other).filter(|(a, b)| a.outcome != b.outcome && counts(&a.hook));
    pairs
        .map(|(a, b)| Finding {
            message: format!(
                "{}: {}; {}: {}",
                names.0,
                short(&a.outcome),
                names.1,
                short(&b.outcome)
            ),
            hook: Some(a.hook.clone()),
            input: Some(a.input.clone()),
        })
        .collect()
}

/// Answers of this process, and the hooks whose answers do not differ by themselves.
///
/// # Errors
/// There is nothing to compare.
pub(super) fn stable(scene: &Scene) -> Result<(Vec<Answer>, Vec<String>), Found> {
    let (one, other) = (here(scene, 2)?, here(scene, 2)?);
    let differ = differences(&one, &other, ("", ""), |_| true);
    let mut hooks: Vec<String> = one.iter().map(|answer| answer.hook.clone()).collect();
    hooks.dedup();
    hooks.retain(|hook| !differ.iter().any(|each| each.hook.as_ref() == Some(hook)));
    if one.iter().all(|answer| answer.outcome == "told" || answer.outcome == "not asked") {
        return Err(Found::not_applicable("its hooks answer nothing that could differ"));
    }
    if hooks.is_empty() {
        return Err(Found::not_applicable("its answers differ each time, and nothing forbids it"));
    }
    Ok((one, hooks))
}

fn binding(scene: &Scene, hook: &Hook) -> bool {
    hook.idempotent
        || scene.subject.manifest().unit_of_work.idempotency_mode != IdempotencyMode::None
}

fn repeated(scene: &Scene) -> Checked {
    let hooks: Vec<Arc<Hook>> = scene.hooks()?.into_iter().filter(|hook| hook.idempotent).collect();
    if hooks.is_empty() {
        return Ok(Found::not_applicable("none of its hooks is idempotent"));
    }
    let runtime = runtime(2)?;
    let (mut findings, mut inputs) = (Vec::new(), 0);
    runtime.block_on(async {
        let stage = scene.stage().await?;
        for hook in &hooks {
            for input in ordinary(scene.subject.manifest(), hook, scene.seed, INPUTS) {
                inputs += 1;
                let first = scene.ask(&stage, hook, &input).await.outcome;
                for time in 2..=10 {
                    let again = scene.ask(&stage, hook, &input).await.outcome;
                    if again.value() != first.value() {
                        let message = format!(
                            "the first time: {}; time {time}: {}",
                            short(&first.value()),
                            short(&again.value())
                        );
                        let (hook, input) = (Some(hook.name.to_string()), Some(input));
                        findings.push(Finding { message, hook, input });
                        break;
                    }
                }
            }
        }
        Ok(())
    })?;
    runtime.shutdown_background();
    Ok(Found::of(findings, format!("{inputs} inputs, ten times each")))
}

fn fresh_instances(scene: &Scene) -> Checked {
    let hooks = scene.hooks()?;
    let bound: Vec<&str> =
        hooks.iter().filter(|hook| binding(scene, hook)).map(|hook| hook.name.as_str()).collect();
    let first = here(scene, 2)?;
    let mut undeclared = 0;
    for _ in 0..2 {
        let again = here(scene, 2)?;
        let names = ("one instance", "another");
        let findings = differences(&first, &again, names, |hook| bound.contains(&hook));
        if !findings.is_empty() {
            return Ok(Found::of(findings, ""));
        }
        undeclared = differences(&first, &again, names, |hook| !bound.contains(&hook)).len();
    }
    Ok(match (bound.is_empty(), undeclared) {
        (true, 0) => Found::pass("nothing asks for it, and three instances answer the same"),
        (true, _) => Found::not_applicable("its answers differ, and nothing forbids it"),
        (false, _) => {
            Found::pass(format!("three instances answer {} inputs the same", first.len()))
        }
    })
}

fn runtimes(scene: &Scene) -> Checked {
    let (several, hooks) = stable(scene)?;
    let one = here(scene, 1)?;
    let names = ("on several threads", "on one");
    let findings = differences(&several, &one, names, |hook| hooks.iter().any(|own| own == hook));
    Ok(Found::of(findings, format!("{} answers on both", one.len())))
}

fn processes(scene: &Scene) -> Checked {
    let (own, hooks) = stable(scene)?;
    let other = super::ambient::elsewhere(scene, &[], None)?;
    let names = ("in this process", "in another");
    let findings = differences(&own, &other, names, |hook| hooks.iter().any(|own| own == hook));
    Ok(Found::of(findings, format!("{} answers in both", own.len())))
}
