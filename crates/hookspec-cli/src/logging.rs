//! What the libraries log, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::args::Color;

/// Warnings and worse, unless `RUST_LOG` says otherwise. An application that installed a
/// subscriber of its own keeps it.
pub(crate) fn install(demo: bool, color: Color) {
    // A demo shows the failures it provokes; logged as well they would hide what it shows.
    let level = if demo { LevelFilter::ERROR } else { LevelFilter::WARN };
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(color.wanted(std::io::stderr().is_terminal()))
        .with_writer(std::io::stderr)
        // Else a closed standard error would be complained about on standard error, and panic.
        .log_internal_errors(false)
        .without_time()
        .try_init();
}
