//! `SEC`: what a stranger's plugin may not do to the process that it runs in.
//!
//! Most of it is judged by the parent, which sees how the process of a check ended and what it wrote:
//! the work of these checks is to make the plugin do what it does.

use serde_json::{Value, json};

use crate::check::{Check, Run};
use crate::found::{Checked, Found};
use crate::generate::Sort;
use crate::inputs::{inputs, ordinary};
use crate::process::{children, files};
use crate::report::Finding;
use crate::scene::Scene;
use crate::short::short;
use crate::stage::{Outcome, Stage};
use crate::subject::Subject;
use crate::verdict::{Level, Profile};
use crate::witness::Raw;

const SEC: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Security,
    laws: &["ISO-1"],
    since: "0.1",
    about: "",
    run: Run::Async(|scene| Box::pin(stays(scene))),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "SEC-001",
        title: "The plugin does not end the process",
        about: "Setup, calls of every sort and teardown, in a process of its own that must live \
                through them: no exit, no abort, no signal, no stack overflow.",
        ..SEC
    },
    Check {
        id: "SEC-002",
        title: "The plugin does not flood standard output and standard error",
        about: "Both belong to the host. More than 1 MiB over the calls of this check is a flood; log \
                through the context instead.",
        run: Run::Async(|scene| Box::pin(talks_little(scene))),
        ..SEC
    },
    Check {
        id: "SEC-003",
        title: "The plugin leaves no process behind",
        about: "After teardown no process may be running that it started, directly or through others.",
        run: Run::Async(|scene| Box::pin(leaves_no_process(scene))),
        ..SEC
    },
    Check {
        id: "SEC-004",
        title: "The plugin's memory is bounded",
        about: "The calls are made in a process that may hold 1 GiB. Whoever asks for more gets none, \
                and then the process ends.",
        laws: &["SIZE-1", "ISO-1"],
        run: Run::Async(|scene| Box::pin(stays(scene))),
        ..SEC
    },
    Check {
        id: "SEC-005",
        title: "A secret of the configuration is told to nobody",
        about: "Fields of `config_schema` that are `writeOnly`, `x-sensitive` or passwords get a word \
                of the suite's. It must not come back: in no answer, no fault, no health, no log and \
                no output.",
        laws: &["ADR-0001"],
        run: Run::Async(|scene| Box::pin(keeps_secrets(scene))),
        ..SEC
    },
    Check {
        id: "SEC-006",
        title: "The plugin leaves no file where the host was started",
        about: "The process stands in an empty folder, which must be empty afterwards.",
        laws: &["ADR-0003"],
        run: Run::Async(|scene| Box::pin(leaves_no_file(scene))),
        ..SEC
    },
];

/// Setup, calls of every sort, teardown.
async fn everything(scene: &Scene, stage: &Stage) -> Result<usize, Found> {
    let mut calls = 0;
    for hook in scene.hooks()? {
        for sort in [
            Sort::Valid,
            Sort::Boundary,
            Sort::Unicode,
            Sort::UnknownField,
            Sort::Deep,
            Sort::Large,
        ] {
            let manifest = scene.subject.manifest();
            for input in inputs(manifest, &hook, sort, scene.seed, 12).unwrap_or_default() {
                scene.ask(stage, &hook, &input).await;
                calls += 1;
            }
        }
    }
    scene.about_to("tear it down");
    // How it ends is for the lifecycle checks to say.
    let _ = stage.stop().await;
    Ok(calls)
}

async fn stays(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    let calls = everything(scene, &stage).await?;
    Ok(Found::pass(format!("{calls} calls")))
}

async fn talks_little(scene: &Scene) -> Checked {
    stays(scene).await
}

async fn leaves_no_process(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    for hook in scene.hooks()? {
        for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 12) {
            scene.ask(&stage, &hook, &input).await;
        }
    }
    let _ = stage.stop().await;
    let until = std::time::Instant::now() + scene.allowed(1_000);
    while !children().is_empty() && std::time::Instant::now() < until {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let finding = |(id, name): (u32, String)| Finding {
        message: format!("process {id} (`{name}`) still runs after its teardown"),
        ..Finding::default()
    };
    Ok(Found::of(children().into_iter().map(finding).collect(), "no process"))
}

