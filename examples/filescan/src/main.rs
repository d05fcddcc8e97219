//! `filescan DIR`: walks a folder and lets the plugin that can read each file say what is in it.
//!
//! Shows `capability` dispatch over real files: who supports the extension or the media type is
//! asked, a fallback takes the rest, and one plugin that panics costs one row.
//!
//! ```sh
//! cargo run --release -p filescan -- . --exclude target --exclude .git
//! cargo run --release -p filescan -- examples/data/files --misbehaving   # some panic and hang
//! cargo run --release -p filescan -- . --json | jq 'select(.outcome == "failed")'
//! ```
//!
//! Every file below the folder is one row: hidden files too, and links and devices, which are not
//! opened. The last line says how many files were found, and the rows are as many. A terminal shows
//! how far it has come, and, unless the rows are JSON, how far a plugin has come with a large file.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | every file was read, or passed over for a reason in its row |
//! | 1 | a plugin failed, a file or a folder could not be read, or it was interrupted |
//! | 2 | there is nothing to walk, a plugin folder is broken, or nobody takes the output |

#![forbid(unsafe_code)]

mod bar;
mod media_type;
mod process;
mod report;
mod row;
mod scan;
mod walk;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use hookspec::{Registry, RegistryBuilder};
use hookspec_cli::runtimes;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Walk a folder and let the plugin that can read each file say what is in it
#[derive(Parser)]
#[command(name = "filescan", version)]
struct Args {
    /// The folder to walk
    dir: PathBuf,
    /// Add the plugins below a folder
    #[arg(long, value_name = "DIR")]
    plugins: Vec<PathBuf>,
    /// Read these hookspecs instead of the shipped ones
    #[arg(long, value_name = "DIR")]
    hookspecs: Option<PathBuf>,
    /// Leave out files and folders of this name, wherever they are
    #[arg(long, value_name = "NAME")]
    exclude: Vec<std::ffi::OsString>,
    /// How many files are read at the same time
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    /// Files with more bytes are not read
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    max_bytes: u64,
    /// Print one JSON object for each file, in the order they were read, and one for the total
    #[arg(long)]
    json: bool,
    /// Add plugins for `.panic`, `.hang` and `.nonsense` files that do as the name says
    #[arg(long)]
    misbehaving: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::ERROR.into());
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).log_internal_errors(false);
    log.with_env_filter(filter.from_env_lossy()).init();
    hookspec::install_panic_hook();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return could_not(&format!("there is no async runtime: {error}")),
    };
    let code = runtime.block_on(run(&args));
    // Not awaited: what a plugin left running must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    code
}

async fn run(args: &Args) -> ExitCode {
    match std::fs::metadata(&args.dir) {
        Ok(data) if data.is_dir() => {}
        Ok(_) => return could_not(&format!("{} is not a folder", args.dir.display())),
        Err(error) => return could_not(&format!("{}: {error}", args.dir.display())),
    }
    let bar = bar::Bar::new();
    let registry = match builder(args, &bar).start().await {
        Ok(registry) => registry,
        Err(error) => {
            bar.clear();
            return could_not(&error.to_string());
        }
    };
    let scanned = scan::scan(&registry, args, &bar).await;
    bar.clear();
    let stopped = registry.stop().await;
    match (scanned, stopped) {
        (Err(error), _) => could_not(&error.to_string()),
        (Ok(totals), Ok(())) if totals.is_fine() => ExitCode::SUCCESS,
        (Ok(_), Ok(())) => ExitCode::FAILURE,
        (Ok(_), Err(errors)) => {
            complain(&errors.to_string());
            ExitCode::FAILURE
        }
    }
}

fn builder(args: &Args, bar: &bar::Bar) -> RegistryBuilder {
    let shipped = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hookspecs");
    let mut builder = runtimes(Registry::builder())
        .hookspecs(args.hookspecs.clone().unwrap_or_else(shipped))
        .plugins(file_processors::plugins());
    if !args.json && !bar.is_hidden() {
        let bar = bar.clone();
        builder = builder.progress(move |plugin| bar.of(plugin));
    }
    if args.misbehaving {
        builder = builder.plugins(misbehaving::plugins());
    }
    args.plugins.iter().fold(builder, RegistryBuilder::plugin_folder)
}

fn could_not(error: &str) -> ExitCode {
    complain(&format!("error: {error}"));
    ExitCode::from(2)
}

/// Says something on standard error. That nobody hears it is no reason to panic.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
