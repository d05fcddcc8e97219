//! This test binary, started again: what is killed, or short of disk, must not be the tests.

use std::process::Command;

/// What the child is to work on; set in no other process.
const VARIABLE: &str = "HOOKSPEC_TEST_FOLDER";

/// The folder that this process was started to work on; `None` in an ordinary run of the tests.
pub(crate) fn folder() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

/// One test of this binary as a process of its own, after some shell that may limit it.
pub(crate) fn child(test: &str, shell: &str, folder: &std::path::Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{shell} exec \"$0\" --exact {test} --nocapture")])
        .arg(std::env::current_exe().unwrap())
        .env(VARIABLE, folder);
    command
}
