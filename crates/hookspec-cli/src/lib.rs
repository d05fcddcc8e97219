#![doc = include_str!("../README.md")]
//!
//! **Absent on purpose**: anything that decides. This crate wires a registry to a terminal; what
//! is checked is `hookspec-spec`'s, who is called is `hookspec-host`'s.

#![forbid(unsafe_code)]

mod app;
mod args;
mod commands;
mod grid;
mod interrupt;
mod laws;
mod logging;
mod nearest;
mod output;
mod progress;
mod recorder;
mod session;
mod text;

pub use app::{App, Verdict, main_with, runtimes};
pub use grid::{Cell, Grid};
pub use interrupt::cancel_on_signal;
pub use output::{Format, Output, Tone};
pub use progress::TerminalProgress;
pub use text::{clean, duration, plural};
