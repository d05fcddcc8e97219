//! A gateway: an axum service whose `tower` layer tells plugins about every request, and whose
//! endpoints dispatch to them.
//!
//! ```sh
//! cargo run --release -p gateway -- --listen 127.0.0.1:8080 --audit audit.ndjson
//! curl 'http://127.0.0.1:8080/search?q=Cheap++CAR'     # a chain of query rewriters
//! curl 'http://127.0.0.1:8080/tools'                   # what tool providers offer, collected
//! curl 'http://127.0.0.1:8080/metrics'                 # for Prometheus; also /plugins, /healthz
//! ```
//!
//! With `--misbehaving` plugins that panic, hang and answer nonsense stand among the others, and the
//! answers are the same. `--plugins DIR` adds the plugins of a folder. What it costs:
//! `cargo bench -p gateway --bench load`.

#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use audit_logger::AuditLogger;
use clap::Parser;
use gateway::{Settings, run};
use hookspec::kinds::lifecycle_listener::LifecycleListenerPlugin;
use hookspec::{Registry, RegistryBuilder};
use hookspec_cli::runtimes;
use metrics_exporter::MetricsExporter;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// An HTTP service whose requests, searches and tools go through plugins
#[derive(Parser)]
#[command(name = "gateway", version)]
struct Args {
    /// Where to listen; with port 0 the system chooses one, and it is printed
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Add the plugins below a folder
    #[arg(long, value_name = "DIR")]
    plugins: Vec<PathBuf>,
    /// Read these hookspecs instead of the shipped ones
    #[arg(long, value_name = "DIR")]
    hookspecs: Option<PathBuf>,
    /// Write every event of a request to a file
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// Add plugins that panic, hang and answer nonsense
    #[arg(long)]
    misbehaving: bool,
    /// The longest a request may take, whatever its header `x-request-timeout-ms` says
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    max_timeout_ms: u64,
    /// How long requests may go on after SIGTERM or Ctrl-C
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    patience_ms: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    log();
    hookspec::install_panic_hook();
    let exporter = MetricsExporter::default();
    let settings = Settings {
        listen: args.listen,
        most: Duration::from_millis(args.max_timeout_ms),
        patience: Duration::from_millis(args.patience_ms),
        exporter: Some(exporter.clone()),
    };
    run(builder(args, exporter), &settings)
}

fn builder(args: Args, exporter: MetricsExporter) -> RegistryBuilder {
    let shipped = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hookspecs");
    let mut builder = runtimes(Registry::builder())
        .hookspecs(args.hookspecs.unwrap_or_else(shipped))
        .plugin(LifecycleListenerPlugin::from(exporter))
        .plugins(query_rewriters::plugins())
        .plugins(tool_providers::plugins());
    if let Some(path) = args.audit {
        builder = builder
            .plugin(LifecycleListenerPlugin::<AuditLogger>::new())
            .config("audit-logger", json!({ "path": path }));
    }
    if args.misbehaving {
        builder = builder.plugins(misbehaving::plugins());
    }
    args.plugins.into_iter().fold(builder, RegistryBuilder::plugin_folder)
}

/// Warnings and worse on standard error, unless `RUST_LOG` says otherwise.
fn log() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into());
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).log_internal_errors(false);
    log.with_env_filter(filter.from_env_lossy()).init();
}