async fn leaves_no_file(scene: &Scene) -> Checked {
    let folder = std::env::current_dir().map_err(|error| Found::error(error.to_string()))?;
    let before = files(&folder);
    let stage = scene.stage().await?;
    for hook in scene.hooks()? {
        for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 12) {
            scene.ask(&stage, &hook, &input).await;
        }
    }
    let _ = stage.stop().await;
    let left: Vec<String> = files(&folder).into_iter().filter(|f| !before.contains(f)).collect();
    match left.first() {
        None => Ok(Found::pass("no file")),
        Some(first) => {
            Ok(Found::fail(format!("it leaves {} files there, the first: {first}", left.len())))
        }
    }
}

/// The check that looks for a secret in all that is written.
pub(crate) const SECRETS: &str = "SEC-005";

/// The check that runs with little memory.
pub(crate) const MEMORY: &str = "SEC-004";
/// The check whose output is counted.
pub(crate) const OUTPUT: &str = "SEC-002";
/// The check after which nothing may be running.
pub(crate) const PROCESSES: &str = "SEC-003";

/// The word that must not come back.
pub(crate) fn secret(seed: u64) -> String {
    format!("hookspec-secret-{seed:016x}")
}

/// The fields of a configuration that are secret.
fn secret_fields(schema: Option<&Value>) -> impl Iterator<Item = &String> {
    let properties = schema.and_then(|schema| schema.get("properties")?.as_object());
    let is_secret = |field: &Value| {
        let flag = |key: &str| field[key] == true;
        flag("writeOnly") || flag("x-sensitive") || field["format"] == "password"
    };
    properties
        .into_iter()
        .flatten()
        .filter(move |(_, field)| is_secret(field))
        .map(|(name, _)| name)
}

/// What of a plugin's configuration no report may show.
pub(crate) fn secrets(subject: &Subject) -> Vec<String> {
    let fields = secret_fields(subject.manifest().config_schema.as_ref());
    let values = fields.filter_map(|name| subject.config().get(name)?.as_str());
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// The configuration with the word in every secret field, if there is one.
fn with_secret(own: &Value, schema: Option<&Value>, word: &str) -> Option<Value> {
    let mut config = own.as_object().cloned().unwrap_or_default();
    let mut any = false;
    for name in secret_fields(schema) {
        config.insert(name.clone(), json!(word));
        any = true;
    }
    any.then_some(Value::Object(config))
}

async fn keeps_secrets(scene: &Scene) -> Checked {
    let word = secret(scene.seed);
    let schema = scene.subject.manifest().config_schema.as_ref();
    let Some(config) = with_secret(&scene.config(), schema, &word) else {
        return Ok(Found::not_applicable("its config_schema names no secret"));
    };
    let stage = match Stage::start(&scene.subject, &scene.catalog, &config).await {
        Ok(stage) => stage,
        // A plugin may see that the word is no real one; it must not repeat it.
        Err(why) if why.contains(&word) => {
            return Ok(Found::fail("the fault of its setup tells a secret of its configuration"));
        }
        Err(why) => return Ok(Found::not_verified(format!("it does not start with it: {why}"))),
    };
    let mut findings = Vec::new();
    for hook in scene.hooks()? {
        for sort in [Sort::Valid, Sort::Boundary, Sort::Unicode] {
            let manifest = scene.subject.manifest();
            for input in inputs(manifest, &hook, sort, scene.seed, 12).unwrap_or_default() {
                let asked = scene.ask(&stage, &hook, &input).await;
                let told = match (&asked.outcome, &asked.raw) {
                    (Outcome::Failed { message, .. }, Some(Raw::Fault(fault))) => {
                        format!("{message} {}", fault.data())
                    }
                    (Outcome::Failed { message, .. }, _) => message.clone(),
                    (other, _) => other.value().to_string(),
                };
                if told.contains(&word) {
                    findings.push(Finding {
                        message: format!(
                            "it tells a secret of its configuration: {}",
                            short(&json!(told.replace(&word, "[secret]")))
                        ),
                        hook: Some(hook.name.to_string()),
                        input: Some(input),
                    });
                }
            }
        }
    }
    let _ = stage.stop().await;
    Ok(Found::of(findings, "it comes back nowhere"))
}
