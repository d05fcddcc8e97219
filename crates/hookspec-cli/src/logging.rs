//! What the libraries log, on standard error.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::args::Color;
use crate::recorder::{Recorder, TARGET};

/// Warnings and worse, unless `RUST_LOG` says otherwise. An application that installed a
/// subscriber of its own keeps it, and nothing is recorded.
///
/// A command that shows what plugins do shows their failures as well: logged too, they would hide
/// what it shows.
pub(crate) fn install(shows_failures: bool, color: Color, recorder: Option<Recorder>) {
    let level = if shows_failures { LevelFilter::ERROR } else { LevelFilter::WARN };
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(color.wanted(std::io::stderr().is_terminal()))
        .with_writer(std::io::stderr)
        // Else a closed standard error would be complained about on standard error, and panic.
        .log_internal_errors(false)
        .without_time()
        .with_filter(filter);
    let recorder = recorder
        .map(|recorder| recorder.with_filter(Targets::new().with_target(TARGET, Level::INFO)));
    let _ = tracing_subscriber::registry().with(log).with(recorder).try_init();
}
