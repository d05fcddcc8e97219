//! `RES-001` to `RES-003`, `RES-006`: panics, faults, time, and many callers at once.

use futures::future::join_all;
use hookspec_host::{CauseClass, State};
use hookspec_plugin::Caller;
use hookspec_spec::Hook;
use serde_json::Value;

use super::samples::{Look, each};
use crate::check::{Check, Run};
use crate::found::{Checked, Found, Tally};
use crate::generate::Sort;
use crate::inputs::ordinary;
use crate::report::Finding;
use crate::scene::Scene;
use crate::short::short;
use crate::stage::{Asked, Outcome};
use crate::verdict::{Level, Profile};
use crate::witness::Raw;

const RES: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Resilience,
    laws: &["ISO-1"],
    since: "0.1",
    about: "",
    run: Run::Async(|scene| Box::pin(no_panic(scene))),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "RES-001",
        title: "No input that the schema accepts makes the plugin panic",
        about: "Inputs of every sort. A host contains a panic; what the plugin was doing is lost all \
                the same. Answer a fault instead.",
        ..RES
    },
    Check {
        id: "RES-002",
        title: "A fault says what is wrong, and harms no later call",
        about: "A fault has a code and a message. After one, an input that was answered before is \
                answered the same, and the plugin is ready.",
        run: Run::Async(|scene| Box::pin(faults_are_contained(scene))),
        ..RES
    },
    Check {
        id: "RES-003",
        title: "Every call ends within the time of its hook",
        laws: &["DEADLINE-1"],
        about: "The hook's `timeout_ms`, or 30 seconds. Who needs longer for some inputs should say \
                so with a fault, or answer in parts.",
        run: Run::Async(|scene| Box::pin(in_time(scene))),
        ..RES
    },
    Check {
        id: "RES-006",
        title: "64 calls at once are answered as one after another",
        laws: &["COLLECT-2", "ADR-0003"],
        about: "The answers of 64 concurrent calls are compared with those of the same calls made \
                one after another on a new instance, in any order. Answers that differ by themselves \
                are left out.",
        run: Run::Async(|scene| Box::pin(many_at_once(scene))),
        ..RES
    },
];

const SORTS: [Sort; 6] =
    [Sort::Valid, Sort::Boundary, Sort::Unicode, Sort::UnknownField, Sort::Deep, Sort::Large];

async fn no_panic(scene: &Scene) -> Checked {
    fn look(_: &Hook, asked: &Asked) -> Look {
        match &asked.outcome {
            Outcome::Failed { cause: CauseClass::Panicked, message, .. } => {
                Look::Wrong(message.clone())
            }
            Outcome::Failed { cause: CauseClass::Gone, message, .. } => {
                Look::Wrong(message.clone())
            }
            Outcome::NotAsked(_) => Look::Nothing,
            _ => Look::Fine,
        }
    }
    let stage = scene.stage().await?;
    let mut tally = Tally::default();
    for sort in SORTS {
        each(scene, &stage, sort, look, &mut tally).await;
    }
    Ok(tally.found("calls"))
}

async fn in_time(scene: &Scene) -> Checked {
    fn look(_: &Hook, asked: &Asked) -> Look {
        match &asked.outcome {
            Outcome::Failed { cause: CauseClass::TimedOut, .. } => {
                Look::Wrong(format!("it did not answer within {:?}", asked.elapsed))
            }
            Outcome::NotAsked(_) => Look::Nothing,
            _ => Look::Fine,
        }
    }
    let stage = scene.stage().await?;
    let mut tally = Tally::default();
    for sort in SORTS {
        if tally.findings.is_empty() {
            each(scene, &stage, sort, look, &mut tally).await;
        }
    }
    Ok(tally.found("calls"))
}

