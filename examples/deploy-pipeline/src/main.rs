//! Runs workflows and deploys what they made.
//!
//! ```sh
//! cargo run -p deploy-pipeline -- run examples/deploy-pipeline/workflows/release.json \
//!     --webhook http://127.0.0.1:9000/hook --freeze production
//! cargo run -p deploy-pipeline -- events explain workflow.completed   # who would receive it
//! cargo run -p deploy-pipeline -- list                                # any command of hookspec
//! ```
//!
//! | exit code of `run` | means |
//! |---|---|
//! | 0 | every workflow ended well, and every event reached whoever wanted it |
//! | 1 | a step failed, an event was lost or is a dead letter, a plugin was not there, or it was interrupted |
//! | 2 | a workflow cannot be read, the plugins cannot be started, or the output cannot be written |
//! | 130 | a second signal ended it at once |
//!
//! A first SIGINT or SIGTERM ends the command that runs; the failure is published like any other, and
//! what waits is delivered before the process ends.

#![forbid(unsafe_code)]

mod run_command;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use deploy_pipeline::{HOOKSPECS, Settings, builder};
use hookspec_cli::App;

/// Runs workflows and deploys what they made
#[derive(Parser)]
#[command(
    name = "deploy-pipeline",
    version,
    after_help = "Any other command is one of hookspec's over these plugins, such as `list`, \
                  `events list`, `events explain workflow.completed`."
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run workflows, one after another, and stop when their events are delivered
    Run(RunArgs),
}

#[derive(clap::Args)]
struct RunArgs {
    /// Workflows, as JSON or YAML
    #[arg(required = true, value_name = "FILE")]
    workflows: Vec<PathBuf>,
    /// Where every event is written as a line of JSON
    #[arg(long, value_name = "FILE", default_value = "audit.ndjson")]
    audit: PathBuf,
    /// Send what becomes of deployments to this address
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Where versions are brought
    #[arg(long, value_name = "DIR", default_value = "releases")]
    releases: PathBuf,
    /// Bring nothing into this environment; may be repeated
    #[arg(long, value_name = "NAME")]
    freeze: Vec<String>,
    /// Print one JSON object at the end, and nothing else
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let own = |word: &str| matches!(word, "run" | "-h" | "--help" | "-V" | "--version");
    match std::env::args().nth(1) {
        Some(first) if !own(&first) => hookspec(),
        _ => {
            let Command::Run(args) = Args::parse().command;
            run_command::run(args)
        }
    }
}

/// The commands of hookspec. They start the plugins, which are to leave nothing behind.
fn hookspec() -> ExitCode {
    let temporary = |what: &str| {
        std::env::temp_dir().join(format!("deploy-pipeline-{}-{what}", std::process::id()))
    };
    let settings = Settings {
        audit: temporary("audit.ndjson"),
        webhook: Some("http://127.0.0.1:9/".into()),
        releases: temporary("releases"),
        frozen: Vec::new(),
    };
    let code = App::new(builder(&settings)).name("deploy-pipeline").hookspecs(HOOKSPECS).main();
    // That a file stays in the temporary folder is not worth a word.
    let _ = std::fs::remove_file(&settings.audit);
    code
}
