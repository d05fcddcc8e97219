//! `new`: a kind, a plugin or an application that compiles and passes its tests at once.
//!
//! | where | what |
//! |---|---|
//! | [`name`] | what may be the name of a crate and of a kind |
//! | [`place`] | which folders, and how to depend on this project from there |
//! | [`home`] | where a kind is, and which crate has its types |
//! | [`files`] | writing everything or nothing |
//! | [`kind`], [`plugin`], [`application`] | the files of each |

mod application;
mod files;
mod home;
mod kind;
mod name;
mod place;
mod plugin;

use std::path::PathBuf;

use serde_json::json;

use crate::app::Status;
use crate::output::{Format, Output, Tone};
use crate::text::{complain, plural};

use files::Plan;
use name::Name;
use place::Place;

/// What is written.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// A crate with a kind, which plugins and their host share
    Kind(Target),
    /// A crate with a plugin
    Plugin {
        #[command(flatten)]
        target: Target,
        /// The kind: its name, its hookspec, or the folder of the crate that has it
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// How hosts load it: linked in, or as a shared library
        #[arg(long, value_enum, default_value = "in_process")]
        runtime: plugin::Way,
    },
    /// An application with a kind of its own and a plugin
    App(Target),
}

#[derive(Debug, clap::Args)]
struct Target {
    /// The name of the crate, and of the kind or plugin in it
    name: String,
    /// The folder to write; without it, one of that name
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// The folder of this project's sources; without it, those this program was built from
    #[arg(long, value_name = "DIR")]
    hookspec_path: Option<PathBuf>,
}

pub(crate) fn new(folders: &[PathBuf], args: &New, output: &mut Output) -> Status {
    let done = plan(folders, args).and_then(|plan| {
        plan.write()?;
        Ok(plan)
    });
    match done {
        Ok(plan) => {
            report(&plan, output);
            Status::Fine
        }
        Err(problem) => {
            complain(&format!("error: {problem}"));
            Status::CouldNotRun
        }
    }
}

fn plan(folders: &[PathBuf], args: &New) -> Result<Plan, String> {
    let (What::Kind(target) | What::Plugin { target, .. } | What::App(target)) = &args.what;
    let name = Name::read(&target.name)?;
    let folder = target.path.clone().unwrap_or_else(|| name.package.clone().into());
    let place = Place::find(&folder, target.hookspec_path.as_deref())?;
    let mut plan = match &args.what {
        What::Kind(_) => kind::plan(&name, &place),
        What::Plugin { kind, runtime, .. } => plugin::plan(&name, &place, kind, *runtime, folders),
        What::App(_) => application::plan(&name, &place),
    }?;
    if let Some(workspace) = place.workspace_without_it() {
        let file = workspace.join("Cargo.toml");
        let member = place.relative_to(&workspace);
        plan.next(format!("add \"{member}\" to `members` in {}", file.display()));
    }
    Ok(plan)
}

fn report(plan: &Plan, output: &mut Output) {
    match output.format() {
        Format::Json => {
            let paths: Vec<_> =
                plan.paths().map(|path| path.to_string_lossy().into_owned()).collect();
            output.json(
                &json!({ "command": "new", "ok": true, "files": paths, "next": plan.steps() }),
            );
        }
        Format::Human => {
            for path in plan.paths() {
                let written = output.paint(Tone::Good, "written").into_owned();
                output.line(format_args!("{}: {written}", path.display()));
            }
            for step in plan.steps() {
                let label = output.paint(Tone::Help, "next:").into_owned();
                output.line(format_args!("{label} {step}"));
            }
        }
    }
    output.flush();
    complain(&format!("{} written", plural(plan.paths().count(), "file")));
}
