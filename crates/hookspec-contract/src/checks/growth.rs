//! `RES-007`, `RES-008`: ten thousand calls leave the process as big as it was.

use std::sync::Arc;
use std::time::Instant;

use hookspec_plugin::Caller;
use hookspec_spec::Hook;
use serde_json::Value;

use crate::check::{Check, Run};
use crate::found::{Checked, Found};
use crate::inputs::ordinary;
use crate::process::{Held, held};
use crate::scene::Scene;
use crate::stage::Stage;
use crate::verdict::{Level, Profile};

/// The calls that are measured; before them a part as warm-up.
const CALLS: usize = 10_000;
const WARM_UP: usize = 2_000;
/// What so many calls may leave behind: 256 bytes each are more than noise.
const MEMORY: usize = CALLS * 256;

const RES: Check = Check {
    id: "RES-007",
    title: "10 000 calls leave no memory behind",
    level: Level::Must,
    profile: Profile::Resilience,
    laws: &["ADR-0003"],
    since: "0.1",
    about: "Resident memory before and after, once caches are warm; if it grew, the calls are made \
            again, and it must have stopped growing.",
    run: Run::Async(|scene| Box::pin(no_memory(scene))),
};

pub(super) const CHECKS: &[Check] = &[
    RES,
    Check {
        id: "RES-008",
        title: "10 000 calls leave no thread and no descriptor behind",
        about: "Threads and file descriptors of the process before and after.",
        run: Run::Async(|scene| Box::pin(no_handles(scene))),
        ..RES
    },
];

/// What is called: every hook, in turn, with what takes little time.
async fn rounds(scene: &Scene, stage: &Stage) -> Result<Vec<(Arc<Hook>, Value)>, Found> {
    let mut rounds = Vec::new();
    for hook in scene.hooks()? {
        for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 4) {
            let asked = scene.ask(stage, &hook, &input).await;
            if asked.elapsed < scene.allowed(20) {
                rounds.push((Arc::clone(&hook), input));
            }
        }
    }
    match rounds.is_empty() {
        true => Err(Found::not_applicable("no call of it is quick enough to be made so often")),
        false => Ok(rounds),
    }
}

/// Makes calls until there are enough of them, or the time for it is over.
async fn call(scene: &Scene, stage: &Stage, rounds: &[(Arc<Hook>, Value)], calls: usize) -> usize {
    let until = Instant::now() + scene.allowed(15_000);
    let caller = Caller::new();
    for (made, (hook, input)) in rounds.iter().cycle().take(calls).enumerate() {
        drop(stage.outcome(hook, &caller, input.clone()).await);
        if made % 100 == 99 && Instant::now() > until {
            return made + 1;
        }
    }
    calls
}

async fn measured(scene: &Scene, stage: &Stage) -> Result<(Held, Held, usize, usize), Found> {
    let rounds = rounds(scene, stage).await?;
    let tells = || {
        held().ok_or_else(|| Found::not_verified("this system does not tell what a process holds"))
    };
    scene.about_to(&format!("make {CALLS} calls"));
    call(scene, stage, &rounds, WARM_UP).await;
    let before = tells()?;
    let made = call(scene, stage, &rounds, CALLS).await;
    if made < 1_000 {
        return Err(Found::not_verified(format!("only {made} calls could be made in the time")));
    }
    let mut after = tells()?;
    let mut grown = after.memory.saturating_sub(before.memory);
    if grown > MEMORY / CALLS * made {
        // A cache that fills up is no leak: does it go on?
        call(scene, stage, &rounds, made).await;
        let last = tells()?;
        grown = last.memory.saturating_sub(after.memory);
        after = last;
    }
    Ok((before, after, grown, made))
}

async fn no_memory(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    let (_, after, grown, made) = measured(scene, &stage).await?;
    if grown > MEMORY / CALLS * made {
        return Ok(Found::fail(format!(
            "{made} calls leave {} KiB behind, {} bytes each, and it goes on; the process holds {} MiB",
            grown / 1024,
            grown / made,
            after.memory >> 20
        )));
    }
    Ok(Found::pass(format!("{made} calls, {} KiB", grown / 1024)))
}

async fn no_handles(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    let (before, after, _, made) = measured(scene, &stage).await?;
    let threads = after.threads.saturating_sub(before.threads);
    let descriptors = after.descriptors.saturating_sub(before.descriptors);
    // A pool may still be growing to its bound.
    if threads > 4 || descriptors > 4 {
        return Ok(Found::fail(format!(
            "{made} calls leave {threads} threads and {descriptors} descriptors behind"
        )));
    }
    Ok(Found::pass(format!("{made} calls, {threads} threads, {descriptors} descriptors")))
}