async fn faults_are_contained(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    let hooks = scene.hooks()?;
    // An input that is answered the same twice, for whatever comes later to be compared with.
    let mut good: Option<(usize, Value, Outcome)> = None;
    let mut refusing: Vec<(usize, Value, Raw)> = Vec::new();
    for (index, hook) in hooks.iter().enumerate() {
        for sort in SORTS {
            let manifest = scene.subject.manifest();
            let inputs = crate::inputs::inputs(manifest, hook, sort, scene.seed, 16);
            for input in inputs.unwrap_or_default() {
                if good.is_some() && refusing.len() >= 8 {
                    break;
                }
                let first = scene.ask(&stage, hook, &input).await;
                match (&first.outcome, first.raw) {
                    (Outcome::Answered(_) | Outcome::Told, _) if good.is_none() => {
                        let again = scene.ask(&stage, hook, &input).await.outcome;
                        if again == first.outcome {
                            good = Some((index, input, again));
                        }
                    }
                    (_, Some(raw @ Raw::Fault(_))) => refusing.push((index, input, raw)),
                    _ => {}
                }
            }
        }
    }
    if refusing.is_empty() {
        return Ok(Found::not_applicable("it refused no input"));
    }
    let mut findings = Vec::new();
    for (index, input, raw) in &refusing {
        let hook = &hooks[*index];
        let mut wrong = |message: String| {
            let (hook, input) = (Some(hook.name.to_string()), Some(input.clone()));
            findings.push(Finding { message, hook, input });
        };
        if let Raw::Fault(fault) = raw {
            if fault.code().trim().is_empty() {
                wrong(format!("a fault has no code: {fault}"));
            }
            if fault.message().trim().is_empty() {
                wrong(format!("the fault `{}` has no message", fault.code()));
            }
        }
    }
    // Of a new instance: this one has seen faults already while a good input was looked for.
    let fresh = scene.stage().await?;
    if let Some((good_hook, good_input, _)) = &good {
        let good_hook = &hooks[*good_hook];
        let before = scene.ask(&fresh, good_hook, good_input).await.outcome;
        for (index, input, _) in &refusing {
            scene.ask(&fresh, &hooks[*index], input).await;
            let after = scene.ask(&fresh, good_hook, good_input).await.outcome;
            if after.value() != before.value() {
                findings.push(Finding {
                    message: format!(
                        "after a fault in `{}`, an input is answered otherwise than before: {}, and \
                         then {}",
                        hooks[*index].name,
                        short(&before.value()),
                        short(&after.value())
                    ),
                    hook: Some(good_hook.name.to_string()),
                    input: Some(good_input.clone()),
                });
                break;
            }
        }
    }
    if let Some(own) = fresh.snapshot()
        && own.state != State::Ready
        && good.is_some()
    {
        let (state, reason) = (own.state.as_str(), own.reason);
        findings.push(Finding {
            message: format!("after faults and a good call it is {state}: {reason}"),
            ..Finding::default()
        });
    }
    Ok(Found::of(findings, format!("{} faults", refusing.len())))
}

async fn many_at_once(scene: &Scene) -> Checked {
    const CALLS: usize = 64;
    let (alone, again, crowd) = (scene.stage().await?, scene.stage().await?, scene.stage().await?);
    let (mut findings, mut compared, mut left_out) = (Vec::new(), 0, 0);
    for hook in scene.hooks()? {
        let inputs = ordinary(scene.subject.manifest(), &hook, scene.seed, 8);
        if inputs.is_empty() {
            continue;
        }
        let rounds: Vec<Value> = inputs.iter().cycle().take(CALLS).cloned().collect();
        let mut expected = Vec::new();
        let mut repeated = Vec::new();
        scene.about_to(&format!("call `{}` {CALLS} times, one after another", hook.name));
        for (stage, into) in [(&alone, &mut expected), (&again, &mut repeated)] {
            for input in &rounds {
                into.push(stage.outcome(&hook, &Caller::new(), input.clone()).await.value());
                if into.last().is_some_and(|last| last["failed"] == "timed_out") {
                    return Ok(Found::not_verified("a call does not end in time; see RES-003"));
                }
            }
        }
        if counted(&expected) != counted(&repeated) {
            left_out += 1;
            continue;
        }
        scene.about_to(&format!("call `{}` {CALLS} times at once", hook.name));
        let caller = Caller::new();
        let calls = rounds.iter().map(|input| crowd.outcome(&hook, &caller, input.clone()));
        let mut found: Vec<Value> = join_all(calls).await.iter().map(Outcome::value).collect();
        compared += found.len();
        let mut missing = Vec::new();
        for (each, input) in expected.iter().zip(&rounds) {
            match found.iter().position(|other| other == each) {
                Some(index) => drop(found.swap_remove(index)),
                None => missing.push((each, input)),
            }
        }
        if let (Some((expected, input)), Some(extra)) = (missing.first(), found.first()) {
            findings.push(Finding {
                message: format!(
                    "{} of {CALLS} calls at once are answered otherwise: {} instead of {}",
                    missing.len(),
                    short(extra),
                    short(expected)
                ),
                hook: Some(hook.name.to_string()),
                input: Some((*input).clone()),
            });
        }
    }
    if compared == 0 {
        let why = match left_out {
            0 => "there is nothing to call it with",
            _ => "its answers differ each time, and nothing forbids it",
        };
        return Ok(Found::not_applicable(why));
    }
    Ok(Found::of(findings, format!("{compared} calls")))
}

/// The answers without their order.
fn counted(answers: &[Value]) -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.to_string()).or_default() += 1;
    }
    counts
}
