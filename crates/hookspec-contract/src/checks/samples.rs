//! What checks of samples share: every hook, every input of a sort, one look at each answer.

use std::sync::Arc;
use std::time::Instant;

use hookspec_host::CauseClass;
use hookspec_plugin::Payload;
use hookspec_spec::{DispatchClass, Hook};
use serde_json::Value;

use crate::found::Tally;
use crate::generate::{Nothing, Sort, smallest};
use crate::inputs::{inputs, routed};
use crate::scene::Scene;
use crate::stage::{Asked, Outcome, Stage};
use crate::witness::Raw;

/// How many inputs of each sort a hook is called with.
pub(super) const SAMPLES: usize = 24;

/// How often a failing input is made smaller.
const SHRINKS: usize = 60;

/// What one look at one answer says.
pub(super) enum Look {
    /// As it should be.
    Fine,
    /// The plugin did not want the input, which it may.
    Refused(String),
    /// It says nothing about what is looked at.
    Nothing,
    /// Wrong, and why.
    Wrong(String),
}

pub(super) type Looker = fn(&Hook, &Asked) -> Look;

/// Calls every hook with inputs of a sort and looks at what comes.
pub(super) async fn each(
    scene: &Scene,
    stage: &Stage,
    sort: Sort,
    look: Looker,
    tally: &mut Tally,
) {
    for hook in scene.hooks().unwrap_or_default() {
        of_hook(scene, stage, &hook, sort, look, tally).await;
    }
}

/// As [`each`], one hook alone.
pub(super) async fn of_hook(
    scene: &Scene,
    stage: &Stage,
    hook: &Arc<Hook>,
    sort: Sort,
    look: Looker,
    tally: &mut Tally,
) {
    let missing = |why: String| format!("`{}`: {why}", hook.name);
    match inputs(scene.subject.manifest(), hook, sort, scene.seed, SAMPLES) {
        Ok(inputs) => {
            let enough = Instant::now() + scene.allowed(3_000);
            for (index, input) in inputs.into_iter().enumerate() {
                // A hook that takes its time is asked less often.
                if index >= 6 && Instant::now() > enough {
                    return;
                }
                // Three say what is wrong; more would say it again.
                if tally.findings.len() >= 3 {
                    return;
                }
                one(scene, stage, hook, input, look, tally).await;
            }
        }
        Err(Nothing::NotOfThisSort(why)) => tally.without.push(missing(why)),
        Err(Nothing::Unsatisfiable(why)) => {
            tally.missing.push(missing(format!("its input schema accepts nothing: {why}")));
        }
        // Of an unusual sort there may be none; of ordinary ones there must be.
        Err(Nothing::NotFound(why)) if sort == Sort::Valid => tally.missing.push(missing(format!(
            "no input was found that its schema accepts ({why}); give the hookspec an example"
        ))),
        Err(Nothing::NotFound(why)) => tally.without.push(missing(why)),
    }
}

/// One input; one that fails is made smaller first.
async fn one(
    scene: &Scene,
    stage: &Stage,
    hook: &Arc<Hook>,
    input: Value,
    look: Looker,
    tally: &mut Tally,
) {
    let asked = scene.ask(stage, hook, &input).await;
    match look(hook, &asked) {
        Look::Fine => tally.looked_at += 1,
        Look::Refused(why) => tally.refused(&input, why),
        Look::Nothing => {}
        Look::Wrong(message) => {
            tally.looked_at += 1;
            // What hangs or takes its time is not asked sixty times more.
            let hangs =
                matches!(asked.outcome, Outcome::Failed { cause: CauseClass::TimedOut, .. });
            let (input, message) = match hangs {
                true => (input, message),
                false => shrunk(scene, stage, hook, input, look, message).await,
            };
            tally.wrong(hook.name.as_str(), &input, message);
        }
    }
}

/// The smallest input found that shows it, with what it shows.
async fn shrunk(
    scene: &Scene,
    stage: &Stage,
    hook: &Arc<Hook>,
    input: Value,
    look: Looker,
    message: String,
) -> (Value, String) {
    let mut last = message;
    let runtime = tokio::runtime::Handle::current();
    let found = tokio::task::block_in_place(|| {
        smallest(&hook.input, input, SHRINKS, |candidate| {
            let candidate = routed(scene.subject.manifest(), hook, candidate.clone());
            scene.about_to_call(hook, &candidate);
            let caller = hookspec_plugin::Caller::new();
            let asked = runtime.block_on(stage.ask(hook, &caller, &candidate));
            match look(hook, &asked) {
                Look::Wrong(message) => {
                    last = message;
                    true
                }
                _ => false,
            }
        })
    });
    (found, last)
}

/// What keeps its class's rules, read as the answer that a caller would get.
pub(super) fn answer(hook: &Hook, asked: &Asked) -> Result<Value, Look> {
    match (&asked.raw, &asked.outcome) {
        (Some(Raw::Value(payload)), _) if hook.dispatch != DispatchClass::BroadcastNotify => {
            payload.json().cloned().map_err(|fault| Look::Wrong(format!("it is no JSON: {fault}")))
        }
        (_, Outcome::Told) => Ok(Value::Null),
        (Some(Raw::Unchanged | Raw::Stop), Outcome::Answered(value)) => Ok(value.clone()),
        (Some(Raw::Fault(fault)), _) => Err(Look::Refused(fault.to_string())),
        (_, Outcome::Failed { cause: CauseClass::Faulted, message, .. }) => {
            Err(Look::Refused(message.clone()))
        }
        // A panic, a missed deadline, an answer of the wrong form: other checks see to those.
        _ => Err(Look::Nothing),
    }
}

/// Whether an answer satisfies the hook's output schema.
pub(super) fn valid_output(hook: &Hook, asked: &Asked) -> Look {
    let value = match answer(hook, asked) {
        Ok(value) => value,
        Err(look) => return look,
    };
    if hook.dispatch == DispatchClass::BroadcastNotify {
        return Look::Fine;
    }
    let schema = match hook.dispatch {
        DispatchClass::Chain => &hook.input,
        _ => &hook.output,
    };
    match schema.validate(&value) {
        Ok(()) => Look::Fine,
        Err(violations) => {
            Look::Wrong(format!("the answer is not what its schema says: {violations}"))
        }
    }
}

/// Whether a payload is the same after it was written and read.
pub(super) fn survives(payload: &Payload) -> Result<(), String> {
    let first = payload.json().map_err(|fault| format!("it is no JSON: {fault}"))?;
    payload.survives_json().map_err(|violations| violations.to_string())?;
    let bytes = payload.bytes().map_err(|fault| format!("it cannot be written: {fault}"))?;
    let read: Value = serde_json::from_slice(bytes)
        .map_err(|error| format!("what it is written as cannot be read: {error}"))?;
    match read == *first {
        true => Ok(()),
        false => Err(format!(
            "written and read it is another value: {} became {}",
            crate::short::short(first),
            crate::short::short(&read)
        )),
    }
}
