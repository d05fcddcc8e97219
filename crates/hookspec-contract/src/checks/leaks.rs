//! `LIF-003` to `LIF-008`: what setup and teardown leave behind, each ten times on a new instance.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use hookspec_plugin::Plugin;

use super::determinism::runtime;
use crate::check::{Check, Run};
use crate::found::{Checked, Found};
use crate::inputs::ordinary;
use crate::process::{Held, files, held};
use crate::scene::Scene;
use crate::stage::Stage;
use crate::verdict::{Level, Profile};

/// The cycles that are measured, after some that warm up.
const CYCLES: usize = 10;
const WARM_UP: usize = 3;
/// What a cycle may leave behind of memory before it is called a leak.
const MEMORY: usize = 256 * 1024;

const LIF: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Lifecycle,
    laws: &["ADR-0002", "ADR-0003"],
    since: "0.1",
    about: "",
    run: Run::Blocking(no_task),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "LIF-003",
        title: "No task is left after teardown",
        about: "Tasks on the host's async runtime, ten times after setup, some calls and teardown.",
        ..LIF
    },
    Check {
        id: "LIF-004",
        title: "No thread is left after teardown",
        about: "Threads of the process before and after ten instances; if they grew, ten more, and \
                they must have stopped growing. Threads that a library keeps for all its instances \
                are no leak.",
        run: Run::Blocking(no_thread),
        ..LIF
    },
    Check {
        id: "LIF-005",
        title: "No file descriptor is left after teardown",
        about: "Descriptors of the process before and after ten instances; if they grew, ten more, \
                and they must have stopped growing.",
        run: Run::Blocking(no_descriptor),
        ..LIF
    },
    Check {
        id: "LIF-006",
        title: "No temporary file is left after teardown",
        about: "The suite gives the process a folder for temporary files of its own, and looks into \
                it after ten instances.",
        run: Run::Blocking(no_temporary_file),
        ..LIF
    },
    Check {
        id: "LIF-007",
        title: "No memory is left after teardown",
        about: "Resident memory before and after ten instances; if it grew, ten more, and it must \
                have stopped growing.",
        run: Run::Blocking(no_memory),
        ..LIF
    },
    Check {
        id: "LIF-008",
        title: "The instance itself is let go of",
        laws: &["ADR-0002"],
        about: "After teardown, and once the host has let go of it, nobody may hold the instance: \
                whoever keeps a reference to it in a global keeps all that it has.",
        run: Run::Blocking(let_go),
        ..LIF
    },
];

/// One life on a runtime: setup, some calls, teardown.
async fn life(scene: &Scene) -> Result<Weak<dyn Plugin>, Found> {
    let instance = scene.subject.open().await.map_err(Found::not_verified)?;
    let weak = Arc::downgrade(&instance);
    scene.about_to("set it up");
    let stage = Stage::with(&scene.subject, &scene.catalog, &scene.config(), instance).await;
    let stage = stage.map_err(|why| Found::not_verified(format!("it does not start: {why}")))?;
    for hook in scene.hooks()? {
        for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 2) {
            scene.ask(&stage, &hook, &input).await;
        }
    }
    scene.about_to("tear it down");
    stage
        .stop()
        .await
        .map_err(|why| Found::not_verified(format!("it cannot be torn down: {why}")))?;
    Ok(weak)
}

/// Some lives, each on a runtime of its own that ends with it.
fn lives(scene: &Scene, lives: usize) -> Result<(), Found> {
    for _ in 0..lives {
        let runtime = runtime(2)?;
        runtime.block_on(life(scene))?;
        runtime.shutdown_timeout(Duration::from_millis(500));
    }
    Ok(())
}

/// Waits until something holds, for a while.
fn soon(scene: &Scene, holds: impl Fn() -> bool) -> bool {
    let until = Instant::now() + scene.allowed(1_500);
    while !holds() {
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

fn now() -> Result<Held, Found> {
    held().ok_or_else(|| Found::not_verified("this system does not tell what a process holds"))
}

fn no_task(scene: &Scene) -> Checked {
    for _ in 0..CYCLES {
        let runtime = runtime(2)?;
        runtime.block_on(life(scene))?;
        let metrics = runtime.metrics();
        if !soon(scene, || metrics.num_alive_tasks() == 0) {
            let left = metrics.num_alive_tasks();
            runtime.shutdown_background();
            return Ok(Found::fail(format!(
                "{left} tasks still live on the host's runtime after its teardown"
            )));
        }
        runtime.shutdown_background();
    }
    Ok(Found::pass(format!("{CYCLES} instances")))
}

fn no_thread(scene: &Scene) -> Checked {
    counted(scene, "threads", |held| held.threads)
}

fn no_descriptor(scene: &Scene) -> Checked {
    counted(scene, "descriptors", |held| held.descriptors)
}

fn counted(scene: &Scene, what: &str, count: fn(&Held) -> usize) -> Checked {
    lives(scene, WARM_UP)?;
    let mut left = 0;
    // What a library keeps for all its instances it may not have needed before: threads for futures
    // that are not ready at once, where they all were. What is left by each grows each time.
    for _ in 0..3 {
        let before = count(&now()?);
        lives(scene, CYCLES)?;
        let few = || now().is_ok_and(|held| count(&held) <= before + 1);
        if soon(scene, few) {
            return Ok(Found::pass(format!(
                "{CYCLES} instances, {before} {what} before and after"
            )));
        }
        left = count(&now()?).saturating_sub(before);
    }
    Ok(Found::fail(format!(
        "{CYCLES} instances leave {left} {what} behind, and so do those after them"
    )))
}

fn no_temporary_file(scene: &Scene) -> Checked {
    let folder = std::env::temp_dir();
    let before = files(&folder);
    lives(scene, CYCLES)?;
    let left: Vec<String> = files(&folder).into_iter().filter(|f| !before.contains(f)).collect();
    match left.first() {
        None => Ok(Found::pass(format!("{CYCLES} instances"))),
        Some(first) => Ok(Found::fail(format!(
            "{CYCLES} instances leave {} temporary files behind: {first}",
            left.len()
        ))),
    }
}

fn no_memory(scene: &Scene) -> Checked {
    lives(scene, WARM_UP)?;
    let mut grown = 0;
    for _ in 0..3 {
        let before = now()?.memory;
        lives(scene, CYCLES)?;
        grown = now()?.memory.saturating_sub(before);
        if grown <= CYCLES * MEMORY {
            return Ok(Found::pass(format!("{CYCLES} instances, {} KiB", grown / 1024)));
        }
    }
    Ok(Found::fail(format!(
        "{CYCLES} instances leave {} KiB behind, and so do those after them",
        grown / 1024
    )))
}

fn let_go(scene: &Scene) -> Checked {
    for _ in 0..2 {
        let runtime = runtime(2)?;
        let weak = runtime.block_on(life(scene))?;
        runtime.shutdown_timeout(Duration::from_millis(500));
        if !soon(scene, || weak.strong_count() == 0) {
            return Ok(Found::fail(format!(
                "the instance is still referenced {} times after its teardown",
                weak.strong_count()
            )));
        }
    }
    Ok(Found::pass("nobody holds it"))
}
