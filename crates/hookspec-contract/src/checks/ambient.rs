//! `AMB`: answers that depend on nothing but the input, the configuration and the resources.

use std::path::PathBuf;

use super::determinism::{Answer, differences, stable};
use crate::check::{Check, Run};
use crate::found::{Checked, Found};
use crate::inputs::ordinary;
use crate::run::Ambient;
use crate::scene::Scene;
use crate::verdict::{Level, Profile};

const AMB: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Core,
    laws: &["ADR-0003"],
    since: "0.1",
    about: "",
    run: Run::Blocking(working_directory),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "AMB-001",
        title: "The working directory does not change the answers",
        about: "The same questions in two processes that were started in different folders. Take \
                paths from the configuration or the input.",
        ..AMB
    },
    Check {
        id: "AMB-002",
        title: "The environment does not change the answers",
        about: "The same questions in two processes, one of them with other variables. Take what you \
                need from the configuration.",
        run: Run::Blocking(environment),
        ..AMB
    },
    Check {
        id: "AMB-003",
        title: "The time zone does not change the answers",
        about: "The same questions under two values of TZ.",
        run: Run::Blocking(time_zone),
        ..AMB
    },
    Check {
        id: "AMB-004",
        title: "The locale does not change the answers",
        about: "The same questions under two values of LC_ALL and LANG.",
        run: Run::Blocking(locale),
        ..AMB
    },
    Check {
        id: "AMB-005",
        title: "The plugin changes nothing that belongs to the whole process",
        profile: Profile::Security,
        about: "After setup, calls and teardown the working directory and the environment are what \
                they were: every other plugin lives in them too.",
        run: Run::Async(|scene| Box::pin(changes_nothing(scene))),
        ..AMB
    },
];

/// What another process answers, under other variables and in another folder.
///
/// # Errors
/// It could not be asked, or ended.
pub(super) fn elsewhere(
    scene: &Scene,
    variables: &[(&str, Option<&str>)],
    folder: Option<PathBuf>,
) -> Result<Vec<Answer>, Found> {
    let Some(launcher) = &scene.launcher else {
        return Err(Found::not_verified("no other process can be started from here"));
    };
    let variables =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.map(Into::into)));
    let ambient = Ambient { variables: variables.collect(), folder };
    launcher.answers(scene, ambient).map_err(Found::not_verified)
}

fn compared(
    scene: &Scene,
    what: &str,
    one: (&[(&str, Option<&str>)], Option<PathBuf>),
    other: (&[(&str, Option<&str>)], Option<PathBuf>),
) -> Checked {
    let (_, hooks) = stable(scene)?;
    let before = elsewhere(scene, one.0, one.1)?;
    let after = elsewhere(scene, other.0, other.1)?;
    let names = (format!("with one {what}"), format!("with another {what}"));
    let findings = differences(&before, &after, (&names.0, &names.1), |hook| {
        hooks.iter().any(|own| own == hook)
    });
    Ok(Found::of(findings, format!("{} answers under both", before.len())))
}

fn working_directory(scene: &Scene) -> Checked {
    let folders = [scene.folder.join("one"), scene.folder.join("another")];
    for folder in &folders {
        std::fs::create_dir_all(folder)
            .map_err(|error| Found::error(format!("{}: {error}", folder.display())))?;
    }
    let [one, another] = folders;
    compared(scene, "working directory", (&[], Some(one)), (&[], Some(another)))
}

fn environment(scene: &Scene) -> Checked {
    // What the loader and the suite need stays; what AMB-003 and AMB-004 look at does too.
    const KEPT: [&str; 8] =
        ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE", "RUST_BACKTRACE", "CI"];
    let names: Vec<String> =
        std::env::vars_os().filter_map(|(n, _)| n.into_string().ok()).collect();
    let gone = names.iter().map(String::as_str).filter(|name| {
        !KEPT.contains(name) && !name.starts_with("LC_") && !name.starts_with("HOOKSPEC_")
    });
    let mut others: Vec<(&str, Option<&str>)> = gone.map(|name| (name, None)).collect();
    others.extend([
        ("HOME", Some("/nonexistent")),
        ("USER", Some("somebody-else")),
        ("LOGNAME", Some("somebody-else")),
        ("SOMETHING_ELSE", Some("1")),
    ]);
    compared(scene, "environment", (&[("USER", Some("somebody"))], None), (&others, None))
}

fn time_zone(scene: &Scene) -> Checked {
    let zone = |name| [("TZ", Some(name))];
    compared(scene, "time zone", (&zone("UTC"), None), (&zone("Pacific/Kiritimati"), None))
}

fn locale(scene: &Scene) -> Checked {
    let locale = |name| [("LC_ALL", Some(name)), ("LANG", Some(name)), ("LANGUAGE", Some(name))];
    compared(scene, "locale", (&locale("C"), None), (&locale("tr_TR.UTF-8"), None))
}

async fn changes_nothing(scene: &Scene) -> Checked {
    let state = || {
        let mut variables: Vec<_> = std::env::vars_os().collect();
        variables.sort();
        (std::env::current_dir().ok(), variables)
    };
    let before = state();
    let stage = scene.stage().await?;
    for hook in scene.hooks()? {
        for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 12) {
            scene.ask(&stage, &hook, &input).await;
        }
    }
    let _ = stage.stop().await;
    let after = state();
    if before.0 != after.0 {
        return Ok(Found::fail("it changed the working directory of the whole process"));
    }
    if before.1 != after.1 {
        return Ok(Found::fail("it changed the environment of the whole process"));
    }
    Ok(Found::pass("working directory and environment are what they were"))
}
