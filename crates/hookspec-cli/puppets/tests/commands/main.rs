//! Commands that call plugins, as their users run them: a process, its streams, its exit code.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod call;
mod folders;
mod lines;
mod run;
mod watch;
