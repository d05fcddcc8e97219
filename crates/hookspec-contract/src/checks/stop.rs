//! `RES-004`, `RES-005`: who is no longer waited for stops working.

use std::time::{Duration, Instant};

use hookspec_plugin::{Caller, CancellationToken};
use serde_json::Value;
use tokio::time::sleep;

use crate::check::{Check, Run};
use crate::found::{Checked, Found};
use crate::inputs::ordinary;
use crate::process::ticks;
use crate::report::Finding;
use crate::scene::Scene;
use crate::stage::Stage;
use crate::verdict::{Level, Profile};

const RES: Check = Check {
    id: "RES-004",
    title: "A call that is cancelled, or whose time is up, ends",
    level: Level::Must,
    profile: Profile::Resilience,
    laws: &["DEADLINE-3", "ISO-1"],
    since: "0.1",
    about: "Calls are cancelled at different moments. Soon afterwards none of them may be running, \
            nor hold a thread (`abandoned`), and the next call is answered. A plugin that blocks must \
            look at `CallContext::is_cancelled`.",
    run: Run::Async(|scene| Box::pin(calls_end(scene))),
};

pub(super) const CHECKS: &[Check] = &[
    RES,
    Check {
        id: "RES-005",
        title: "After a cancellation the work stops",
        about: "Once no call is running, the process must come to rest: threads and tasks that a call \
                started go on with nobody waiting for them, and use up the processor.",
        run: Run::Async(|scene| Box::pin(work_stops(scene))),
        ..RES
    },
];

/// Cancels calls of every hook at different moments.
async fn cancelled(scene: &Scene, stage: &Stage) -> Result<Vec<(String, Value)>, Found> {
    let mut made = Vec::new();
    for hook in scene.hooks()? {
        for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 4) {
            scene.about_to_call(&hook, &input);
            for micros in [0, 500, 20_000] {
                let token = CancellationToken::new();
                let caller = Caller::new().with_cancellation(token.clone());
                let call = stage.outcome(&hook, &caller, input.clone());
                let cancel = async {
                    sleep(Duration::from_micros(micros)).await;
                    token.cancel();
                };
                futures::join!(call, cancel);
            }
            let caller = Caller::new().with_timeout(Duration::from_millis(5));
            stage.outcome(&hook, &caller, input.clone()).await;
            made.push((hook.name.to_string(), input));
        }
    }
    Ok(made)
}

/// Waits until nothing is running, for as long as is allowed.
async fn at_rest(scene: &Scene, stage: &Stage) -> Option<(usize, usize)> {
    let until = Instant::now() + scene.allowed(1_500);
    loop {
        let own = stage.snapshot()?;
        if own.in_flight == 0 && own.abandoned == 0 {
            return None;
        }
        if Instant::now() >= until {
            return Some((own.in_flight, own.abandoned));
        }
        sleep(Duration::from_millis(5)).await;
    }
}

async fn calls_end(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    let made = cancelled(scene, &stage).await?;
    if made.is_empty() {
        return Ok(Found::not_applicable("there is nothing to call it with"));
    }
    if let Some((in_flight, abandoned)) = at_rest(scene, &stage).await {
        let (hook, input) = made.into_iter().next().unzip();
        let message = format!(
            "{:?} after their cancellation {in_flight} calls still run, and {abandoned} hold a thread \
             that nobody waits for",
            scene.allowed(1_500)
        );
        return Ok(Found::of(vec![Finding { message, hook, input }], ""));
    }
    Ok(Found::pass(format!("{} calls, cancelled at four moments each", made.len() * 4)))
}

async fn work_stops(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    let made = cancelled(scene, &stage).await?;
    if made.is_empty() {
        return Ok(Found::not_applicable("there is nothing to call it with"));
    }
    // Whether calls themselves end is RES-004; here, what they set going.
    at_rest(scene, &stage).await;
    let Some(before) = ticks() else {
        return Ok(Found::not_verified("this system does not tell how busy a process is"));
    };
    // It may take a moment to wind down: what counts is the last stretch.
    let mut last = before;
    let mut busy = 0;
    for _ in 0..4 {
        sleep(scene.allowed(300)).await;
        let now = ticks().unwrap_or(last);
        busy = now.saturating_sub(last);
        if busy == 0 {
            break;
        }
        last = now;
    }
    // A tenth of a processor, of a process in which nothing is to be done.
    let most = u64::try_from(scene.allowed(300).as_millis() / 100).unwrap_or(3);
    match busy > most {
        true => Ok(Found::fail(format!(
            "with no call running, the process used {} ms of processor time in {:?}",
            busy * 10,
            scene.allowed(300)
        ))),
        false => Ok(Found::pass(format!("{} calls, and then rest", made.len() * 4))),
    }
}
