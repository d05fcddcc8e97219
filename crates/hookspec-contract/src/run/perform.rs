//! The child's side: does one job under limits, says what came of it, and ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookspec_plugin::guard::catch;
use hookspec_spec::Catalog;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getpid, kill_process, set_child_subreaper,
    set_parent_process_death_signal, setrlimit,
};

use super::job::{Done, Job, Task};
use super::launcher::Launcher;
use crate::cases::Trial;
use crate::check::{Check, Run, check};
use crate::checks::{determinism, manifest, security};
use crate::found::Found;
use crate::report::Exchange;
use crate::scene::Scene;
use crate::subject::Subject;

/// Everything that a job may be about.
pub(super) struct Known<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) subjects: &'a [Arc<Subject>],
    pub(super) trials: &'a dyn Fn(&Subject) -> Vec<Trial>,
    pub(super) launcher: Option<&'a Launcher>,
}

/// Does a job and says what came of it.
///
/// # Errors
/// What came of it cannot be said.
pub(super) fn perform(job: &Job, known: &Known<'_>) -> Result<(), String> {
    let done = match limited(job) {
        Ok(()) => match known.subjects.iter().find(|subject| subject.key() == job.subject) {
            Some(subject) => did(job, known, subject),
            None => Done::Not(format!("there is no plugin `{}` in this program", job.subject)),
        },
        Err(why) => Done::Not(why),
    };
    done.say(&job.done)
}

/// Ends this process, also where something of the plugin's would not let it.
pub(super) fn end() -> ! {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(1));
        let _ = kill_process(getpid(), Signal::KILL);
    });
    std::process::exit(0)
}

/// What this process may have. None of it can be taken back.
fn limited(job: &Job) -> Result<(), String> {
    let told = |what: &'static str| move |error: rustix::io::Errno| format!("{what}: {error}");
    let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Core, limit(0)).map_err(told("the size of a core file"))?;
    setrlimit(Resource::Data, limit(job.memory)).map_err(told("the limit of memory"))?;
    // Ends with whoever started it; and what it started comes to it when its own parent ends.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(told("the end of the parent"))?;
    let own: Pid = getpid();
    set_child_subreaper(Some(own)).map_err(told("the children of its children"))?;
    std::env::set_current_dir(&job.stand).map_err(|e| format!("{}: {e}", job.stand.display()))
}

fn did(job: &Job, known: &Known<'_>, subject: &Arc<Subject>) -> Done {
    let scene = Scene {
        subject: Arc::clone(subject),
        catalog: known.catalog.clone(),
        seed: job.seed,
        scale: job.scale,
        folder: job.folder.clone(),
        launcher: known.launcher.cloned(),
        crumb: Some(job.crumb.clone()),
        transcript: Mutex::default(),
    };
    match &job.task {
        Task::Check(id) => match check(id) {
            Some(check) => looked(&scene, check),
            None => Done::Not(format!("this suite has no check `{id}`")),
        },
        Task::Case(name) => case(&scene, known, name),
        Task::Describe => described(&scene),
        Task::Answers => answered(&scene),
    }
}

fn looked(scene: &Scene, check: &Check) -> Done {
    if check.id == security::SECRETS {
        logs_to_standard_error();
    }
    let found = look(scene, check);
    Done::Looked { found, transcript: written(scene) }
}

/// Does one check in this process.
fn look(scene: &Scene, check: &Check) -> Found {
    let opened = if check.id == manifest::INSTANCES { Ok(()) } else { opened(scene) };
    if let Err(why) = opened {
        // What no instance can be made of is for these to report; the kind is known without one.
        match check.id {
            "MAN-001" | "LIF-001" => return Found::fail(format!("it cannot be opened: {why}")),
            "MAN-002" => {}
            _ => return Found::not_verified(format!("it cannot be opened: {why}")),
        }
    }
    let looked = catch(|| match check.run {
        Run::Blocking(run) => run(scene),
        Run::Async(run) => {
            let runtime = determinism::runtime(2)?;
            let found = runtime.block_on(run(scene));
            // What the plugin left running must not hold the check up.
            runtime.shutdown_background();
            found
        }
    });
    match looked {
        Ok(Ok(found) | Err(found)) => found,
        Err(panic) => Found::error(format!("the suite itself panicked: {panic}")),
    }
}

/// Opens one instance, so that the hooks are known.
fn opened(scene: &Scene) -> Result<(), String> {
    scene.about_to("open it");
    let runtime = determinism::runtime(1).map_err(|found| found.summary)?;
    let opened = catch(|| runtime.block_on(scene.subject.open()));
    opened.map_err(|panic| format!("its constructor panicked: {panic}"))?.map(drop)
}

fn written(scene: &Scene) -> Vec<Exchange> {
    let mut transcript = scene.transcript.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take::<VecDeque<_>>(&mut transcript).into()
}

fn described(scene: &Scene) -> Done {
    scene.about_to("open it");
    let runtime = match determinism::runtime(1) {
        Ok(runtime) => runtime,
        Err(found) => return Done::Not(found.summary),
    };
    let opened = catch(|| runtime.block_on(scene.subject.open()));
    match opened {
        Ok(Ok(plugin)) => Done::Described {
            hooks: plugin.hooks().iter().map(ToString::to_string).collect(),
            facts: catch(|| plugin.facts()).unwrap_or_default(),
        },
        Ok(Err(why)) => Done::Not(why),
        Err(panic) => Done::Not(format!("its constructor panicked: {panic}")),
    }
}

fn answered(scene: &Scene) -> Done {
    let runtime = match determinism::runtime(2) {
        Ok(runtime) => runtime,
        Err(found) => return Done::Not(found.summary),
    };
    let (config, seed) = (scene.config(), scene.seed);
    let answers = runtime.block_on(async {
        scene.subject.open().await?;
        determinism::answers(&scene.subject, &scene.catalog, &config, seed).await
    });
    runtime.shutdown_background();
    match answers {
        Ok(answers) => Done::Answered(answers),
        Err(why) => Done::Not(why),
    }
}

fn case(scene: &Scene, known: &Known<'_>, name: &str) -> Done {
    if let Err(why) = opened(scene) {
        let found = Found::not_verified(format!("it cannot be opened: {why}"));
        return Done::Looked { found, transcript: Vec::new() };
    }
    let trials = (known.trials)(&scene.subject);
    let Some(trial) = trials.into_iter().find(|trial| trial.case_name() == name) else {
        return Done::Not(format!("there is no case `{name}` for it"));
    };
    scene.about_to("run the case");
    let found = match trial.run() {
        Ok(()) => Found::pass("as expected"),
        Err(mistakes) => {
            let finding = |mistake: &crate::cases::Mistake| crate::report::Finding {
                message: mistake.to_string(),
                ..crate::report::Finding::default()
            };
            Found::of(mistakes.iter().map(finding).collect(), "")
        }
    };
    Done::Looked { found, transcript: Vec::new() }
}

/// Everything that is logged is written, so that the parent can look for what must not be in it.
fn logs_to_standard_error() {
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    // A program may have one already; then it sees what is logged, and the suite does not.
    let _ = subscriber.try_init();
}
